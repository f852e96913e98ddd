"""Half an hour on air in real time, at ten messages a second, while the graph is edited and its servers die.

``SOAK_MINUTES=3 python -m pytest -m slow tests/soak/test_half_hour.py`` runs a shorter version.
"""

import asyncio
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from tests.e2e import flood
from tests.e2e.conftest import figure
from tests.e2e.show import Show, accounted
from tests.harness import ROOT
from tests.ports import free_port
from tests.soak.fit import Range, drift, medians, quantile, slope

__all__ = ["figure"]

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
SECONDS = 60 * MINUTES
PER_S = 10
GIFT_EVERY = 1000
CROWD = 2000
"""Viewers that take turns, so that the limits for a single viewer hold nobody back here."""
WARM = 1 / 3
"""The part of the run in which the memories of the last messages and turns fill up, and which is not judged."""
FILL, FILLED = 24_000, 0.8
"""This many messages come in this share of that part, more than anything remembers (20,000 verdicts): the memory that a
show at the usual pace reaches within the hour must not look like a leak."""
EDIT_S, FAULT_S, PAGE_S, SAMPLE_S = 15.0, 20.0, 3.0, 2.0
STRETCH_H = 30 / 3600
SLOPE_MB_H, DRIFT = 1.0, 0.10
BLOCK = 10 * PER_S
"""Readings in ten seconds: a disturbance of the machine lasts this long."""

GRAPH = """\
name: soak
nodes:
  replay: {type: chat.replay, file: soak.jsonl}
  parse: {type: chat.parse, in: replay}
  filter: {type: chat.filter, in: parse, banned_words: config/banned_words.txt}
  batch: {type: chat.batch, in: filter, speaking: voice.speaking, withdrawn: parse, quiet_s: 0.4}
  dock: {type: overlay.dock, batch: batch, reply: guard, heard: voice.heard, speaking: voice.speaking}
  reply: {type: llm.reply, in: dock.batch, heard: voice.heard, base_url: "LLM/v1"}
  canned: {type: reply.canned, in: reply.unanswered}
  split: {type: reply.split, in: [reply, canned]}
  guard: {type: reply.guard, in: split, banned_words: config/banned_words.txt}
  speech: {type: speech.http, in: guard, urls: ["VOICE_A", "VOICE_B"], first_chunk_s: 1, stall_s: 1}
  voice: {type: audio.play, in: speech, device: none}
  pose: {type: pose.interpolate, in: split, speaking: voice.speaking, heard: voice.heard}
  lips: {type: pose.lipsync, in: voice, speech: speech}
  stage: {type: avatar.stage, port: STAGE, allow: true}
  avatar: {type: avatar.vts, in: [pose, lips], emotion: split, port: STAGE, discover: false}
  overlay: {type: overlay.web, chat: filter, command: parse, batch: batch, reply: guard, heard: voice.heard}
"""
EDITS = (
    ("quiet_s: 0.4", "quiet_s: 0.5"),  # on the running node
    ("dock.batch, heard", "dock.batch, temperature: 0.7, heard"),
    ("in: split, banned", "in: split, patience_s: 1, banned"),  # refused: there is no such setting
    ("  pose: ", "  wave: {type: pose.interpolate, in: split}\n  pose: "),  # one node more, and then one less
)


def due(number: int) -> float:
    """Return when the ``number``-th message is sent, in seconds."""
    filling = FILLED * WARM * SECONDS
    return filling * number / FILL if number < FILL else filling + (number - FILL) / PER_S


def message(number: int, texts: list[str]) -> dict[str, Any]:
    """Return a line of the recording whose author's name is its number."""
    if number % GIFT_EVERY == GIFT_EVERY - 1:
        event, body = "DONATION", {"donationType": "CHAT", "donatorChannelId": "d" * 32, "payAmount": "1000"}
        body |= {"donatorNickname": str(number), "donationText": f"{number}번째 응원"}
    else:
        event, body = "CHAT", {"senderChannelId": f"{number % CROWD:032x}", "content": texts[number % len(texts)]}
        body |= {"profile": {"nickname": str(number)}, "messageTime": 1792234800000 + number}
    body |= {"channelId": "c" * 32, "emojis": {}}
    return {"t": due(number), "event": event, "payload": json.dumps(body, ensure_ascii=False)}


