"""Clauses on the disk, so that what is said again is not made again.

A file holds one clause: a head, then int16 samples. It is written beside its place and moved there, so that a program
that is ended at any moment leaves whole files; one that is damaged is removed and its clause made again.
"""

import contextlib
import hashlib
import os
import struct
import zlib
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from nodes.shared_file import replace
from nodes.speech._speaking.sound import Samples

_MARK = b"clause 1"
"""Version of the file and of what is done to the sound before it is kept."""
_HEAD = struct.Struct("<8sfII")
"""Mark, what one step of a sample is worth, number of samples, CRC-32 of the samples."""
_FULL = 32767
SUFFIX = ".clause"
_SHARE = 8
"""A folder that is full gives up one part in so many, the clauses that were unused for longest."""


def key(*parts: object) -> str:
    """Return the name of what all of these make together."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:40]


class Clauses:
    """A folder of clauses of at most so many bytes. Blocking; it may be used from any thread, and by several programs.

    A folder that cannot be written to only costs the time.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most = most_bytes
        self._room = 0
        """Bytes that may be written before the folder is looked through again."""
        self._lock = Lock()

    def get(self, name: str) -> Samples | None:
        """Return the clause, float32 [samples], or None if it must be made."""
        path = self._path(name)
        try:
            found = _read(path.read_bytes())
        except OSError:
            return None
        with contextlib.suppress(OSError):
            if found is None:
                path.unlink()
            else:
                os.utime(path)  # the order in which clauses were used is that of their times
        return found

    def put(self, name: str, samples: Samples) -> Samples:
        """Keep a clause; return it exactly as ``get`` will: as 16-bit sound, half a step from ``samples`` at most.

        A step is 1/32767, and of a clause louder than full scale as much times its peak.
        """
        step, codes = _coded(samples)
        data = codes.tobytes()
        head = _HEAD.pack(_MARK, step, len(codes), zlib.crc32(data))
        with contextlib.suppress(OSError), self._lock:
            self._write(name, head + data)
        return _sound(step, codes)

    def _write(self, name: str, content: bytes) -> None:
        if len(content) > self._room:
            self._make_room()
        if len(content) > self._room:
            return  # it is larger than what the folder gives up at a time
        replace(self._path(name), content, durable=False)
        self._room -= len(content)

    def _make_room(self) -> None:
        """Remove what was unused for longest, and what a program that was ended has left."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.glob("*.tmp"):
            with contextlib.suppress(OSError):
                left.unlink()
        self._room = self._most // _SHARE
        found: list[tuple[int, int, Path]] = []
        for path in self._folder.glob(f"*{SUFFIX}"):
            with contextlib.suppress(OSError):  # another program removed it
                about = path.stat()
                found.append((about.st_mtime_ns, about.st_size, path))
        kept = 0
        for _, size, path in sorted(found, reverse=True):
            kept += size
            if kept > self._most - self._room:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{SUFFIX}"


def _coded(samples: Samples) -> tuple[float, NDArray[np.int16]]:
    peak = float(np.abs(samples).max(initial=1.0))
    step = float(np.float32(peak / _FULL))
    return step, np.clip(np.round(samples / step), -_FULL, _FULL).astype("<i2")


def _sound(step: float, codes: NDArray[np.int16]) -> Samples:
    return codes.astype(np.float32) * np.float32(step)


def _read(content: bytes) -> Samples | None:
    """Return the sound in a file; None if it is of another version, or not whole."""
    if len(content) < _HEAD.size:
        return None
    mark, step, length, check = _HEAD.unpack_from(content)
    data = content[_HEAD.size :]
    if mark != _MARK or len(data) != 2 * length or zlib.crc32(data) != check or not 0 < step < 1:
        return None
    return _sound(step, np.frombuffer(data, "<i2"))
