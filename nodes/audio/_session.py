"""The files of a recording, session.wav and session.srt: intact after every write, even one that failed."""

import contextlib
import struct
from collections.abc import Callable, Sequence
from io import RawIOBase
from pathlib import Path
from typing import Literal, NamedTuple

HEADER_BYTES = 44


class Cue(NamedTuple):
    """One caption; positions are samples since the recording began."""

    begin: int
    end: int
    text: str


class Session:
    """Writes the files; blocking, for use in one worker thread.

    The WAV (PCM s16, mono) has a valid header after every ``add``, so that a killed run leaves a playable file. When
    the disk refuses, both files are closed as they were before, and the next ``add`` opens them again, or starts new
    ones if they are gone by then. Times in an SRT are times in the WAV beside it.
    """

    def __init__(self, folder: Callable[[], Path], rate: int) -> None:
        self._folder = folder
        self._rate = rate
        self._path: Path | None = None
        self._files: tuple[RawIOBase, RawIOBase] | None = None
        self._sound = self._text = self._cues = 0
        """Bytes of sound, bytes of text and number of captions in the files."""
        self._before = 0
        """Samples of the recording that are in earlier files."""

    def add(self, sound: bytes, cues: Sequence[Cue]) -> None:
        """Write both the sound and the captions, or neither.

        Args:
            sound: PCM s16, little-endian, mono.

        Raises:
            OSError: the disk refused.
        """
        try:
            wav, srt = self._files = self._files or self._open()
            text = "".join(self._shown(number, cue) for number, cue in enumerate(cues, self._cues + 1))
            captions = text.encode("utf-8", "replace")  # an answer may contain half a character
            _write(wav, HEADER_BYTES + self._sound, sound)
            _write(srt, self._text, captions)
            _write(wav, 0, _header(self._rate, self._sound + len(sound)))  # last: it describes what is there
        except OSError:
            self._back()
            raise
        self._sound += len(sound)
        self._text += len(captions)
        self._cues += len(cues)

    def close(self) -> None:
        files, self._files = self._files, None
        for file in files or ():
            with contextlib.suppress(OSError):
                file.close()

    def _open(self) -> tuple[RawIOBase, RawIOBase]:
        if self._path is not None:
            with contextlib.suppress(FileNotFoundError):
                return self._pair(self._path, "r+b")
            self._before += self._sound // 2
            self._sound = self._text = self._cues = 0
        folder = self._folder()
        number = 1
        while (folder / f"{_name(number)}.wav").exists():
            number += 1
        self._path = folder / f"{_name(number)}.wav"
        return self._pair(self._path, "w+b")

    def _pair(self, path: Path, mode: Literal["r+b", "w+b"]) -> tuple[RawIOBase, RawIOBase]:
        with contextlib.ExitStack() as opened:
            wav = opened.enter_context(path.open(mode, buffering=0))  # refused data is not buffered for later
            srt = opened.enter_context(path.with_suffix(".srt").open(mode, buffering=0))
            opened.pop_all()
            return wav, srt

    def _back(self) -> None:
        """Restore the files as they were before; remove them if they are empty."""
        for file, length in zip(self._files or (), (HEADER_BYTES + self._sound, self._text), strict=False):
            with contextlib.suppress(OSError):
                file.truncate(length)
        self.close()
        path = self._path
        if path is not None and not self._sound:
            self._path = None
            for each in (path, path.with_suffix(".srt")):
                with contextlib.suppress(OSError):
                    each.unlink()

    def _shown(self, number: int, cue: Cue) -> str:
        begin, end = (_time(max(0, at - self._before) / self._rate) for at in (cue.begin, cue.end))
        return f"{number}\n{begin} --> {end}\n{cue.text}\n\n"


def _write(file: RawIOBase, at: int, data: bytes) -> None:
    file.seek(at)
    while data:
        data = data[file.write(data) or 0 :]


def _name(number: int) -> str:
    return "session" if number == 1 else f"session_{number}"


def _header(rate: int, size: int) -> bytes:
    size = min(size, 0xFFFFFFFF - 36)
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data", size
    )


def _time(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{milliseconds:03}"
