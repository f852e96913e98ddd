"""A node fails by whatever it raises, and one that asks the program to end has failed too; the show goes on."""

import asyncio

import pytest
import reactivex
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

from graphs.engine.flow.failures import failure
from graphs.engine.flow.instance import NotBuilt
from nodes.services import Jobs
from schemas.chat import ChatMessage, ViewerEvent
from schemas.settings import Settings
from tests.graphs.engine.stage import SEEN, graph_of, play, sample


class Ending(Settings):
    where: str = Field(default="callback", description="Where it asks for the end.")


def end(*_):
    raise SystemExit(3)


def interrupt(*_):
    raise KeyboardInterrupt


class Panic(BaseException):
    """What a package that is written in Rust raises."""


async def give_up():
    waiting = asyncio.get_running_loop().create_future()
    waiting.cancel()
    await waiting


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


class Raising(Settings):
    where: str = Field(description="Where it raises.")
    kind: str = Field(description="What.")


KINDS = {"panic": Panic, "cancelled": asyncio.CancelledError, "closed": GeneratorExit}
FAILED: list[str] = []
"""Where it failed that fails only once."""


@sample("chat.raising")
def chat_raising(config: Raising, chat: Observable[ViewerEvent], *, jobs: Jobs) -> Observable[ViewerEvent]:
    """Raise what is no Exception on the third message, or once when it is subscribed to or released."""

    def fail(*_):
        raise KINDS[config.kind](config.where)

    async def work(event: ViewerEvent):
        if event.id == "2":
            await give_up() if config.kind == "cancelled" else fail()
        yield event

    async def produce():
        await jobs.sleep(1.0)
        if once():
            await give_up() if config.kind == "cancelled" else fail()
        yield ChatMessage(id="source", author="x")

    def look(event: ViewerEvent) -> ViewerEvent:
        if event.id == "2":
            fail()
        return event

    def once() -> bool:
        return not FAILED and not FAILED.append(config.where)

    def subscribe(observer, scheduler=None):
        if once():
            fail()
        return chat.subscribe(observer, scheduler=scheduler)

    def release():
        if once():
            fail()

    if config.where in TIMERS:
        return chat.pipe(TIMERS[config.where], ops.map(look))
    if config.where == "release":
        return chat.pipe(ops.map(look), ops.finally_action(release))
    if config.where == "subscribe":
        return Observable(subscribe)
    if config.where == "source":
        return chat.pipe(ops.merge(jobs.source(produce)))
    return chat.pipe(jobs.each(work) if config.where == "job" else ops.map(look))


WHERE = [("callback", each) for each in KINDS] + [(each, "panic") for each in ("subscribe", "release", *TIMERS)]
WHERE += [(where, kind) for where in ("job", "source") for kind in ("panic", "cancelled")]


@pytest.mark.parametrize(("where", "kind"), WHERE)
def test_whatever_a_node_raises_it_is_started_again_and_the_others_go_on(where, kind):
    FAILED.clear()
    raising = ("chat.raising", {"where": where, "kind": kind})
    nodes = {"a": ("chat.count", {"count": 300}), "b": raising, "c": "page.see"}

    async def story(runtime):
        await asyncio.sleep(60)
        assert runtime.stations["b"].errors >= 1
        assert runtime.stations["b"].restarts >= 1
        assert runtime.stations["b"].last_error.startswith(KINDS[kind].__name__)

    play(graph_of(nodes, "a -> b", "b -> c"), story)
    assert SEEN["seen"][-1] == "299"


def test_an_ordinary_failure_stays_itself():
    error = ValueError("x")
    assert failure(error) is error
