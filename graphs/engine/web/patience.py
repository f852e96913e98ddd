"""Limits how long the page's server waits for a client that connects but sends no request.

A connection costs a file descriptor, and one that sends half a request and sleeps would hold it for ever (slowloris):
with enough of them neither a page nor a file of ``history/`` could be opened any more.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

REQUEST_S = 5.0
"""A connection is closed if its first request is not complete after this many seconds."""
CONNECTIONS = 512
"""Beyond this many, those yet to send a request are closed first and at once, idle ones after their last answer."""
LOOK_S = 1.0


class Connection(Protocol):
    """A ``RequestHandler`` of aiohttp."""

    def close(self) -> None:
        """End it once nothing is being answered on it."""
        ...

    def force_close(self) -> None:
        """End it now."""
        ...


class Patience:
    """Knows since when each connection is there, and which of them have asked."""

    def __init__(self, connections: Callable[[], Iterable[Connection]], now: Callable[[], float]) -> None:
        """
        Args:
            connections: gives those that are open now.
        """
        self._connections = connections
        self._now = now
        self._since: dict[Connection, float] = {}
        """Those that have not asked yet."""
        self._asked: set[Connection] = set()

    def heard(self, connection: Connection) -> None:
        """A whole request came."""
        self._asked.add(connection)

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.look()

    def look(self) -> None:
        """Close those that have been silent for too long, and some more in a crowd."""
        now = self._now()
        there = list(self._connections())
        self._asked.intersection_update(there)
        self._since = {each: self._since.get(each, now) for each in there if each not in self._asked}
        too_many = len(there) - CONNECTIONS
        for number, (each, since) in enumerate(sorted(self._since.items(), key=lambda item: item[1])):
            if now - since > REQUEST_S or number < too_many:
                each.force_close()
        if too_many > len(self._since):
            for each in self._asked:
                each.close()
