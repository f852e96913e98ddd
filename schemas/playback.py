"""Defines the events about what was actually played: the clock of captions, mouth and memory."""

from dataclasses import dataclass
from typing import ClassVar

from schemas.event import Event, Overflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking(Event):
    """The voice started a turn (True), or is free again because the turn's last sample was heard (False)."""

    turn: str
    speaking: bool
    yielded: bool = False
    """Whether the rest of the turn was not said, to make room for a viewer who paid."""
    left_s: float | None = None
    """How many seconds of the turn are still to be heard; told once, with ``speaking``, when all its sound is there."""
    heard: float | None = None
    """What share of the turn was heard, 0..1, told with its end if the streamer's voice cut it off; None otherwise.

    0 means that nothing of it was understood: its viewers wait for another turn.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard(Event):
    """How much of a sentence has been heard; sent at its first sample, in between, and at its end."""

    turn: str
    sentence: int
    text: str
    """The whole sentence, for the caption."""
    fraction: float
    """0..1 of the sentence's sound that is known so far."""
    ended: bool = False
    """Whether the sentence is over; a sentence that was cut off has ``fraction`` below 1."""

    capacity: ClassVar[int] = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Level(Event):
    """The loudness of what is being heard now."""

    rms: float
    """0..1, over the last 20 ms or so."""
    peak: float = 0.0
    turn: str = ""
    sentence: int = 0
    at_s: float = 0.0
    """Seconds of the sentence's sound heard so far; 0 when nobody speaks."""

    overflow: ClassVar[Overflow] = "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Event):
    """Abort a turn: nothing more of it is made, said or shown."""

    turn: str
    after_sentence: bool = False
    """Whether the sentence that is being heard is said to its end; nothing after it is."""
    again: bool = False
    """Whether its viewers are answered in another turn, which begins later: nothing of this one was heard."""
    by_host: bool = False
    """Whether the streamer cuts it off by speaking; the voice then reports how much of it was heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted(Event):
    """The voice must be silent from now on (True), or audible again (False); captions and timing continue."""

    muted: bool

    overflow: ClassVar[Overflow] = "latest"
