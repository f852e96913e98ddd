"""Notes which shows of a process are at work, so that an event of one that ends the process is not counted for others.

Beside the journal of each show lies a file that holds one number: how many calls, steps of coroutines and threads of
the show run right now. It is mapped into memory, so a change costs no system call, and the system keeps it when the
process ends in any way. Shows on one loop run in turns: at most one of them is in a call or a step, beside the threads
of any.
"""

import mmap
import struct
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any, TypeVar

from graphs.engine.books import under_way

R = TypeVar("R")
_NUMBER = struct.Struct("<I")


class AtWork:
    """Notes nothing: for the only show of a process, to which everything is counted anyway."""

    def call(self, call: Callable[..., R]) -> Callable[..., R]:
        """Return a function that does the same, and is noted while it runs."""
        return call

    def steps(self, work: Coroutine[Any, Any, R]) -> Coroutine[Any, Any, R]:
        """Return a coroutine that does the same, and is noted while it runs, but not while it waits."""
        return work

    def begin(self) -> None:
        """Note that a thread begins; to be called on the loop, as all methods here."""

    def end(self) -> None:
        """Note that it has ended."""


class NotedAtWork(AtWork, AbstractContextManager[None]):
    """Notes when one of several shows of a process is at work."""

    def __init__(self, journal: Path) -> None:
        """
        Raises:
            OSError: the file cannot be written.
        """
        path = _beside(journal)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_NUMBER.pack(0))
        with path.open("r+b") as file:
            self._mapped = mmap.mmap(file.fileno(), _NUMBER.size)
        self._number = memoryview(self._mapped).cast("I")

    def begin(self) -> None:
        self._number[0] += 1

    def end(self) -> None:
        self._number[0] -= 1

    def call(self, call: Callable[..., R]) -> Callable[..., R]:
        def noted(*args: Any, **named: Any) -> R:
            with self:
                return call(*args, **named)

        return noted

    def steps(self, work: Coroutine[Any, Any, R]) -> Coroutine[Any, Any, R]:
        return _Steps(work, self)

    def __enter__(self) -> None:
        self.begin()

    def __exit__(self, *_: object) -> None:
        self.end()


class _Steps(Coroutine[Any, Any, R]):
    def __init__(self, work: Coroutine[Any, Any, R], noted: AbstractContextManager[None]) -> None:
        self._work = work
        self._noted = noted

    def send(self, value: Any, /) -> Any:
        with self._noted:
            return self._work.send(value)

    def throw(self, *error: Any) -> Any:
        with self._noted:
            return self._work.throw(*error)

    def close(self) -> None:
        self._work.close()

    def __await__(self) -> Any:
        return self

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        return self.send(None)


def noted(journal: Path) -> AtWork:
    """Return what notes when a show is at work; where no file can be written, nothing is noted."""
    try:
        return NotedAtWork(journal)
    except OSError:
        return AtWork()


def acquit(journals: Iterable[Path]) -> None:
    """Forget what was under way in shows that were not at work when their process ended.

    To be called before any of them begins again. Where no show with something under way was at work, nobody can tell,
    and nothing is forgotten: somebody ended the process, or a thread of a library did.
    """
    busy = [journal for journal in journals if under_way.read(journal)]
    idle = [journal for journal in busy if not _was_at_work(journal)]
    if len(idle) < len(busy):
        for journal in idle:
            under_way.forget(journal)


def _was_at_work(journal: Path) -> bool:
    with suppress(OSError, struct.error):
        return _NUMBER.unpack(_beside(journal).read_bytes())[0] > 0
    return False


def _beside(journal: Path) -> Path:
    return journal.with_suffix(".at-work")
