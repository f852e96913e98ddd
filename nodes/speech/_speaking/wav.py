"""WAV that may still be growing. Bytes in, samples out.

Source: RIFF/WAVE, of which streams carry sizes of 0 or 0xFFFFFFFF.
"""

import struct
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nodes.speech._speaking.sound import RATE, Samples

RATES = range(8_000, 192_001)
_MOST_HEADER = 64 * 1024
"""Bytes in front of the sound of a WAV file; some programs write pictures there."""
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


class WireError(ValueError):
    """What came is not speech; the text tells an operator what it is."""


class Decoder(Protocol):
    """Takes the body of an answer as it comes."""

    @property
    def rate(self) -> int:
        """Samples a second; known once there are samples."""
        ...

    def push(self, data: bytes) -> Samples:
        """Samples that are complete by now, float32 [n], mono, -1..1; n may be 0.

        Raises:
            WireError: this is not speech.
        """
        ...


class Wav:
    """A WAV file from its beginning: 8, 16, 24, 32 bit or float, any number of channels, mixed to mono."""

    def __init__(self) -> None:
        self.rate = RATE
        self._head = b""
        self._frame = 0
        """Bytes of a sample of all channels; 0 until the format was read."""
        self._format = (_PCM, 1, 16)
        self._left: int | None = None
        """Bytes of sound that are still to come; None while in the header."""
        self._rest = b""

    def push(self, data: bytes) -> Samples:
        if self._left is None:
            data = self._header(self._head + data)
        if self._left is None:
            return np.zeros(0, np.float32)
        data, self._left = data[: self._left], self._left - min(len(data), self._left)
        data = self._rest + data
        whole = len(data) - len(data) % self._frame
        self._rest = data[whole:]
        return self._mono(data[:whole])

    def _header(self, data: bytes) -> bytes:
        """What follows the header, once it is complete; until then it is kept."""
        self._head = data
        if len(data) < 12:
            return b""
        if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
            raise WireError("WAV가 아닌 것을 보냈습니다")
        at = 12
        while len(data) >= at + 8:
            name, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
            if name == b"data":
                if not self._frame:
                    raise WireError("WAV에 형식(fmt)이 없습니다")
                # A stream whose length was not known when it began says 0 or as much as there is room for.
                self._left = size if 0 < size < 0x7FFF_0000 else 1 << 62
                self._head = b""
                return data[at + 8 :]
            if name == b"fmt " and len(data) >= at + 8 + size:
                self._read_format(data[at + 8 : at + 8 + size])
            at += 8 + size + size % 2
        if at > _MOST_HEADER or len(data) > _MOST_HEADER:
            raise WireError("WAV에 소리가 없습니다")
        return b""

    def _read_format(self, data: bytes) -> None:
        if len(data) < 16:
            raise WireError("WAV의 형식(fmt)이 너무 짧습니다")
        kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data)
        if kind == _EXTENSIBLE and len(data) >= 26:
            kind = struct.unpack_from("<H", data, 24)[0]
        known = (kind == _PCM and bits in (8, 16, 24, 32)) or (kind == _FLOAT and bits in (32, 64))
        if not known or not 1 <= channels <= 32 or rate not in RATES:
            raise WireError(f"WAV의 형식을 모릅니다: {kind}, {bits}비트, {channels}채널, {rate} Hz")
        self.rate = rate
        self._format = (kind, channels, bits)
        self._frame = channels * bits // 8

    def _mono(self, data: bytes) -> Samples:
        kind, channels, bits = self._format
        samples: NDArray[Any]
        if kind == _FLOAT:
            found = np.nan_to_num(np.frombuffer(data, "<f4" if bits == 32 else "<f8"))
            samples = np.clip(found, -1.0, 1.0)  # before they are mixed: the sum of two large ones is infinite
        elif bits == 8:
            samples = (np.frombuffer(data, np.uint8).astype(np.float32) - 128) / 128
        elif bits == 24:
            parts = np.frombuffer(data, np.uint8).reshape(-1, 3)
            wide = np.zeros((len(parts), 4), np.uint8)
            wide[:, 1:] = parts
            samples = wide.view("<i4").ravel() / 2.0**31
        else:
            samples = np.frombuffer(data, f"<i{bits // 8}") / 2.0 ** (bits - 1)
        return np.clip(samples.reshape(-1, channels).mean(axis=1), -1.0, 1.0).astype(np.float32)
