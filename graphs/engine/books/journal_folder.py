"""Shares the journals of a folder: the run that writes one holds it, and what an ended run left goes to the next."""

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from graphs.engine.books.journal_lines import OnAir, event_id, event_of, origin, record
from graphs.engine.books.under_way import counted, read
from graphs.engine.log.dead_letters import forget_lines
from schemas.chat import Withdrawn

UNREAD = ".unread.jsonl"
"""What could not be read, beside the journal."""
ASIDE = ".aside.jsonl"
"""Events on which runs died again and again, beside the journal, as it had them."""
_BESIDE = (UNREAD, ASIDE)
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
        if other == path or other.name.endswith(_BESIDE) or other.is_fifo() or (held := hold(other)) is None:
            continue  # a pipe in its place would keep the start waiting
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
    """Split the lines of a journal: those of waiting events that are taken, and all others, unchanged.

    In those that are taken it counts what the last run with that journal died on.
    """
    taken: dict[str, bytes] = {}
    left: list[bytes] = []
    under_way = read(path)
    for text in path.read_bytes().split(b"\n"):
        fields = None
        with contextlib.suppress(ValueError, RecursionError):
            fields = record(text)
        if fields is not None and "done" in fields:
            taken.pop(str(fields["done"]), None)
        name = event_id(fields) if fields is not None else None
        if fields is not None and name is not None and takes(origin(fields, path.stem)):
            taken[name] = counted(text + b"\n", fields, under_way)
        elif text:
            left.append(text + b"\n")
    return list(taken.values()), left


def aside(folder: Path) -> set[str]:
    """Read the ids of all events that were set aside in a folder of journals."""
    found: set[str] = set()
    for path in filter(Path.is_file, folder.glob(f"*{ASIDE}")):
        with contextlib.suppress(OSError):
            for text in path.read_bytes().splitlines():
                with contextlib.suppress(ValueError, RecursionError):
                    found.add(str(event_id(record(text))))
    return found


def forget(path: Path, withdrawn: Sequence[Withdrawn]) -> None:
    """Remove what was withdrawn from the files beside a journal: whole authors from the lines that cannot be read.

    Raises:
        OSError: a file cannot be read or written.
    """
    authors = [each.author_id.encode() for each in withdrawn if each.author_id]
    if authors:
        forget_lines(path.with_suffix(UNREAD), lambda line: any(author in line for author in authors))
        forget_lines(path.with_suffix(ASIDE), lambda line: _covered(line, withdrawn))


def _covered(text: bytes, withdrawn: Sequence[Withdrawn]) -> bool:
    try:
        event = event_of(record(text))
    except (ValueError, RecursionError):
        return any(each.author_id.encode() in text for each in withdrawn if each.author_id)
    return any(each.covers(event) for each in withdrawn)


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
