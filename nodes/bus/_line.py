"""The connection to the bus: shared by all nodes of a place with the same settings, open while one of them runs."""

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
        """Return its number in the stream, from 1; 0 if there is no stream."""
        ...

    async def ack(self) -> None:
        """Acknowledge the letter: it need not come again."""
        ...


class Line(Protocol):
    """One connection to the bus."""

    lives: int
    """How often it reconnected; each time the server may have lost what it had in memory."""

    async def keep(self, subject: str, kind: Kind | str, body: bytes, headers: Mapping[str, str]) -> None:
        """Store a letter in the stream of its class; return once it is stored.

        Raises:
            Away: it may not have been stored; the same letter (``Nats-Msg-Id``) can be sent again.
            Full: there is no room until somebody reads.
        """
        ...

    async def say(self, subject: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Send to all current listeners; nothing is stored, and no error is raised if there are none."""
        ...

    def hear(self, subject: str) -> AsyncIterator[Letter]:
        """Yield what is said from now on; if letters come faster than they are taken, only the newest are kept."""
        ...

    def read(self, subject: str, kind: Kind, reader: str, since: int | None) -> AsyncIterator[Letter | None]:
        """Yield what the stream holds and what comes later, in order; None once everything that was there has come.

        Args:
            reader: the name of the reader in this place, one at a time. Empty: an anonymous one, from the beginning.
            since: the last number that the reader took; None if it has taken nothing yet: then ``block`` begins
                with what is new, the others where the reader of this name stopped.

        Raises:
            Away: the connection broke; read again.
        """
        ...

    async def now(self) -> float:
        """Return the server's time, in seconds since the epoch.

        Raises:
            Away: the server cannot be asked.
        """
        ...

    async def close(self) -> None: ...


open_line: Callable[[Bus, Jobs], Line] = NatsLine
"""Creates a line; it connects on first use."""


@dataclass(slots=True)
class _Lent:
    line: Line
    users: int = field(default=0)


_lent: dict[tuple[str, ...], _Lent] = {}


@asynccontextmanager
async def lend(config: Bus, jobs: Jobs) -> AsyncGenerator[Line]:
    """Lend the line for these settings; the last borrower to leave closes it."""
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
