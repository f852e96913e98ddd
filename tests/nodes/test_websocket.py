"""nodes/websocket.py: a client's WebSocket, against a small server on this machine."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from nodes.websocket import Link, Lost, opener

pytestmark = pytest.mark.usefixtures("english")

SECRET = "one-time-secret"
LARGEST = 1000


def talk(
    serve: Callable[[web.Request], Awaitable[web.StreamResponse]], story: Callable[[str, Callable], Awaitable[None]]
) -> None:
    """Run a server whose WebSocket address is answered by ``serve``, and the story with its URL."""

    async def main() -> None:
        app = web.Application()
        app.router.add_get("/", serve)
        async with TestServer(app) as server, opener(close_s=0.2, largest=LARGEST) as connect:
            await story(f"{server.make_url('/')}?auth={SECRET}", connect)

    asyncio.run(main())


def test_texts_go_both_ways_until_the_server_closes() -> None:
    got: list[str] = []

    async def serve(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        got.append(await socket.receive_str())
        await socket.send_bytes(b"binary is passed over")
        await socket.send_str("초코 👩‍👩‍👧‍👦")
        await socket.close(code=4000)
        return socket

    async def story(url: str, connect: Callable[[str], Awaitable[Link]]) -> None:
        link = await connect(url)
        await link.send("안녕")
        assert await link.receive() == "초코 👩‍👩‍👧‍👦"
        with pytest.raises(Lost, match="4000"):
            await link.receive()
        with pytest.raises(Lost, match="ClientConnectionResetError"):
            await link.send("x")
        await link.close()

    talk(serve, story)
    assert got == ["안녕"]


def test_a_cancelled_receive_loses_nothing() -> None:
    async def serve(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive_str()
        await socket.send_str("late")
        await socket.receive()
        return socket

    async def story(url: str, connect: Callable[[str], Awaitable[Link]]) -> None:
        link = await connect(url)
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await link.receive()
        await link.send("now")
        assert await link.receive() == "late"
        await link.close()

    talk(serve, story)


def test_a_server_that_says_no_is_lost_without_its_url() -> None:
    async def serve(request: web.Request) -> web.StreamResponse:
        return web.Response(status=403)

    async def story(url: str, connect: Callable[[str], Awaitable[Link]]) -> None:
        with pytest.raises(Lost) as caught:
            await connect(url)
        assert str(caught.value) == "no WebSocket (HTTP 403)"
        assert caught.value.__context__ is None, "the error of aiohttp holds the URL"

    talk(serve, story)


def test_a_frame_that_is_too_large_ends_the_connection_not_the_program() -> None:
    async def serve(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str("a" * (LARGEST + 1))
        await socket.receive()
        return socket

    async def story(url: str, connect: Callable[[str], Awaitable[Link]]) -> None:
        link = await connect(url)
        with pytest.raises(Lost, match="1009"):
            await link.receive()
        await link.close()

    talk(serve, story)


def test_nothing_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    made: list[dict] = []
    original = aiohttp.ClientSession.__init__

    def note(self: aiohttp.ClientSession, **options) -> None:
        made.append(options)
        original(self, **options)

    monkeypatch.setattr(aiohttp.ClientSession, "__init__", note)

    async def main() -> None:
        async with opener(close_s=0.2, largest=LARGEST):
            pass

    asyncio.run(main())
    assert made[0]["trust_env"] is False
    assert isinstance(made[0]["cookie_jar"], aiohttp.DummyCookieJar)
