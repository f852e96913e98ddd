"""The proxy does what it says, so that a test that passes behind it means something."""

import asyncio
import contextlib
import time

import pytest

from tests.faults.toxic import Toxic

pytestmark = pytest.mark.asyncio


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1000):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


class Line:
    """A connection through the proxy to an echo server."""

    async def __aenter__(self) -> "Line":
        self.server = await asyncio.start_server(echo, "127.0.0.1", 0)
        self.toxic = await Toxic(self.server.sockets[0].getsockname()[1]).__aenter__()
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.toxic.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        await self.toxic.__aexit__()
        self.server.close()
        await asyncio.sleep(0.01)

    async def ask(self, data: bytes = b"x") -> tuple[bytes, float]:
        begun = time.monotonic()
        self.writer.write(data)
        return await asyncio.wait_for(self.reader.readexactly(len(data)), 5), time.monotonic() - begun


async def test_it_hands_on_what_comes_both_ways() -> None:
    async with Line() as line:
        assert (await line.ask(b"hello"))[0] == b"hello"


async def test_it_is_late_and_slow() -> None:
    async with Line() as line:
        line.toxic.latency_s = 0.03
        assert (await line.ask())[1] >= 0.06
        line.toxic.latency_s, line.toxic.rate = 0.0, 20_000
        assert (await line.ask(b"x" * 1000))[1] >= 0.1


async def test_a_hole_keeps_what_comes_until_it_is_mended() -> None:
    async with Line() as line:
        line.toxic.hole = True
        asked = asyncio.ensure_future(line.ask())
        await asyncio.sleep(0.05)
        assert not asked.done()
        line.toxic.hole = False
        assert (await asked)[0] == b"x"


async def test_it_cuts_and_refuses() -> None:
    async with Line() as line:
        await line.ask()
        line.toxic.reset()
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await line.ask()
        line.toxic.refuse = True
        reader, writer = await asyncio.open_connection("127.0.0.1", line.toxic.port)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
