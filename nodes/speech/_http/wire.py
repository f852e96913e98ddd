"""Speech as it comes over HTTP: raw PCM, WAV, server-sent events. Bytes in, samples out.

Sources: OpenAI's ``/v1/audio/speech`` (``pcm`` is 24 kHz, signed 16-bit little-endian, mono, without a header; events
``speech.audio.delta`` with base64 and ``speech.audio.done``); vLLM-Omni (``speech.audio.error``); SGLang-Omni (rate in
headers).
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from nodes.speech._speaking.sound import RATE, Samples
from nodes.speech._speaking.wav import RATES, Decoder, Wav, WireError

_RATE_HEADERS = ("x-sample-rate", "x-audio-sample-rate", "sample-rate", "audio-sample-rate")
_RAW = ("", "audio/pcm", "audio/l16", "audio/raw", "audio/x-raw", "application/octet-stream")
_MOST_EVENT = 8 * 1024 * 1024
"""Bytes of one server-sent event: about 2 minutes of sound."""
_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")


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
        if text.strip().isdecimal() and int(text) in RATES:
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
