"""Speech as it comes over HTTP: raw samples, WAV, server-sent events. Bytes in, samples out.

Sources: OpenAI's ``/v1/audio/speech`` (``pcm`` is 24 kHz, signed 16-bit little-endian, mono, without a header; events
``speech.audio.delta`` with base64 and ``speech.audio.done``); vLLM-Omni (``speech.audio.error``); SGLang-Omni (rate in
headers).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256

import numpy as np

from nodes.phrases import Phrase, phrase
from nodes.speech._http.bare import Checked
from nodes.speech._http.declared import Declared, declared
from nodes.speech._http.inside import refused, sound_in, unreadable, values
from nodes.speech._http.packed import PACKED, Packed, instead
from nodes.speech._http.plausible import LOOK, is_text, other_file, words
from nodes.speech._speaking.sound import Samples
from nodes.speech._speaking.wav import BEGINS, Decoder, Wav, WireError
from nodes.sse import Field, Fields, TooLong

_MOST_BODY = 32 * 1024 * 1024
"""Bytes of a sound that comes as JSON in one piece."""
_SHORTEST = 16
"""Fewer characters than this are no sound."""
_MOST_EVENT = 8 * 1024 * 1024
"""Bytes of one server-sent event: about 2 minutes of sound."""
_MOST_TEXT = 4096
_HOLDS = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:(?P<events>data:(?!audio/|application/)|event:|error:|id:|retry:|:)|\{\s*\"|\[\s*[\[{\"\d-]|\"[A-Za-z0-9+/]{12})"
)
"""Server-sent events or JSON begin like this."""
_BARE = re.compile(rb"(?:data:[^,]{0,100};base64,)?(?=A{60}|[^\d]*\d)[A-Za-z0-9+/_-]{60}[A-Za-z0-9+/_ \t\r\n-]*={0,2}")
"""Base64 or hexadecimal digits with nothing around them; no word is so long."""
_PART = re.compile(rb"\A\s*--[^\r\n]{1,100}\r?\n(?:[\w-]+:[^\r\n]{0,200}\r?\n)*\r?\n")
"""The header of a part of a ``multipart`` body."""
_BEFORE = re.compile(rb"\A(?:\xef\xbb\xbf)?[\t\n\r\x20-\x7e]{0,1000}?(?=RIF[FX].{4}WAVE)", re.DOTALL)
"""Text in front of a WAV: a mark of the order of bytes, blank lines, such a header."""
_OPEN_WAV = re.compile(rb"RIF[FX].{0,7}\Z", re.DOTALL)
_BLANK = "\ufeff \r\n\t"
_NOTHING = np.zeros(0, np.float32)


def decoder(headers: Mapping[str, str]) -> Decoder:
    """Return the decoder that reads an answer with these headers (names in lower case): its label says how samples are
    laid out, its content what it is."""
    told = declared(headers)
    return Sniffed(told.rate, told)


class Sniffed:
    """Whatever comes, by how it begins: servers announce one kind and send another, or an error, or a page."""

    def __init__(self, rate: int, told: Declared | None = None, *, wrapped: bool = False) -> None:
        """
        Args:
            wrapped: it comes out of events or JSON already.
        """
        self.rate = rate
        self._told = told or Declared(rate)
        self._wrapped = wrapped
        self._begin = b""
        self._judged = 0
        """Bytes of it that are text: judged again once it is twice as long, however small the pieces are."""
        self._inner: Checked | Packed | Events | Objects | None = None
        self._parts, self._bytes, self._seen = 0, 0, sha256()

    def part(self, data: bytes) -> Samples:
        """Take the sound of one event or object, except one that is all others once more: MiniMax ends a stream so."""
        if self._parts > 1 and len(data) == self._bytes and any(data) and sha256(data).digest() == self._seen.digest():
            return _NOTHING
        self._parts, self._bytes = self._parts + 1, self._bytes + len(data)
        self._seen.update(data)
        return self.push(data)

    def state(self, rate: int) -> None:
        """Note the rate of bare samples that are still to come."""
        if self._inner is None and not self._begin:
            self._told, self.rate = replace(self._told, rate=rate), rate

    def push(self, data: bytes) -> Samples:
        if self._inner is not None:
            return self._read(self._inner.push(data))
        self._begin += data
        if len(self._begin) < LOOK:
            return _NOTHING
        if self._holds() is not None:
            return self._known()
        if len(self._begin) < min(2 * self._judged, _MOST_TEXT):
            return _NOTHING
        if len(self._begin) < _MOST_TEXT and (is_text(self._begin) or _OPEN_WAV.search(self._begin)):
            self._judged = len(self._begin)
            return _NOTHING
        return self._known()

    def end(self) -> Samples:
        samples = self._known() if self._inner is None and self._begin else _NOTHING
        rest = _NOTHING if self._inner is None else self._read(self._inner.end())
        return np.concatenate((samples, rest)) if len(samples) else rest

    def _holds(self) -> re.Match[bytes] | None:
        begin = self._begin[:LOOK]
        return _HOLDS.match(begin) if not self._wrapped and is_text(begin) else None

    def _known(self) -> Samples:
        """Detect what it is, and read what has come so far."""
        holds = self._holds()
        begin, self._begin = self._begin, b""
        begin = begin if holds else _PART.sub(b"", _BEFORE.sub(b"", begin, count=1), count=1)
        if begin[:4] in BEGINS:
            self._inner = Checked([Wav()])
        elif holds:
            self._inner = Events(self.rate, self._told) if holds["events"] else Objects(self.rate, self._told)
        elif not self._wrapped and _BARE.fullmatch(begin[:_MOST_TEXT].strip()):
            self._inner = Objects(self.rate, self._told)
        elif len(begin) >= 4 and is_text(begin[:_MOST_TEXT]):
            raise WireError(_text_instead(begin[:_MOST_TEXT]))
        elif other := other_file(begin):
            if other not in PACKED:
                raise WireError(instead(other))
            self._inner = Packed(other)
        else:
            self._inner = Checked.bare(self._told)
        return self._read(self._inner.push(begin))

    def _read(self, samples: Samples) -> Samples:
        if self._inner is not None:
            self.rate = self._inner.rate
        return samples


class Events:
    """Server-sent events with base64 of bare samples or WAV."""

    def __init__(self, rate: int, told: Declared | None = None) -> None:
        self._sound = Sniffed(rate, told, wrapped=True)
        self._fields = Fields(_MOST_EVENT)
        self._name = ""
        self._said, self._any = "", False

    @property
    def rate(self) -> int:
        return self._sound.rate

    def push(self, data: bytes) -> Samples:
        return self._samples(lambda: self._fields.push(data))

    def end(self) -> Samples:
        found = np.concatenate((self._samples(self._fields.end), self._sound.end()))
        if self._said and not self._any and not len(found):
            raise WireError(_text_instead(self._said[:_MOST_TEXT].encode()))
        return found

    def _samples(self, read: Callable[[], list[Field]]) -> Samples:
        try:
            fields = read()
        except TooLong:
            raise WireError(phrase("it sent an event without an end")) from None
        found: list[Samples] = []
        for name, value in fields:
            if name == "error" or (name == "data" and self._name == "error"):
                raise refused(value)
            if name == "data":
                found.append(self._line(value.strip()))
            elif name == "event" or not name:
                self._name = value
        return np.concatenate([_NOTHING, *found])

    def _line(self, text: str) -> Samples:
        """Every event of this API is one line of JSON, or bare base64; anything shorter is a sign of life."""
        if text.strip('"') in ("", "[DONE]") or (text[0] not in "{[" and len(text) < _SHORTEST and self._name):
            return _NOTHING
        samples = _samples(self._sound, text)
        self._any, self._said = self._any or len(samples) > 0, text
        return samples


class Objects:
    """JSON with sound: one value, or several in a row, which are heard as they come if each is on a line."""

    def __init__(self, rate: int, told: Declared | None = None) -> None:
        self._sound = Sniffed(rate, told, wrapped=True)
        self._rest = bytearray()
        self._lines, self._any = True, False
        self._json = False
        """There were values of JSON, so that what follows are some too."""

    @property
    def rate(self) -> int:
        return self._sound.rate

    def push(self, data: bytes) -> Samples:
        self._rest += data
        if len(self._rest) > _MOST_BODY:
            raise WireError(phrase("it sent a text without an end"))
        end = self._rest.rfind(b"\n") if self._lines and b"\n" in data else -1
        if end < 0:
            return _NOTHING
        text = self._rest[:end].decode("utf-8", "replace").strip(_BLANK)
        try:
            if text[:1] not in '{["':  # base64, of which a line is no whole number of bytes
                raise ValueError
            for _ in values(text):
                pass
        except (ValueError, RecursionError):  # or a value on several lines
            self._lines = False
            return _NOTHING
        del self._rest[:end]
        samples = self._heard(text)
        self._json = self._json or bool(text)
        return samples

    def end(self) -> Samples:
        text = self._rest.decode("utf-8", "replace").strip(_BLANK)
        found = np.concatenate((self._heard(text), self._sound.end()))
        if not len(found) and not self._any:
            raise WireError(_text_instead(text[:_MOST_TEXT].encode()))
        return found

    def _heard(self, text: str) -> Samples:
        samples = _samples(self._sound, text, json=self._json) if text else _NOTHING
        self._any = self._any or len(samples) > 0
        return samples


def _text_instead(begin: bytes) -> Phrase:
    return phrase("it sent text instead of sound: {text}", text=words(begin))


def _samples(sound: Sniffed, text: str, *, json: bool = False) -> Samples:
    found = [_NOTHING]
    try:
        if text[0] not in '{["' and len(text) < _SHORTEST:
            raise ValueError("too short")
        for value in values(text) if json or text[:1] in '{["' or text.isdecimal() else [text]:
            data, rate = sound_in(value)
            if rate is not None:
                sound.state(rate)
            found.append(sound.part(data))
    except WireError:
        raise
    except (ValueError, RecursionError) as error:
        raise unreadable(text) from error
    return np.concatenate(found)
