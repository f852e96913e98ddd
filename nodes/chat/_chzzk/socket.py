"""The WebSocket of a CHZZK session, on aiohttp; there is no other transport.

Why only the packets of python-socketio, and not its client: measured against a real socket.io 2.0.3 server, the client
of 4.6.1, the last version that speaks CHZZK's protocol, (1) never reconnects after a closed namespace or a session URL
that was used before, while its connection looks open; (2) raises AttributeError on a peer that closes before the open
packet, which during a reconnect silently kills the reconnect task; (3) waits forever for a peer that accepts and sends
nothing; (4) needs 58 s to detect a dead peer, and after minutes of that gives up for good; (5) takes over SIGINT;
(6) starts one task per event, so order is lost and nothing holds back a flood; (7) delays the end of the program by
25 s. Even without its reconnection, with time limits around it and handlers that only queue, (4) to (7) partly remain,
because they are internal to it. So frames are given a meaning in ``_chzzk.engineio``, without I/O, and the consumer of
events reads the WebSocket itself: order is kept, and a full graph holds the server back through TCP.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol, cast

from nodes.chat._chzzk.engineio import websocket_url
from nodes.phrases import phrase

if TYPE_CHECKING:
    import aiohttp

CLOSE_S = 0.4
"""How long a WebSocket may take to close; CHZZK counts a session left open towards the limit of three per user."""
LARGEST_FRAME = 1 << 20
"""The largest frame in bytes; a larger one ends the connection."""


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

    async def send(self, text: str) -> None: ...
    async def close(self) -> None: ...


Connect = Callable[[str], Awaitable[Link]]


async def opened(connect: Connect, url: str, longest_s: float) -> Link:
    """Open a WebSocket.

    Raises:
        Lost: it did not open within ``longest_s``.
    """
    try:
        async with asyncio.timeout(longest_s):
            return await connect(url)
    except TimeoutError:
        raise Lost(phrase("no WebSocket in {seconds} s", seconds=f"{longest_s:g}")) from None


async def received(link: Link, longest_s: float) -> str | None:
    """Return the next frame; None if none arrives within ``longest_s``."""
    try:
        async with asyncio.timeout(max(0.0, longest_s)):
            return await link.receive()
    except TimeoutError:
        return None


class _WebSocket:
    """``Link`` on aiohttp."""

    def __init__(self, socket: "aiohttp.ClientWebSocketResponse") -> None:
        self._socket = socket

    async def receive(self) -> str:
        from aiohttp import WSMsgType

        message = await self._socket.receive()
        if message.type is WSMsgType.TEXT:
            return cast(str, message.data)
        if message.type is WSMsgType.BINARY:
            return "b"  # the attachment of a binary event
        raise Lost(phrase("the WebSocket was closed ({why})", why=self._socket.close_code or message.type.name))

    async def send(self, text: str) -> None:
        try:
            await self._socket.send_str(text)
        except OSError as error:
            raise Lost(phrase("the WebSocket was closed ({why})", why=type(error).__name__)) from None

    async def close(self) -> None:
        await self._socket.close()


@asynccontextmanager
async def websockets(
    address: Callable[[str], str] = websocket_url, headers: Mapping[str, str] | None = None
) -> AsyncGenerator[Connect]:
    """Provide a function that opens a WebSocket for a session URL. No proxy, no cookies: the URL is a secret.

    Args:
        address: turns the session URL into the WebSocket address.
    """
    import aiohttp

    async def connect(url: str) -> Link:
        problem = ""
        try:
            return _WebSocket(
                await http.ws_connect(
                    address(url),
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),  # pyright: ignore[reportCallIssue]
                    max_msg_size=LARGEST_FRAME,
                )
            )
        except aiohttp.WSServerHandshakeError as error:
            problem = f"HTTP {error.status}"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            problem = type(error).__name__
        raise Lost(
            phrase("no WebSocket ({problem})", problem=problem)
        )  # raised out here: aiohttp's errors hold the URL

    async with aiohttp.ClientSession(trust_env=False, cookie_jar=aiohttp.DummyCookieJar(), headers=headers) as http:
        yield connect
