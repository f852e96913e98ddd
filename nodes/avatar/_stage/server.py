"""The WebSocket to which plugins connect, and the broadcast by which they find it."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from nodes.avatar._stage.api import Api
from nodes.avatar._stage.guests import Guest
from nodes.avatar._stage.seats import full_for_page, member_to_go, page_of, stranger_to_go
from nodes.avatar._stage.strangers import MOST_BYTES as FOR_STRANGERS
from nodes.avatar._stage.strangers import Pace
from nodes.avatar._stage.wire import Data, message
from nodes.avatar._vts.find import PORT, STAGE
from nodes.loopback import is_loopback
from nodes.patience import Listener
from nodes.phrases import phrase, reason_of
from nodes.services import Clock

if TYPE_CHECKING:
    from aiohttp import web

MOST_WAITING = 1024
"""At most this many messages that a plugin has not read; one that is further behind is disconnected."""
MOST_BYTES = 4 << 20
CLOSE_S = 0.2
BROADCAST_S = 2.0


class Line:
    """Queues what is waiting to be sent on one connection, in order."""

    def __init__(self, abort: Callable[[], object]) -> None:
        self._abort = abort
        self._waiting: deque[Data] = deque()
        self._wake = asyncio.Event()
        self._over = False

    def put(self, told: Data) -> None:
        if self._over:
            return
        self._waiting.append(told)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.clear()
            self._over = True
            self._abort()
        self._wake.set()

    def abort(self) -> None:
        """Cut the connection now."""
        self._abort()
        self.finish()

    def finish(self) -> None:
        """Note that nothing more will come."""
        self._over = True
        self._wake.set()

    async def send(self, socket: "web.WebSocketResponse") -> None:
        """Send until the line is finished, at the pace of the socket."""
        with suppress(ConnectionError):
            while not self._over:
                while self._waiting:
                    await socket.send_str(json.dumps(self._waiting.popleft(), ensure_ascii=False))
                self._wake.clear()
                if not self._over:
                    await self._wake.wait()
        await socket.close(code=1001)


class Server:
    """Serves the connections of plugins."""

    def __init__(
        self,
        api: Api,
        clock: Clock,
        changed: Callable[[], object],
        *,
        sleep: Callable[[float], Awaitable[None]],
        shut_out: Callable[[str], object],
    ) -> None:
        """
        Args:
            changed: called after each message.
            shut_out: called with the address of a web page that was turned away.
        """
        self._api = api
        self._clock = clock
        self._changed = changed
        self._sleep = sleep
        self._shut_out = shut_out
        self._lines: dict[Guest, Line] = {}

    @asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncGenerator[int]:
        """Serve within the block; yields the port, a free one if ``port`` is 0.

        Raises:
            OSError: the address cannot be used; the text names the remedy.
        """
        from aiohttp import web

        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        listener = Listener(app, shutdown_timeout=CLOSE_S)
        try:
            port = await listener.open(host, port)
        except OSError as error:
            text = phrase(
                "avatar.stage cannot listen on {host}:{port} ({why}): is another copy running? Close it, or set "
                "STAGE_PORT to a free port",
                host=host,
                port=port,
                why=reason_of(error),
            )
            raise OSError(error.errno, text) from error
        try:
            yield port
        finally:
            for line in self._lines.values():
                line.finish()
            await listener.close()

    async def _serve(self, request: "web.Request") -> "web.StreamResponse":
        from aiohttp import web

        page = page_of(request.headers.get("Origin"), request.headers.get("Host", ""))
        near = is_loopback(request.remote)
        most = FOR_STRANGERS if page else MOST_BYTES
        socket = web.WebSocketResponse(heartbeat=20.0, max_msg_size=most, compress=False, timeout=CLOSE_S)
        if not socket.can_prepare(request):
            return web.Response(status=426, text="this address is a WebSocket for plugins of VTube Studio")
        if page:
            if full_for_page(self._api.guests, page):
                self._shut_out(page)
                return web.Response(status=503, text="too many web pages are connected")
        else:
            asked = self._api.prompt
            self._cut(stranger_to_go(self._api.guests, near=near, keep=asked and asked.guest))
        line = Line(lambda: request.transport and request.transport.abort())
        guest = self._api.connect(line.put, page=page, near=near)
        self._lines[guest] = line
        try:
            await socket.prepare(request)
            await asyncio.gather(self._listen(guest, socket, line), line.send(socket))
        finally:
            self._leave(guest)
        return socket

    async def _listen(self, guest: Guest, socket: "web.WebSocketResponse", line: Line) -> None:
        from aiohttp import WSMsgType

        pace = Pace(self._clock.now())
        try:
            async for received in socket:
                if received.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                    if guest.page:  # aiohttp refused a message: it was too long or malformed
                        self._shut_out(guest.page)
                    continue
                unknown = guest.plugin is None
                if unknown:
                    if len(received.data) > FOR_STRANGERS:
                        await socket.close(code=1009, message=b"log in first")
                        return
                    await self._sleep(pace.wait_s(self._clock.now()))
                self._api.take(guest, received.data, self._clock.now())
                if unknown and guest.plugin is not None:
                    self._cut(member_to_go(self._api.guests, guest))
                self._changed()
        finally:
            self._leave(guest)
            line.finish()

    def _cut(self, guest: Guest | None) -> None:
        """End a connection whose seat goes to another one."""
        if guest is not None:
            self._lines[guest].abort()
            self._leave(guest)

    def _leave(self, guest: Guest) -> None:
        if self._lines.pop(guest, None) is not None:
            self._api.leave(guest)
            self._changed()


class Broadcast:
    """Announces to plugins on UDP 47779 where the API is."""

    def __init__(self, host: str, port: int, instance: str, to_port: int = PORT) -> None:
        """
        Args:
            host: where the API listens; an address that only this machine can reach is announced only on this machine.
            instance: tells the stage of this show from those of others.
        """
        self._near = is_loopback(host)
        self._to = ("127.0.0.1" if self._near else "255.255.255.255", to_port)
        self._data = {
            "active": True,
            "port": port,
            "instanceID": instance,
            "windowTitle": STAGE,
        }

    async def run(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Broadcast every 2 s until cancelled; a missing network does no harm."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol,
            local_addr=("127.0.0.1" if self._near else "0.0.0.0", 0),  # noqa: S104
            allow_broadcast=not self._near,
        )
        try:
            while True:
                with suppress(OSError):
                    told = message(uuid4().hex, "VTubeStudioAPIStateBroadcast", self._data)
                    transport.sendto(json.dumps(told).encode(), self._to)
                await sleep(BROADCAST_S)
        finally:
            transport.close()
