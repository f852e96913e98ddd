"""WAV that may still be growing, or several files in a row. Bytes in, samples out.

Libraries (soundfile, wave, miniaudio) read whole files with true sizes. Streams carry sizes of 0, 0xFFFFFFFF
(OpenAI, ffmpeg) or 2,000,000,000 (pocket-tts), or a file for every sentence with its own header (Kokoro-FastAPI).
"""

import re
import struct
from typing import Protocol

import numpy as np

from nodes.phrases import phrase
from nodes.speech._speaking.samples import Coding, Form
from nodes.speech._speaking.sound import RATE, Samples

RATES = range(8_000, 192_001)
_MOST_HEADER = 64 * 1024
"""Most bytes in front of the sound of a WAV file; some programs write pictures there."""
_UNKNOWN = 0x7000_0000
"""A size from here on is a guess: it would mean 4 hours and more."""
_EXTENSIBLE = 0xFFFE
_CODINGS: dict[int, Coding] = {1: "int", 3: "float", 6: "alaw", 7: "mulaw"}
_HEAD = re.compile(rb"(?:RIF[FX]|RF64)....WAVE", re.DOTALL)
"""Another file begins here; 8 letters that do not occur in sound by chance."""
_LONGEST_HEAD = 12
_WORDS = re.compile(rb"(?:[\x80-\xbf]{0,2}[\xc2-\xf4])?(?:[\t\n\r\x20-\x7e]|[\x80-\xbf]{1,3}[\xc2-\xf4])*")
"""Words, read backwards from the end."""
_LEAST_WORDS, _MOST_WORDS = 16, 8192
"""So many letters at the end of a sound are words: a server that fails there writes why."""
_BOUNDARY = re.compile(rb"\r?\n--[^\r\n]{1,100}--\s*\Z|\s{16,}\Z")
"""The end of a ``multipart`` body, or blank lines."""
_MOST_TOLD = 200
_AFTER = 64
"""Bytes behind the stated end of a sound that show whether it goes on."""
_MOST_PADDING = 4096
_NAME = re.compile(rb"[A-Za-z][\w ]{3}|[\t\n\r\x20-\x7e]{16}")
"""A chunk, or text."""
_FIRST = 12
"""Where the first part of a file begins."""
BEGINS = (b"RIFF", b"RIFX", b"RF64")


class WireError(ValueError):
    """What came is not speech; the text says to an operator what it is."""


class Decoder(Protocol):
    """Takes the body of an answer as it comes."""

    @property
    def rate(self) -> int:
        """Samples a second; known once there are samples."""
        ...

    def push(self, data: bytes) -> Samples:
        """Return the samples that are complete so far, float32 [n], mono, -1..1; n may be 0.

        Raises:
            WireError: this is not speech.
        """
        ...

    def end(self) -> Samples:
        """End the input: return the samples that were held back.

        Raises:
            WireError: this is not speech.
        """
        ...


