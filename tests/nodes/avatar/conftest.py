from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest_asyncio


@pytest_asyncio.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the stage's server."""
    links: list[aiohttp.ClientWebSocketResponse] = []

    class Link(aiohttp.ClientWebSocketResponse):
        def __init__(self, *args: Any, **named: Any) -> None:
            super().__init__(*args, **named)
            links.append(self)

    async with aiohttp.ClientSession(ws_response_class=Link) as session:
        yield session
        for link in links:  # those too that a test has left
            await link.close()
