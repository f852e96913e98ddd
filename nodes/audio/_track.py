"""Holds queued sound until it is discarded, by its position since the start."""

from collections import deque

import numpy as np
from numpy.typing import NDArray


class Track:
    """Holds samples (float32 mono) from ``start`` to ``end``; positions count from the first sample ever appended."""

    def __init__(self) -> None:
        self._pieces: deque[NDArray[np.float32]] = deque()
        self.start = 0
        self.end = 0

    def append(self, samples: NDArray[np.float32]) -> None:
        if len(samples):
            self._pieces.append(samples)
            self.end += len(samples)

    def cut(self, begin: int, end: int) -> NDArray[np.float32]:
        """Return the samples of positions ``begin`` to ``end``, as far as they are available."""
        found: list[NDArray[np.float32]] = []
        at = self.start
        for piece in self._pieces:
            if at >= end:
                break
            part = piece[max(0, begin - at) : end - at]
            if len(part):
                found.append(part)
            at += len(piece)
        if len(found) == 1:
            return found[0]
        return np.concatenate(found) if found else np.zeros(0, np.float32)

    def remove(self, begin: int, end: int) -> None:
        """Remove the samples of positions ``begin`` to ``end``; what follows them moves up."""
        kept = [self.cut(self.start, begin), self.cut(max(begin, end), self.end)]
        self._pieces = deque(piece for piece in kept if len(piece))
        self.end = self.start + sum(len(piece) for piece in self._pieces)

    def forget(self, before: int) -> None:
        """Discard pieces that lie wholly before a position."""
        while self._pieces and self.start + len(self._pieces[0]) <= before:
            self.start += len(self._pieces.popleft())
