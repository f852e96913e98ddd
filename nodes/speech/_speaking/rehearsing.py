"""Makes the sound of written answers while nothing is said or awaited."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from nodes.services import Pace, Worker
from schemas.reply import Rehearsal, Sentence

IDLE_S = 3.0
"""Nothing was answered or said for so long."""
_PAUSE_S = 1.0
"""Between two looks, and between two sentences: the machine has other things to do."""


@runtime_checkable
class Rehearses(Protocol):
    """A voice that keeps what it was made to rehearse."""

    async def rehearse(self, sentence: Sentence, idle: Callable[[], bool]) -> bool:
        """Make and keep what is missing of a sentence, while ``idle``; return whether it is all there.

        Raises:
            VoiceError: it cannot speak.
        """
        ...


class Rehearsing:
    """The sentences that are still to be made."""

    def __init__(self, voice: Rehearses, pace: Pace, worker: Worker) -> None:
        self._voice = voice
        self._pace = pace
        self._worker = worker
        self._waiting: deque[Rehearsal] = deque()
        self._came = asyncio.Event()

    def take(self, rehearsal: Rehearsal) -> None:
        self._waiting.append(rehearsal)
        self._came.set()

    async def run(self) -> None:
        """Make them one after the other, until cancelled; one that cannot be made is left out."""
        while True:
            await self._came.wait()
            self._came.clear()
            while self._waiting:
                await self._worker.sleep(_PAUSE_S)
                try:
                    made = self._idle() and await self._voice.rehearse(self._waiting[0].sentence, self._idle)
                except Exception:  # the same failure is told when the sentence is said
                    made = True
                if made:
                    self._waiting.popleft()

    def _idle(self) -> bool:
        return self._pace.idle_s() >= IDLE_S
