"""Makes the sound of a voice fit for playing: trimmed, faded, at a level, never clipped."""

import numpy as np
from numpy.typing import NDArray

RATE = 24_000
"""Samples a second unless stated otherwise."""
Samples = NDArray[np.float32]

_AUDIBLE = 0.01
_KEEP_S = 0.03
"""Silence kept at both ends, for soft consonants."""
FADE_S = 0.005
"""How long a fade lasts."""
_STILL = 1e-4
"""A sample this small is as good as zero: sound may begin or end there without a click."""
_KNEE = 0.7
_CEILING = 0.98


def silence(seconds: float, rate: int = RATE) -> Samples:
    return np.zeros(round(seconds * rate), np.float32)


def trimmed(samples: Samples, rate: int = RATE) -> Samples:
    """Remove the silence at both ends; empty if there is nothing but silence."""
    heard = np.flatnonzero(np.abs(samples) > _AUDIBLE)
    if not len(heard):
        return samples[:0]
    keep = round(_KEEP_S * rate)
    return samples[max(0, int(heard[0]) - keep) : int(heard[-1]) + 1 + keep]


def faded(samples: Samples, rate: int = RATE) -> Samples:
    """Make the sound begin and end at zero, so that a joint does not click."""
    return faded_in(faded_out(samples, rate), rate)


def faded_in(samples: Samples, rate: int) -> Samples:
    """Make the sound begin at zero; unchanged if it does so anyway."""
    if begins_still(samples):
        return samples
    length = min(round(FADE_S * rate), max(1, len(samples) // 2))
    out = samples.copy()
    out[:length] *= np.linspace(0.0, 1.0, length, endpoint=False, dtype=np.float32)
    return out


def faded_out(samples: Samples, rate: int) -> Samples:
    """Make the sound end at zero; unchanged if it does so anyway."""
    return faded_in(samples[::-1], rate)[::-1]


def begins_still(samples: Samples) -> bool:
    return not len(samples) or abs(float(samples[0])) < _STILL


def ends_still(samples: Samples) -> bool:
    return begins_still(samples[::-1])


def amplified(samples: Samples, gain_db: float) -> Samples:
    """Make it louder or softer; what would pass -3 dBFS bends smoothly and stays below full scale."""
    loud = samples * np.float32(10 ** (gain_db / 20))
    high = np.flatnonzero(np.abs(loud) > _KNEE)
    size = np.abs(loud[high])
    loud[high] = np.copysign(_KNEE + (_CEILING - _KNEE) * np.tanh((size - _KNEE) / (_CEILING - _KNEE)), loud[high])
    return loud
