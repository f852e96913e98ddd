"""Fetches a picture from its host, within limits of time and size."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import import_module

from nodes.overlay._emotes_image import kind
from nodes.services import Worker

MOST_BYTES = 512 * 1024
TIMEOUT_S = 5.0
_FAILURES = (OSError, ValueError)

Image = tuple[bytes, str]
"""(content, Content-Type)"""
Get = Callable[[str], Awaitable[Image | None]]


@asynccontextmanager
async def images(worker: Worker) -> AsyncGenerator[Get]:
    """Provide a function that fetches pictures; it returns None for what is unavailable, too large, or not a picture.

    No redirect is followed, so that an allowed host cannot redirect to one that is not; no cookie is kept and nothing
    identifies the requester. The type is taken from the first bytes, not from what the peer declares.
    """
    http = await worker.thread(import_module, "aiohttp")  # takes 0.3 s, which would block the loop
    ssl = await worker.thread(import_module, "ssl")
    context = await worker.thread(ssl.create_default_context)
    session = http.ClientSession(
        connector=http.TCPConnector(ssl=context, limit=1),
        cookie_jar=http.DummyCookieJar(),
        timeout=http.ClientTimeout(total=TIMEOUT_S),
        headers={"User-Agent": "aischoco", "Accept": "image/webp,image/png,image/gif,image/jpeg"},
    )

    async def get(url: str) -> Image | None:
        try:
            async with session.get(url, allow_redirects=False) as response:
                if response.status != 200:
                    return None
                content = bytearray()
                async for piece in response.content.iter_any():
                    content += piece
                    if len(content) > MOST_BYTES:
                        return None
        except (*_FAILURES, http.ClientError):  # a TimeoutError is an OSError
            return None
        found = kind(bytes(content))
        return None if found is None else (bytes(content), found.type)

    try:
        yield get
    finally:
        await session.close()
        await worker.sleep(0)  # its sockets close one tick later
