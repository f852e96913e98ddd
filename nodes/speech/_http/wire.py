"""Speech as it comes over HTTP: raw PCM, WAV that may still be growing, server-sent events. Bytes in, samples out.

Sources: OpenAI's ``/v1/audio/speech`` (``pcm`` is 24 kHz, signed 16-bit little-endian, mono, without a header; events
``speech.audio.delta`` with base64 and ``speech.audio.done``); vLLM-Omni (``speech.audio.error``); SGLang-Omni (rate in
headers); RIFF/WAVE, of which streams carry sizes of 0 or 0xFFFFFFFF.
"""

import base64
import json
import re
import struct
from collections.abc import Mapping
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from nodes.speech._speaking.sound import RATE, Samples

_RATE_HEADERS = ("x-sample-rate", "x-audio-sample-rate", "sample-rate", "audio-sample-rate")
_RATES = range(8_000, 192_001)
_RAW = ("", "audio/pcm", "audio/l16", "audio/raw", "audio/x-raw", "application/octet-stream")
_MOST_HEADER = 64 * 1024
"""Bytes in front of the sound of a WAV file; some programs write pictures there."""
_MOST_EVENT = 8 * 1024 * 1024
"""Bytes of one server-sent event: about 2 minutes of sound."""
_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")
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


def decoder(headers: Mapping[str, str]) -> Decoder:
    """What reads an answer with these headers (names in lower case).

    Raises:
        WireError: it is of a kind that is not understood.
    """
    kind, _, parameters = headers.get("content-type", "").lower().partition(";")
    kind = kind.strip()
    rate = _told_rate(headers, parameters)
    if kind == "text/event-stream":
        return Events(rate)
    if kind in _RAW or kind in ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"):
        return Sniffed(rate)
    raise WireError(f"{kind}을(를) 보냈습니다. extra에 response_format: pcm 또는 wav를 적어 보세요")


def _told_rate(headers: Mapping[str, str], parameters: str) -> int:
    found = re.search(r"\brate\s*=\s*\"?(\d+)", parameters)
    told = [found.group(1)] if found else [headers[name] for name in _RATE_HEADERS if name in headers]
    for text in told:
        if text.strip().isdecimal() and int(text) in _RATES:
            return int(text)
    return RATE


class Pcm:
    """Signed 16-bit little-endian mono; a sample may be split between two pushes."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._odd = b""

    def push(self, data: bytes) -> Samples:
        data = self._odd + data
        whole = len(data) - len(data) % 2
        self._odd = data[whole:]
        return np.frombuffer(data[:whole], "<i2").astype(np.float32) / np.float32(32768)


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
        if not known or not 1 <= channels <= 32 or rate not in _RATES:
            raise WireError(f"WAV의 형식을 모릅니다: {kind}, {bits}비트, {channels}채널, {rate} Hz")
        self.rate = rate
        self._format = (kind, channels, bits)
        self._frame = channels * bits // 8

    def _mono(self, data: bytes) -> Samples:
        kind, channels, bits = self._format
        samples: NDArray[Any]
        if kind == _FLOAT:
            found = np.nan_to_num(np.frombuffer(data, "<f4" if bits == 32 else "<f8"))
            samples = np.clip(found, -1.0, 1.0)  # before they are mixed: the sum of two large ones is none
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


class Sniffed:
    """PCM or WAV, by how it begins: servers name one and send the other."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._begin = b""
        self._inner: Pcm | Wav | None = None

    def push(self, data: bytes) -> Samples:
        if self._inner is None:
            self._begin += data
            if len(self._begin) < 4 and b"RIFF".startswith(self._begin):
                return np.zeros(0, np.float32)
            data, self._begin = self._begin, b""
            self._inner = Wav() if data.startswith(b"RIFF") else Pcm(self.rate)
        samples = self._inner.push(data)
        self.rate = self._inner.rate
        return samples


class Events:
    """Server-sent events with base64 of PCM or WAV."""

    def __init__(self, rate: int) -> None:
        self._sound = Sniffed(rate)
        self._text = bytearray()
        self._searched = 0
        """Bytes of the text in which there is no end of a line: a long one comes in many pieces."""

    @property
    def rate(self) -> int:
        return self._sound.rate

    def push(self, data: bytes) -> Samples:
        lines = self._lines(data)
        if len(self._text) > _MOST_EVENT:
            raise WireError("끝없는 이벤트를 보냈습니다")
        found = [self._line(line) for line in lines if line.startswith(b"data:")]
        return np.concatenate([np.zeros(0, np.float32), *found])

    def _lines(self, data: bytes) -> list[bytes]:
        """The lines that are whole by now; the rest is kept."""
        self._text += data
        lines: list[bytes] = []
        begin = 0
        for end in _LINE_END.finditer(self._text, self._searched):
            lines.append(bytes(self._text[begin : end.start()]))
            begin = end.end()
        del self._text[:begin]
        self._searched = max(0, len(self._text) - 1)  # it may end between \r and \n
        return lines

    def _line(self, line: bytes) -> Samples:
        """Every event of this API is one line of JSON."""
        text = line[5:].strip()
        if text in (b"", b"[DONE]"):
            return np.zeros(0, np.float32)
        try:
            return self._sound.push(base64.b64decode(_sound(json.loads(text)), validate=True))
        except WireError:
            raise
        except (ValueError, AttributeError, RecursionError) as error:  # of base64, UTF-8, JSON
            raise WireError(f"읽을 수 없는 이벤트를 보냈습니다: {text[:80]!r}") from error


def _sound(event: Any) -> str:
    """The base64 of one event; empty where it brings none."""
    fields = cast(Mapping[str, Any], event)
    kind = str(fields.get("type", ""))
    if kind.endswith("error") or fields.get("error"):
        raise WireError(f"서버가 오류를 보냈습니다: {str(fields.get('error') or event)[:200]}")
    return "" if kind.endswith("done") else str(fields.get("audio") or fields.get("delta") or "")
