"""The WebSocket of a node that is a client, on aiohttp: text frames, no proxy, no cookies."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol, cast

from nodes.phrases import phrase

if TYPE_CHECKING:
    import aiohttp


class Lost(Exception):
    """The connection is gone or useless; the message says why and holds no secret."""


class Link(Protocol):
    """An open WebSocket."""

    async def receive(self) -> str:
        """Return the next text frame; can be cancelled without losing one.

        Raises:
            Lost: the WebSocket is closed.
        """
        ...

    async def send(self, text: str) -> None:
        """Send a text frame.

        Raises:
            Lost: the WebSocket is closed.
        """
        ...

    async def close(self) -> None: ...


class _WebSocket:
    def __init__(self, socket: "aiohttp.ClientWebSocketResponse", binary: str) -> None:
        self._socket = socket
        self._binary = binary

    async def receive(self) -> str:
        from aiohttp import WSMsgType

        while True:
            message = await self._socket.receive()
            if message.type is WSMsgType.TEXT:
                return cast(str, message.data)
            if message.type is not WSMsgType.BINARY:
                why = self._socket.close_code or message.type.name
                raise Lost(phrase("the WebSocket was closed ({why})", why=why))
            if self._binary:
                return self._binary

    async def send(self, text: str) -> None:
        import aiohttp

        try:
            await self._socket.send_str(text)
        except (OSError, aiohttp.ClientError) as error:
            raise Lost(phrase("the WebSocket was closed ({why})", why=type(error).__name__)) from None

    async def close(self) -> None:
        await self._socket.close()


@asynccontextmanager
async def opener(
    address: Callable[[str], str] = str,
    *,
    close_s: float,
    largest: int,
    binary: str = "",
    headers: Mapping[str, str] | None = None,
) -> AsyncGenerator[Callable[[str], Awaitable[Link]]]:
    """Provide a function that opens a WebSocket for a URL; it raises ``Lost``, without the URL.

    Args:
        address: turns the URL into the WebSocket address.
        close_s: how long a WebSocket may take to close.
        largest: the largest frame in bytes; a larger one ends the connection.
        binary: what a binary frame is read as; empty: it is passed over.
    """
    import aiohttp

    async def opened(url: str) -> Link:
        problem = ""
        try:
            timeout = aiohttp.ClientWSTimeout(ws_close=close_s)  # pyright: ignore[reportCallIssue]
            return _WebSocket(await http.ws_connect(address(url), timeout=timeout, max_msg_size=largest), binary)
        except aiohttp.WSServerHandshakeError as error:
            problem = f"HTTP {error.status}"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            problem = type(error).__name__
        # raised out here: aiohttp's errors hold the URL
        raise Lost(phrase("no WebSocket ({problem})", problem=problem))

    async with aiohttp.ClientSession(trust_env=False, cookie_jar=aiohttp.DummyCookieJar(), headers=headers) as http:
        yield opened
