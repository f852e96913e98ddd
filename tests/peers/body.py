"""Puts a body on air with an avatar in its own process, and measures how the avatar is moved."""

import asyncio
import json
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from reactivex import Observable

import nodes
from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.check import check
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.web.server import LocalWeb
from nodes.services import Jobs
from schemas.reply import Emotion
from schemas.settings import Settings
from tests.harness import ROOT

Injection = tuple[float, dict[str, float]]

GRAPH = """
name: body
nodes:
  feeling: {type: test.feeling}
  pose: {type: pose.interpolate, in: feeling, hold_s: 600, idle: [IDLE]}
  vts: {type: avatar.vts, in: pose, port: PORT, token_file: TOKENS, discover: false}
"""


class Server:
    """An avatar in a process of its own, which prints its port and records how it is moved."""

    def __init__(self, folder: Path, *arguments: str, module: str = "tests.peers.vts_server") -> None:
        self.log = folder / "injections.jsonl"
        self.arguments = arguments
        self._module = module
        self.port = 0
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", self._module, str(self.log), "--port", str(self.port)]
        self.process = subprocess.Popen([*command, *self.arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
            self.process.wait(10)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def injections(self) -> list[Injection]:
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return [(at, values) for at, values in (json.loads(line) for line in lines)]


class Nothing(Settings):
    """No settings."""


class Show:
    """The graph on air."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.runtime: Runtime | None = None
        self.feelings: asyncio.Queue[Emotion] = asyncio.Queue()

    def feel(self, emotion: str) -> float:
        """Send the graph a feeling; return the time at which it was sent."""
        self.feelings.put_nowait(Emotion(turn="t", emotion=emotion))
        return time.monotonic()

    async def moves(self, since: float, smile: float = 0.0, seconds: float = 20.0) -> Injection:
        """Wait for the first injection after a time with a smile at least this wide."""
        async with asyncio.timeout(seconds):
            while True:
                for each in self.server.injections()[-200:]:
                    if each[0] > since and each[1].get("MouthSmile", 0.0) >= smile:
                        return each
                await asyncio.sleep(0.02)


@asynccontextmanager
async def on_air(
    server: Server, idle: str = "", graph: str = GRAPH, web: Any = None, *, wait: bool = True
) -> AsyncGenerator[Show]:
    """Run the graph.

    Args:
        wait: wait until the avatar is moved.
    """
    show = Show(server)

    def feeling(config: Nothing, *, jobs: Jobs) -> Observable[Emotion]:
        async def produce() -> AsyncIterator[Emotion]:
            while True:
                yield await show.feelings.get()

        return jobs.source(produce)

    types = {**nodes.load_all(), "test.feeling": nodes._read("test.feeling", feeling, False)}
    text = graph.replace("IDLE", idle).replace("PORT", str(server.port))
    text = text.replace("TOKENS", str(server.log.with_name("token.txt")))
    checked = check(text, "body.yaml", types, {}, ROOT)
    log = EngineLog(quiet=True)
    served = web or LocalWeb("127.0.0.1", 0, log, root=ROOT)
    runtime = Runtime(checked, types, root=ROOT, log=log, web=served, seed=1)
    show.runtime = runtime
    await runtime.start()
    try:
        if web is None and wait:
            await show.moves(0.0)
        yield show
    finally:
        await runtime.stop()
    assert all(station.errors == 0 for station in runtime.stations.values())


def rate(injections: list[Injection]) -> float:
    times = [at for at, _ in injections]
    return (len(times) - 1) / (times[-1] - times[0])


def jitter_ms(injections: list[Injection], hz: float = 60.0) -> list[float]:
    """Return how far each arrived from its place on the grid that fits them best, in milliseconds, sorted."""
    late = [at - number / hz for number, (at, _) in enumerate(injections)]
    middle = statistics.median(late)
    return sorted(abs(each - middle) * 1000 for each in late)


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]
