"""What was really played: the clock of captions, mouth and memory."""

from dataclasses import dataclass
from typing import ClassVar

from schemas.event import Event, Overflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking(Event):
    """The voice took a turn (True), or is free again because the turn's last sample was heard (False)."""

    turn: str
    speaking: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard(Event):
    """How much of a sentence was heard by now; sent at its first sample, on the way, and at its end."""

    turn: str
    sentence: int
    text: str
    """The whole sentence, for the caption."""
    fraction: float
    """0..1 of the sentence's sound as far as it is known."""
    ended: bool = False
    """The sentence is over; a sentence that was cut has ``fraction`` below 1."""

    capacity: ClassVar[int] = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Level(Event):
    """Loudness of what is being heard right now."""

    rms: float
    """0..1, over the last 20 ms or so."""
    peak: float = 0.0
    turn: str = ""
    sentence: int = 0
    at_s: float = 0.0
    """Seconds of the sentence's sound that were heard; 0 when nobody speaks."""

    overflow: ClassVar[Overflow] = "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Event):
    """Break a turn off: nothing more of it is made, said or shown."""

    turn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted(Event):
    """The voice is to make no sound from now on (True), or to be heard again; captions and timing go on."""

    muted: bool

    overflow: ClassVar[Overflow] = "latest"