class Wav:
    """WAV from its beginning: 8, 16, 24, 32 bit, float, A-law or mu-law, any number of channels, mixed to mono."""

    def __init__(self) -> None:
        self.rate = RATE
        self._form = Form()
        self._known = False
        """The format has been read."""
        self._in_header = True
        self._left: int | None = 0
        """Bytes of sound that are still to come; None if that is not known."""
        self._large = 0
        """The same, as RF64 states it in a place of its own (``ds64``)."""
        self._rest = b""
        self._at = _FIRST
        """Where the part of the header begins that has not been read."""
        self._files = 0
        self._over = False
        """What follows until the next file is no sound."""

    def push(self, data: bytes) -> Samples:
        return self._read(self._rest + data, ended=False)

    def end(self) -> Samples:
        return self._read(self._rest, ended=True)

    def _read(self, data: bytes, *, ended: bool) -> Samples:
        found: list[Samples] = []
        while True:
            if self._in_header:
                begin = self._header(data)
                if begin is None:
                    self._rest = data
                    break
                data = data[begin:]
            head = _HEAD.search(data)
            mine = data if head is None else data[: head.start()]
            last = head is not None or ended
            hold = 0 if last else _begun(mine)
            self._judge(mine[: len(mine) - hold], last=last)
            if self._form.bits > 8 and (self._left is None or len(mine) < self._left):
                hold += _words(mine[: len(mine) - hold])
                hold = _no_sound(mine[len(mine) - hold :], ended=head is None) if last else hold
            found.append(self._sound(mine, len(mine) - hold))
            self._rest = b"" if head is not None else self._rest
            if head is None:
                break
            data, self._in_header, self._known, self._over = data[head.start() :], True, False, False
        return found[0] if len(found) == 1 else np.concatenate([np.zeros(0, np.float32), *found])

    def _judge(self, data: bytes, *, last: bool) -> None:
        """Note whether the sound ends where its header says.

        Args:
            last: nothing more of this file comes.
        """
        if self._left is None or self._over or len(data) < self._left:
            return
        goes_on = _goes_on(data[self._left - self._left % self._form.frame :])
        if goes_on:
            self._left = None
        else:
            self._over = last or goes_on is False

    def _sound(self, data: bytes, upto: int) -> Samples:
        """Return the samples in front of ``upto``; what follows the sound of a file is left out."""
        if self._left is not None:
            upto = min(upto, self._left)
        upto -= upto % self._form.frame
        if self._left is not None:
            self._left -= upto
        self._rest = data[max(upto, len(data) - _LONGEST_HEAD) if self._over else upto :]
        return self._form.mono(data[:upto])

    def _header(self, data: bytes) -> int | None:
        """Return where the sound begins, once the header is complete."""
        if len(data) < _FIRST:
            return None
        if data[:4] not in BEGINS or data[8:12] != b"WAVE":
            raise WireError(phrase("what came is not WAV"))
        order = ">" if data[:4] == b"RIFX" else "<"
        while len(data) >= self._at + 8:
            at = self._at
            name, size = data[at : at + 4], int(struct.unpack_from(f"{order}I", data, at + 4)[0])
            if name == b"data":
                if not self._known:
                    raise WireError(phrase("the WAV has no format (fmt)"))
                self._over = False
                self._left = size if 0 < size < _UNKNOWN else self._large if 0 < self._large < _UNKNOWN else None
                self._large = 0
                self._in_header = False
                self._at = _FIRST
                return at + 8
            end = at + 8 + size
            if end > _MOST_HEADER:
                raise WireError(phrase("the WAV has no sound"))
            if len(data) < end + size % 2:
                break
            if name == b"fmt ":
                self._read_format(data[at + 8 : end], order)
            if name == b"ds64" and size >= 16:
                self._large = int(struct.unpack_from("<Q", data, at + 16)[0])
            self._at = end + (size % 2 and data[end] == 0)  # some writers leave out the byte that makes a size even
        if len(data) > _MOST_HEADER:
            raise WireError(phrase("the WAV has no sound"))
        return None

    def _read_format(self, data: bytes, order: str) -> None:
        if len(data) < 16:
            raise WireError(phrase("the format (fmt) of the WAV is too short"))
        kind, channels, rate, _, align, bits = struct.unpack_from(f"{order}HHIIHH", data)
        if kind == _EXTENSIBLE and len(data) >= 26:
            kind = struct.unpack_from(f"{order}H", data, 24)[0]
        coding = _CODINGS.get(kind)
        if coding == "int" and bits not in (8, 16, 32) and channels and 8 * align >= bits * channels:
            bits = 8 * align // channels  # samples of 20 bits stand in 3 bytes, and those of 24 in 3 or 4
        form = Form("uint" if coding == "int" and bits == 8 else coding or "int", bits, channels, order == ">")
        if coding is None or not form.known or rate not in RATES:
            text = phrase(
                "the format of the WAV is unknown: {kind}, {bits} bits, {channels} channels, {rate} Hz",
                kind=kind,
                bits=bits,
                channels=channels,
                rate=rate,
            )
            raise WireError(text)
        if self._files and rate != self.rate:
            text = phrase("the rate of the sound changed from {old} Hz to {new} Hz", old=self.rate, new=rate)
            raise WireError(text)
        self._files += not self._known
        self.rate, self._form, self._known = rate, form, True


class Pcm(Wav):
    """Bare samples: WAV behind its header. 16-bit little-endian mono unless stated otherwise."""

    def __init__(self, rate: int, form: Form | None = None) -> None:
        super().__init__()
        self.rate, self._form = rate, form or Form()
        self._in_header, self._left = False, None
        self._files = 1


def _begun(data: bytes) -> int:
    """Return the number of bytes at the end that may be the beginning of another file."""
    for size in range(min(_LONGEST_HEAD - 1, len(data)), 0, -1):
        tail = data[-size:]
        if tail[:1] == b"R" and any(begin.startswith(tail[:4]) for begin in BEGINS) and b"WAVE".startswith(tail[8:12]):
            return size
    return 0


def _words(data: bytes) -> int:
    """Return the number of bytes at the end that may be words."""
    found = _WORDS.match(data[-_MOST_WORDS:][::-1])
    return found.end() if found else 0


def _no_sound(tail: bytes, *, ended: bool) -> int:
    """Return how many bytes at the end of a sound are none of it: words between two files, or the end of a body.

    Raises:
        WireError: a server says there why it ends.
    """
    if ended and (found := _BOUNDARY.search(tail)):
        return len(tail) - found.start()
    if len(tail) < _LEAST_WORDS:
        return 0
    if ended:
        said = " ".join(tail.decode("utf-8", "replace").split())
        raise WireError(phrase("the server sent an error: {text}", text=said[:_MOST_TOLD]))
    return len(tail)


def _goes_on(after: bytes) -> bool | None:
    """Return whether what stands behind the stated end of a sound is sound: some servers state the length of the first
    piece. None: not known yet."""
    begin = after.lstrip(b"\0")[:_AFTER]
    if len(begin) < _AFTER:
        return False if len(after) > _MOST_PADDING else None
    return _NAME.match(begin) is None
