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
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager

from nodes.chat._chzzk.engineio import websocket_url
from nodes.phrases import phrase
from nodes.websocket import Link, Lost, opener

CLOSE_S = 0.4
"""How long a WebSocket may take to close; CHZZK counts a session left open towards the limit of three per user."""
LARGEST_FRAME = 1 << 20
"""The largest frame in bytes; a larger one ends the connection."""

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


def websockets(
    address: Callable[[str], str] = websocket_url, headers: Mapping[str, str] | None = None
) -> AbstractAsyncContextManager[Connect]:
    """Provide a function that opens a WebSocket for a session URL; it raises ``Lost`` without the URL, a secret.

    Args:
        address: turns the session URL into the WebSocket address.
    """
    attachment = "b"  # of a binary event
    return opener(address, close_s=CLOSE_S, largest=LARGEST_FRAME, binary=attachment, headers=headers)
