"""Tells the streamer from our own voice, which may reach the microphone through the room or through a mixer."""

import re
from collections import deque
from collections.abc import Iterable
from difflib import SequenceMatcher

import numpy as np

from nodes.listen._blocks import BLOCK_S

WINDOW_S = 0.7
"""Our sound arrives at the microphone within this long: devices and the air delay it by 50 to 400 ms."""
AUDIBLE = 0.003
"""Below this our voice is silent (-50 dB)."""
LEARNT = 12
"""Blocks in which our sound was heard until the way to the microphone is known, 0.4 s; nothing is taken for the
streamer until then."""
REMEMBERED = 250
"""The way is known by the latest blocks, 8 s of our own sound."""
FOLLOWED = 60
"""Blocks in which our sound was heard until its delay is looked for, 2 s, and until it is used, as many again."""
LOOKS = 25
"""Blocks between two looks."""
DELAYS = int(WINDOW_S / BLOCK_S) + 1
ALIKE = 0.6
"""Our loudness and that at the microphone, so much later, go together at least this well (their correlation)."""
EARLIER_S, LATER_S = 0.048, 0.032
"""What we played this long before and after the moment that arrives now counts in full: clocks are not exact."""
FADES_DB = 100.0
"""What we played before that has faded by so much a second: rooms ring for 0.6 s at most, as a rule."""
RINGS = 0.25
"""The loudest that may arrive at all counts at least this much, or the noise of a room would seem to be an echo."""
QUANTILE = 0.98
MARGIN = 1.35
"""The streamer is louder than the loudest echo by this factor, 2.6 dB."""
LOUDER = 2.0
"""How much louder the echo is taken to be after one was taken for the streamer."""
SIMILAR = 0.6
"""What is understood is an echo if so much of it was being said; recognisers mishear one syllable in four of a faint
echo."""
OVERLAPPED = 0.5
"""Our sound is heard during so much of an echo at least; what is said after it may well repeat its words."""
SHORTEST = 2
"""Letters that an echo has at least: "응" is in every sentence."""


class Echo:
    """Learns how loud our own sound is at the microphone, and how loud somebody has to be to be somebody else."""

    def __init__(self) -> None:
        self._own: deque[tuple[float, float]] = deque()
        self._ratios: deque[float] = deque(maxlen=REMEMBERED)
        self._followed: deque[tuple[float, list[float]]] = deque(maxlen=REMEMBERED)
        """How loud it was at the microphone, and how loud we were by each delay in blocks."""
        self._heard = 0
        self._delay: int | None = None
        """Blocks; None while it is not known."""
        self._close: deque[float] = deque(maxlen=REMEMBERED)
        """As ``_ratios``, of what arrives by that delay."""

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
        if not own:
            return
        self._ratios.append(rms / own)
        levels = [self._loudest(at - (delay + 1) * BLOCK_S, at - delay * BLOCK_S) for delay in range(DELAYS)]
        self._followed.append((rms, levels))
        self._heard += 1
        if self._heard % LOOKS == 0 and len(self._followed) >= FOLLOWED:
            self._look()
        if self._delay is not None:
            self._close.append(rms / self._arriving(self._delay, own, at))

    def mistaken(self) -> None:
        """Note that an echo was taken for the streamer: it is louder than it seemed."""
        for ratios in (self._ratios, self._close):
            ratios.extend([max(_most(ratios), 0.05) * LOUDER] * LEARNT)

    def threshold(self, at: float) -> float:
        """Return how loud the streamer has to be now: infinity while it is not known, 0 if nothing of ours is heard."""
        own = self.audible(at)
        if not own:
            return 0.0
        if len(self._ratios) < LEARNT:
            return float("inf")
        echo = _most(self._ratios) * own
        if self._delay is not None and len(self._close) >= FOLLOWED:
            echo = min(echo, _most(self._close) * self._arriving(self._delay, own, at))
        return MARGIN * echo

    def _look(self) -> None:
        """Find out how much later than we play it our sound arrives."""
        heard = np.array([rms for rms, _ in self._followed])
        own = np.array([levels for _, levels in self._followed])
        heard, own = heard - heard.mean(), own - own.mean(axis=0)
        alike = heard @ own / (np.sqrt((heard @ heard) * (own * own).sum(axis=0)) + 1e-12)
        best = int(np.argmax(alike))
        found = best if alike[best] >= ALIKE else None
        if found is None or self._delay is None or abs(found - self._delay) > 1:
            if found != self._delay:
                self._close.clear()
            self._delay = found

    def _arriving(self, delay: int, loudest: float, at: float) -> float:
        """Return how loud we were when we played what arrives now, or what still rings."""
        played = at - delay * BLOCK_S
        rings = (
            rms * 10 ** (-max(0.0, played - EARLIER_S - then) * FADES_DB / 20)
            for then, rms in self._own
            if then <= played + LATER_S
        )
        return max(RINGS * loudest, max(rings, default=0.0))

    def _loudest(self, begin: float, end: float) -> float:
        return max((rms for at, rms in self._own if begin <= at <= end), default=0.0)

    def _forget(self, at: float) -> None:
        while self._own and at - self._own[0][0] > WINDOW_S:
            self._own.popleft()


def _most(ratios: Iterable[float]) -> float:
    """Return how much of our loudness arrives at the microphone, almost always at most."""
    ordered = sorted(ratios)
    return ordered[min(len(ordered) - 1, int(QUANTILE * len(ordered)))] if ordered else 0.0


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