class Server:
    """A module that serves on a port of its own, killed and started again at will."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", self._module, "--port", str(self._port)]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(command, cwd=ROOT, **quiet)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)


@dataclass
class Seen:
    """The measurements; times are seconds since the run began."""

    late: list[tuple[float, float]] = field(default_factory=list)
    """(time, seconds from when a message is due in the recording to its line on a page), up to a constant."""
    machine: list[tuple[float, float]] = field(default_factory=list)
    """(time, seconds that this process woke too late)"""
    process: list[tuple[float, dict[str, float]]] = field(default_factory=list)
    pages: int = 0
    reloads: int = 0
    faults: int = 0

    def part(self, name: str, begin: float, end: float) -> list[float]:
        return [values[name] for at, values in self.process if begin <= at < end]


class Soak:
    """The running show, with the tasks that disturb it and watch it."""

    def __init__(self, show: Show, llm: Server, voices: tuple[Server, Server], graph: str) -> None:
        self.seen = Seen()
        self._show = show
        self._llm = llm
        self._voices = voices
        self._graph = graph
        self._begun = time.monotonic()
        self._program = psutil.Process(show.process.pid)

    def now(self) -> float:
        return time.monotonic() - self._begun

    async def look(self, web: aiohttp.ClientSession) -> None:
        """Keep a page open."""
        async with web.ws_connect(f"{self._show.url}/ws/overlay", max_msg_size=0) as page:
            async for frame in page:
                for change in _changes(json.loads(frame.data)):
                    if change.get("type") == "line" and change["line"]["user"].isdecimal():
                        self.seen.late.append((self.now(), self.now() - due(int(change["line"]["user"]))))

    async def refresh(self, web: aiohttp.ClientSession) -> None:
        """Load pages and close them again."""
        for number in itertools.count():
            await asyncio.sleep(PAGE_S)
            for path in ("/", "/dock/", "/api/state", "/api/graph", "/stage/"):
                async with web.get(self._show.url + path) as answer:
                    assert answer.status == 200, path
                    await answer.read()
            page = await web.ws_connect(self._show.url + ("/ws/overlay", "/ws/dock")[number % 2], max_msg_size=0)
            await page.receive(10)
            if number % 3:
                await page.close()
            else:  # as when a browser crashes
                page._response.connection.transport.abort()  # type: ignore[union-attr]
                await page.close()
            self.seen.pages += 1

    async def edit(self, web: aiohttp.ClientSession) -> None:
        file = self._show.root / "soak.yaml"
        for old, new in itertools.cycle(EDITS):
            for text in (self._graph.replace(old, new), self._graph):
                await asyncio.sleep(EDIT_S)
                await asyncio.to_thread(file.write_text, text, "utf-8")
                self.seen.reloads += 1

    async def strike(self, web: aiohttp.ClientSession) -> None:
        first, second = self._voices
        for blow in itertools.cycle(((first,), (self._llm,), (second,), "freeze", (first, second))):
            await asyncio.sleep(FAULT_S - 5)
            struck = (first,) if blow == "freeze" else blow
            for server in struck:
                server.signal(signal.SIGSTOP) if blow == "freeze" else await asyncio.to_thread(server.kill)
            await asyncio.sleep(5)
            for server in struck:
                server.signal(signal.SIGCONT) if blow == "freeze" else server.start()
            self.seen.faults += 1

    async def measure(self, web: aiohttp.ClientSession) -> None:
        while True:
            await asyncio.sleep(SAMPLE_S)
            async with web.get(f"{self._show.url}/metrics") as answer:
                metrics = dict(line.rsplit(" ", 1) for line in (await answer.text()).splitlines() if line[0] != "#")
            with self._program.oneshot():
                values = {
                    "rss": self._program.memory_info().rss / 1e6,
                    "files": float(self._program.num_fds()),
                    "threads": float(self._program.num_threads()),
                }
            self.seen.process.append((self.now(), {**values, "tasks": float(metrics["aischoco_tasks"])}))

    async def wake(self, web: aiohttp.ClientSession) -> None:
        """Record the machine's own lateness, at the pace of the messages."""
        due = time.monotonic()
        while True:
            due += 1 / PER_S
            await asyncio.sleep(max(due - time.monotonic(), 0))
            self.seen.machine.append((self.now(), time.monotonic() - due))

    async def run(self, seconds: float) -> None:
        tasks: list[Callable[[aiohttp.ClientSession], Coroutine[Any, Any, None]]]
        tasks = [self.look, self.refresh, self.edit, self.strike, self.measure, self.wake]
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as web:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
                    for task in tasks:
                        group.create_task(task(web))


