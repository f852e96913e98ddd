"""What a server of the OpenAI chat API sends: pieces of an answer, and errors of a known kind. Pure.

Sources: https://console.groq.com/docs/errors, /docs/rate-limits and /docs/api-reference for statuses, headers, the
texts of limits and ``x_groq``.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from nodes.llm._model.content import choices_in, load_in, paired, said
from nodes.llm._model.errors import DAILY, Kind, Told, kind_of, room_of, told
from nodes.phrases import Phrase, changed, phrase
from nodes.waits import retry_after

_ORGANISATION = re.compile(r"\b(?:org|proj|req|user|key|sk|gsk)[_-]\w+")
_LIMIT = re.compile(r"\((I?O?[TR]P[MD])\)(?:: Limit (\d{1,18})\b(?:, Used (\d{1,18})\b)?)?")


@dataclass(frozen=True, slots=True)
class Over:
    """Which limit a request went over, as the server's message says."""

    name: str = ""
    """``TPM``, ``RPM``, ``TPD``, ``RPD`` (tokens or requests a minute or day), ``ITPM``, ``OTPM``; empty if unnamed."""
    limit: int | None = None
    used: int | None = None

    @property
    def daily(self) -> bool:
        return self.name.endswith("D")


class Refused(Exception):
    """No answer, or the rest of one did not come. The text names no organisation, request or key."""

    def __init__(
        self,
        kind: Kind,
        text: str,
        *,
        retry_after_s: float | None = None,
        over: Over | None = None,
        generation: str = "",
        told: Told | None = None,
        status: int = 0,
    ) -> None:
        super().__init__(changed(text, lambda told: _ORGANISATION.sub("***", told)[:300]))
        self.kind: Kind = kind
        self.retry_after_s = retry_after_s
        self.over = over or Over()
        self.generation = generation
        """What the model wrote, if the server refused it (``bad_output``)."""
        self.told = told or Told()
        """The error as the server put it; not to be shown to a person."""
        self.status = status


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them."""

    prompt: int
    completion: int
    cached: int = 0
    thoughts: int = 0
    """Some servers count thoughts that they do not show."""


class Delta(NamedTuple):
    """A piece of the answer."""

    text: str = ""
    finish: str = ""
    """Why the model ended (``stop``, ``length`` ...); empty while it goes on."""
    usage: Usage | None = None
    thought: bool = False
    """The model is thinking: a piece came that nobody should hear."""
    choice: int = 0
    """Which of several answers it belongs to."""
    whole: bool = False
    """It is all of the answer, which may repeat the pieces before it."""
    called: bool = False
    """The text is the arguments of a function: the answer, unless there is another text."""
    load: str = ""
    """What it says about the load of the model instead: ``content.load_in``, or ``goes on`` in between."""


def event(text: str) -> list[Delta]:
    """Read the pieces in one event of the stream; a sign of life without JSON has none.

    Raises:
        Refused: it is an error, which a server may send after status 200; or it cannot be read.
    """
    if text.strip()[:1] not in ("{", "["):
        if _FAILS.search(text):
            raise failed(text)
        return []
    return _read(text, "delta")


def whole(text: str) -> Delta:
    """Read an answer that was not streamed, or pieces of one that came as plain lines of JSON.

    Raises:
        Refused: it is an error, or it cannot be read.
    """
    found = _read(text, "message")
    if not found:
        raise Refused("broken", _unreadable(text))
    usage = next((each.usage for each in reversed(found) if each.usage), None)
    mine = [each for each in found if each.choice == found[0].choice]
    finish = next((each.finish for each in reversed(mine) if each.finish), "stop")
    return Delta(paired("".join(each.text for each in mine)), finish, usage, any(each.thought for each in mine))


_FAILS = re.compile(r"error|fail|denied|exceed|unavailable|unauthori|forbidden|timed? ?out", re.IGNORECASE)
_JSON = json.JSONDecoder(strict=False)
_BETWEEN = re.compile(r"[\s,;]*(?:data:\s*)?(?:\[DONE\]\s*)?", re.IGNORECASE)
"""What stands between two objects or behind the last; some proxies lose the line break between two events."""


def _unreadable(text: str) -> Phrase:
    return phrase("an answer that cannot be read: {begin}", begin=repr(text[:60]))


def _read(text: str, where: str) -> list[Delta]:
    """Read one or more objects, also in lists.

    Args:
        where: the field of a choice that holds its text; servers may use another one.
    """
    try:
        return [delta for fields in _objects(text) for delta in _deltas(fields, where)]
    except (ValueError, AttributeError, TypeError, LookupError, ArithmeticError, RecursionError) as problem:
        raise Refused("broken", _unreadable(text)) from problem


def _objects(text: str) -> list[dict[str, Any]]:
    text = text.strip()
    value, at = _JSON.raw_decode(text) if text else (None, 0)
    if at == len(text) and isinstance(value, dict):
        return [cast(dict[str, Any], value)]
    found: list[Any] = []
    at = 0
    while at < len(text):
        value, at = _JSON.raw_decode(text, at)
        found += value if isinstance(value, list) else [value]
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
    return [cast(dict[str, Any], each) for each in found if each is not None]


def _deltas(fields: dict[str, Any], where: str) -> list[Delta]:
    groq: Any = fields.get("x_groq") or {}
    problem = fields.get("error") or fields.get("errors") or groq.get("error")
    if problem and _is_one(problem):
        raise failed(problem)
    choices = choices_in(fields)
    found = [_delta(choice, where) for choice in choices if choice]
    if not found and (base := fields.get("base_resp")) and base.get("status_code"):  # MiniMax
        raise failed(base)
    if "choices" not in fields and all(each == Delta() for each in found):
        around = bool(found) and isinstance(fields.get("data") or fields.get("result"), dict)
        if not around:
            _tell(fields, where)
    usage = _usage(fields.get("usage") or groq.get("usage"))
    return [*found, Delta(usage=usage)] if usage else found


def _tell(fields: dict[str, Any], where: str) -> None:
    """Raise what an object without an answer says, unless it only tells in a stream how far it is."""
    refused = failed(fields)
    about = refused.told
    news = where == "delta" and refused.kind == "server" and not about.status and "detail" not in fields
    if about.message and not (news and not _FAILS.search(str(fields))):
        raise refused


def _is_one(problem: Any) -> bool:
    """Return whether something stands in a field for errors; some gateways fill it with zeros and nulls."""
    if isinstance(problem, dict):
        return any(map(_is_one, cast(dict[str, Any], problem).values()))
    return bool(problem) and problem != "0"


_FINISHES = {
    "max_tokens": "length", "max_output_tokens": "length", "model_length": "length", "token_limit": "length",
    "safety": "content_filter", "recitation": "content_filter", "blocklist": "content_filter",
    "prohibited_content": "content_filter",
}  # fmt: skip
"""Other servers' words for why a model ended."""


