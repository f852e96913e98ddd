"""Turns bytes into samples, in every form in which uncompressed speech is sent."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nodes.speech._speaking.sound import Samples

Coding = Literal["int", "uint", "float", "mulaw", "alaw"]


@dataclass(frozen=True, slots=True)
class Form:
    """How samples are laid out in bytes."""

    coding: Coding = "int"
    bits: int = 16
    channels: int = 1
    big: bool = False
    """The most significant byte comes first."""

    @property
    def known(self) -> bool:
        """Whether this form can be read."""
        bits = {"int": (8, 16, 24, 32), "uint": (8,), "float": (32, 64), "mulaw": (8,), "alaw": (8,)}[self.coding]
        return self.bits in bits and 1 <= self.channels <= 32

    @property
    def frame(self) -> int:
        """Bytes of one sample of all channels."""
        return self.channels * self.bits // 8

    def mono(self, data: bytes) -> Samples:
        """Return whole frames as float32 [frames], mixed to one channel, -1..1."""
        order = ">" if self.big else "<"
        samples: NDArray[Any]
        if self.coding == "float":
            found = np.nan_to_num(np.frombuffer(data, f"{order}f{self.bits // 8}"))
            samples = np.clip(found, -1.0, 1.0)  # before mixing: the sum of two large ones is infinite
        elif self.coding == "uint":
            samples = (np.frombuffer(data, np.uint8).astype(np.float32) - 128) / 128
        elif self.coding in ("mulaw", "alaw"):
            table = _MULAW if self.coding == "mulaw" else _ALAW
            samples = table[np.frombuffer(data, np.uint8)]
        elif self.bits == 24:
            parts = np.frombuffer(data, np.uint8).reshape(-1, 3)
            wide = np.zeros((len(parts), 4), np.uint8)
            wide[:, 1:] = parts[:, ::-1] if self.big else parts
            samples = wide.view("<i4").ravel() / 2.0**31
        else:
            samples = np.frombuffer(data, f"{order}i{self.bits // 8}") / 2.0 ** (self.bits - 1)
        if self.channels > 1:
            samples = samples.reshape(-1, self.channels).mean(axis=1)
        return np.clip(samples, -1.0, 1.0).astype(np.float32)


def _table(decoded: NDArray[np.int64]) -> Samples:
    return (decoded / 32768.0).astype(np.float32)


def _mulaw() -> Samples:
    """Return the table of ITU-T G.711 mu-law."""
    code = ~np.arange(256) & 0xFF
    size = (((code & 0x0F) << 3) + 0x84 << ((code & 0x70) >> 4)) - 0x84
    return _table(np.where(code & 0x80, -size, size))


def _alaw() -> Samples:
    """Return the table of ITU-T G.711 A-law."""
    code = np.arange(256) ^ 0x55
    segment, step = (code & 0x70) >> 4, (code & 0x0F) << 4
    size = np.where(segment == 0, step + 8, (step + 0x108) << np.maximum(segment - 1, 0))
    return _table(np.where(code & 0x80, size, -size))


_MULAW, _ALAW = _mulaw(), _alaw()
