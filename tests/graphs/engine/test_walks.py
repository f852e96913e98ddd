"""The two walks of graphs/engine/README.md: a message and a reload enter the functions listed there, in that order."""

import asyncio
import re
import shutil
import sys
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import aiohttp
import pytest
from reactivex import Observable

import nodes
from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.read import read_graph
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.reload.live import Live
from graphs.engine.web.server import LocalWeb
from nodes import UNWIRED, Feedback, load_all
from nodes.services import Jobs, Log
from nodes.speech._speaking.speak import Speaking, speak
from schemas.playback import Stop
from schemas.reply import Sentence
from schemas.speech import Speech
from tests.harness import ROOT
from tests.peers.tts_peer import ToneVoice

README = ROOT / "graphs" / "engine" / "README.md"
GRAPH = """
name: walk
nodes:
  typed:  {type: chat.typed}
  parse:  {type: chat.parse, in: typed}
  filter: {type: chat.filter, in: parse}
  batch:  {type: chat.batch, in: filter, speaking: voice.speaking, quiet_s: 0.1}
  reply:  {type: reply.canned, in: batch}
  split:  {type: reply.split, in: reply}
  speech: {type: speech.tone, in: split.sentence}
  voice:  {type: audio.play, in: speech, device: none, record: false}
  pages:  {type: overlay.web, chat: filter, reply: split.sentence, heard: voice.heard}
"""


def tone(
    config: Speaking, sentence: Observable[Sentence], stop: Feedback[Stop] = UNWIRED, *, jobs: Jobs, log: Log
) -> Observable[Speech]:
    """Say every sentence as a short tone."""
    return speak(ToneVoice(), config, sentence, stop, jobs=jobs, log=log)


def walk(heading: str) -> list[str]:
    """The ``file:function`` of each step of a numbered list in the README."""
    section = re.search(rf"^## {heading}\n(.*?)^## ", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert section, heading
    return re.findall(r"^\d+\. `([\w/]+\.py:[\w.]+)`", section[1], re.MULTILINE)


class Entered:
    """Notes each function of the program when it is entered for the first time, in any thread.

    It begins at the ``first``: what ran already, such as a look at all files, goes on before it.
    """

    def __init__(self, first: str) -> None:
        self.first = first
        self.functions: dict[str, None] = {}
        self.noting = False

    def __enter__(self) -> "Entered":
        threading.setprofile(self._note)  # threads that begin now
        return self

    def __exit__(self, *_: object) -> None:
        threading.setprofile(None)

    @contextmanager
    def noted(self) -> Generator[None]:
        """Note what is entered in this context; before and after it, this thread runs at its usual pace."""
        self.noting = True
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(None)
            self.noting = False

    def _note(self, frame: FrameType, event: str, _: object) -> None:
        if event != "call" or not self.noting or (name := named(frame.f_code)) is None:
            return
        if self.functions or name == self.first:
            self.functions.setdefault(name)


@cache
def named(code: CodeType) -> str | None:
    """``file:function`` of the program's own code."""
    path = Path(code.co_filename)
    if not path.is_relative_to(ROOT):
        return None
    return f"{path.relative_to(ROOT).as_posix()}:{code.co_qualname.replace('.<locals>', '')}"


def compare(listed: list[str], entered: list[str]) -> None:
    """Fail unless every listed function was entered, and in the order of the list."""
    assert [step for step in listed if step not in entered] == [], "listed, and not entered"
    assert sorted(listed, key=entered.index) == listed, "entered in another order than listed"


async def played(
    root: Path, monkeypatch: pytest.MonkeyPatch, first: str, story: Callable[[Runtime, Live, LocalWeb], Awaitable[Any]]
) -> list[str]:
    """Run the graph with its page and its file watched; gives the functions that the story entered from the first."""
    monkeypatch.setenv("TTS_PEER_S_PER_CHAR", "0.01")
    monkeypatch.setitem(load_all(), "speech.tone", nodes._read("speech.tone", tone, False))
    shutil.copytree(ROOT / "config", root / "config")
    file = root / "graphs" / "walk.yaml"
    file.parent.mkdir()
    file.write_text(GRAPH, encoding="utf-8")
    read = partial(read_graph, root=root)
    with Entered(first) as entered:
        log = EngineLog(quiet=True)
        web = LocalWeb("127.0.0.1", 0, log, root=ROOT)
        runtime = Runtime(read(file), load_all(), root=root, log=log, web=web)
        await runtime.start()
        live = Live(runtime, file, read, root=root)
        live.start()
        try:
            await settled(live)
            with entered.noted():
                await story(runtime, live, web)
        finally:
            await live.close()
            await runtime.stop()
            log.close()
    return list(entered.functions)


async def settled(live: Live) -> None:
    """Wait until the watcher has looked at its files for the first time, and what it asked for is done."""
    async with asyncio.timeout(20):
        asked = 0
        while not asked or asked != live.asked or asked != live.status()["done"]:
            asked = live.asked
            await asyncio.sleep(0.5)


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


@pytest.mark.asyncio
async def test_a_chat_message_goes_the_way_that_the_readme_walks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(runtime: Runtime, _: Live, web: LocalWeb) -> None:
        async with aiohttp.ClientSession(headers={"X-Token": web.token}) as client:
            async with client.post(f"{web.url}/api/say", json={"text": "안녕"}) as answer:
                assert answer.status == 200
            await until(lambda: runtime.ledger.counts()["answered"] == 1)

    listed = walk("One chat message")
    assert len(listed) > 20
    compare(listed, await played(tmp_path, monkeypatch, listed[0], story))


@pytest.mark.asyncio
async def test_a_reload_goes_the_way_that_the_readme_walks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(_: Runtime, live: Live, __: LocalWeb) -> None:
        live.file.write_text(GRAPH.replace("reply.split,", "reply.split, max_chars: 60,"), encoding="utf-8")
        await until(lambda: live.generation == 2 and len(live.history) == 2)

    listed = walk("One reload")
    assert len(listed) > 15
    compare(listed, await played(tmp_path, monkeypatch, listed[0], story))


def test_a_walk_that_is_wrong_is_noticed() -> None:
    entered = ["a.py:one", "a.py:two", "b.py:three"]
    compare(["a.py:one", "b.py:three"], entered)
    with pytest.raises(AssertionError, match="another order"):
        compare(["b.py:three", "a.py:one"], entered)
    with pytest.raises(AssertionError, match="not entered"):
        compare(["a.py:one", "c.py:gone"], entered)


def test_what_ran_already_is_no_step_of_a_walk() -> None:
    first = named(walk.__code__)
    assert first is not None
    with Entered(first) as entered, entered.noted():
        compare([], [])
        walk("One reload")
        compare([], [])
    assert list(entered.functions)[:2] == [first, named(compare.__code__)]
