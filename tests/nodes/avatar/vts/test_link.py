"""The WebSocket to VTube Studio, against a small server on this machine."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from nodes.avatar._vts import link as vts_link
from nodes.avatar._vts.link import CLOSE_S, Connect, Lost, websockets

Serve = Callable[[web.WebSocketResponse], Awaitable[object]]


def talk(serve: Serve, story: Callable[[Connect, int], Awaitable[None]]) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        assert "Sec-WebSocket-Extensions" not in request.headers
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await serve(socket)
        return socket

    async def main() -> None:
        app = web.Application()
        app.router.add_get("/", answer)
        async with TestServer(app) as server, websockets() as connect:
            assert server.port is not None
            await story(connect, server.port)

    asyncio.run(main())


def test_texts_go_both_ways_until_the_server_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    got: list[str] = []

    async def serve(socket: web.WebSocketResponse) -> None:
        got.append(await socket.receive_str())
        await socket.send_bytes(b"binary is passed over")
        await socket.send_str("초코")
        await socket.close(code=4000)

    async def story(connect: Connect, port: int) -> None:
        link = await connect("127.0.0.1", port)
        await link.send("안녕")
        assert await link.receive() == "초코"
        with pytest.raises(Lost, match="4000"):
            await link.receive()
        with pytest.raises(Lost, match="ClientConnectionResetError"):
            await link.send("x")
        await link.close()

    talk(serve, story)
    assert got == ["안녕"]


def test_receiving_can_be_cancelled_without_losing_a_message() -> None:
    async def serve(socket: web.WebSocketResponse) -> None:
        await socket.receive_str()
        await socket.send_str("a")
        await socket.receive()

    async def story(connect: Connect, port: int) -> None:
        link = await connect("127.0.0.1", port)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(link.receive(), 0.02)
        await link.send("go")
        assert await link.receive() == "a"
        await link.close()

    talk(serve, story)


def test_closing_does_not_wait_for_a_peer_that_does_not_answer() -> None:
    async def serve(socket: web.WebSocketResponse) -> None:
        await asyncio.sleep(CLOSE_S * 5)

    async def story(connect: Connect, port: int) -> None:
        link = await connect("127.0.0.1", port)
        begun = asyncio.get_running_loop().time()
        await link.close()
        assert asyncio.get_running_loop().time() - begun < CLOSE_S * 4

    talk(serve, story)


def test_where_nobody_listens_there_is_no_connection() -> None:
    async def main() -> None:
        async with websockets() as connect:
            for host in ("127.0.0.1", "::1"):
                with pytest.raises(Lost, match="연결되지 않음"):
                    await connect(host, 9)

    asyncio.run(main())


def test_a_peer_that_accepts_and_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vts_link, "OPEN_S", 0.05)

    async def main() -> None:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1")
        async with server, websockets() as connect:
            with pytest.raises(Lost, match="TimeoutError"):
                await connect("127.0.0.1", server.sockets[0].getsockname()[1])
            await asyncio.sleep(0.02)

    asyncio.run(main())
