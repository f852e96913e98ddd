"""Makes what the model gives fit for playing: trimmed, faded, at a level, never clipped."""

import numpy as np
from numpy.typing import NDArray

RATE = 24_000
"""Samples a second of everything here."""
Samples = NDArray[np.float32]

_AUDIBLE = 0.01
_KEEP_S = 0.03
"""Silence kept at both ends, for soft consonants."""
_FADE_S = 0.005
_KNEE = 0.7
_CEILING = 0.98


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def trimmed(samples: Samples) -> Samples:
    """Without the silence at both ends; empty if there is nothing but silence."""
    heard = np.flatnonzero(np.abs(samples) > _AUDIBLE)
    if not len(heard):
        return samples[:0]
    keep = round(_KEEP_S * RATE)
    return samples[max(0, int(heard[0]) - keep) : int(heard[-1]) + 1 + keep]


def faded(samples: Samples) -> Samples:
    """Begins and ends at zero, so that a joint does not click."""
    length = min(round(_FADE_S * RATE), len(samples) // 2)
    ramp = np.linspace(0.0, 1.0, length, endpoint=False, dtype=np.float32)
    out = samples.copy()
    out[:length] *= ramp
    out[len(out) - length :] *= ramp[::-1]
    return out


def amplified(samples: Samples, gain_db: float) -> Samples:
    """Louder or softer; what would pass -3 dBFS bends smoothly and stays below full scale."""
    loud = samples * np.float32(10 ** (gain_db / 20))
    size = np.abs(loud)
    bent = _KNEE + (_CEILING - _KNEE) * np.tanh((size - _KNEE) / (_CEILING - _KNEE))
    return np.where(size > _KNEE, np.copysign(bent, loud), loud).astype(np.float32)
