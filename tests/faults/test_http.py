"""The page's server under hostile clients: the show goes on, and pages are still answered."""

import asyncio
import contextlib
import json
import re
import resource
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from tests.e2e.conftest import figure
from tests.e2e.show import Show

__all__ = ["figure"]

pytestmark = [pytest.mark.component, pytest.mark.timeout(120)]

Figure = Callable[[str], None]
GRAPH = """\
name: page
nodes:
  replay: {type: chat.replay, file: assets/recordings/demo.jsonl, loop: true, speed: 20}
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: [replay, typed]}
  batch: {type: chat.batch, in: parse}
  reply: {type: reply.canned, in: batch}
  split: {type: reply.split, in: reply}
  overlay: {type: overlay.web, chat: parse, reply: split.sentence}
"""
CROWDS = (2000, pytest.param(10_000, marks=pytest.mark.slow))
HEADER_S = 5.0
BODY = 100_000_000
GROWN_MB = 25.0


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    def prepare(root: Path) -> None:
        (root / "page.yaml").write_text(GRAPH, encoding="utf-8")

    with Show(tmp_path_factory.mktemp("page"), "page.yaml", prepare=prepare) as show:
        show.until(lambda: (show.get("/api/state") or {}).get("assistant_messages"), 60)
        yield show


def address(show: Show) -> tuple[str, int]:
    return "127.0.0.1", int(show.url.rpartition(":")[2])


def memory(show: Show) -> float:
    return psutil.Process(show.process.pid).memory_info().rss / 1e6


def under(show: Show, attack: Callable[[], Awaitable[Any]]) -> tuple[Any, float, float]:
    """Attack; return the result, how long a page waited for its slowest answer meanwhile, and how much memory grew."""
    slowest = 0.0
    answered = show.get("/api/graph")["viewer_events"]["in"]
    before = memory(show)

    async def look() -> None:
        nonlocal slowest
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as web:
            while True:
                begun = time.monotonic()
                async with web.get(f"{show.url}/api/state") as reply:
                    assert reply.status == 200
                    await reply.read()
                slowest = max(slowest, time.monotonic() - begun)
                await asyncio.sleep(0.1)

    async def both() -> Any:
        looking = asyncio.ensure_future(look())
        try:
            return await attack()
        finally:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking

    found = asyncio.run(both())
    show.until(lambda: show.get("/api/graph")["viewer_events"]["in"] > answered, 10)
    return found, slowest, memory(show) - before


async def say(show: Show, data: bytes, wait_s: float = 2 * HEADER_S) -> tuple[bytes, float]:
    """Send bytes; return what comes back until the server closes, and after how many seconds it closed."""
    begun = time.monotonic()
    reader, writer = await asyncio.open_connection(*address(show))
    try:
        back = b""
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(wait_s):
                writer.write(data)
                await writer.drain()
                while part := await reader.read(65536):
                    back += part
        return back, time.monotonic() - begun
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


