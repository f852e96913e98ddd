"""Counts voice and silence within an utterance. All counts are of blocks."""

from collections import deque

import numpy as np

from nodes.listen._blocks import BLOCK, RATE, Block

HOLDS = 8
"""Blocks of silence, 0.26 s, after which she holds: longer than a pause within a word, shorter than the end."""
DOUBTED = 4
"""In noise the detector hears a voice for this many blocks, 0.13 s, after its end. So many of a silence that are no
louder than the room are not taken for a voice; more of them are one that is as soft as the noise."""

_PITCHES = np.fft.rfftfreq(BLOCK, 1 / RATE)
_VOICES = (_PITCHES >= 200) & (_PITCHES <= 3400)
_WINDOW = np.hanning(BLOCK).astype(np.float32)


class Room:
    """Knows how loud it is where nobody speaks, at the pitches of voices: the rumble of a room comes and goes."""

    KNOWN = 15
    """Blocks without a voice, 0.5 s, until it is known."""
    LATEST = 94
    """It is known by the latest of them, 3 s."""
    ALMOST_ALL = 0.9
    ABOVE = 1.12
    """Noise is louder than almost all of it was by this factor at most, 1 dB."""

    def __init__(self) -> None:
        self._levels: deque[float] = deque(maxlen=self.LATEST)

    def hear(self, block: Block) -> None:
        """Take a block in which nobody speaks."""
        self._levels.append(_level(block))

    def covers(self, block: Block) -> bool:
        """Return whether a block is no louder than the room alone."""
        if len(self._levels) < self.KNOWN:
            return False
        return _level(block) <= self.ABOVE * sorted(self._levels)[int(self.ALMOST_ALL * len(self._levels))]


def _level(block: Block) -> float:
    """Return the loudness from 200 to 3400 Hz; only levels of this kind can be compared."""
    spectrum = np.fft.rfft(block * _WINDOW)[_VOICES]
    return float(np.sqrt(np.mean(spectrum.real**2 + spectrum.imag**2)))


class Pauses:
    """What an utterance consists of so far."""

    def __init__(self) -> None:
        self.begin()

    def begin(self, voiced: int = 0) -> None:
        """Begin with so many blocks with a voice."""
        self.voiced = self.run = voiced
        """With a voice: of all, and of the latest stretch."""
        self.silence = 0
        """Since that stretch."""
        self._doubted = 0

    def take(self, voiced: bool, covered: bool) -> None:
        """Take the next block.

        Args:
            covered: it is no louder than the room alone.
        """
        self.voiced += voiced
        if not voiced or (covered and self._doubted < DOUBTED):
            self.run += voiced
            self._doubted += voiced
            self.silence += 1
            return
        self.run = 1 if self.silence >= HOLDS else self.run + 1
        self.silence = self._doubted = DOUBTED if covered else 0
