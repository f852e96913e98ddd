"""Tells the streamer from our own voice, which may reach the microphone through the room or through a mixer."""

import re
from collections import deque
from difflib import SequenceMatcher

WINDOW_S = 0.7
"""Our sound arrives at the microphone within this long: devices and the air delay it by 50 to 400 ms."""
AUDIBLE = 0.003
"""Below this our voice is silent (-50 dB)."""
LEARNT = 12
"""Blocks in which our sound was heard until the way to the microphone is known, 0.4 s; nothing is taken for the
streamer until then."""
REMEMBERED = 250
"""The way is known by the latest blocks, 8 s of our own sound."""
QUANTILE = 0.98
MARGIN = 1.6
"""The streamer is louder than the loudest echo by this factor, 4 dB."""
LOUDER = 2.0
"""How much louder the echo is taken to be after one was taken for the streamer."""
SIMILAR = 0.6
"""What is understood is an echo if so much of it was being said; recognisers mishear one syllable in four of a faint
echo."""
SHORTEST = 2
"""Letters that an echo has at least: "응" is in every sentence."""


class Echo:
    """Learns how loud our own sound is at the microphone, and how loud somebody has to be to be somebody else."""

    def __init__(self) -> None:
        self._own: deque[tuple[float, float]] = deque()
        self._ratios: deque[float] = deque(maxlen=REMEMBERED)

    def own(self, rms: float, at: float) -> None:
        """Note how loud our sound is now, 0..1."""
        self._own.append((at, rms))
        self._forget(at)

    def audible(self, at: float) -> float:
        """Return the loudest of our own sound that may arrive now; 0 if there is none."""
        self._forget(at)
        loudest = max((rms for _, rms in self._own), default=0.0)
        return loudest if loudest > AUDIBLE else 0.0

    def heard(self, rms: float, at: float) -> None:
        """Note how loud it is at the microphone while the streamer is not speaking."""
        own = self.audible(at)
        if own:
            self._ratios.append(rms / own)

    def mistaken(self) -> None:
        """Note that an echo was taken for the streamer: it is louder than it seemed."""
        known = self._way()
        self._ratios.extend([max(known, 0.05) * LOUDER] * LEARNT)

    def threshold(self, at: float) -> float:
        """Return how loud the streamer has to be now: infinity while it is not known, 0 if nothing of ours is heard."""
        own = self.audible(at)
        if not own:
            return 0.0
        if len(self._ratios) < LEARNT:
            return float("inf")
        return MARGIN * self._way() * own

    def _way(self) -> float:
        """Return how much of our loudness arrives at the microphone."""
        if not self._ratios:
            return 0.0
        ordered = sorted(self._ratios)
        return ordered[min(len(ordered) - 1, int(QUANTILE * len(ordered)))]

    def _forget(self, at: float) -> None:
        while self._own and at - self._own[0][0] > WINDOW_S:
            self._own.popleft()


def is_echo(text: str, saying: str) -> bool:
    """Whether a text that was understood is (a part of) what the character was saying meanwhile."""
    mine, said = _letters(text), _letters(saying)
    if len(mine) < SHORTEST or not said:
        return False
    if mine in said:
        return True
    matcher = SequenceMatcher(None, mine, said, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks() if block.size > 1)
    return same >= SIMILAR * len(mine)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
