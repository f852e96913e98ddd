"""Writes what was played: session.wav and the captions that belong to it."""

import contextlib
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO

import numpy as np
from numpy.typing import NDArray

HEADER_BYTES = 44
LONGEST_GAP_S = 1.5
"""Silence between turns is no longer than this in the file, so that an hour of waiting takes no space."""


@dataclass
class Batch:
    """What goes to the disk in one piece."""

    sound: list[NDArray[np.float32]] = field(default_factory=list[NDArray[np.float32]])
    cues: list[str] = field(default_factory=list[str])


class Recorder:
    """Collects what is played on the loop, and writes it in a thread (``write`` and ``close`` only).

    The WAV (PCM s16, mono) has a valid header after every ``write``, so that a killed run leaves a playable file; times
    in the SRT are times in that WAV.
    """

    def __init__(self, folder: Callable[[], Path], rate: int) -> None:
        self._folder = folder
        self._rate = rate
        self._batch = Batch()
        self._silence = 0
        self._begin = 0.0
        self._number = 0
        self._wav: BinaryIO | None = None
        self._srt: TextIO | None = None
        self._bytes = 0
        self.broken = False
        """The disk refused; nothing more is collected."""

    def sound(self, samples: NDArray[np.float32]) -> None:
        """float32 [samples], in the order of playing."""
        if len(samples) and not self.broken:
            self._batch.sound.append(samples)

    def pause(self, seconds: float) -> None:
        """Nothing was played for a while."""
        silence = int(min(seconds, LONGEST_GAP_S) * self._rate)
        self._silence += silence
        self.sound(np.zeros(silence, np.float32))

    def begin(self, position: int) -> None:
        """A caption begins at a position among the played samples."""
        self._begin = (position + self._silence) / self._rate

    def end(self, position: int, text: str) -> None:
        """The caption ends."""
        if not self.broken:
            self._number += 1
            end = (position + self._silence) / self._rate
            line = " ".join(text.split())
            self._batch.cues.append(f"{self._number}\n{_time(self._begin)} --> {_time(end)}\n{line}\n\n")

    def take(self) -> Batch | None:
        """What was collected since the last time, if anything."""
        batch = self._batch
        if not batch.sound and not batch.cues:
            return None
        self._batch = Batch()
        return batch

    def write(self, batch: Batch) -> None:
        """Blocking: write what was taken.

        Raises:
            OSError: the disk refused; from then on nothing is collected any more.
        """
        if self.broken:
            return
        try:
            if self._wav is None or self._srt is None:
                self._wav, self._srt = self._open()
            data = b"".join(_pcm(samples) for samples in batch.sound)
            self._wav.seek(HEADER_BYTES + self._bytes)
            self._wav.write(data)
            self._bytes += len(data)
            self._wav.seek(0)
            self._wav.write(_header(self._rate, self._bytes))
            self._wav.flush()
            self._srt.write("".join(batch.cues))
            self._srt.flush()
        except OSError:
            self.broken = True
            raise

    def close(self) -> None:
        """Blocking: close the files."""
        for file in (self._wav, self._srt):
            if file is not None:
                with contextlib.suppress(OSError):
                    file.close()
        self._wav = self._srt = None

    def _open(self) -> tuple[BinaryIO, TextIO]:
        folder = self._folder()
        number = 1
        while (folder / f"{_name(number)}.wav").exists():
            number += 1
        wav = (folder / f"{_name(number)}.wav").open("w+b")
        return wav, (folder / f"{_name(number)}.srt").open("w", encoding="utf-8", newline="\n")


def _name(number: int) -> str:
    return "session" if number == 1 else f"session_{number}"


def _pcm(samples: NDArray[np.float32]) -> bytes:
    return (np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()


def _header(rate: int, size: int) -> bytes:
    size = min(size, 0xFFFFFFFF - 36)
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data", size
    )


def _time(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{milliseconds:03}"
