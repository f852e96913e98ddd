"""Defines the base of every event and the overflow classes of the edges that carry it."""

from typing import Annotated, ClassVar, Literal

Overflow = Literal["fresh", "sure", "block", "latest"]
"""What a full edge does: ``fresh`` drops the oldest (counted, with a verdict), ``sure`` never drops and may exceed its
capacity, ``block`` makes the producer wait, ``latest`` keeps one event."""

Moment = Annotated[float, "Clock.now"]
"""Seconds since the run started (``Clock.now``); every process counts from its own start."""


class Event:
    """One value on an edge: subclasses are frozen, slotted, keyword-only dataclasses.

    The class variables are the defaults of an edge that carries the event; a graph may override them per edge.
    """

    __slots__ = ()

    overflow: ClassVar[Overflow] = "block"
    capacity: ClassVar[int] = 64
    """An edge holds at most this many events."""
    capacity_s: ClassVar[float | None] = None
    """An edge holds at most this many seconds of sound, for events that have a duration."""
    max_age_s: ClassVar[float | None] = None
    """Seconds after which a waiting event is dropped as stale; ``None`` for never."""

    @property
    def seconds(self) -> float:
        """How many seconds the event lasts when played; 0 for most events."""
        return 0.0


def kinds(event: type[Event]) -> list[type[Event]]:
    """List an event class and every event class derived from it."""
    return [event, *(below for child in event.__subclasses__() for below in kinds(child))]
