"""The form of the journal's lines, and the question which graph may answer what an earlier run left."""

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

from pydantic import TypeAdapter

import schemas.chat
from schemas.chat import ViewerEvent

VERSION = 1


@dataclass(frozen=True, slots=True)
class OnAir:
    """What is known of the graph that an event came into."""

    graph: str
    """Its name."""
    sources: frozenset[str] = frozenset()
    """What its viewers come in by (see ``order.Shape.origins``); empty where that is not known."""

    def takes(self, left: "OnAir") -> bool:
        """Whether this graph answers what came in while another was on air: if it has all that one's sources.

        So a recorded viewer of a rehearsal is never thanked live, a live one never by a rehearsal, and the shows of
        two accounts in one folder take nothing of each other.
        """
        return left.graph == self.graph or (bool(left.sources) and left.sources <= self.sources)


def line(**fields: object) -> bytes:
    """One line of the file, with its end."""
    return json.dumps({"v": VERSION, **fields}).encode() + b"\n"


def record(text: bytes) -> dict[str, Any]:
    """The fields of a line.

    Raises:
        ValueError: it is not a JSON object.
    """
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return cast(dict[str, Any], found)


def event_of(fields: dict[str, Any]) -> ViewerEvent:
    """The event of a line; when it came in says nothing to a later run.

    Raises:
        ValueError: the line is not an event.
    """
    class_ = getattr(schemas.chat, str(fields.get("type")), None)
    if not (isinstance(class_, type) and issubclass(class_, ViewerEvent)):
        raise ValueError(f"unknown type {fields.get('type')!r}")
    return replace(adapter(class_).validate_python(fields.get("event")), received_at=0.0)


def origin(fields: dict[str, Any], default: str) -> OnAir:
    """The graph that a line's event came into; ``default`` is its name where the line does not tell."""
    sources = fields.get("sources")
    known = [name for name in cast(list[Any], sources) if isinstance(name, str)] if isinstance(sources, list) else []
    return OnAir(str(fields.get("graph", default)), frozenset(known))


@cache
def adapter(class_: type[ViewerEvent]) -> TypeAdapter[ViewerEvent]:
    """Reads and writes events of a class."""
    return TypeAdapter(class_)
