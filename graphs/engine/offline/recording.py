"""Plays a recorded chat: reads the lines of its file, and is the only place that emits them at their times."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nodes.recording import read_line
from nodes.services import Clock, Jobs
from schemas.chat import RawPayload


class Recording:
    """Payloads with their times, played once from beginning to end, by one node at a time.

    A node that a reload replaces releases it, and its successor continues where that one stopped.
    """

    def __init__(self, lines: Iterable[tuple[float, RawPayload]], *, first_at: float = 0.0) -> None:
        """
        Args:
            first_at: added to every time (``Clock.now``).
        """
        self._lines = iter(lines)
        self._next = next(self._lines, None)
        self._first_at = first_at
        self._alone = asyncio.Lock()
        self.ended = False

    @property
    def playing(self) -> bool:
        """Whether a node is playing it now."""
        return self._alone.locked()

    async def play(self, jobs: Jobs, clock: Clock) -> AsyncIterator[RawPayload]:
        async with self._alone:
            while self._next is not None:
                at, event = self._next
                delay = self._first_at + at - clock.now()
                if delay > 0:
                    await jobs.sleep(delay)
                self._next = next(self._lines, None)
                yield event
            self.ended = True


@dataclass
class Read:
    """The lines of a recording file (see ``chat.replay``), and how many of them could not be read."""

    file: Path
    broken: int = 0
    good: int = 0

    def __iter__(self) -> Iterator[tuple[float, RawPayload]]:
        last = 0.0
        with self.file.open("rb") as lines:
            for line in lines:
                if line.strip():
                    try:
                        at, event = read_line(line)
                    except (ValueError, RecursionError):
                        self.broken += 1
                        continue
                    self.good += 1
                    last = max(last, at)
                    yield last, event
