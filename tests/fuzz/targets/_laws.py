"""Laws that several targets share."""

import json
from typing import Any


def must(true: object, *told: object) -> None:
    """An ``assert`` that also holds where Python leaves asserts out (``-O``)."""
    if not true:
        raise AssertionError(" ".join(map(str, told)) or "a law is broken")


def writable(text: str) -> str:
    """The text, which can be written to a file or a socket."""
    text.encode()
    return text


def wire(message: Any) -> str:
    """A message as JSON that any reader takes: no NaN, no half characters."""
    return writable(json.dumps(message, ensure_ascii=False, allow_nan=False))


def seconds(text: str | bytes) -> float:
    """What a script says after ``!``: from 0 to 60 s, 0.1 s where it is not a number."""
    try:
        return min(max(float(text), 0.0), 60.0)
    except ValueError:
        return 0.1
