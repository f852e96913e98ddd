"""Watches over a voice model that may not stop by itself: how long a sentence may get, and when it is only humming.

About one request in 300 never ends (QwenLM/Qwen3-TTS#118, sgl-project/sglang-omni#1179): the model gives room tone,
a hum or babble up to its limit.
"""

import re
from collections import deque
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FRAMES_A_SECOND = 12.5
FRAME = 1920
"""Samples of a frame at 24 kHz, 80 ms."""
DEAD_FRAMES = 15
"""This many frames (1.2 s) of silence or of one unchanging tone are not speech."""
SILENT = 10 ** (-50 / 20)
"""RMS of a frame that is inaudible, -50 dBFS."""

_LEAST_FRAMES, _FRAMES_A_SYLLABLE = 40, 6
"""Korean takes 2 frames a syllable; three times that, for the slowest speech, and pauses."""
_SAID_FRAMES_A_SYLLABLE = 1.5
"""After this many frames of speech a syllable the sentence can be over."""
_NOTHING_FRAMES = 2
_HUM_LEVEL_DB, _HUM_LIKENESS = 0.7, 0.995
_BANDS = 24

Judgement = Literal["fine", "nothing", "ended", "broken"]
_HANGUL = re.compile(r"[가-힣]")
_OTHER = re.compile(r"[^\W_]")


def syllables(text: str) -> int:
    """Count the syllables of a text when spoken; letters and digits not in Hangul count twice: they may be spelled."""
    hangul = len(_HANGUL.findall(text))
    return hangul + 2 * (len(_OTHER.findall(text)) - hangul)


def most_frames(text: str, longest_s: float) -> int:
    """Return the frames after which a sentence is broken off: generous for its length, at most ``longest_s``."""
    return max(1, min(round(longest_s * FRAMES_A_SECOND), _LEAST_FRAMES + _FRAMES_A_SYLLABLE * syllables(text)))


class Guard:
    """Hears a sentence frame by frame."""

    def __init__(self, text: str) -> None:
        self._said = _SAID_FRAMES_A_SYLLABLE * syllables(text)
        self._live = 0
        """Frames heard so far that were neither silent nor, as far as known, part of a hum."""
        self._silent = 0
        """Silent frames at the end."""
        self._window: deque[tuple[float, NDArray[np.float64]]] = deque(maxlen=DEAD_FRAMES)

    @property
    def silent(self) -> bool:
        """Whether nothing has been audible so far."""
        return self._live == 0

    def hear(self, frame: NDArray[np.float32]) -> Judgement:
        """Take the next frame, float32 [1920].

        Returns:
            ``fine``: go on. ``nothing``: 1.2 s without speech and next to nothing was said before: try again.
            ``ended``: the same after enough speech for the sentence. ``broken``: it went dead in the middle.
        """
        level = float(np.sqrt(np.mean(frame.astype(np.float64) ** 2)))
        if level < SILENT:
            self._silent += 1
            self._window.clear()
            return self._judged(self._live) if self._silent >= DEAD_FRAMES else "fine"
        self._silent = 0
        self._live += 1
        self._window.append((20 * np.log10(level), _colour(frame)))
        return self._judged(self._live - DEAD_FRAMES) if self._hums() else "fine"

    def _judged(self, live: int) -> Judgement:
        if live <= _NOTHING_FRAMES:
            return "nothing"
        return "ended" if live >= self._said else "broken"

    def _hums(self) -> bool:
        """Return whether the level and the spectrum of the sound stay as they are, as no speech does for 1.2 s."""
        if len(self._window) < DEAD_FRAMES:
            return False
        levels = np.array([level for level, _ in self._window])
        if float(levels.std()) > _HUM_LEVEL_DB:
            return False
        colours = [colour for _, colour in self._window]
        likeness = [float(one @ other) for one, other in pairwise(colours)]
        return min(likeness) > _HUM_LIKENESS


def _colour(frame: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the spectrum in 24 bands that widen with the frequency, as a vector of length 1."""
    power = np.abs(np.fft.rfft(frame * np.hanning(len(frame)))) ** 2
    edges = np.unique(np.geomspace(1, len(power), _BANDS + 1).astype(int))
    bands = np.sqrt(np.add.reduceat(power[1:], edges[:-1] - 1))
    return bands / (np.linalg.norm(bands) + 1e-12)
