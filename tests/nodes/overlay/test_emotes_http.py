"""Fetching a picture from a real server on the loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import pytest
import pytest_asyncio
from aiohttp import web

from nodes.overlay import _emotes_http as module
from tests.nodes.overlay.test_emotes_image import png

pytestmark = pytest.mark.asyncio

T = TypeVar("T")


class Here:
    """A worker that has no thread."""

    async def thread(self, call: Callable[..., T], *args: Any) -> T:
        return call(*args)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@pytest_asyncio.fixture
async def host() -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.StreamResponse:
        match request.path:
            case "/good":
                assert "Cookie" not in request.headers
                # what it calls itself is not believed
                return web.Response(body=png(64, 64), content_type="text/html", headers={"Set-Cookie": "a=b"})
            case "/page":
                return web.Response(text="<script>", content_type="image/png")
            case "/large":
                return web.Response(body=png(64, 64) + bytes(module.MOST_BYTES), content_type="image/png")
            case "/elsewhere":
                raise web.HTTPFound("/good")
            case "/endless":
                response = web.StreamResponse()
                await response.prepare(request)
                try:
                    while True:
                        await response.write(png(64, 64))
                        await asyncio.sleep(0.02)
                except ConnectionError:
                    return response
            case _:
                return web.Response(status=404)

    app = web.Application()
    app.router.add_get("/{name:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_picture_comes_with_the_type_that_it_has(host: str) -> None:
    async with module.images(Here()) as get:
        for _ in range(2):
            assert await get(f"{host}/good") == (png(64, 64), "image/png")


@pytest.mark.parametrize("path", ["/page", "/large", "/elsewhere", "/missing"])
async def test_what_is_no_small_picture_of_this_host_is_none(host: str, path: str) -> None:
    async with module.images(Here()) as get:
        assert await get(host + path) is None


async def test_a_host_that_never_ends_is_left(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT_S", 0.15)
    async with module.images(Here()) as get:
        assert await get(f"{host}/endless") is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/a", "https://127.0.0.1:1/a", "http://[::1", "http://\udcff/"])
async def test_a_host_that_is_not_there_is_none(url: str) -> None:
    async with module.images(Here()) as get:
        assert await get(url) is None