def _changes(told: Any) -> Iterator[dict[str, Any]]:
    yield from told if isinstance(told, list) else [told]


@contextlib.contextmanager
def servers() -> Iterator[tuple[Server, tuple[Server, Server]]]:
    made: list[Server] = []
    try:
        for module in ("tests.peers.llm_peer", "tests.peers.tts_peer", "tests.peers.tts_peer"):
            made.append(Server(module))
        yield made[0], (made[1], made[2])
    finally:
        for server in made:
            server.kill()


def lateness(readings: list[tuple[float, float]], begin: float, end: float) -> list[float]:
    """Return the seconds above the least lateness of all."""
    least = min(late for _, late in readings)
    return [late - least + 1e-3 for at, late in readings if begin <= at < end]


@pytest.mark.slow
@pytest.mark.timeout(int(SECONDS) + 300)
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGSTOP")
def test_half_an_hour_with_reloads_faults_and_refreshed_pages_leaves_everything_flat(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    with servers() as (llm, voices):
        graph = GRAPH.replace("LLM", llm.url).replace("STAGE", str(free_port()))
        graph = graph.replace("VOICE_A", voices[0].url).replace("VOICE_B", voices[1].url)

        def prepare(root: Path) -> None:
            texts = flood.lines()
            numbers = range(FILL + round((SECONDS + 60) * PER_S))
            recorded = (json.dumps(message(number, texts), ensure_ascii=False) for number in numbers)
            (root / "soak.jsonl").write_text("".join(f"{line}\n" for line in recorded), encoding="utf-8")
            (root / "soak.yaml").write_text(graph, encoding="utf-8")

        with Show(tmp_path, "soak.yaml", prepare=prepare) as show:
            show.until(lambda: show.get("/api/state"), 60)
            soak = Soak(show, llm, voices, graph)
            asyncio.run(soak.run(SECONDS))
            state = show.get("/api/reload")
            show.signal(signal.SIGTERM)
        report = show.report
    judge(soak.seen, report, state, figure)


def judge(seen: Seen, report: Any, state: Any, figure: Callable[[str], None]) -> None:
    warm = WARM * SECONDS
    third = (SECONDS - warm) / 3
    thirds = (warm, warm + third), (SECONDS - third, SECONDS)
    grown = slope(medians([(at / 3600, values["rss"]) for at, values in seen.process if at >= warm], STRETCH_H))
    rss = seen.part("rss", warm, SECONDS)
    figure(f"{MINUTES:g} min, {seen.reloads} edits, {seen.faults} faults, {seen.pages} pages refreshed")
    figure(f"{report['viewer_events']}")
    figure(f"RSS {rss[0]:.1f} -> {rss[-1]:.1f} MB (most {max(rss):.1f}); slope MB/h {grown}")
    # the least that is open in each third: pages, faults and edits pass, leftovers stay
    counts: dict[str, tuple[float, float]] = {}
    for name in ("files", "threads", "tasks"):
        first, last = (seen.part(name, *part) for part in thirds)
        counts[name] = min(first), min(last)
        figure(f"{name}: {counts[name][0]:.0f} -> {counts[name][1]:.0f} (most {max(first):.0f} -> {max(last):.0f})")
    moved: dict[str, Range] = {}
    for name, readings in (("message to page", seen.late), ("the machine itself", seen.machine)):
        first, last = (lateness(readings, *part) for part in thirds)
        moved[name] = drift(first, last, 0.99, BLOCK)
        both = " -> ".join(
            f"p50 {quantile(each, 0.5) * 1e3:.1f} p99 {quantile(each, 0.99) * 1e3:.1f} ms" for each in (first, last)
        )
        figure(f"{name}: {both}, drift of p99 {moved[name]}")
    figure(f"errors: {report['errors']}")

    assert accounted(report["viewer_events"])
    assert "failed" not in report["viewer_events"]["dropped"]
    assert state["generation"] > 0.6 * seen.reloads
    assert all(last <= first + 1 for first, last in counts.values()), counts
    # a figure is judged against the noise, and against a slowdown of the machine itself
    assert grown.low < SLOPE_MB_H, grown
    assert moved["message to page"].low < DRIFT + max(moved["the machine itself"].value, 0.0)
