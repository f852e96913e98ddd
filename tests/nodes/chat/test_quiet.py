"""nodes/chat/_quiet.py"""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from reactivex import Subject

from graphs.engine.offline.play import virtually
from nodes import UNWIRED
from nodes.chat._quiet import LOOK_S, in_quiet
from schemas.chat import ChatBatch
from schemas.playback import Speaking
from tests.harness import LoopClock

CONFIG = SimpleNamespace(after_s=3.0, turn_timeout_s=60.0)


class Words:
    """So many things to say, and whether they can wait."""

    def __init__(self) -> None:
        self.left = 0
        self.made = 0
        self.viewers = 0
        self.urgent = False

    def due(self, since: float) -> float:
        return since if self.left else float("inf")

    def make(self, now: float) -> ChatBatch:
        self.left -= 1
        self.made += 1
        return ChatBatch(turn=f"own-{self.made}", lane="chat", events=(), topic="말")

    def answered(self) -> None:
        self.viewers += 1

    def overdue(self, now: float) -> bool:
        return self.urgent and self.left > 0


class Stage:
    """What comes in and, with its time, what comes out."""

    def __init__(self, *, voiced: bool) -> None:
        self.words = Words()
        self.batch: Subject[ChatBatch] = Subject()
        self.speaking: Subject[Speaking] = Subject()
        self.news: Subject[object] = Subject()
        self.out: list[tuple[float, str]] = []
        config: Any = CONFIG
        speaking = self.speaking if voiced else UNWIRED
        self.quiet = in_quiet(config, self.words, self.batch, speaking, LoopClock(), self.news)

    def took(self, batch: ChatBatch) -> None:
        self.out.append((asyncio.get_running_loop().time(), batch.turn))

    async def until(self, at: float) -> None:
        await asyncio.sleep(at - asyncio.get_running_loop().time())

    def more(self, count: int = 1) -> None:
        self.words.left += count
        self.news.on_next(None)

    def opens(self, turn: str, lane: Any = "chat") -> None:
        self.batch.on_next(ChatBatch(turn=turn, lane=lane, events=()))


def play(story: Callable[[Stage], Awaitable[object]], *, voiced: bool = True) -> list[tuple[float, str]]:
    stage = Stage(voiced=voiced)

    async def run() -> None:
        with stage.quiet.subscribe(stage.took):
            await story(stage)
        stage.words.left = 5
        await asyncio.sleep(100)  # nothing comes after it was disposed of

    virtually(run())
    return stage.out


def test_what_there_is_to_say_comes_after_the_silence_and_one_after_the_other() -> None:
    async def story(stage: Stage) -> None:
        await stage.until(1)
        stage.more(2)
        await stage.until(10)

    assert play(story, voiced=False) == [(3.0, "own-1"), (6.0, "own-2")]


def test_what_nobody_tells_of_is_noticed_soon() -> None:
    async def story(stage: Stage) -> None:
        await stage.until(11)
        stage.words.left = 1
        await stage.until(11 + LOOK_S)

    assert [turn for _, turn in play(story)] == ["own-1"]


def test_an_open_turn_is_waited_for_until_the_voice_ends_it_or_it_is_forgotten() -> None:
    async def story(stage: Stage) -> None:
        await stage.until(1)
        stage.opens("a")
        stage.more()
        await stage.until(20)
        stage.speaking.on_next(Speaking(turn="a", speaking=True))
        await stage.until(30)
        stage.speaking.on_next(Speaking(turn="a", speaking=False))
        await stage.until(40)
        stage.speaking.on_next(Speaking(turn="own-1", speaking=False))
        stage.opens("b")
        stage.more()
        await stage.until(110)
        assert stage.words.viewers == 2

    assert play(story) == [(33.0, "own-1"), (100.0, "own-2")]


def test_a_voice_that_is_gone_is_not_waited_for() -> None:
    async def story(stage: Stage) -> None:
        stage.opens("a")
        stage.more()
        await stage.until(10)
        stage.speaking.on_completed()
        await stage.until(11)

    assert play(story) == [(10.0, "own-1")]


@pytest.mark.parametrize(("lane", "goes"), [("chat", True), ("mention", True), ("donation", False), ("host", False)])
def test_what_is_overdue_goes_behind_an_answer_to_chat_and_waits_for_its_own_end(lane: str, goes: bool) -> None:
    async def story(stage: Stage) -> None:
        stage.words.urgent = True
        stage.opens("a", "donation")
        stage.more(1)
        await stage.until(5)
        stage.opens("b", lane)
        await stage.until(6)

    assert play(story) == ([(5.0, "own-1")] if goes else [])
