"""A small registry of node types for tests of the engine, and graphs of them in one line a wire."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Never

import reactivex
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops
from reactivex.disposable import Disposable

import nodes
from graphs.engine.flow.runtime import Runtime
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.web.private import Private
from nodes import UNWIRED, Feedback, NodeSpec
from nodes.services import Jobs, Kept, Verdicts
from schemas.chat import ChatBatch, ChatMessage, Donation, ViewerEvent
from schemas.graph import Graph, NodeEntry, Policy, Wire
from schemas.playback import Heard, Speaking
from schemas.settings import Settings
from tests.harness import on_virtual_time

REGISTRY: dict[str, NodeSpec] = {}
MENDED: list[bool] = []
"""Not empty: what is wrong in ``chat.forgetful`` is mended."""


def sample(name: str) -> Callable[[Any], Any]:
    def register(build: Any) -> Any:
        REGISTRY[name] = nodes._read(name, build, False)
        return build

    return register


class Count(Settings):
    count: int = Field(default=10, description="Events to emit.")
    every_s: float = Field(default=0.1, description="Seconds between them.")
    gift_every: int = Field(default=0, description="Make each n-th a donation; 0 for none.")
    first: int = Field(default=0, description="The first number.")


@sample("chat.count")
def chat_count(config: Count, *, jobs: Jobs) -> Observable[ViewerEvent]:
    """Emit numbered messages."""

    async def produce():
        for number in range(config.first, config.first + config.count):
            await jobs.sleep(config.every_s)
            if config.gift_every and number % config.gift_every == 0:
                yield Donation(id=str(number), author="x", amount=1000)
            else:
                yield ChatMessage(id=str(number), author="x", text=str(number), channel_id="c1")

    return jobs.source(produce)


class Nothing(Settings):
    pass


class FailOn(Settings):
    bad: tuple[str, ...] = Field(default=(), description="Ids to fail on.")


@sample("chat.pass")
def chat_pass(config: FailOn, chat: Observable[ViewerEvent]) -> Observable[ViewerEvent]:
    """Pass everything on; fail on some."""

    def look(event: ViewerEvent) -> ViewerEvent:
        if event.id in config.bad:
            raise ValueError(f"cannot stand {event.id}")
        return event

    return chat.pipe(ops.map(look))


@sample("chat.forgetful")
def chat_forgetful(config: Nothing, chat: Observable[ViewerEvent]) -> Observable[ViewerEvent]:
    """Look at everything, and forget to give it back until ``MENDED``."""
    return chat.pipe(ops.map(lambda event: event if MENDED else None))


@sample("chat.wrong")
def chat_wrong(config: Nothing) -> Observable[ViewerEvent]:
    """Give what is not of the port, many times, as soon as it is subscribed to."""

    def subscribe(observer: Any, _: Any) -> Disposable:
        for _ in range(256):
            observer.on_next(Speaking(turn="t", speaking=True))
        return Disposable()

    return reactivex.create(subscribe)


class Tally(Settings):
    step: int = Field(default=1, description="Anything.")


@sample("chat.tally")
def chat_tally(config: Tally, chat: Observable[ViewerEvent], *, kept: Kept) -> Observable[ViewerEvent]:
    """Keep the ids of all that passed."""

    def begin(_: object) -> Observable[ViewerEvent]:
        seen: list[str] = kept.keep("tally", list)
        return chat.pipe(ops.do_action(lambda event: seen.append(event.id)))

    return reactivex.defer(begin)


@sample("chat.refuse")
def chat_refuse(config: Nothing, chat: Observable[ViewerEvent], *, verdicts: Verdicts) -> Observable[ViewerEvent]:
    """Drop every odd one."""

    def even(event: ViewerEvent) -> bool:
        if int(event.id) % 2:
            verdicts.drop(event, "duplicate")
        return int(event.id) % 2 == 0

    return chat.pipe(ops.filter(even))


class Slow(Settings):
    work_s: float = Field(default=0.5, description="Seconds for each event.")
    bad: tuple[str, ...] = Field(default=(), description="Ids to fail on.")


@sample("chat.slow")
def chat_slow(config: Slow, chat: Observable[ViewerEvent], *, jobs: Jobs) -> Observable[ViewerEvent]:
    """Take a while for each."""

    async def work(event: ViewerEvent):
        await jobs.sleep(config.work_s)
        if event.id in config.bad:
            raise ValueError(f"cannot stand {event.id}")
        yield event

    return chat.pipe(jobs.each(work))


@sample("chat.single")
def chat_single(
    config: Nothing, chat: Observable[ViewerEvent], speaking: Feedback[Speaking] = UNWIRED
) -> Observable[ChatBatch]:
    """Make a turn of each message."""
    return chat.pipe(ops.map(lambda event: ChatBatch(turn=f"t-{event.id}", lane="chat", events=(event,))))


class Voice(NamedTuple):
    speaking: Observable[Speaking]
    heard: Observable[Heard]


@sample("audio.say")
def audio_say(config: Slow, batch: Observable[ChatBatch], *, jobs: Jobs) -> Voice:
    """Speak a batch."""

    async def say(batch: ChatBatch):
        yield Speaking(turn=batch.turn, speaking=True)
        yield Heard(turn=batch.turn, sentence=0, text="x", fraction=0.0)
        await jobs.sleep(config.work_s)
        yield Heard(turn=batch.turn, sentence=0, text="x", fraction=1.0, ended=True)
        yield Speaking(turn=batch.turn, speaking=False)

    said = batch.pipe(jobs.each(say), ops.share())
    return Voice(
        said.pipe(ops.filter(lambda event: isinstance(event, Speaking))),
        said.pipe(ops.filter(lambda event: isinstance(event, Heard))),
    )


SEEN: dict[str, list[Any]] = {}
"""Sink name -> what came; cleared by ``play``."""


class Name(Settings):
    label: str = Field(default="seen", description="Where to write.")
    broken: bool = Field(default=False, description="Cannot be built.")


@sample("page.see")
def page_see(config: Name, chat: Observable[ViewerEvent]) -> Observable[Never]:
    """Keep what comes."""
    if config.broken:
        raise RuntimeError("no page")
    return chat.pipe(
        ops.do_action(lambda event: SEEN.setdefault(config.label, []).append(event.id)), ops.ignore_elements()
    )


BUILT: list[Jobs] = []
"""What the engine lent to the nodes of ``page.built``, in the order in which they were built."""


@sample("page.built")
def page_built(config: Nothing, chat: Observable[ViewerEvent], *, jobs: Jobs) -> Observable[Never]:
    """Remember that it was built."""
    BUILT.append(jobs)
    return chat.pipe(ops.ignore_elements())


def closed(jobs: Jobs) -> bool:
    """Whether a node can begin nothing any more."""
    try:
        jobs.thread(int).send(None)
    except asyncio.CancelledError:
        return True
    return False


@sample("chat.empty")
def chat_empty(config: Nothing, chat: Observable[ViewerEvent]) -> Observable[ViewerEvent]:
    """End at the first event."""
    return chat.pipe(ops.take(1), ops.flat_map(lambda _: reactivex.empty()))


def graph_of(stations: Mapping[str, Any], *wires: str, policies: Mapping[str, Policy] | None = None) -> Graph:
    """``graph_of({"a": "chat.count", "b": ("page.see", {"label": "x"})}, "a -> b.chat")``"""
    entries = {}
    for name, given in stations.items():
        type_, settings = (given, {}) if isinstance(given, str) else given
        entries[name] = NodeEntry(name, type_, REGISTRY[type_].settings(**settings), f"{type_} {settings}", 1)
    made = []
    for text in wires:
        source, target = text.split(" -> ")
        source, _, output = source.partition(".")
        target, _, port = target.partition(".")
        spec = REGISTRY[entries[target].type]
        entry = spec.input(port) if port else spec.inputs[0]
        policy = (policies or {}).get(text) or Policy.of(entry.event)
        made.append(Wire(source, output or "out", target, entry.name, policy, entry.feedback))
    return Graph("sample", "sample.yaml", entries, tuple(made), "")


def play(graph: Graph, story: Callable[[Runtime], Any], root: Path = Path()) -> Runtime:
    """Run ``story`` against the started runtime, on virtual time, then stop it; nothing may be left behind."""
    SEEN.clear()

    async def main() -> Runtime:
        runtime = Runtime(graph, REGISTRY, root=root, log=EngineLog(quiet=True), seed=1)
        await runtime.start()
        await story(runtime)
        await runtime.stop()
        return runtime

    runtime = on_virtual_time(main())
    return runtime


class Pages:
    """The web server's part that takes addresses."""

    def __init__(self) -> None:
        self.gets: dict[str, Callable[..., Any]] = {}
        self.posts: dict[str, Callable[..., Any]] = {}
        self.guards: dict[str, Any] = {}
        """Address -> which requests may have it, for those that are not for everybody."""
        self.private = Private("token", remote=False)

    def get(self, path: str, answer: Callable[..., Any], *, may: Any = None) -> Disposable:
        self.gets[path] = answer
        self.guards[f"GET {path}"] = may
        return Disposable(lambda: self.gets.pop(path))

    def post(self, path: str, take: Callable[..., Any], *, body_bytes: int = 0, may: Any = None) -> Disposable:
        self.posts[path] = take
        self.guards[f"POST {path}"] = may
        return Disposable(lambda: self.posts.pop(path))

    def folder(self, prefix: str, folder: Path) -> Disposable:
        assert (folder / "index.html").is_file(), prefix
        return Disposable()

    async def start(self) -> None:
        """Nothing to start."""

    async def stop(self) -> None:
        """Nothing to stop."""
