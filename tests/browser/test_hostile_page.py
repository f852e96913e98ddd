"""A web page in the streamer's browser that means no good to the avatar, in a real Chromium, beside a whole show."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser

from tests.e2e.conftest import figure
from tests.e2e.show import Show
from tests.ports import free_port

__all__ = ["figure"]

pytestmark = [pytest.mark.component, pytest.mark.alone, pytest.mark.asyncio, pytest.mark.timeout(120)]

SECONDS = float(os.environ.get("HOSTILE_PAGE_S", "10"))
PAGE = """<!doctype html><script>
const long = JSON.stringify({apiName: "VTubeStudioPublicAPI", apiVersion: "1.0", requestID: "x",
  messageType: "APIStateRequest", data: {a: Array(400000).fill([0, 1])}});
const ask = JSON.stringify({apiName: "VTubeStudioPublicAPI", apiVersion: "1.0", requestID: "x",
  messageType: "AuthenticationTokenRequest", data: {pluginName: "Nice plugin", pluginDeveloper: "nobody"}});
window.tried = 0;
function attack(kind) {
  const socket = new WebSocket("ws://127.0.0.1:PORT");
  window.tried += 1;
  socket.onopen = () => {
    if (kind === 0) for (let i = 0; i < 4; i++) socket.send(long);
    if (kind === 1) { socket.send(ask); setTimeout(() => socket.close(), 20); }
    if (kind === 2) for (let i = 0; i < 1000; i++) socket.send(ask);
  };
  socket.onclose = () => setTimeout(() => attack(kind), 10);
}
for (let i = 0; i < 60; i++) attack(i % 4);
</script>"""


@pytest_asyncio.fixture
async def hostile() -> AsyncIterator[dict[str, str]]:
    """The server of the page, and its address; the port of the stage is filled in by the test."""
    page = {"port": "0", "url": ""}

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=PAGE.replace("PORT", page["port"]), content_type="text/html")

    application = web.Application()
    application.router.add_get("/", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    page["url"] = f"http://localhost:{runner.addresses[0][1]}"
    yield page
    await runner.cleanup()


async def polls(http: aiohttp.ClientSession, url: str) -> list[float]:
    """Ask for /health during ``SECONDS``; return how many seconds each answer took."""
    took: list[float] = []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        begun = time.monotonic()
        async with http.get(f"{url}/health") as answer:
            assert answer.status == 200
        took.append(time.monotonic() - begun)
        await asyncio.sleep(0.02)
    return sorted(took)


async def test_a_hostile_page_holds_nothing_up_and_is_one_line_in_the_log(
    browser: Browser, hostile: dict[str, str], tmp_path: Path, figure
) -> None:
    with Show(tmp_path, "graphs/demo.yaml") as show:
        found = await asyncio.to_thread(show.until, lambda: "ws://127.0.0.1:" in show.log, 60)
        assert found
        moved = 0
        async with aiohttp.ClientSession() as http:
            page = await browser.new_page()
            hostile["port"] = str(free_port())
            await page.goto(hostile["url"])
            beside = await polls(http, show.url)  # what such a page takes of the machine, whomever it attacks

            async def watch() -> None:
                nonlocal moved
                async with http.ws_connect(f"{show.url}/ws/stage") as stage:
                    async for told in stage:
                        moved += '"values"' in told.data

            hostile["port"] = show.log.partition("ws://127.0.0.1:")[2].partition(")")[0]
            watching = asyncio.ensure_future(watch())
            await page.goto(hostile["url"])
            waited = await polls(http, show.url)
            watching.cancel()
            tried = await page.evaluate("window.tried")
        p99, other = (each[int(len(each) * 0.99)] for each in (waited, beside))
        lines = [line for line in show.log.splitlines() if hostile["url"] in line]
        figure(
            f"a hostile page for {SECONDS:.0f} s, {tried} connections: /health p99 {1e3 * p99:.1f} ms, most "
            f"{1e3 * max(waited):.0f} ms; beside such a page that attacks a closed port p99 {1e3 * other:.1f} ms; "
            f"{moved / SECONDS:.0f} moves of the avatar a second; in the log: {len(lines)}"
        )
        assert tried > 10
        assert len(lines) == 1
        assert moved > 20 * SECONDS
        assert p99 < max(0.02, other + 0.01)
