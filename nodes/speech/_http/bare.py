"""Samples as they come over HTTP without a header: read as they are declared, and refused if they are noise."""

from dataclasses import replace

import numpy as np

from nodes.phrases import phrase
from nodes.speech._http.declared import Declared
from nodes.speech._http.plausible import AUDIBLE, WINDOW, is_bytes, is_doubled, is_noise, level
from nodes.speech._speaking.samples import Form
from nodes.speech._speaking.sound import Samples
from nodes.speech._speaking.wav import WireError

_FEW = 240
"""Fewer bytes than these, 5 ms of sound, wait for more: each piece costs the same, and there may be one a byte."""
_NOTHING = np.zeros(0, np.float32)


class Pcm:
    """Bare samples; one may be split between two pieces. 16-bit little-endian mono unless stated otherwise."""

    def __init__(self, rate: int, form: Form | None = None) -> None:
        self.rate = rate
        self._form = form or Form()
        self._odd = b""

    def push(self, data: bytes) -> Samples:
        data = self._odd + data
        whole = len(data) - len(data) % self._form.frame
        self._odd = data[whole:]
        return self._form.mono(data[:whole]) if whole else _NOTHING

    def end(self) -> Samples:
        return _NOTHING


class Checked:
    """Bare samples; the first audible ones are held until they are known to be sound. Silence is silence in any form.

    Where nobody states the number of channels and every sample comes twice, they are two channels of one sound.

    Raises:
        WireError: they are noise.
    """

    def __init__(self, told: Declared) -> None:
        self.rate = told.rate
        forms = [told.form] if told.sure else [told.form, _other(told.form)]
        self._readers = [Pcm(told.rate, form) for form in forms]
        self._few = b""
        self._held = [_NOTHING for _ in forms]
        self._open = False
        self._counted = told.counted or told.form.channels > 1
        self._wide = told.form.bits == 16 and told.form.channels == 1
        self._doubled, self._second = False, False
        """Whether every sample comes twice, and whether the next one is the second."""

    def push(self, data: bytes) -> Samples:
        self._few += data
        if len(self._few) < _FEW:
            return _NOTHING
        data, self._few = self._few, b""
        return self._take(data)

    def _take(self, data: bytes) -> Samples:
        if self._open:
            return self._once(self._readers[0].push(data))
        new = [reader.push(data) for reader in self._readers]
        if not any(map(len, new)):
            return _NOTHING
        self._held = [np.concatenate(each) for each in zip(self._held, new, strict=True)]
        silence = 0
        while not self._open and len(self._held[0]) >= silence + WINDOW:
            self._look(silence, silence + WINDOW)
            silence += 0 if self._open else WINDOW
        return self._given(None if self._open else silence)

    def end(self) -> Samples:
        last = self._take(self._few)
        if not self._open and len(self._held[0]) >= WINDOW // 8:
            self._look(0, len(self._held[0]))
        return np.concatenate((last, self._given(None)))

    def _look(self, begin: int, end: int) -> None:
        """Judge a window; it is open once something is heard in it."""
        windows = [held[begin:end] for held in self._held]
        if max(map(level, windows)) < AUDIBLE:
            return
        eight = self._wide and is_bytes(windows[0])
        fine = [] if eight else [number for number, window in enumerate(windows) if not is_noise(window)]
        if not fine:
            text = phrase(
                "it sent noise instead of sound. If the server does not send PCM of 16 bits, try {setting} in extra",
                setting="response_format: wav",
            )
            raise WireError(text)
        self._readers, self._held = [self._readers[fine[0]]], [self._held[fine[0]]]
        self._open = True
        self._doubled = not self._counted and is_doubled(windows[fine[0]])

    def _given(self, upto: int | None) -> Samples:
        """Pass these samples on; None: all."""
        given = self._held[0][:upto]
        self._held = [held[len(given) :] for held in self._held]
        return self._once(given)

    def _once(self, samples: Samples) -> Samples:
        """Return every second sample where they come twice."""
        if not self._doubled:
            return samples
        kept = samples[self._second :: 2]
        self._second ^= len(samples) % 2 == 1
        return kept


def _other(form: Form) -> Form:
    """Return what the same label may mean."""
    if form.bits == 8:
        return replace(form, coding="int" if form.coding == "uint" else "uint")
    return replace(form, big=not form.big)
