"""Shares the journals of a folder: the run that writes one holds it, and what an ended run left goes to the next."""

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from graphs.engine.books.journal_lines import OnAir, origin, record

_BINARY = getattr(os, "O_BINARY", 0)


def take(path: Path) -> int:
    """Hold a file, by a ``.lock`` beside it, for as long as the descriptor is open, at most until the process ends.

    Raises:
        BlockingIOError: another process holds it.
        OSError: it cannot be held here: the folder cannot be written, or the drive knows no locks.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(fd)
    except OSError:
        os.close(fd)
        raise
    return fd


def hold(path: Path) -> int | None:
    """``take`` that gives None where the file cannot be held."""
    try:
        return take(path)
    except OSError:
        return None


def inherit(path: Path, takes: Callable[[OnAir], bool]) -> None:
    """Move into the journal ``path`` what ended runs of other graphs left in theirs and this graph may answer.

    A line is on disk in the new journal before it leaves the old one.

    Raises:
        OSError: a file cannot be read or written; nothing is lost, and the other files were moved.
    """
    problem: OSError | None = None
    for other in sorted(path.parent.glob("*.jsonl")):
        if other == path or other.name.endswith(".unread.jsonl") or (held := hold(other)) is None:
            continue
        try:
            taken, left = _divided(other, takes)
            if taken:
                write_file(path, [b"\n", *taken], os.O_APPEND)
                write_file(other.with_suffix(".tmp"), left, os.O_TRUNC)
                other.with_suffix(".tmp").replace(other)
        except OSError as error:
            problem = error
        finally:
            os.close(held)
    if problem is not None:
        raise problem


def free(path: Path) -> Path:
    """Give a similar name that no journal has."""
    number = 2
    while (other := path.with_stem(f"{path.stem}-{number}")).exists():
        number += 1
    return other


def write(fd: int, data: bytes) -> None:
    """Write all of the data, in as many calls as needed."""
    while data:
        data = data[os.write(fd, data) :]


def write_file(path: Path, lines: list[bytes], mode: int) -> None:
    """Write lines to a file and flush them to disk; ``mode`` is ``os.O_APPEND`` or ``os.O_TRUNC``."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | mode | _BINARY, 0o600)
    try:
        write(fd, b"".join(lines))
        os.fsync(fd)
    finally:
        os.close(fd)


def _divided(path: Path, takes: Callable[[OnAir], bool]) -> tuple[list[bytes], list[bytes]]:
    """Split the lines of a journal: those of waiting events that are taken, and all others; both unchanged."""
    taken: dict[str, bytes] = {}
    left: list[bytes] = []
    for text in path.read_bytes().split(b"\n"):
        fields = None
        with contextlib.suppress(ValueError, RecursionError):
            fields = record(text)
        if fields is not None and "done" in fields:
            taken.pop(str(fields["done"]), None)
        name = _event_id(fields) if fields is not None else None
        if fields is not None and name is not None and takes(origin(fields, path.stem)):
            taken[name] = text + b"\n"
        elif text:
            left.append(text + b"\n")
    return list(taken.values()), left


def _event_id(fields: dict[str, Any]) -> str | None:
    event = fields.get("event")
    return str(cast(dict[str, Any], event).get("id")) if isinstance(event, dict) else None


if sys.platform == "win32":
    import msvcrt

    def _lock(fd: int) -> None:
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:  # EACCES: it is locked
            raise BlockingIOError(*error.args) from None

else:
    import fcntl

    def _lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
