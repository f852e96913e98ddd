"""What every voice is: something that says a sentence in pieces of sound."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from schemas.reply import Sentence


class VoiceError(Exception):
    """The voice cannot say it; the text tells an operator what to do."""


class NoVoice(VoiceError):
    """There is no voice, because nobody wants one."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of speech."""

    samples: NDArray[np.float32]
    """float32 [samples], mono, -1..1."""
    rate: int
    """Samples a second."""
    last: bool = False
    """The voice knows that no piece of the sentence follows this one; most know only when it is over."""
    text: str = ""
    """The part of the sentence that begins with this piece, if the voice knows; the mouth is shaped after it."""


class Voice(Protocol):
    """A voice, used by one sentence at a time."""

    async def prepare(self) -> None:
        """Load and warm up, so that ``say`` gives its first piece without delay; called again if it failed.

        Raises:
            VoiceError: it cannot speak here.
        """
        ...

    def say(self, sentence: Sentence) -> AsyncIterator[Sound]:
        """Yield the sentence (``spoken``, with its ``emotion``) piece by piece, each as soon as it is made, in order.

        Closing the iterator ends the work within a piece. Nothing is given when there is nothing to say aloud. Two
        pieces that follow each other join without a gap; the level is the voice's own.

        Raises:
            VoiceError: before the first piece another voice may say the sentence; after it the sentence ends there.
        """
        ...

    async def close(self) -> None:
        """Release what it holds."""
        ...


@asynccontextmanager
async def closing(sounds: AsyncIterator[Sound]) -> AsyncGenerator[AsyncIterator[Sound]]:
    """At the end of the block, close what ``Voice.say`` returned, so that its clean-up runs now, not when collected."""
    try:
        yield sounds
    finally:
        close = getattr(sounds, "aclose", None)
        if close is not None:
            await close()
