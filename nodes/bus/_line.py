"""The connection to the bus: one for all nodes of a place that use the same, open while one of them runs."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from nodes.bus._nats import NatsLine
from nodes.bus._settings import Bus, Kind
from nodes.services import Jobs


class Letter(Protocol):
    """One event on its way."""

    @property
    def body(self) -> bytes: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def sequence(self) -> int:
        """Its number in the stream, from 1; 0 where there is no stream."""
        ...

    async def ack(self) -> None:
        """It need not come again."""
        ...


class Line(Protocol):
    """One connection."""

    lives: int
    """How often it was connected again; the server may have forgotten what it had in memory."""

    async def keep(self, subject: str, kind: Kind | str, body: bytes, headers: Mapping[str, str]) -> None:
        """Store a letter in the stream of its class; returns when it is stored.

        Raises:
            Away: not known to be stored; the same letter (``Nats-Msg-Id``) can be given again.
            Full: there is no room until somebody reads.
        """
        ...

    async def say(self, subject: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Send to whoever listens now; nothing is stored, and no error is raised when nobody does."""
        ...

    def hear(self, subject: str) -> AsyncIterator[Letter]:
        """What is said from now on; of what comes faster than it is taken the newest."""
        ...

    def read(self, subject: str, kind: Kind, reader: str, since: int | None) -> AsyncIterator[Letter | None]:
        """What the stream holds and what comes, in order; None when all that was there has come.

        Args:
            reader: who reads, in this place; there is one at a time. Empty: nobody in particular, from the beginning.
            since: the last number that the reader took; None where it has taken nothing yet: then ``block`` begins
                with what is new, the others where the reader of this name stopped.

        Raises:
            Away: it broke; ask again.
        """
        ...

    async def now(self) -> float:
        """The server's time, in seconds since the epoch.

        Raises:
            Away: it cannot be asked.
        """
        ...

    async def close(self) -> None: ...


open_line: Callable[[Bus, Jobs], Line] = NatsLine
"""Makes a connection; it connects when it is first used."""


@dataclass(slots=True)
class _Lent:
    line: Line
    users: int = field(default=0)


_lent: dict[tuple[str, ...], _Lent] = {}


@asynccontextmanager
async def lend(config: Bus, jobs: Jobs) -> AsyncGenerator[Line]:
    """The line of these settings; the last one who leaves closes it."""
    key = (config.graph, config.place, config.servers, config.user, config.password.get_secret_value(), config.ca)
    lent = _lent.get(key) or _lent.setdefault(key, _Lent(open_line(config, jobs)))
    lent.users += 1
    try:
        yield lent.line
    finally:
        lent.users -= 1
        if not lent.users:
            del _lent[key]
            await lent.line.close()
