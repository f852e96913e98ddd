"""Explains why something was not answered: what became of one viewer event, or of those that contain given words."""

from typing import Any

from graphs.engine.books.turns import Turn
from graphs.engine.flow.runtime import Runtime
from graphs.engine.observe.ahead import ahead
from graphs.engine.observe.stopped import reported
from schemas.chat import ChatBatch, ViewerEvent
from schemas.event import Event

LONGEST = 300
"""Show at most this many characters of a text."""


def why(runtime: Runtime, event_id: str) -> dict[str, Any]:
    """Report what became of a viewer event: answered in a turn, dropped for a reason, or where it waits.

    ``yielded`` is there if the rest of the answer was not said, to make room for one who goes first; ``heard`` if the
    streamer's voice cut it off, with the share that was heard, and ``made_up``, the turn of the second thanks, or null.
    Times are seconds since the run started; ``unknown`` means that the id never came or its verdict was long ago. While
    it waits, ``ahead`` says how many turns are open or will come before its own, and ``speaking`` whether its answer is
    heard. ``stopped`` says which word of which list was found in it, if one was.
    """
    turn = next((turn for turn in reversed(runtime.turns.turns.values()) if event_id in turn.batch), None)
    answer: dict[str, Any] = {
        "id": event_id,
        "verdict": "unknown",
        "turn": turn.id if turn else None,
        "reason": None,
        "at": None,
        "where": [],
        "channel_id": came.event.channel_id if (came := runtime.ledger.recent.get(event_id)) else None,
    }
    if turn is not None and turn.yielded:
        answer["yielded"] = True
    cut = [each for each in runtime.turns.turns.values() if each.heard is not None and event_id in each.batch]
    if cut:
        answer["heard"] = cut[-1].heard
        made_up = [each.id for each in runtime.turns.turns.values() if each.make_up and event_id in each.batch]
        answer["made_up"] = made_up[-1] if made_up else None
    verdict = runtime.ledger.verdict(event_id)
    received = runtime.ledger.received_at(event_id)
    by = runtime.ledger.stops.get(event_id)
    if by is not None and runtime.ledger.recent.get(event_id) is not None:
        answer["stopped"] = reported(by)
    if verdict is not None:
        answer["verdict"] = "answered" if verdict.reason is None else "dropped"
        answer["turn"] = verdict.turn or answer["turn"]
        answer["reason"] = verdict.reason
        answer["at"] = round(verdict.at, 3)
    elif received is not None:
        answer["verdict"] = "waiting"
        answer["at"] = round(received, 3)
        answer["ahead"] = 0 if turn is not None else ahead(runtime, event_id)
        answer["speaking"] = turn is not None and turn.marks["first_sound"] is not None
        answer["where"] = [
            edge.key for edge in runtime.edges.values() if any(_concerns(event, event_id, turn) for event in edge)
        ]
    return answer


def search(runtime: Runtime, text: str, most: int) -> list[dict[str, Any]]:
    """List recent viewer events whose id, author or text contains the words, newest first, each with its ``why``.

    An event whose id is exactly the words comes before all others.
    """
    recent = runtime.ledger.recent
    found = [came for came in recent.search(text, most) if came.event.id != text]
    named = recent.get(text)
    return [
        {
            **why(runtime, came.event.id),
            "kind": type(came.event).__name__,
            "author": came.event.author,
            "text": came.event.text[:LONGEST],
            "received": round(came.at, 3),
        }
        for came in ([named] if named is not None else []) + found[: most - (named is not None)]
    ]


def _concerns(event: Event, event_id: str, turn: Turn | None) -> bool:
    """Whether a waiting event is the viewer event, a batch with it, or a part of its turn."""
    if isinstance(event, ViewerEvent):
        return event.id == event_id
    if isinstance(event, ChatBatch):
        return any(each.id == event_id for each in event.events)
    return turn is not None and getattr(event, "turn", None) == turn.id
