"""Fuzzes the frames of a CHZZK session, one a line; a line that is not a frame is the payload of an event.

``=CHAT {...}`` is the payload of a CHAT event itself, so that a fuzzer need not build a frame around it.
"""

import json

from nodes.chat._chzzk.engineio import Ended, EngineIo, Told, Unread
from schemas.chat import RawPayload
from tests.fuzz.targets._laws import must
from tests.fuzz.targets._viewers import Viewers

_OPEN = '0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":60000}'
_VIEWERS = Viewers()


def check(data: bytes) -> None:
    wire = EngineIo(0.0)
    now = 0.0
    lines = data.decode("utf-8", "replace").split("\n")
    if not lines[0].startswith("0"):
        wire.receive(_OPEN, now)
    for line in lines[:64]:
        now += 1.0
        if line.startswith("="):
            event, _, payload = line[1:].partition(" ")
            _VIEWERS.take([RawPayload(event=event, payload=payload), *_as_object(event, payload)])
            continue
        told = wire.receive(line, now)
        must(told is None or isinstance(told, Told | Unread | Ended), told)
        if isinstance(told, Told):
            _VIEWERS.take([RawPayload(event=told.event, payload=told.payload)])
        if isinstance(told, Ended):
            return
        must(wire.wake_at > now or wire.due(now) is not None, "due at", wire.wake_at, "and nothing to do at", now)
        must(wire.wake_at <= now + 40, "silent until", wire.wake_at)


def _as_object(event: str, payload: str) -> list[RawPayload]:
    """Return the payload as an object: CHZZK sends a text with JSON in it, and sometimes the object itself."""
    try:
        fields = json.loads(payload)
    except (ValueError, RecursionError):
        return []
    return [RawPayload(event=event, payload=fields)] if isinstance(fields, dict) else []
