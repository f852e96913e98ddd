"""The WebSocket to VTube Studio, on aiohttp: no proxy, no compression, and a close that does not block."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol, cast

from nodes.phrases import phrase

if TYPE_CHECKING:
    import aiohttp

OPEN_S = 3.0
CLOSE_S = 0.2
LARGEST = 4 << 20
"""At most this many bytes in a message; a list of all art meshes of a model takes a few hundred kB."""


class Lost(Exception):
    """Raised when the connection is gone or was never made."""


class Link(Protocol):
    """An open WebSocket."""

    async def receive(self) -> str:
        """Return the next message; may be cancelled without losing one.

        Raises:
            Lost: the WebSocket is closed.
        """
        ...

    async def send(self, text: str) -> None:
        """Send a text message.

        Raises:
            Lost: the WebSocket is closed.
        """
        ...

    async def close(self) -> None: ...


Connect = Callable[[str, int], Awaitable[Link]]


class _WebSocket:
    """Implements ``Link`` on aiohttp."""

    def __init__(self, socket: "aiohttp.ClientWebSocketResponse") -> None:
        self._socket = socket

    async def receive(self) -> str:
        from aiohttp import WSMsgType

        while True:
            message = await self._socket.receive()
            if message.type is WSMsgType.TEXT:
                return cast(str, message.data)
            if message.type is not WSMsgType.BINARY:
                why = self._socket.close_code or message.type.name
                raise Lost(phrase("the WebSocket was closed ({why})", why=why))

    async def send(self, text: str) -> None:
        import aiohttp

        try:
            await self._socket.send_str(text)
        except (OSError, aiohttp.ClientError) as error:
            raise Lost(phrase("the WebSocket was closed ({why})", why=type(error).__name__)) from None

    async def close(self) -> None:
        await self._socket.close()


@asynccontextmanager
async def websockets() -> AsyncGenerator[Connect]:
    """Yield a function that opens a WebSocket to (host, port)."""
    import asyncio

    import aiohttp

    async def connect(host: str, port: int) -> Link:
        try:
            async with asyncio.timeout(OPEN_S):
                socket = await http.ws_connect(
                    f"ws://{f'[{host}]' if ':' in host else host}:{port}",
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),  # pyright: ignore[reportCallIssue]
                    max_msg_size=LARGEST,
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Lost(phrase("no WebSocket ({problem})", problem=type(error).__name__)) from None
        return _WebSocket(socket)

    async with aiohttp.ClientSession(trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield connect
