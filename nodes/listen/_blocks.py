"""Measures sound in blocks of 32 ms, which is what the detector of voices takes."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from schemas.host import UTTERANCE_RATE as RATE

__all__ = ["BLOCK", "BLOCK_S", "RATE", "Block", "Blocks", "loudness"]

BLOCK = 512
"""Samples of a block."""
BLOCK_S = BLOCK / RATE
Block = NDArray[np.int16]
"""Mono, ``BLOCK`` samples at ``RATE``."""


def loudness(block: NDArray[np.int16]) -> float:
    """Return the root mean square, 0..1, without the constant offset that cheap sound cards add."""
    if not len(block):
        return 0.0
    wide = block.astype(np.float32)
    wide -= np.float32(wide.mean())
    return math.sqrt(float(np.mean(wide * wide))) / 32768.0


class Blocks:
    """Cuts what comes in pieces of any length into blocks."""

    def __init__(self) -> None:
        self._rest: NDArray[np.int16] = np.zeros(0, np.int16)

    def take(self, samples: NDArray[np.int16]) -> Iterator[Block]:
        """Take some samples, and yield the blocks that are full now."""
        joined = np.concatenate([self._rest, samples])
        whole = len(joined) // BLOCK * BLOCK
        self._rest = joined[whole:]
        for begin in range(0, whole, BLOCK):
            yield joined[begin : begin + BLOCK]