def _delta(choice: Any, where: str) -> Delta:
    if choice.get("error"):
        raise failed(choice["error"])
    message: Any = choice.get(where) or choice.get("message") or choice.get("delta") or {}
    message = {"content": message} if isinstance(message, str) else message
    ended: Any = choice.get("finish_reason") or ""
    finish = ended.lower() if isinstance(ended, str) else "stop"
    if finish in ("null", "none"):
        finish = ""
    if finish == "error":
        raise failed({"message": "finish_reason: error"})
    text, thought = said(message, choice.get("text"))
    return Delta(
        text,
        _FINISHES.get(finish, finish),
        thought=thought,
        choice=_count(index) if (index := choice.get("index")) else 0,
        whole=where == "delta" and not choice.get("delta") and "message" in choice,
        called="tool_calls" in message and not message.get("content"),
        load=load_in(message) if thought else "",
    )


def _usage(fields: Any) -> Usage | None:
    if not isinstance(fields, dict) or not fields:
        return None
    fields = cast(dict[str, Any], fields)
    return Usage(
        _count(fields.get("prompt_tokens")),
        _count(fields.get("completion_tokens")),
        _count(_detail(fields, "prompt_tokens_details", "cached_tokens")),
        _count(_detail(fields, "completion_tokens_details", "reasoning_tokens")),
    )


def _detail(fields: dict[str, Any], name: str, within: str) -> Any:
    details = fields.get(name)
    return cast(dict[str, Any], details).get(within) if isinstance(details, dict) else None


def _count(value: Any) -> int:
    """Return a number that stands beside the text; one that cannot be read costs no answer."""
    try:
        return max(0, int(value or 0))
    except (ValueError, TypeError, OverflowError):
        return 0


def failed(problem: Any) -> Refused:
    """Interpret an error inside a stream or an answer with status 200."""
    about = told(problem)
    return _refused(about.status or 500, {}, about)


def error(status: int, headers: Mapping[str, str], body: str) -> Refused:
    """Interpret a status other than 200."""
    return _refused(status, headers, told(body))


def _refused(status: int, headers: Mapping[str, str], about: Told) -> Refused:
    message, kind = about.message, kind_of(status, about)
    found = _LIMIT.search(message)
    over = Over(found[1], *(int(number) if number else None for number in found.group(2, 3))) if found else Over()
    if kind == "too_large" and not over.limit:
        over = Over("", room_of(about))
    elif kind == "busy" and not over.name and DAILY.search(message):
        over = Over("RPD")
    code = next((code for code in about.codes if not code.isdigit()), "")
    return Refused(
        kind,
        f"{status} {code} {message}".strip(),
        retry_after_s=retry_after(headers, message) if kind in ("busy", "server", "loading") else None,
        over=over,
        generation=about.generation or "",
        told=about,
        status=status,
    )
