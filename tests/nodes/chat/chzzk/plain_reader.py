"""A plain reader of the frames of a CHZZK session, without the packet classes: the oracle of ``test_engineio.py``."""

import json
import re
from typing import Any, cast

from nodes.chat._chzzk.engineio import Ended, Told, Unread

_EVENT = re.compile(r"2(\d*)(?=\[)")


def plainly_read(frame: str) -> Told | Unread | Ended | None:
    """Return what a frame means in an open session."""
    kind = frame[:1]
    if kind == "4":
        return _message(frame[1:])
    if kind == "1":
        return Ended("the server closed the session")
    return None if kind in ("3", "6") else Unread()


def _message(packet: str) -> Told | Unread | Ended | None:
    kind = packet[:1]
    if packet[1:2] == "/":
        return None
    if kind == "0":
        return None
    if kind == "1":
        return Ended("the server closed the namespace")
    if kind == "4":
        return Ended("the server refused the session")
    match = _EVENT.match(packet)
    arguments = _json(packet[match.end() :]) if match else None
    if not isinstance(arguments, list) or not arguments:
        return Unread()
    event, *rest = cast(list[Any], arguments)
    if not isinstance(event, str):
        return Unread()
    payload: Any = rest[0] if rest else ""
    if isinstance(payload, dict):
        return Told(event, cast(dict[str, Any], payload))
    return Told(event, payload if isinstance(payload, str) else json.dumps(payload))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
