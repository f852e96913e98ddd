"""What a server of the OpenAI chat API sends: pieces of an answer, and errors of a known kind. Pure.

Sources: https://console.groq.com/docs/errors, /docs/rate-limits and /docs/api-reference for statuses, headers, the
texts of limits and ``x_groq``.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, cast

Kind = Literal["broken", "slow", "server", "busy", "too_large", "bad_output", "unauthorised", "refused"]
"""``broken``: no connection, or one that ended or sent what cannot be read; ``slow``: one of the clocks ran out;
``server``: 5xx and 498; ``busy``: 429; ``too_large``: 413; ``bad_output``: the model wrote what does not fit the
schema, or nothing; ``unauthorised``: 401; ``refused``: every other status."""

_ORGANISATION = re.compile(r"\b(?:org|proj|req|user|key|sk|gsk)[_-]\w+")
_LIMIT = re.compile(r"\((I?O?[TR]P[MD])\)(?:: Limit (\d{1,18})\b(?:, Used (\d{1,18})\b)?)?")

_TOO_LONG = re.compile(r"context[ _](?:length|size|window)|reduce the length", re.IGNORECASE)
"""Beside status 400: Groq and OpenAI in words, llama.cpp exceed_context_size_error, vLLM in words."""


@dataclass(frozen=True, slots=True)
class Over:
    """Which limit a request went over, as the server's message says."""

    name: str = ""
    """``TPM``, ``RPM``, ``TPD``, ``RPD`` (tokens or requests a minute or day), ``ITPM``, ``OTPM``; empty if untold."""
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
    ) -> None:
        super().__init__(_ORGANISATION.sub("***", text)[:300])
        self.kind: Kind = kind
        self.retry_after_s = retry_after_s
        self.over = over or Over()
        self.generation = generation
        """What the model wrote where the server refused that (``bad_output``)."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them."""

    prompt: int
    completion: int
    cached: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer."""

    text: str = ""
    finish: str = ""
    """Why the model ended (``stop``, ``length`` ...); empty while it goes on."""
    usage: Usage | None = None


def event(text: str) -> list[Delta]:
    """The pieces in one event of the stream.

    Raises:
        Refused: it is an error, which a server may send after it has said 200; or it cannot be read.
    """
    try:
        fields: Any = json.loads(text)
        if not isinstance(fields, dict):
            raise ValueError("not an object")
        fields = cast(dict[str, Any], fields)
        groq: Any = fields.get("x_groq") or {}
        problem = fields.get("error") or groq.get("error")
        if problem:
            raise _in_band(problem)
        choices: list[Any] = fields.get("choices") or []
        found = [_delta(choice, "delta") for choice in choices[:1]]
        usage = _usage(fields.get("usage") or groq.get("usage"))
    except (ValueError, AttributeError, TypeError, ArithmeticError, RecursionError) as problem:
        raise Refused("broken", f"an event that cannot be read: {text[:60]!r}") from problem
    return [*found, Delta(usage=usage)] if usage else found


def whole(text: str) -> Delta:
    """An answer that was not streamed.

    Raises:
        Refused: it cannot be read.
    """
    try:
        fields: Any = json.loads(text)
        if fields.get("error"):
            raise _in_band(fields["error"])
        found = _delta(fields["choices"][0], "message")
        return Delta(found.text, found.finish or "stop", _usage(fields.get("usage")))
    except (ValueError, AttributeError, TypeError, LookupError, ArithmeticError, RecursionError) as problem:
        raise Refused("broken", f"an answer that cannot be read: {text[:60]!r}") from problem


def _delta(choice: Any, where: str) -> Delta:
    message: Any = choice.get(where) or {}
    text = message.get("content") or ""
    finish = choice.get("finish_reason") or ""
    if not isinstance(text, str) or not isinstance(finish, str):
        raise TypeError("content is not text")
    return Delta(text, finish)


def _usage(fields: Any) -> Usage | None:
    if not fields:
        return None
    details: Any = fields.get("prompt_tokens_details") or {}
    return Usage(
        int(fields.get("prompt_tokens") or 0),
        int(fields.get("completion_tokens") or 0),
        int(details.get("cached_tokens") or 0),
    )


def _in_band(problem: Any) -> Refused:
    fields = cast(dict[str, Any], problem) if isinstance(problem, dict) else {"message": str(problem)}
    status: Any = fields.get("status_code") or fields.get("code")
    code = int(status) if isinstance(status, int) or (isinstance(status, str) and status.isdigit()) else 500
    return error(code, {}, json.dumps({"error": fields}))


_KINDS: dict[int, Kind] = {401: "unauthorised", 408: "server", 409: "server", 413: "too_large", 429: "busy"}


def error(status: int, headers: Mapping[str, str], body: str) -> Refused:
    """What a status other than 200 means."""
    fields: Any = {}
    with suppress(ValueError, RecursionError):
        fields = json.loads(body)
    problem: Any = cast(dict[str, Any], fields).get("error") if isinstance(fields, dict) else None
    told: dict[str, Any] = cast(Any, problem) if isinstance(problem, dict) else {"message": problem or ""}
    message, code = str(told.get("message") or ""), str(told.get("code") or "")
    kind: Kind = _KINDS.get(status, "server" if status >= 500 or status == 498 else "refused")
    if status == 400 and (code == "json_validate_failed" or "failed_generation" in told):
        kind = "bad_output"
    elif status == 400 and (code == "context_length_exceeded" or _TOO_LONG.search(f"{told.get('type')} {message}")):
        kind = "too_large"
    found = _LIMIT.search(message)
    over = Over(found[1], *(int(number) if number else None for number in found.group(2, 3))) if found else None
    return Refused(
        kind,
        f"{status} {code} {message}".strip(),
        retry_after_s=_retry_after(headers, message) if kind in ("busy", "server") else None,
        over=over,
        generation=str(told.get("failed_generation") or ""),
    )


def _retry_after(headers: Mapping[str, str], message: str) -> float | None:
    for text in (headers.get("retry-after", ""), *re.findall(r"try again in ([\d.hms]+\w)", message)):
        seconds = duration(text)
        if seconds is not None:
            return seconds
    return None


_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "d": 86400.0, "": 1.0}
_PART = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(ms|us|µs|ns|[dhms]|$)")
_LONGEST_DURATION = 64
"""Characters: the time to look for parts grows with the square of the length."""


def duration(text: str) -> float | None:
    """Seconds of a Go duration (``2m59.56s``, ``172ms``) or of a plain number; None if it is neither."""
    text = text.strip().lower()
    parts = _PART.findall(text) if len(text) <= _LONGEST_DURATION else []
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)
