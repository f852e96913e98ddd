"""What a message says, and whether it thinks, in every shape in which servers put it. Pure.

OpenAI: ``content``, ``refusal``, ``audio.transcript``; Mistral, Anthropic: ``content`` as parts, of which some are
thoughts; Gemini: ``extra_content.google.thought``; others put thoughts in a field of their own. A gateway may also pass
on what a server says in another API of its own.
"""

import re
from typing import Any, cast

_THOUGHTS = re.compile(r"(?!.*signature)(?:.*(?:think|thought|reasoning)|(?:.*_)?cot(?:_|$))")
"""Fields in which servers put what a model thinks: ``reasoning`` (OpenRouter, Groq, vLLM), ``reasoning_content``
(DeepSeek), ``thinking_blocks`` (LiteLLM), ``thinking`` (Ollama), ``cot_summary`` ..."""

_LOADS, _LOADED = "llama-swap loading model:", re.compile(r"Done! \([\d.]+ ?s\)")
_RULE = " \t\r\n━"
_TEXTS = ("response", "content", "text", "generated_text", "output_text")
_BARE = 1
"""A message with this many fields has content alone."""


def said(message: Any, text: Any = None) -> tuple[str, bool]:
    """Return (text, whether there were thoughts).

    Args:
        text: what stands beside the message, for one without content.

    Raises:
        AttributeError, TypeError: it has a shape of its own.
    """
    content = message.get("content")
    if content and isinstance(content, str) and len(message) <= _BARE:
        return content, False
    found, thought = _content(text if content is None else content)
    if _in(message, "extra_content", "google", "thought"):
        return "", True
    return found or _instead(message), thought or _thinks(message) or _thinks(message.get("provider_specific_fields"))


def _thinks(fields: Any) -> bool:
    if not isinstance(fields, dict):
        return False
    return any(value and _THOUGHTS.match(name) for name, value in cast(dict[str, Any], fields).items())


def load_in(message: Any) -> str:
    """Return what stands in place of a thought while llama-swap loads a model: ``begins``, ``ends``, or ``rule`` for a
    line around it; empty for a thought."""
    told = message.get("reasoning_content")
    if not isinstance(told, str):
        return ""
    if _LOADED.search(told):
        return "ends"
    return "begins" if _LOADS in told else "" if told.strip(_RULE) else "rule"


def paired(text: str) -> str:
    """Return the text with its surrogates joined to characters; one alone, which cannot be encoded, is replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _instead(message: Any) -> str:
    """Return the text of a message without content: what it declines, what it says aloud, or the answer as the
    arguments of a function that nobody offered."""
    if message.get("refusal"):
        return str(message["refusal"])
    if isinstance(message.get("text"), str):
        return message["text"]
    calls: list[Any] = message.get("tool_calls") or []
    called = [message.get("function_call"), *(_in(call, "function") for call in calls)]
    arguments = "".join(str(_in(call, "arguments") or "") for call in called)
    return str(_in(message, "audio", "transcript") or arguments)


def _in(value: Any, *names: str) -> Any:
    """Return what stands under these names, one inside the other; None if one of them is missing."""
    for name in names:
        value = value.get(name) if value else None
    return value


def _content(content: Any) -> tuple[str, bool]:
    """Return (text, whether there were thoughts) of content: a text, or parts as Mistral, Anthropic and Gemini write
    them."""
    if content is None or isinstance(content, bool):
        return "", False
    if isinstance(content, str | int | float):
        return str(content), False
    if isinstance(content, list):
        read = [_content(part) for part in cast(list[Any], content)]
        return "".join(text for text, _ in read), any(thought for _, thought in read)
    part = cast(dict[str, Any], content)
    kind = str(part.get("type") or "text")
    if part.get("thought") is True or re.search("think|reason|summary", kind):
        return "", True
    if not kind.endswith(("text", "refusal")):
        return "", False
    inside = (part.get(name) for name in ("text", "content", "value", "parts", "refusal"))
    return _content(next((value for value in inside if value is not None), None))


def choices_in(fields: dict[str, Any]) -> list[Any]:
    """Return the choices of an object, also of one in the API of Ollama (``message`` or ``response``), llama.cpp
    (``content``), TGI (``token``), Gemini (``candidates``), Anthropic (``content_block_delta``) or OpenAI's Responses;
    and of one inside another object (``data``, ``result``)."""
    if "choices" in fields:
        found: Any = fields["choices"] or []
        return [found] if isinstance(found, dict) else found
    inside: Any = fields.get("data") or fields.get("result")
    if isinstance(inside, dict):
        return choices_in(cast(dict[str, Any], inside))
    kind, delta = str(fields.get("type") or ""), fields.get("delta")
    token: Any = fields.get("token")
    if isinstance(token, dict):
        return [{"delta": {"content": None if _in(token, "special") else _in(token, "text")}}]
    if kind == "content_block_delta" and isinstance(delta, dict):
        part = cast(dict[str, Any], delta)
        return [{"delta": {"content": [{**part, "type": str(part.get("type", "")).removesuffix("_delta")}]}}]
    if kind == "response.output_text.delta":
        return [{"delta": {"content": delta}}]
    if kind.startswith("response.reasoning") and delta:
        return [{"delta": {"reasoning": delta}}]
    if kind in ("message_stop", "response.completed", "done"):
        return [{"finish_reason": "stop"}]
    if kind == "message" and isinstance(fields.get("content"), list):
        return [{"message": {"content": fields["content"]}, "finish_reason": fields.get("stop_reason")}]
    if isinstance(fields.get("candidates"), list):
        candidates = cast(list[dict[str, Any]], fields["candidates"])
        return [
            {"delta": {"content": each.get("content")}, "finish_reason": each.get("finishReason")}
            for each in candidates
        ]
    ended = fields.get("done_reason") or ("stop" if fields.get("done") or fields.get("stop") is True else None)
    parts: tuple[Any, ...] = (fields.get("message"), delta)
    message = next((cast(dict[str, Any], part) for part in parts if isinstance(part, dict)), None)
    text = next((fields[name] for name in _TEXTS if isinstance(fields.get(name), str)), None)
    if not kind and (message or text is not None or fields.get("done") is True):
        return [{"delta": message or {"content": text}, "finish_reason": ended}]
    return []
