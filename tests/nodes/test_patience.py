import asyncio
import resource
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from nodes import patience
from nodes.patience import CONNECTIONS, FORGET_S, REQUEST_S, SILENT, Listener, Patience
from tests.harness import on_virtual_time


class Connection:
    transport: object = None
    ended = ""

    def close(self) -> None:
        self.ended = "gently"

    def force_close(self) -> None:
        self.ended = "now"
        self.transport = None


class Room:
    """Connections as asyncio makes them: the protocol first, and its transport a moment later."""

    def __init__(self) -> None:
        self.there: list[Connection] = []
        self.patience = Patience(lambda: [each for each in self.there if each.ended != "now"])

    async def enter(self, count: int = 1, *, asks: bool = False) -> list[Connection]:
        made = [Connection() for _ in range(count)]
        for each in made:
            self.patience.came(each)
            asyncio.get_running_loop().call_soon(self._made, each)
        await asyncio.sleep(0.02)
        for each in made if asks else ():
            self.patience.heard(each)
        return made

    def _made(self, each: Connection) -> None:
        each.transport = object()
        self.there.append(each)

    def leave(self, each: Connection) -> None:
        each.transport = None
        self.there.remove(each)


def play(story: Callable[[Room], Awaitable[None]]) -> None:
    on_virtual_time(story(Room()))


def test_a_client_that_asks_for_nothing_is_waited_for_and_then_sent_away() -> None:
    async def story(room: Room) -> None:
        (silent,) = await room.enter()
        await asyncio.sleep(REQUEST_S - 0.1)
        assert not silent.ended
        await asyncio.sleep(0.2)
        assert silent.ended == "now"

    play(story)


def test_a_client_that_asked_once_may_stay() -> None:
    async def story(room: Room) -> None:
        (page,) = await room.enter(asks=True)
        await asyncio.sleep(100)
        assert not page.ended

    play(story)


def test_in_a_crowd_those_that_asked_for_nothing_go_at_once_and_the_oldest_of_them_first() -> None:
    async def story(room: Room) -> None:
        pages = await room.enter(10, asks=True)
        early = await room.enter(20)
        late = await room.enter(SILENT)
        assert {each.ended for each in early} == {"now"}
        assert {each.ended for each in late + pages} == {""}

    play(story)


def test_a_crowd_that_comes_in_one_moment_is_thinned_too() -> None:
    async def story(room: Room) -> None:
        crowd = await room.enter(10 * SILENT)
        (page,) = await room.enter()
        assert not page.ended
        assert sum(not each.ended for each in crowd) < SILENT

    play(story)


def test_in_a_crowd_of_those_that_asked_idle_ones_go() -> None:
    async def story(room: Room) -> None:
        pages = [each for _ in range(CONNECTIONS) for each in await room.enter(asks=True)]
        assert {each.ended for each in pages} == {""}
        await room.enter()
        assert {each.ended for each in pages} == {""}, "the silent one made room"
        await room.enter(2, asks=True)
        await room.enter()
        assert {each.ended for each in pages} == {"gently"}

    play(story)


def test_those_that_come_and_leave_count_no_longer() -> None:
    async def story(room: Room) -> None:
        (first,) = await room.enter()
        for _ in range(3 * SILENT):
            (gone,) = await room.enter()
            room.leave(gone)
        assert not first.ended
        await asyncio.sleep(FORGET_S)
        await room.enter()
        assert len(room.patience._silent) < SILENT
        assert not first.ended

    play(story)


def test_when_it_stops_nobody_is_waited_for() -> None:
    async def story(room: Room) -> None:
        (silent,) = await room.enter()
        room.patience.stop()
        await asyncio.sleep(2 * REQUEST_S)
        assert not silent.ended

    play(story)


async def _hello(_: web.Request) -> web.Response:
    return web.Response(text="hello")


@asynccontextmanager
async def listening() -> AsyncIterator[int]:
    application = web.Application()
    application.router.add_get("/", _hello)
    listener = Listener(application, shutdown_timeout=0.1)
    port = await listener.open("127.0.0.1", 0)
    try:
        yield port
    finally:
        await listener.close()


@pytest.mark.asyncio
async def test_half_a_request_is_hung_up_on_and_an_answered_client_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "REQUEST_S", 0.1)
    async with listening() as port, aiohttp.ClientSession() as http, asyncio.timeout(10):
        for path in ("", "nothing"):
            async with http.get(f"http://127.0.0.1:{port}/{path}") as answer:
                await answer.read()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: ")
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        assert http.connector is not None
        assert len(http.connector._conns) == 1
        async with http.get(f"http://127.0.0.1:{port}/") as answer:
            assert answer.status == 200


@pytest.mark.asyncio
async def test_an_address_that_is_taken_raises_and_leaves_nothing_open() -> None:
    async with listening() as port:
        with pytest.raises(OSError, match="다른 프로그램이 쓰는 포트예요"):
            await Listener(web.Application()).open("127.0.0.1", port)


@pytest.mark.asyncio
async def test_a_start_that_is_broken_off_leaves_no_port_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    create, made = loop.create_server, list[asyncio.Server]()

    async def slowly(*given: object) -> asyncio.Server:
        made.append(await create(*given))  # type: ignore[arg-type]
        await asyncio.sleep(0.05)
        return made[0]

    monkeypatch.setattr(loop, "create_server", slowly)
    opening = asyncio.ensure_future(Listener(web.Application()).open("127.0.0.1", 0))
    while not made:
        await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert not made[0].is_serving()


@pytest.mark.component
@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of open files")
@pytest.mark.asyncio
async def test_2200_idle_connections_leave_the_server_files_to_open_and_a_page_is_served() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 6000:
        pytest.skip(f"only {hard} files may be open")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 6000), hard))
    try:
        async with listening() as port, aiohttp.ClientSession() as http:
            idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2200)]
            ended = sum(reader.at_eof() for reader, _ in idle)
            async with asyncio.timeout(5), http.get(f"http://127.0.0.1:{port}/") as answer:
                assert await answer.text() == "hello"
            await asyncio.sleep(0.1)
            ended = sum(reader.at_eof() for reader, _ in idle)
            assert ended >= 2200 - SILENT
            for _, writer in idle:
                writer.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.asyncio
@pytest.mark.parametrize("hung_up", [True, False])
async def test_a_client_that_hangs_up_while_it_is_written_to_is_no_failure(hung_up: bool, caplog) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if hung_up:
            assert request.transport is not None
            request.transport.abort()
        raise ConnectionResetError("Cannot write to closing transport")

    application = web.Application()
    application.router.add_get("/", answer)
    listener = Listener(application)
    port = await listener.open("127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession() as http:
            try:
                status = (await http.get(f"http://127.0.0.1:{port}/")).status
            except aiohttp.ClientError:
                status = 0
    finally:
        await listener.close()
    assert status == (0 if hung_up else 500)
    assert len([record for record in caplog.records if record.name == "aiohttp.server"]) == (not hung_up)
