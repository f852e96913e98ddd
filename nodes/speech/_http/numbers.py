"""Samples that are written as numbers in JSON. Pure."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_FEWEST = 16
_LOUDEST = 2.0
"""Numbers with a fraction are samples of -1..1; some models go a little beyond."""
_MOST_CHANNELS = 8


def sound_of_numbers(numbers: list[Any]) -> bytes:
    """Return the sound of a list of numbers, or of a list of such lists, one a channel; empty if it is not plain which.

    What fits into bytes is bytes: a file, or bare samples. Larger ones are samples of 16 bits, and so is the result.
    """
    if not numbers or not isinstance(numbers[0], int | float | list):
        return b""
    try:
        found: NDArray[Any] = np.array(numbers).squeeze()
    except ValueError:  # lists of different lengths
        return b""
    if found.dtype.kind not in "if" or found.size < _FEWEST or found.ndim > 2:
        return b""
    if found.ndim == 2:
        if min(found.shape) > _MOST_CHANNELS:
            return b""
        found = found.mean(axis=int(np.argmin(found.shape)), dtype=float if found.dtype.kind == "f" else int)
    whole = found.dtype.kind == "i"
    if whole and int(found.min()) >= 0 and int(found.max()) < 256:
        return found.astype(np.uint8).tobytes()
    found = np.nan_to_num(found)
    loudest = float(np.max(np.abs(found)))
    if loudest > 32768:
        return b""
    samples = found if whole or loudest > _LOUDEST else found * 32767
    return np.clip(np.round(samples), -32768, 32767).astype("<i2").tobytes()
