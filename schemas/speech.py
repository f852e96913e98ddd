"""Defines speech as sound: for each sentence a start, chunks and an end, in this order and never interleaved."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from schemas.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech(Event):
    """The base of the three event classes on a speech edge."""

    turn: str
    sentence: int
    """``Sentence.index``."""

    capacity: ClassVar[int] = 256
    capacity_s: ClassVar[float | None] = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStarted(Speech):
    """A sentence begins; sent before its first chunk, even if it has no sound."""

    text: str
    """The text for the caption."""
    spoken: str = ""
    emotion: str = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechChunk(Speech):
    """A piece of the sentence's sound."""

    samples: NDArray[np.float32] = field(repr=False)
    """float32 [samples], mono, -1..1."""
    rate: int
    """Samples per second."""
    sequence: int = 0
    """0, 1, 2 ... within the sentence."""
    text: str = ""
    """The part of ``SpeechStarted.spoken`` that it says, if the voice knows it."""

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEnded(Speech):
    """The sentence has no more sound."""

    last: bool = False
    """Whether it was the turn's last sentence."""
    failed: bool = False
    """Whether the voice gave up on it; the caption must still be shown."""
