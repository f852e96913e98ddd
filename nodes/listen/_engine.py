"""Defines what a recogniser of speech is, and its settings that all share."""

from typing import Protocol

from nodes.listen._ghosts import Transcript
from schemas.host import Utterance


class EngineError(Exception):
    """Raised by a recogniser that cannot answer now; the text is for the operator."""

    def __init__(self, told: str, *, rest_s: float = 0.0) -> None:
        """
        Args:
            rest_s: it is not asked again for this long; 0 where it may be asked again soon.
        """
        super().__init__(told)
        self.rest_s = rest_s


class Engine(Protocol):
    """Understands one utterance after the other."""

    async def prepare(self) -> None:
        """Load or reach what it needs.

        Raises:
            EngineError: it is of no use now.
        """
        ...

    async def hear(self, utterance: Utterance, sample: str) -> Transcript:
        """Return what was said.

        Args:
            sample: a sentence in the style, and with the names, that are to be expected.

        Raises:
            EngineError: it cannot answer.
        """
        ...

    async def close(self) -> None: ...
