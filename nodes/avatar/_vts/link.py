"""The WebSocket to VTube Studio."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from nodes.phrases import phrase
from nodes.websocket import Link, Lost, opener

OPEN_S = 3.0
CLOSE_S = 0.2
LARGEST = 4 << 20
"""At most this many bytes in a message; a list of all art meshes of a model takes a few hundred kB."""

Connect = Callable[[str, int], Awaitable[Link]]


@asynccontextmanager
async def websockets() -> AsyncGenerator[Connect]:
    """Yield a function that opens a WebSocket to (host, port); it raises ``Lost``."""
    async with opener(close_s=CLOSE_S, largest=LARGEST) as opened:

        async def connect(host: str, port: int) -> Link:
            try:
                async with asyncio.timeout(OPEN_S):
                    return await opened(f"ws://{f'[{host}]' if ':' in host else host}:{port}")
            except TimeoutError:
                raise Lost(phrase("no WebSocket in {seconds} s", seconds=f"{OPEN_S:g}")) from None

        yield connect
