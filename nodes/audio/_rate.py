"""Sound of any rate at the one rate of the player."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Rate:
    """Resamples a stream (float32 mono) to ``rate``; sound that has it already is left alone."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._resampler: Any = None

    def take(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """What came out for samples at ``rate``; the last of it comes with ``rest``."""
        if rate == self._rate:
            return samples
        if self._resampler is None:
            import soxr

            self._resampler = soxr.ResampleStream(rate, self._rate, 1, dtype="float32", quality="HQ")
        return self._resampler.resample_chunk(samples)

    def rest(self) -> NDArray[np.float32]:
        """What is still inside; the next samples start over."""
        resampler, self._resampler = self._resampler, None
        none = np.zeros(0, np.float32)
        return none if resampler is None else resampler.resample_chunk(none, last=True)

    def drop(self) -> None:
        """Forget what is inside."""
        self._resampler = None
