"""Defines the answer of the character, from a stream of text to sentences."""

from dataclasses import dataclass
from typing import ClassVar

from schemas.event import Event, Overflow
from schemas.language import KOREAN, Language

EMOTIONS: tuple[str, ...] = ("happy", "sad", "angry", "surprised", "neutral", "excited")
"""The emotions that every part of the show knows; a graph may add more."""

WRITTEN = "canned"
"""``ReplyChunk.rung`` of an answer that was written beforehand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyChunk(Event):
    """A piece of the answer's text, in order. The emotion comes with the first piece."""

    turn: str
    text: str
    emotion: str | None = None
    """None for the same as before in this turn."""
    rung: str = ""
    """What made the answer: ``canned``, ``model``, ``second_model``, ``cache`` ..."""
    last: bool = False
    """Whether this is the last piece of the turn; its text may be empty."""

    capacity: ClassVar[int] = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence(Event):
    """One sentence of the answer, as shown and as spoken.

    The last one of a turn has ``last`` set; it may be empty if the text had already ended.
    """

    turn: str
    index: int
    """0, 1, 2 ... within the turn."""
    text: str
    """The text for the caption."""
    spoken: str
    """The text for the voice, in Korean only Hangul and punctuation; empty if there is nothing to say aloud."""
    emotion: str
    last: bool = False
    language: Language = KOREAN
    """The language of ``spoken``."""
    written: bool = False
    """Whether it was written beforehand, so that it will be said again; a voice may keep its sound."""

    capacity: ClassVar[int] = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal(Event):
    """A sentence of a written answer that nobody waits for: a voice may make its sound while nothing is said."""

    sentence: Sentence

    overflow: ClassVar[Overflow] = "fresh"
    capacity: ClassVar[int] = 512


TRIED_OUT = "dock"
"""``Emotion.turn`` of a feeling that a person tries out: it belongs to no turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emotion(Event):
    """The character's feeling from now on, or from when its turn is heard if another one still is."""

    turn: str
    emotion: str

    overflow: ClassVar[Overflow] = "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class AIResponse(Event):
    """The whole answer of a turn, once its text is complete."""

    turn: str
    response: str
    emotion: str
    confidence: float
    """0..1: how sure it is that this is what the persona would say; 1 for a full answer of the first model."""
    processing_time: float
    """Seconds from the batch to the last token."""
