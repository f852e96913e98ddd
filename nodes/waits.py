"""How long a server asks its clients to wait, in every form in which servers say so. Pure.

Sources: RFC 9110, 10.2.3 (``Retry-After``: seconds or a date); OpenAI and Azure (``retry-after-ms``, "Please try again
in 1m2.5s"); Groq (Go durations); Google (``RetryInfo.retryDelay``, "Please retry in 12.5s"); Discord and others
(``x-ratelimit-reset-after``); OpenRouter, Together and others (``x-ratelimit-reset``: seconds, or seconds or
milliseconds since 1970).
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "d": 86400.0, "": 1.0}
_PART = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(ms|us|µs|ns|[dhms]|$)")
_LONGEST_DURATION = 64
"""Characters; the time to look for parts grows with the square of the length."""
_SAID = re.compile(
    r"(?:(?:try again|retry|wait|available) (?:in|after|for) |retryDelay\W{1,5})((?:\d[\d.]{0,9} ?[a-z]{0,12} ?){1,4})"
    r"|((?:\d[\d.]{0,9} ?(?:시간|분|초) ?){1,3})(?:후|뒤)",
    re.IGNORECASE,
)
_LONGEST_S = 1e8
"""A larger number, three years, is a point in time."""
_WORDS = re.compile(r"(milliseconds?|seconds?|secs?|minutes?|mins?|hours?|hrs?|시간|분|초)", re.IGNORECASE)
_COUNTED = re.compile(r"\d[\d.]{0,9} [a-z]{1,12}", re.IGNORECASE)
_KOREAN = {"시간": "h", "분": "m", "초": "s"}


def duration(text: str) -> float | None:
    """Return the seconds of a Go duration (``2m59.56s``, ``172ms``) or of a plain number; None if it is neither."""
    text = text.strip().lower()
    parts = _PART.findall(text) if len(text) <= _LONGEST_DURATION else []
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def wait(text: str, now: str) -> float | None:
    """Return the seconds of a duration or until a point in time: a date, or seconds or milliseconds since 1970.

    Args:
        now: the date of the same answer; the server's clock need not be ours.
    """
    seconds, begin = duration(text), _date(now)
    if seconds is None or seconds > _LONGEST_S:
        then = _date(text) if seconds is None else _at(seconds)
        return max(0.0, (then - begin).total_seconds()) if then and begin else None
    return seconds


def retry_after(headers: Mapping[str, str], message: str = "") -> float | None:
    """Return for how many seconds an answer asks to wait; None if it does not say.

    Args:
        headers: names in lower case.
        message: what the body says.
    """
    in_ms = duration(headers.get("retry-after-ms", ""))
    if in_ms is not None:
        return in_ms / 1000
    told = headers.get("retry-after", "")
    said = (one or other for one, other in _SAID.findall(message))
    first = told.partition(",")[0].strip()  # a proxy may put two of them in one
    now = headers.get("date", "")
    used_up = (name for name in ("x-ratelimit", "ratelimit") if headers.get(f"{name}-remaining") == "0")
    for text in (
        _short(first) if _COUNTED.fullmatch(first) else first,
        headers.get("x-ratelimit-reset-after", ""),
        *map(_short, said),
        *(headers.get(f"{name}-reset", "") for name in used_up),
        told,
    ):
        seconds = wait(text, now)
        if seconds is not None:
            return seconds
    return None


def _short(text: str) -> str:
    """Return "2 minutes 5 s" as ``2m5s``."""
    found = _WORDS.sub(
        lambda word: _KOREAN.get(word[0]) or ("ms" if word[0][:5].lower() == "milli" else word[0][0]), text.strip()
    )
    number = re.match(r"(?:[\d.]+ ?(?:ms|us|µs|ns|[dhms])(?![a-z]) ?)+|[\d.]+", found, re.IGNORECASE)
    return number[0].replace(" ", "").rstrip(".") if number else ""


def _date(text: str) -> datetime | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        with suppress(ValueError, TypeError, IndexError, OverflowError):
            found = read(text)
            return found if found.tzinfo else None
    return None


def _at(since: float) -> datetime | None:
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(since / (1000 if since > _LONGEST_S * 1000 else 1), UTC)
    return None
