"""Makes speech faster or slower at the same pitch, piece by piece: WSOLA (Verhelst and Roelands, ICASSP 1993).

Short windows of the sound are laid out closer together or further apart; each is taken from where it best continues the
one before it, so that periods of the voice stay whole. In the time domain it needs 40 ms of sound before it gives
some, which a phase vocoder (2,048 samples and more) does not manage; the packages for it (audiotsm, pytsmod,
python-stretch, audiostretchy) work on whole files, are abandoned, or have no wheels for all systems.
"""

import numpy as np
from numpy.typing import NDArray

_HOP_S = 0.015
"""Half a window: a window holds two periods of a low voice."""
_SEARCH_S = 0.0075
"""How far from its place a window may be taken, either way: together a period of 66 Hz."""
_SAME = 0.01
"""A tempo this close to 1 is not worth any change of the sound."""

Samples = NDArray[np.float32]


class Stretch:
    """One stream of sound; ``tempo`` may change between two pieces."""

    def __init__(self, rate: int, tempo: float = 1.0) -> None:
        """Set ``tempo``: 2.0 is twice as fast, 0.5 half as fast; 1.0 gives what it gets, at once."""
        self.tempo = tempo
        self._hop = round(_HOP_S * rate)
        self._reach = round(_SEARCH_S * rate)
        half = np.arange(self._hop, dtype=np.float32) + 0.5
        self._rise: Samples = (np.sin(np.pi / 2 * half / self._hop) ** 2).astype(np.float32)
        self._waiting = np.zeros(0, np.float32)
        self._place = 0.0
        """Where the next window belongs, in samples of ``_waiting``."""
        self._follow: int | None = None
        """Where the sound after the last window continues; None before the first one."""

    def push(self, samples: Samples) -> Samples:
        """Take a piece, float32 [n]; return what is ready, float32 [m]; m may be 0."""
        if self._follow is None and not len(self._waiting) and abs(self.tempo - 1.0) < _SAME:
            return samples
        self._waiting = np.concatenate((self._waiting, samples))
        made = self._frames()
        self._forget()
        return made

    def end(self) -> Samples:
        """Return the rest; the stretch can be used for another stream afterwards."""
        waiting, follow, place = self._waiting, self._follow, self._place
        self._waiting, self._follow, self._place = np.zeros(0, np.float32), None, 0.0
        if follow is None:
            return waiting  # shorter than a window
        left = round((len(waiting) - place) / self.tempo)
        return waiting[follow : follow + max(left, self._hop)]

    def _frames(self) -> Samples:
        out: list[Samples] = []
        while True:
            place = round(self._place)
            if self._follow is None:
                if len(self._waiting) < 2 * self._hop:
                    break
                out.append(self._waiting[: self._hop])
                self._follow = self._hop
            else:
                needed = max(place + self._reach, self._follow) + 2 * self._hop
                if len(self._waiting) < needed:
                    break
                start = self._best(place, self._follow)
                old = self._waiting[self._follow : self._follow + self._hop]
                new = self._waiting[start : start + self._hop]
                joint: Samples = np.multiply(new - old, self._rise, dtype=np.float32)
                out.append(old + joint)
                self._follow = start + self._hop
            self._place += self._hop * self.tempo
        return np.concatenate(out) if out else np.zeros(0, np.float32)

    def _best(self, place: int, follow: int) -> int:
        """Return the start near ``place`` from which the sound is most like what would follow."""
        low = max(0, place - self._reach)
        wanted = self._waiting[follow : follow + self._hop]
        region = self._waiting[low : place + self._reach + self._hop]
        likeness = np.correlate(region, wanted, "valid")
        power = np.cumsum(np.concatenate((np.zeros(1, np.float32), region**2)), dtype=np.float64)
        energy = power[self._hop :] - power[: -self._hop]
        return low + int(np.argmax(likeness / np.sqrt(energy + 1e-6)))

    def _forget(self) -> None:
        """Drop what can no longer be part of a window."""
        if self._follow is None:
            return
        used = max(0, min(round(self._place) - self._reach, self._follow))
        self._waiting = self._waiting[used:]
        self._place -= used
        self._follow -= used
