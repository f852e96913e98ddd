"""The WebSocket to VTube Studio, against a small server on this machine."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from nodes.avatar._vts import link as vts_link
from nodes.avatar._vts.link import CLOSE_S, websockets
from nodes.websocket import Lost

pytestmark = pytest.mark.usefixtures("english")


def test_closing_does_not_wait_for_a_peer_that_does_not_answer() -> None:
    async def serve(request: web.Request) -> web.StreamResponse:
        assert "Sec-WebSocket-Extensions" not in request.headers
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await asyncio.sleep(CLOSE_S * 5)
        return socket

    async def main() -> None:
        app = web.Application()
        app.router.add_get("/", serve)
        async with TestServer(app) as server, websockets() as connect:
            assert server.port is not None
            link = await connect("127.0.0.1", server.port)
            begun = asyncio.get_running_loop().time()
            await link.close()
            assert asyncio.get_running_loop().time() - begun < CLOSE_S * 4

    asyncio.run(main())


def test_where_nobody_listens_there_is_no_connection() -> None:
    async def main() -> None:
        async with websockets() as connect:
            for host in ("127.0.0.1", "::1"):
                with pytest.raises(Lost, match="no WebSocket"):
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
            with pytest.raises(Lost, match=r"no WebSocket in 0\.05 s"):
                await connect("127.0.0.1", server.sockets[0].getsockname()[1])
            await asyncio.sleep(0.02)

    asyncio.run(main())
