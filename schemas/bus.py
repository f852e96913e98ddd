"""What places of one graph tell each other beside the events of the graph itself."""

from dataclasses import dataclass
from typing import ClassVar

from schemas.chat import Lane, Reason
from schemas.event import Event, Overflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged(Event):
    """What became of a viewer event, for the other places: the verdict itself, or a place's word that it dropped it."""

    id: str
    """``ViewerEvent.id``."""
    reason: Reason | None = None
    """Why it was dropped; None when it was answered."""
    final: bool = True
    """The verdict of the place where viewers come in, which keeps the books; False for a drop anywhere else."""
    sure: bool = True
    """It is about what is never lost: a donation or a subscription."""

    overflow: ClassVar[Overflow] = "sure"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTold(Event):
    """What happened to a turn at one place, for the others: it began, or it is over."""

    id: str
    turn: str
    lane: Lane = "chat"
    batch: tuple[str, ...] = ()
    """``ViewerEvent.id`` of those whom it answers; empty where the place does not know them."""
    over: bool = False
    """Nothing more of it will be heard."""
    shown: bool = False
    """Something of it was heard or shown at that place."""

    overflow: ClassVar[Overflow] = "sure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Event):
    """Events of another place did not arrive and will not."""

    node: str
    """Which node over there gave them, and at which port."""
    port: str
    missing: int
    """How many."""

    capacity: ClassVar[int] = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour(Event):
    """Another place went out of reach (``away``) or is back."""

    place: str
    away: bool
