"""Samples as they come over HTTP: without a header they are read as they are declared; noise is refused."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nodes.phrases import phrase
from nodes.speech._http.declared import Declared
from nodes.speech._http.plausible import AUDIBLE, WINDOW, is_bytes, is_doubled, is_noise, level
from nodes.speech._speaking.samples import Form
from nodes.speech._speaking.sound import Samples
from nodes.speech._speaking.wav import Decoder, Pcm, WireError

_FEW = 240
"""Fewer bytes than these, 5 ms of sound, wait for more: each piece costs the same, and there may be one a byte."""
_SHORTEST = WINDOW // 8
"""Less than this, 2.5 ms, is no speech, whatever it is."""
_NOTHING = np.zeros(0, np.float32)


class Checked:
    """Sound whose first audible samples are held until they are known to be sound. Silence is silence in any form.

    Where nobody states the number of channels and every sample comes twice, they are two channels of one sound.

    Args:
        readers: the ways to read it; the first one that gives sound is right.
        counted: the number of channels is stated.
        few: fewer bytes than these wait for more.
        wide: these are 16-bit samples of one channel, or other ones that nobody declared.

    Raises:
        WireError: they are noise.
    """

    def __init__(self, readers: Sequence[Decoder], *, counted: bool = True, wide: bool = False, few: int = 0) -> None:
        self._readers = readers
        self._few, self._fewest = b"", few
        self._held = [_NOTHING for _ in readers]
        self._open = False
        self._counted, self._wide = counted, wide
        self._doubled, self._second = False, False
        """Whether every sample comes twice, and whether the next one is the second."""

    @classmethod
    def bare(cls, told: Declared) -> "Checked":
        """Read samples without a header as they are declared."""
        form = told.form
        readers = [Pcm(told.rate, each) for each in ((form,) if told.sure else (form, _other(form)))]
        wide = form.bits == 16 and form.channels == 1
        return cls(readers, counted=told.counted or form.channels > 1, wide=wide, few=_FEW)

    @property
    def rate(self) -> int:
        return self._readers[0].rate

    def push(self, data: bytes) -> Samples:
        self._few += data
        if len(self._few) < self._fewest:
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
        given = self._take(self._few)
        last = [reader.end() for reader in self._readers]
        if self._open:
            return np.concatenate((given, self._once(last[0])))
        self._held = [np.concatenate(each) for each in zip(self._held, last, strict=True)]
        if len(self._held[0]) < _SHORTEST and max(map(level, self._held)) >= AUDIBLE:
            return given
        self._look(0, len(self._held[0]))
        return np.concatenate((given, self._given(None)))

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
