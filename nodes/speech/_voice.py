"""What every voice is: something that says a sentence in pieces of sound."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from schemas.reply import Sentence


class VoiceError(Exception):
    """The voice cannot say it; the text tells an operator what to do."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of speech."""

    samples: NDArray[np.float32]
    """float32 [samples], mono, -1..1."""
    rate: int
    """Samples a second."""


class Voice(Protocol):
    """A voice, used by one sentence at a time."""

    async def prepare(self) -> None:
        """Load and warm up, so that ``say`` gives its first piece without delay; called again after it failed.

        Raises:
            VoiceError: it cannot speak here.
        """
        ...

    def say(self, sentence: Sentence) -> AsyncIterator[Sound]:
        """The sentence (``spoken``, with its ``emotion``) piece by piece, each as soon as it is made, in order.

        Closing the iterator ends the work within a piece. Nothing is given when there is nothing to say aloud.

        Raises:
            VoiceError: before the first piece another voice may say the sentence; later it ends there.
        """
        ...

    async def close(self) -> None:
        """Let go of what it holds."""
        ...
