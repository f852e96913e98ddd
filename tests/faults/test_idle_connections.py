"""1,100 connections that say nothing, to each port of real processes that may open 1,024 files: who asks is served."""

import asyncio
import re
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.conftest import figure
from tests.e2e.show import Show
from tests.harness import ROOT
from tests.ports import free_port

__all__ = ["figure"]

pytestmark = [
    pytest.mark.component,
    pytest.mark.alone,
    pytest.mark.asyncio,
    pytest.mark.timeout(120),
    pytest.mark.skipif(sys.platform == "win32", reason="has no limit of open files"),
]
IDLE = 1100
ASKED = 30
LONGEST_S = 2.0
FEW_FILES = ("sh", "-c", 'ulimit -n 1024 && exec "$@"', "-")


@asynccontextmanager
async def idle(port: int) -> AsyncIterator[None]:
    """Hold 1,100 connections open that send nothing."""
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(IDLE)]
    try:
        yield
    finally:
        for _, writer in opened:
            writer.close()


async def served(ask: Callable[[aiohttp.ClientSession], Awaitable[None]]) -> list[float]:
    """Ask again and again, each time over a new connection; return how long each answer took, in seconds."""
    took: list[float] = []
    for _ in range(ASKED):
        async with aiohttp.ClientSession() as http:
            began = time.monotonic()
            async with asyncio.timeout(LONGEST_S):
                await ask(http)
            took.append(time.monotonic() - began)
    return sorted(took)


def told(took: list[float]) -> str:
    return f"p50 {statistics.median(took) * 1000:.1f}, most {took[-1] * 1000:.1f} ms"


async def test_the_page_and_the_stage_of_a_show_serve_beside_them(tmp_path: Path, figure) -> None:
    stage_port = free_port()
    with Show(tmp_path, env={"STAGE_PORT": str(stage_port)}, before=FEW_FILES) as show:
        await asyncio.to_thread(show.until, lambda: show.get("/health"), 60)
        page_port = int(show.url.rpartition(":")[2])

        async def page(http: aiohttp.ClientSession) -> None:
            async with http.get(f"{show.url}/health") as answer:
                assert answer.status == 200

        async def stage(http: aiohttp.ClientSession) -> None:
            request = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "messageType": "APIStateRequest"}
            async with http.ws_connect(f"ws://127.0.0.1:{stage_port}") as socket:
                await socket.send_json(request)
                assert (await socket.receive_json())["messageType"] == "APIStateResponse"

        async with idle(page_port), idle(stage_port):
            pages, stages = await served(page), await served(stage)
        assert show.process.poll() is None
    figure(f"{IDLE} idle connections each: the page {told(pages)}; the stage {told(stages)}")


def voice_server() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*FEW_FILES, sys.executable, "-m", "tests.peers.tts_peer", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )


async def test_the_voice_server_serves_beside_them(figure) -> None:
    server = voice_server()
    assert server.stdout is not None
    try:
        url = re.search(r"http://\S+", await asyncio.to_thread(server.stdout.readline))
        assert url is not None

        async def voice(http: aiohttp.ClientSession) -> None:
            async with http.get(f"{url[0]}/health") as answer:
                assert answer.status == 200

        async with idle(int(url[0].rpartition(":")[2])):
            took = await served(voice)
        assert server.poll() is None
    finally:
        server.kill()
        server.wait(10)
        server.stdout.close()
    figure(f"{IDLE} idle connections: the voice server {told(took)}")
