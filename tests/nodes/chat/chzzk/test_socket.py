"""The WebSocket of a session, against a small server on this machine."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from nodes.chat._chzzk.socket import CLOSE_S, opened, received, websockets
from nodes.websocket import Link, Lost
from tests.harness import on_virtual_time

pytestmark = pytest.mark.usefixtures("english")

SECRET = "one-time-secret"


def talk(
    serve: Callable[[web.Request], Awaitable[web.StreamResponse]], story: Callable[[str, Callable], Awaitable[None]]
) -> None:
    """Run a server whose WebSocket address is answered by ``serve``, and the story with its session URL."""

    async def main() -> None:
        app = web.Application()
        app.router.add_get("/socket.io/", serve)
        async with TestServer(app) as server, websockets() as connect:
            await story(f"{server.make_url('')}?auth={SECRET}", connect)

    asyncio.run(main())


def test_texts_come_in_order_until_the_server_closes() -> None:
    seen: dict[str, object] = {}

    async def serve(request: web.Request) -> web.StreamResponse:
        seen.update(request.query)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str("0{}")
        await socket.send_str("한국어 👩‍👩‍👧‍👦")
        await socket.send_bytes(b"x")
        await socket.ping()
        seen["got"] = await socket.receive_str()
        await socket.close(code=4000)
        return socket

    async def story(url: str, connect: Callable[[str], Awaitable[Link]]) -> None:
        link = await connect(url)
        assert [await link.receive() for _ in range(3)] == ["0{}", "한국어 👩‍👩‍👧‍👦", "b"]
        await link.send("2")
        with pytest.raises(Lost, match="4000"):
            await link.receive()
        with pytest.raises(Lost):
            await link.send("2")
        await link.close()

    talk(serve, story)
    assert seen == {"auth": SECRET, "EIO": "3", "transport": "websocket", "got": "2"}


@pytest.mark.parametrize("url", [f"http://127.0.0.1:1?auth={SECRET}", f"nonsense?auth={SECRET}"])
def test_what_cannot_be_reached_is_lost_without_its_url(url: str) -> None:
    async def main() -> None:
        async with websockets() as connect:
            with pytest.raises(Lost) as caught:
                await connect(url)
        assert SECRET not in repr(caught.value)
        assert caught.value.__context__ is None

    asyncio.run(main())


@pytest.mark.slow  # waits in real time for a peer that does not answer
def test_a_peer_that_does_not_say_good_bye_is_left_in_half_a_second() -> None:
    async def serve(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoclose=False)
        await socket.prepare(request)
        await asyncio.sleep(1.5)
        return socket

    async def story(url: str, connect: Callable[[str], Awaitable[Link]]) -> None:
        link = await connect(url)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await link.close()
        assert CLOSE_S - 0.05 < loop.time() - began < 0.5

    talk(serve, story)


class Quiet:
    """A WebSocket on which ``frame`` comes after a second."""

    def __init__(self, frame: str) -> None:
        self.frame = frame

    async def receive(self) -> str:
        await asyncio.sleep(1.0)
        return self.frame

    async def send(self, text: str) -> None: ...
    async def close(self) -> None: ...


def test_a_frame_is_waited_for_only_so_long() -> None:
    async def story() -> None:
        link = Quiet("2")
        assert await received(link, 0.5) is None
        assert await received(link, -1.0) is None
        assert await received(link, 1.5) == "2"
        assert asyncio.get_running_loop().time() == pytest.approx(1.5)

    on_virtual_time(story())


def test_a_websocket_is_waited_for_only_so_long() -> None:
    async def connect(url: str) -> Link:
        await asyncio.sleep(1.0)
        return Quiet(url)

    async def story() -> None:
        assert (await opened(connect, "ws://here", 1.5)).frame == "ws://here"
        with pytest.raises(Lost, match=r"^no WebSocket in 0\.5 s$"):
            await opened(connect, "ws://here", 0.5)

    on_virtual_time(story())