STARTS = (b"", b"GET /api/state HT", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")


@pytest.mark.skipif(sys.platform != "linux", reason="has no way to let another process open more files")
@pytest.mark.parametrize("crowd", CROWDS)
def test_a_crowd_that_asks_for_nothing_is_hung_up_on_and_keeps_no_page_out(
    show: Show, figure: Figure, crowd: int
) -> None:
    allow_files(crowd + 200, 0)
    allow_files(crowd + 200, show.process.pid)

    async def attack() -> float:
        opened = []
        try:
            for _ in range(crowd // 50):
                opened += await asyncio.gather(*(asyncio.open_connection(*address(show)) for _ in range(50)))
            for number, (_, writer) in enumerate(opened):
                writer.write(STARTS[number % len(STARTS)])
            begun = time.monotonic()
            await asyncio.gather(*(asyncio.wait_for(_gone(reader), 3 * HEADER_S) for reader, _ in opened))
            return time.monotonic() - begun
        finally:
            for _, writer in opened:
                writer.close()

    took, slowest, grown = under(show, attack)
    files = psutil.Process(show.process.pid).num_fds()
    figure(
        f"{crowd} half requests: hung up on after {took:.1f} s (aim {HEADER_S:.0f} s), "
        f"a page waited {1e3 * slowest:.0f} ms at most, memory {grown:+.1f} MB, {files} files open afterwards"
    )
    assert took < HEADER_S + 5
    assert files < 100
    assert slowest < 5
    assert grown < GROWN_MB


def allow_files(wanted: int, pid: int) -> None:
    """Let a process (0: this one) have this many files open; skip the test where that is not permitted."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    if hard < wanted:
        pytest.skip(f"only {hard} files may be open")
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


async def _gone(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(ConnectionError):
        await reader.read()


def test_a_body_of_100_mb_is_refused_and_not_kept(show: Show, figure: Figure) -> None:
    page = urllib.request.urlopen(show.url, timeout=10).read().decode()
    token = re.search(r'aischoco-token" content="([^"]+)"', page)
    assert token

    async def attack() -> tuple[int, float]:
        async def blocks():
            for _ in range(BODY // 65536):
                yield b" " * 65536

        headers = {"X-Token": token[1], "Content-Type": "application/json"}
        most = memory(show)
        async with aiohttp.ClientSession() as web:
            sending = asyncio.ensure_future(web.post(f"{show.url}/api/say", data=blocks(), headers=headers))
            while not sending.done():
                most = max(most, memory(show))
                await asyncio.sleep(0.01)
            try:
                reply = await sending
            except aiohttp.ClientConnectionError:
                return 0, most
            return reply.status, most

    before = memory(show)
    (status, most), slowest, _ = under(show, attack)
    figure(f"100 MB body: {status or 'cut off'}, memory {most - before:+.1f} MB, a page waited {1e3 * slowest:.0f} ms")
    assert status in (0, 413)
    assert most - before < GROWN_MB


FRAMES = {
    "an unknown opcode": b"\x83\x80\0\0\0\0",
    "a frame without a mask": b"\x81\x02{}",
    "a length of 2^63": b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",
    "a message over the limit": b"\x81\xfe\xff\xff\0\0\0\0" + b" " * 65535,
    "half a frame": b"\x81\xfe\xff",
    "a ping that is too long": b"\x89\xfe\x00\xff\0\0\0\0" + b" " * 255,
    "reserved bits": b"\xf1\x80\0\0\0\0",
    "text that is no UTF-8": b"\x81\x82\0\0\0\0\xc3\x28",
    "JSON of ten thousand brackets": b"\x81\xfe\x0f\xa0\0\0\0\0" + b"[" * 4000,
}
HARMLESS = ("a frame without a mask", "half a frame")
"""aiohttp reads the first like any other frame; the rest of the second may still come."""
UPGRADE = (
    "GET /ws/overlay HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def test_bad_websocket_frames_cost_nobody_but_who_sends_them(show: Show, figure: Figure) -> None:
    hello = UPGRADE.format(host=show.url.removeprefix("http://")).encode()

    async def attack() -> tuple[dict[str, bool], int]:
        async with (
            aiohttp.ClientSession() as web,
            web.ws_connect(f"{show.url}/ws/overlay", max_msg_size=0) as page,
        ):
            found = await asyncio.gather(*(say(show, hello + frame, 3.0) for frame in FRAMES.values()))
            assert all(back.startswith(b"HTTP/1.1 101") for back, _ in found)
            ended = {name: seconds < 2.9 for name, (_, seconds) in zip(FRAMES, found, strict=True)}
            told = 0
            while (await page.receive(10)).type is aiohttp.WSMsgType.TEXT and told < 3:
                told += 1
            return ended, told

    (ended, told), slowest, _ = under(show, attack)
    figure(
        f"{len(FRAMES)} kinds of bad frames, {sum(ended.values())} ended at once; a page waited {1e3 * slowest:.0f} ms"
    )
    assert told == 3, "another page is told as before"
    assert not [name for name, at_once in ended.items() if not at_once and name not in HARMLESS]
    show.until(lambda: show.get("/api/state")["pages"] == 0, 15)
    assert "Traceback" not in show.log


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example:{port}"}, 421),
        ({"Host": "127.0.0.1:{port}", "Origin": "http://evil.example", "Upgrade": "websocket"}, 403),
        ({"Host": "127.0.0.1:{port}", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, 403),
    ],
)
def test_another_page_gets_nothing(show: Show, headers: dict[str, str], status: int) -> None:
    port = str(address(show)[1])
    lines = "".join(f"{name}: {value.format(port=port)}\r\n" for name, value in headers.items())
    back, _ = asyncio.run(say(show, f"GET /api/state HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode()))
    head, _, body = back.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status}".encode())
    assert set(json.loads(body)) == {"error"}
    assert b"Access-Control-Allow-Origin" not in head


def test_no_header_is_kept_that_does_not_end(show: Show, figure: Figure) -> None:
    async def attack() -> bytes:
        return (await say(show, b"GET / HTTP/1.1\r\nX: " + b"x" * 5_000_000))[0]

    back, slowest, grown = under(show, attack)
    figure(f"a header of 5 MB: {back[:12]!r}, memory {grown:+.1f} MB, a page waited {1e3 * slowest:.0f} ms")
    assert back == b"" or back.split(b" ")[1] == b"400"
    assert grown < GROWN_MB
