"""Changes volume without steps, and starts and cuts off sound without a click."""

import numpy as np
from numpy.typing import NDArray

FADE = np.linspace(1, 0, 240, dtype=np.float32) * np.float32(0.98) ** np.arange(240, dtype=np.float32)
"""How the last sample fades, sample by sample, where sound is cut off: to nothing within 5 ms at 48 kHz."""
RISE = np.linspace(0, 1, 120, dtype=np.float32)
"""How sound rises at its start: within 2.5 ms at 48 kHz."""


class Shaper:
    """Shapes a stream block by block (float32 [frames], mono); for use in one thread."""

    def __init__(self) -> None:
        self._gain = 1.0
        self._sounding = False
        """Whether the last block ended in sound; its last sample was ``_end``."""
        self._end = 0.0
        self._risen = 0
        self._last = 0.0
        self._faded = len(FADE)

    def shape(self, out: NDArray[np.float32], count: int, gain: float) -> None:
        """Apply gain and fades to the block, in place.

        Args:
            out: ``count`` samples of sound; what follows them is overwritten.
            gain: the factor by which samples are multiplied; a changed gain is reached at the end of the block.
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
        """Add the rest of the fade of the sound that was cut off last."""
        rest = FADE[self._faded : self._faded + len(out)]
        out[: len(rest)] += self._last * rest
        self._faded += len(rest)
