"""Defines the format of the journal's lines, and which graph may answer what an earlier run left."""

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

from pydantic import TypeAdapter

import schemas.chat
from nodes.phrases import phrase
from schemas.chat import ViewerEvent

VERSION = 1


@dataclass(frozen=True, slots=True)
class OnAir:
    """What is known about the graph that an event came into."""

    graph: str
    """Its name."""
    sources: frozenset[str] = frozenset()
    """Where its viewers come in (see ``order.Shape.origins``); empty if that is not known."""

    def takes(self, left: "OnAir") -> bool:
        """Whether this graph answers what came in while another was on air: if it has all sources of that graph.

        So a recorded viewer of a rehearsal is never thanked live, a live one never by a rehearsal, and the shows of
        two accounts in one folder take nothing from each other.
        """
        return left.graph == self.graph or (bool(left.sources) and left.sources <= self.sources)


def line(**fields: object) -> bytes:
    """Make one line of the file, with its newline."""
    return json.dumps({"v": VERSION, **fields}).encode() + b"\n"


def record(text: bytes) -> dict[str, Any]:
    """Read the fields of a line.

    Raises:
        ValueError: the line is not a JSON object.
    """
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError(phrase("not a JSON object"))
    return cast(dict[str, Any], found)


def event_of(fields: dict[str, Any]) -> ViewerEvent:
    """Read the event of a line; its time of arrival means nothing to a later run.

    Raises:
        ValueError: the line is not an event.
    """
    class_ = getattr(schemas.chat, str(fields.get("type")), None)
    if not (isinstance(class_, type) and issubclass(class_, ViewerEvent)):
        raise ValueError(f"unknown type {fields.get('type')!r}")
    return replace(adapter(class_).validate_python(fields.get("event")), received_at=0.0)


def event_id(fields: dict[str, Any]) -> str | None:
    """Give the id of the event of a line; None if the line has no event."""
    event = fields.get("event")
    return str(cast(dict[str, Any], event).get("id")) if isinstance(event, dict) else None


def origin(fields: dict[str, Any], default: str) -> OnAir:
    """Give the graph that a line's event came into; ``default`` is its name if the line does not say."""
    sources = fields.get("sources")
    known = [name for name in cast(list[Any], sources) if isinstance(name, str)] if isinstance(sources, list) else []
    return OnAir(str(fields.get("graph", default)), frozenset(known))


@cache
def adapter(class_: type[ViewerEvent]) -> TypeAdapter[ViewerEvent]:
    """Give the adapter that reads and writes events of a class."""
    return TypeAdapter(class_)
