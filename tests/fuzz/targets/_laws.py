"""Holds the laws that several targets share."""

import json
from typing import Any


def must(true: object, *told: object) -> None:
    """Assert, even where Python leaves asserts out (``-O``)."""
    if not true:
        raise AssertionError(" ".join(map(str, told)) or "a law is broken")


def writable(text: str) -> str:
    """Return the text, after checking that it can be written to a file or a socket."""
    text.encode()
    return text


def wire(message: Any) -> str:
    """Return a message as JSON that any reader accepts: no NaN, no lone surrogates."""
    return writable(json.dumps(message, ensure_ascii=False, allow_nan=False))


def seconds(text: str | bytes) -> float:
    """Return the seconds that a script gives after ``!``: from 0 to 60 s, 0.1 s if it is not a number."""
    try:
        return min(max(float(text), 0.0), 60.0)
    except ValueError:
        return 0.1
