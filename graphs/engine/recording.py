"""A recorded chat: the lines of its file, and the one place that gives them out at their times."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from nodes.services import Clock, Jobs
from schemas.chat import RawPayload


class Recording:
    """Payloads with their times, read once from the beginning to the end, by one node at a time.

    A node that a reload replaces lets go of it, and its successor goes on where it stopped.
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
        """A node is giving it out now."""
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
                        at, event = _line(line)
                    except (ValueError, RecursionError):
                        self.broken += 1
                        continue
                    self.good += 1
                    last = max(last, at)
                    yield last, event


def _line(text: bytes) -> tuple[float, RawPayload]:
    record: Any = json.loads(text)
    if not isinstance(record, dict):
        raise ValueError("not a JSON object")
    fields = cast(dict[str, Any], record)
    at, event, payload = fields.get("t"), fields.get("event"), fields.get("payload")
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < 1e9:
        raise ValueError('"t" is not a number of seconds')
    if not isinstance(event, str) or not isinstance(payload, str | dict):
        raise ValueError("no event with a payload")
    return float(at), RawPayload(event=event, payload=cast("str | dict[str, Any]", payload))
