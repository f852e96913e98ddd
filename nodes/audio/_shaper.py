"""Volume without steps, and sound that begins and breaks off without a click."""

import numpy as np
from numpy.typing import NDArray

FADE = np.linspace(1, 0, 240, dtype=np.float32) * np.float32(0.98) ** np.arange(240, dtype=np.float32)
"""What is left of the last sample, sample by sample, where sound breaks off: nothing after 5 ms at 48 kHz."""
RISE = np.linspace(0, 1, 120, dtype=np.float32)
"""How sound begins: within 2.5 ms at 48 kHz."""


class Shaper:
    """Used by one thread, block after block of a stream (float32 [frames], mono)."""

    def __init__(self) -> None:
        self._gain = 1.0
        self._sounding = False
        """The last block ended in sound, whose last sample was ``_end``."""
        self._end = 0.0
        self._risen = 0
        self._last = 0.0
        self._faded = len(FADE)

    def shape(self, out: NDArray[np.float32], count: int, gain: float) -> None:
        """Make the block fit for hearing, in place.

        Args:
            out: ``count`` samples of sound; what stands behind them is overwritten.
            gain: what samples are multiplied with; another one than before is reached at the end of the block.
        """
        sounding, self._sounding = self._sounding, count == len(out)
        if not sounding:
            self._risen = 0
        before, self._gain = self._gain, gain
        if count:
            if gain == before:
                out[:count] *= gain
            else:
                slope = np.linspace(before, gain, len(out), dtype=np.float32)[:count]
                out[:count] *= slope
                self._gain = float(slope[-1])
            rise = RISE[self._risen : self._risen + count]
            out[: len(rise)] *= rise
            self._risen += len(rise)
        out[count:] = 0.0
        self._fade(out)
        if count < len(out) and (count or sounding):
            self._last, self._faded = float(out[count - 1]) if count else self._end, 0
            out[count:] = 0.0
            self._fade(out[count:])
        self._end = float(out[-1])

    def _fade(self, out: NDArray[np.float32]) -> None:
        """Add what is left of the sound that broke off last."""
        rest = FADE[self._faded : self._faded + len(out)]
        out[: len(rest)] += self._last * rest
        self._faded += len(rest)
