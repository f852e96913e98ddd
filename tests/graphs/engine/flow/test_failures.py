"""A node that asks the program to end has failed like any other; the show goes on."""

import asyncio

import pytest
import reactivex
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

from graphs.engine.flow.failures import failure
from graphs.engine.flow.instance import NotBuilt
from nodes.services import Jobs
from schemas.chat import ViewerEvent
from schemas.settings import Settings
from tests.graphs.engine.stage import SEEN, graph_of, play, sample


class Ending(Settings):
    where: str = Field(default="callback", description="Where it asks for the end.")


def end(*_):
    raise SystemExit(3)


def interrupt(*_):
    raise KeyboardInterrupt


TIMERS = {
    "delay": ops.delay(0.02),
    "debounce": ops.debounce(0.02),
    "throttle": ops.sample(0.02),
    "timer": ops.flat_map(lambda event: reactivex.timer(0.02).pipe(ops.map(lambda _: event))),
    "buffer": ops.compose(ops.buffer_with_time(0.02), ops.flat_map(reactivex.from_iterable)),
}
"""Operators that give on what they take in a callback of the scheduler."""


@sample("chat.ending")
def chat_ending(config: Ending, chat: Observable[ViewerEvent], *, jobs: Jobs) -> Observable[ViewerEvent]:
    """End the program on the third message."""

    async def work(event: ViewerEvent):
        if event.id == "2":
            await jobs.thread(end) if config.where == "thread" else end()
        yield event

    def look(event: ViewerEvent) -> ViewerEvent:
        if event.id == "2":
            jobs.post(end) if config.where == "post" else interrupt()
        return event

    if config.where == "build":
        end()
    if config.where in TIMERS:
        return chat.pipe(TIMERS[config.where], ops.map(look))
    return chat.pipe(jobs.each(work) if config.where in ("job", "thread") else ops.map(look))


@pytest.mark.parametrize("where", ["callback", "job", "thread", "post", *TIMERS])
def test_a_node_that_asks_the_program_to_end_is_started_again_and_the_others_go_on(where):
    nodes = {"a": ("chat.count", {"count": 300}), "b": ("chat.ending", {"where": where}), "c": "page.see"}

    async def story(runtime):
        await asyncio.sleep(60)
        assert runtime.stations["b"].errors == 1
        assert "프로그램을 끝내려고" in runtime.stations["b"].last_error

    play(graph_of(nodes, "a -> b", "b -> c"), story)
    assert SEEN["seen"][-1] == "299"


def test_a_node_that_asks_for_the_end_when_it_is_built_cannot_be_built():
    graph = graph_of({"a": "chat.count", "b": ("chat.ending", {"where": "build"}), "c": "page.see"}, "a -> b", "b -> c")

    async def story(_):
        raise AssertionError

    with pytest.raises(NotBuilt, match=r"끝내려고 했어요: SystemExit\(3\)"):
        play(graph, story)


def test_an_ordinary_failure_stays_itself():
    error = ValueError("x")
    assert failure(error) is error
