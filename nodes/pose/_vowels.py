"""Finds the vowel for the mouth at a moment of a sentence: the vowels of its text, spread over its voiced time."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from schemas.speech import Speech, SpeechChunk, SpeechEnded, SpeechStarted

FRAME_S = 0.01
SYLLABLE_S = 0.155
"""Assumed length of a Korean syllable until the whole sentence is known: 6 to 7 a second."""
_QUIET = 1e-5
"""A frame whose mean square is below this is not voiced."""
_SHARE = 1e-3
"""A frame with at least this fraction of the loudest frame's power is voiced (-30 dB)."""

_MEDIALS = "AEAEOEOEOAEEOUOEIUUII"
"""The mouth shape of each of the 21 Hangul medials (ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ), in Unicode order."""
_FINAL = 0.35
"""Extra weight of a syllable with a final consonant."""
_STRONG = 0.15
"""Extra weight of a syllable with a tense or aspirated initial."""
_STRONG_INITIALS = frozenset({1, 4, 8, 10, 13, 14, 15, 16, 17})
"""ㄲ ㄸ ㅃ ㅆ ㅉ ㅊ ㅋ ㅌ ㅍ by their index in Unicode."""


@dataclass(frozen=True, slots=True)
class Syllable:
    """One syllable of the text."""

    vowel: str
    """``A``, ``I``, ``U``, ``E`` or ``O``."""
    weight: float
    """Its length relative to others; an open syllable is 1."""


def syllables(text: str) -> list[Syllable]:
    """Return the Hangul syllables of a text, in order; everything else is skipped."""
    found: list[Syllable] = []
    for sign in text:
        code = ord(sign) - 0xAC00
        if 0 <= code < 11_172:
            initial, medial, final = code // 588, code // 28 % 21, code % 28
            weight = 1.0 + (_FINAL if final else 0.0) + (_STRONG if initial in _STRONG_INITIALS else 0.0)
            found.append(Syllable(_MEDIALS[medial], weight))
    return found


@dataclass(slots=True)
class _Part:
    """Sound of a known text: a whole sentence, or a chunk whose text the voice reported."""

    begin: float
    """Seconds into the sentence."""
    syllables: list[Syllable]
    ends: list[float]
    """Sum of the weights up to and including each syllable."""
    voiced: list[int] = field(default_factory=lambda: [0])
    """Voiced frames before each frame, and all of them at the end."""
    loudest: float = 0.0
    whole: bool = False
    left: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))

    def hear(self, samples: NDArray[np.float32], rate: int) -> None:
        size = round(rate * FRAME_S)
        samples = np.concatenate((self.left, samples))
        count = len(samples) // size
        power = np.mean(np.square(samples[: count * size].reshape(count, size)), axis=1)
        self.left = samples[count * size :]
        self.loudest = max(self.loudest, float(power.max(initial=0.0)))
        active = power > max(_QUIET, self.loudest * _SHARE)
        self.voiced += (self.voiced[-1] + np.cumsum(active)).tolist()

    def vowel(self, at_s: float) -> str | None:
        frame = min(int((at_s - self.begin) / FRAME_S), len(self.voiced) - 2)
        if frame < 0 or not self.ends or self.voiced[frame] == self.voiced[frame + 1]:
            return None
        voiced = self.voiced[-1]
        if not self.whole:
            voiced = max(voiced, len(self.syllables) * SYLLABLE_S / FRAME_S)
        heard = (self.voiced[frame] + 0.5) / voiced * self.ends[-1]
        return self.syllables[min(bisect_left(self.ends, heard), len(self.ends) - 1)].vowel


class Sentences:
    """Holds the vowels of the sentences that are being spoken; the oldest are forgotten."""

    KEPT = 32

    def __init__(self) -> None:
        self._sentences: dict[tuple[str, int], _Sentence] = {}

    def take(self, event: Speech) -> None:
        """Take an event: a sentence begins, sounds, or is complete."""
        key = (event.turn, event.sentence)
        match event:
            case SpeechStarted():
                self._sentences[key] = _Sentence(event.spoken)
                if len(self._sentences) > self.KEPT:
                    del self._sentences[next(iter(self._sentences))]
            case SpeechChunk() if key in self._sentences:
                self._sentences[key].hear(event)
            case SpeechEnded() if key in self._sentences:
                self._sentences[key].end()
            case _:
                pass

    def vowel(self, turn: str, sentence: int, at_s: float) -> str | None:
        """Return ``A``, ``I``, ``U``, ``E`` or ``O`` at ``at_s`` seconds of a sentence; None if silent or unknown."""
        known = self._sentences.get((turn, sentence))
        return known.vowel(at_s) if known else None

    def forget(self, turn: str) -> None:
        """Forget the sentences of a turn, which is over."""
        self._sentences = {key: known for key, known in self._sentences.items() if key[0] != turn}


class _Sentence:
    def __init__(self, text: str) -> None:
        self._text = text
        self._parts: list[_Part] = []
        self._seconds = 0.0

    def hear(self, chunk: SpeechChunk) -> None:
        if chunk.text or not self._parts:
            self.end()
            known = syllables(chunk.text or self._text)
            ends: list[float] = np.cumsum([one.weight for one in known]).tolist()
            self._parts.append(_Part(self._seconds, known, ends))
        self._parts[-1].hear(chunk.samples, chunk.rate)
        self._parts[-1].whole = bool(chunk.text)
        self._seconds += chunk.seconds

    def end(self) -> None:
        if self._parts:
            self._parts[-1].whole = True

    def vowel(self, at_s: float) -> str | None:
        index = bisect_right(self._parts, at_s, key=lambda part: part.begin) - 1
        return self._parts[index].vowel(at_s) if index >= 0 else None
