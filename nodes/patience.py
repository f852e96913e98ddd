"""Limits how long our servers wait for a client that connects but sends no request, and how many clients they hold.

A connection costs a file descriptor, and one that sends half a request and sleeps would hold it for ever (slowloris):
with enough of them neither a page nor a file of ``history/`` could be opened any more. The pages, the stage and the
voice server all listen by ``Listener``, so that what holds for one holds for all.
"""

import asyncio
import errno
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Protocol

from nodes.phrases import phrase

if TYPE_CHECKING:
    from aiohttp.web import Application, Request, StreamResponse

REQUEST_S = 5.0
"""A connection is closed if its first request is not complete after this many seconds."""
BODY_S = 5.0
"""The body of a request may take this many seconds."""
IDLE_S = 75.0
"""A connection is kept this many seconds for another request."""
SILENT = 64
"""At most this many connections may have asked for nothing yet; beyond that the oldest of them is closed at once."""
CONNECTIONS = 256
"""At most this many in all; beyond that those that have asked for nothing go at once, and idle ones after their last
answer. Three such servers stay below the 1,024 files that a process may usually have open."""
LOOK_AGAIN_S = 0.01
FORGET_S = 1.0
"""A connection that came this long ago and has no transport is gone."""


class Connection(Protocol):
    """A ``RequestHandler`` of aiohttp."""

    transport: Any
    """None before the connection is made, and after it is lost."""

    def close(self) -> None:
        """End it once nothing is being answered on it."""
        ...

    def force_close(self) -> None:
        """End it now."""
        ...


class Patience:
    """Knows which connections have asked for nothing yet, and closes them in time and in a crowd."""

    def __init__(self, connections: Callable[[], Collection[Connection]]) -> None:
        """
        Args:
            connections: gives those that are open now.
        """
        self._connections = connections
        self._silent: dict[Connection, tuple[float, asyncio.TimerHandle]] = {}
        """When each came and what ends it, the oldest first."""
        self._looking = False

    def came(self, connection: Connection) -> None:
        """Note that a client connects; its transport follows."""
        loop = asyncio.get_running_loop()
        self._silent[connection] = loop.time(), loop.call_later(REQUEST_S, self._end, connection)
        crowded = len(self._silent) > SILENT or len(self._connections()) >= CONNECTIONS
        if crowded and not self._looking:
            self._looking = True
            loop.call_soon(self._look)  # by then the earlier connections have their transports

    def heard(self, connection: Connection) -> None:
        """Note that a complete request came."""
        if connection in self._silent:
            self._silent.pop(connection)[1].cancel()

    def stop(self) -> None:
        """Stop waiting for any connection."""
        for _, timer in self._silent.values():
            timer.cancel()
        self._silent.clear()

    def _end(self, connection: Connection) -> None:
        self.heard(connection)
        connection.force_close()

    def _look(self) -> None:
        self._looking = False
        loop = asyncio.get_running_loop()
        now = loop.time()
        gone = [each for each, (since, _) in self._silent.items() if not each.transport and now - since > FORGET_S]
        for each in gone:
            self.heard(each)
        silent = [each for each in self._silent if each.transport]
        there = self._connections()
        too_many = len(there) - CONNECTIONS
        for each in silent[: max(too_many, len(silent) - SILENT, 0)]:
            self._end(each)
        if too_many > len(silent):
            for each in there:
                each.close()
        if len(self._silent) > SILENT:  # some have no transport yet, or have lost it
            self._looking = True
            loop.call_later(LOOK_AGAIN_S, self._look)


def is_gone(request: "Request") -> bool:
    """Whether the client has hung up: that it cannot be written to then is no failure."""
    return request.transport is None or request.transport.is_closing()


class Listener:
    """Runs an aiohttp application on a port, with the limits of ``Patience``."""

    def __init__(self, application: "Application", **options: Any) -> None:
        """
        Args:
            options: of aiohttp's ``AppRunner``.
        """
        from aiohttp import web

        @web.middleware
        async def heard(request: "Request", handler: Callable[["Request"], Any]) -> "StreamResponse":
            self._patience.heard(request.protocol)
            try:
                return await handler(request)
            except ConnectionError:
                if not is_gone(request):
                    raise
                return web.Response(status=400)  # which nobody reads

        application.middlewares.insert(0, heard)
        self._runner = web.AppRunner(application, access_log=None, keepalive_timeout=IDLE_S, **options)
        self._patience = Patience(lambda: [] if self._runner.server is None else self._runner.server.connections)
        self._listening: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen; return the port, a free one if ``port`` is 0.

        Raises:
            OSError: the address cannot be used.
        """
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        opening = asyncio.ensure_future(loop.create_server(self._connection, host, port))  # noqa: TID251
        try:
            listening = await asyncio.shield(opening)
        except asyncio.CancelledError:  # asyncio would forget the socket on which it is already listening
            (opened,) = await asyncio.gather(opening, return_exceptions=True)
            self._listening = opened if isinstance(opened, asyncio.Server) else None
            await self.close()
            raise
        except OSError as error:
            await self.close()
            if error.errno == errno.EADDRINUSE:  # asyncio's own text is long, and English
                raise OSError(error.errno, phrase("the port is in use")) from error
            raise
        self._listening = listening
        return int(listening.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """End all connections and stop listening."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        self._patience.stop()
        await self._runner.cleanup()

    def _connection(self) -> Any:
        assert self._runner.server is not None  # noqa: S101 - it is set up
        connection = self._runner.server()
        self._patience.came(connection)
        return connection
