"""Defines what the places of one graph report to each other besides the events of the graph itself."""

from dataclasses import dataclass
from typing import ClassVar

from schemas.chat import Lane, Reason
from schemas.event import Event, Overflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged(Event):
    """Reports to the other places what became of a viewer event: the verdict, or that the sending place dropped it."""

    id: str
    """``ViewerEvent.id``."""
    reason: Reason | None = None
    """Why it was dropped; None if it was answered."""
    final: bool = True
    """True for the verdict of the place where viewers come in, which keeps the books; False for a drop elsewhere."""
    sure: bool = True
    """Whether the event is one that is never lost: a donation or a subscription."""

    overflow: ClassVar[Overflow] = "sure"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTold(Event):
    """Reports to the other places that a turn began or is over at one of them."""

    id: str
    turn: str
    lane: Lane = "chat"
    batch: tuple[str, ...] = ()
    """``ViewerEvent.id`` of the events that it answers; empty if the place does not know them."""
    over: bool = False
    """Whether nothing more of it will be heard."""
    shown: bool = False
    """Whether any of it was heard or shown at that place."""
    again: bool = False
    """``Stop.again``: its viewers wait for another turn."""

    overflow: ClassVar[Overflow] = "sure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Event):
    """Events of another place did not arrive and will not."""

    node: str
    """Which node of the other place emitted them, and at which port."""
    port: str
    missing: int
    """How many events are missing."""

    capacity: ClassVar[int] = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour(Event):
    """Another place became unreachable (``away``) or is back."""

    place: str
    away: bool
