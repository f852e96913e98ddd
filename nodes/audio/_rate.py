"""Converts sound of any rate to the one rate of the player."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Rate:
    """Resamples a stream (float32 mono) to ``rate``; sound already at that rate is left alone."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._resampler: Any = None

    def take(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """Return the output for samples at ``rate``; ``rest`` returns the last of it."""
        if rate == self._rate:
            return samples
        if self._resampler is None:
            import soxr

            self._resampler = soxr.ResampleStream(rate, self._rate, 1, dtype="float32", quality="HQ")
        return self._resampler.resample_chunk(samples)

    def rest(self) -> NDArray[np.float32]:
        """Return what is still buffered; the next samples start over."""
        resampler, self._resampler = self._resampler, None
        none = np.zeros(0, np.float32)
        return none if resampler is None else resampler.resample_chunk(none, last=True)

    def drop(self) -> None:
        """Discard what is buffered."""
        self._resampler = None
