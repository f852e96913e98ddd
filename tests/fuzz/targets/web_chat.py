"""Fuzzes the frames of CHZZK's web chat, one a line."""

import json

from nodes.chat._chzzk_anon.frames import ChatWire, Seen
from tests.fuzz.targets._laws import must, wire
from tests.fuzz.targets._viewers import Viewers

_VIEWERS = Viewers()
_KINDS = {"frame", "event", "field"}


def check(data: bytes) -> None:
    seen = Seen()
    chat = ChatWire("c" * 32, "N1abc", "token", seen, 0.0)
    wire(json.loads(chat.hello()))
    seen.primed = True
    now = 0.0
    for line in data.decode("utf-8", "replace").split("\n")[:64]:
        now += 0.1
        took = chat.receive(line, now)
        must(_KINDS.issuperset(took.malformed), took.malformed)
        must(len(took.events) + len(took.malformed) <= 2 + len(line), "more came out than went in")
        if took.send:
            wire(json.loads(took.send))
        _VIEWERS.take(took.events)
        if took.ended:
            return
        must(chat.wake_at >= now, chat.wake_at, now)
        again = chat.receive(line, now)
        given = [event for event in again.events if event.event != "BLIND"]
        must(not given, "a message was given twice:", given)
