"""A queue of samples between one writer and one reader that run in different threads."""

import numpy as np
from numpy.typing import NDArray


class Ring:
    """Single producer, single consumer, float32 mono; neither side locks or allocates.

    Each counter is changed by one thread only, and it moves only after its samples were copied.
    """

    def __init__(self, capacity: int) -> None:
        self._samples = np.zeros(capacity, np.float32)
        self._capacity = capacity
        self.written = 0
        """Total samples written; changed only by the writer."""
        self.read_count = 0
        """Total samples read; changed only by the reader."""

    @property
    def used(self) -> int:
        return self.written - self.read_count

    @property
    def free(self) -> int:
        return self._capacity - self.used

    def write(self, samples: NDArray[np.float32]) -> int:
        """Copy in what fits and return how many samples that was."""
        count = min(len(samples), self.free)
        at = self.written % self._capacity
        first = min(count, self._capacity - at)
        self._samples[at : at + first] = samples[:first]
        self._samples[: count - first] = samples[first:count]
        self.written += count
        return count

    def skip(self, position: int) -> None:
        """Reader: skip what was written before ``position`` (a count like ``written``)."""
        self.read_count = max(self.read_count, min(position, self.written))

    def read(self, into: NDArray[np.float32]) -> int:
        """Copy out the samples there are, at most the length of ``into``, and return how many."""
        count = min(len(into), self.used)
        at = self.read_count % self._capacity
        first = min(count, self._capacity - at)
        into[:first] = self._samples[at : at + first]
        into[first:count] = self._samples[: count - first]
        self.read_count += count
        return count
