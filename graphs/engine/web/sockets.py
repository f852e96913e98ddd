"""Runs the WebSockets of the local web server: pages connect to channels, each page with its own bounded queue."""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from reactivex.abc import DisposableBase
from reactivex.disposable import Disposable

from nodes.phrases import phrase
from nodes.services import Json, Log

if TYPE_CHECKING:
    from aiohttp.web import Request, WebSocketResponse

QUEUE_MESSAGES = 256
QUEUE_BYTES = 2 * 1024 * 1024
"""A page with more bytes than this waiting is disconnected; it reconnects and gets ``hello`` again."""


class Client:
    """Holds one connected page: its socket and the messages waiting to be sent to it."""

    def __init__(self, socket: "WebSocketResponse", request: "Request") -> None:
        self.id = secrets.token_hex(8)
        self.socket = socket
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._waiting: deque[tuple[bytes, bool]] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._finished = False

    def put(self, data: bytes, binary: bool) -> None:
        if self._finished:
            return
        self._waiting.append((data, binary))
        self._bytes += len(data)
        if len(self._waiting) > QUEUE_MESSAGES or self._bytes > QUEUE_BYTES:
            self.abort()
        self._wake.set()

    async def write(self) -> None:
        """Send the waiting messages, in order, until ``finish``; the socket's own flow control sets the pace."""
        from aiohttp import WSMsgType

        while True:
            while self._waiting:
                data, binary = self._waiting.popleft()
                self._bytes -= len(data)
                try:
                    await self.socket.send_frame(data, WSMsgType.BINARY if binary else WSMsgType.TEXT)
                except ConnectionError:
                    return
            if self._finished:
                await self.socket.close(code=1001)
                return
            self._wake.clear()
            await self._wake.wait()

    def finish(self) -> None:
        """Close the connection once the waiting messages have been sent."""
        self._finished = True
        self._wake.set()

    def abort(self) -> None:
        """Cut the connection now."""
        self._finished = True
        self._waiting.clear()
        self._wake.set()
        if self._request.transport is not None:
            self._request.transport.abort()


class PageChannel:
    """Implements the ``Channel`` of one WebSocket address."""

    def __init__(
        self,
        hello: Callable[[], Iterable[Json | bytes]],
        received: Callable[[str, Mapping[str, Any]], None],
        gone: Callable[[str], None],
        log: Log,
    ) -> None:
        self._hello = hello
        self._received = received
        self._gone = gone
        self._log = log
        self._clients: dict[str, Client] = {}
        self.removed: DisposableBase = Disposable()

    @property
    def clients(self) -> int:
        return len(self._clients)

    def send(self, message: Json | bytes) -> None:
        if self._clients:
            data, binary = encode(message)
            for client in self._clients.values():
                client.put(data, binary)

    def send_to(self, client: str, message: Json | bytes) -> None:
        if client in self._clients:
            self._clients[client].put(*encode(message))

    def dispose(self) -> None:
        self.removed.dispose()
        for client in self._clients.values():
            client.finish()
        self._clients.clear()

    async def serve(self, client: Client) -> None:
        """Send ``hello`` to a page, then read its messages until it disconnects."""
        from aiohttp import WSMsgType

        for message in self._hello():
            client.put(*encode(message))
        self._clients[client.id] = client
        writer = asyncio.create_task(client.write(), name="page writer")
        try:
            async for message in client.socket:
                if message.type is not WSMsgType.TEXT or not self._read(client.id, message.data):
                    await client.socket.close(code=1003, message=b"one JSON object a message")
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            if self._clients.pop(client.id, None) is not None:
                self._gone(client.id)

    def _read(self, client: str, text: str) -> bool:
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            return False
        if not isinstance(said, dict):
            return False
        if client in self._clients:
            try:
                self._received(client, cast(dict[str, Any], said))
            except Exception as error:
                self._log.warning(phrase("A message of a page was not understood: {why}", why=repr(error)))
        return True


def encode(message: Json | bytes) -> tuple[bytes, bool]:
    """Return (bytes, whether binary); half a character (a lone surrogate) becomes a question mark."""
    if isinstance(message, bytes):
        return message, True
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"), False
