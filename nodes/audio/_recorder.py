"""Collects what was played and the captions that belong to it, for session.wav and session.srt."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.audio._session import Cue, Session
from nodes.phrases import phrase
from nodes.services import Clock, Jobs, Log

LONGEST_GAP_S = 1.5
"""Silence between turns is cut to this in the file, so that an hour of waiting takes no space."""
HELD_S = 30.0
"""Hold at most this much sound while the disk refuses it; drop what comes after (float32 at 24 kHz: 2.9 MB)."""
RETRY_S = 2.0
"""How long to wait before trying a disk that refused again."""


class Recorder:
    """Collects on the loop and writes in the node's thread.

    What the disk refuses is held, and written together with what came since once the disk accepts it again; the
    failure and the recovery are each reported once.
    """

    def __init__(
        self, folder: Callable[[], Path], rate: int, clock: Clock, jobs: Jobs, log: Log, played: int = 0
    ) -> None:
        """
        Args:
            played: samples that were played before the recording begins.
        """
        self._rate = rate
        self._clock = clock
        self._jobs = jobs
        self._log = log
        self._session = Session(folder, rate)
        self._sound: list[NDArray[np.float32]] = []
        self._cues: list[Cue] = []
        self._held = 0
        """Samples that are not written yet."""
        self._shift = -played
        """Offset from a position in the played samples to the recording: silence adds, dropped sound subtracts."""
        self._begin = 0
        self._again: float | None = None
        """When to try a disk that refused again."""

    def sound(self, samples: NDArray[np.float32]) -> None:
        """Add played sound: float32 [samples], in the order of playing."""
        if self._room:
            self._add(samples)
        else:
            self._shift -= len(samples)

    def pause(self, seconds: float) -> None:
        """Note that nothing was played for this long."""
        if self._room:
            silence = int(min(seconds, LONGEST_GAP_S) * self._rate)
            self._shift += silence
            self._add(np.zeros(silence, np.float32))

    def begin(self, position: int) -> None:
        """Begin a caption at a position in the played samples."""
        self._begin = position + self._shift

    def end(self, position: int, text: str) -> None:
        """End the caption at a position in the played samples."""
        if self._room:
            self._cues.append(Cue(self._begin, position + self._shift, " ".join(text.split())))

    async def tend(self) -> None:
        """Write what was collected, if there is anything and the disk is not known to refuse it."""
        if self._again is None or self._clock.now() >= self._again:
            await self._write()

    async def close(self) -> None:
        """Write the rest and close the files."""
        await self._write()
        await self._jobs.thread(self._session.close)

    async def _write(self) -> None:
        sound, cues, held = self._sound, self._cues, self._held
        if not sound and not cues:
            return
        self._sound, self._cues = [], []
        try:
            await self._jobs.thread(_add, self._session, sound, cues)
        except OSError as error:
            self._sound, self._cues = sound + self._sound, cues + self._cues
            text = phrase("The voice cannot be recorded ({why}). It goes on once there is room.", why=error)
            self._log.trouble("disk", text)
            self._again = self._clock.now() + RETRY_S
            return
        self._held -= held
        self._again = None
        self._log.well("disk", phrase("The voice is recorded again."))

    @property
    def _room(self) -> bool:
        return self._held < HELD_S * self._rate

    def _add(self, samples: NDArray[np.float32]) -> None:
        if len(samples):
            self._sound.append(samples)
            self._held += len(samples)


def _add(session: Session, sound: list[NDArray[np.float32]], cues: list[Cue]) -> None:
    session.add(b"".join(map(_pcm, sound)), cues)


def _pcm(samples: NDArray[np.float32]) -> bytes:
    return (np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()
