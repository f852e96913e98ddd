"""How loud the voice should be, and how loud it is."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from nodes.audio._settings import Play
from nodes.services import Clock
from schemas.playback import Level

ALERTS = 32
"""At most this many alerts may sound at a time."""


class Loudness:
    """Volume, mute, and ducking while a donation alert sounds."""

    def __init__(self, config: Play, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._alerts: deque[float] = deque(maxlen=ALERTS)
        self._muted = False

    def alert(self) -> None:
        """Note a donation: its alert sounds after ``duck_delay_s``, for ``duck_s``."""
        self._alerts.append(self._clock.now())

    def mute(self, muted: bool) -> None:
        """Mute or unmute for the operator; the setting ``mute`` applies as well."""
        self._muted = muted

    def gain(self) -> float:
        """Return the factor by which samples are multiplied now."""
        if self._config.mute or self._muted:
            return 0.0
        begun = self._clock.now() - self._config.duck_delay_s
        ducked = any(0 <= begun - at < self._config.duck_s for at in self._alerts)
        return self._config.volume * (10 ** (self._config.duck_db / 20) if ducked else 1.0)


def level(samples: NDArray[np.float32], gain: float, where: tuple[str, int, float] | None) -> Level:
    """Return the loudness of a piece (float32 [samples]); ``where``: its turn, sentence and seconds within it."""
    if not len(samples):
        return Level(rms=0.0)
    turn, sentence, at_s = where or ("", 0, 0.0)
    rms, peak = gain * float(np.sqrt(np.mean(np.square(samples)))), gain * float(np.max(np.abs(samples)))
    return Level(rms=min(1.0, rms), peak=min(1.0, peak), turn=turn, sentence=sentence, at_s=at_s)
