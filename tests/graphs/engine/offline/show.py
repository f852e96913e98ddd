"""A whole show in virtual time: real chat, dock, answers, sentences and player, and a voice that takes its time."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from reactivex import operators as ops
from reactivex.disposable import Disposable

from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.check import check
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.offline.play import virtually
from graphs.engine.offline.stand_ins import seconds_of
from graphs.engine.reload.reloader import Reloader
from nodes import load_all
from nodes.services import Jobs, Log
from nodes.speech._speaking.sound import RATE
from nodes.speech._speaking.speak import speak
from nodes.speech._speaking.voice import Sound
from schemas.chat import ChatMessage, Donation, Subscription, ViewerEvent, Withdrawn
from schemas.playback import Heard, Speaking
from tests.harness import ROOT

GRAPH = """
name: show
nodes:
  typed: {{type: chat.typed}}
  parse: {{type: chat.parse, in: typed}}
  batch: {{type: chat.batch, in: parse, speaking: voice.speaking{batch}{wires}}}
  dock: {{type: overlay.dock, batch: batch, reply: split.sentence, heard: voice.heard, speaking: voice.speaking,
    withdrawn: parse}}
  reply: {{type: reply.canned, in: dock.batch, replies: {replies}}}
  split: {{type: reply.split, in: [reply, dock.said]}}
  speech: {{type: speech.http, urls: [""], in: split.sentence, stop: dock.stop{speech}}}
  voice: {{type: audio.play, in: speech, stop: dock.stop, device: none, record: false{voice}}}
"""
WITHDRAWN = ", withdrawn: parse"
"""What ``batch`` loses at one reload and gets back at the next: it needs a new instance for another set of inputs."""
ANSWER = "정말 반가운 이야기예요. 다음에 또 들려주세요."


class Pages:
    """A web server without an address, whose orders are given by ``order``."""

    def __init__(self) -> None:
        self.posts: dict[str, Callable[[dict[str, Any]], Any]] = {}

    async def start(self) -> None:
        pass

    stop = start

    def folder(self, *_: Any, **__: Any) -> Disposable:
        return Disposable()

    get = page = folder

    def post(self, path: str, take: Callable[[dict[str, Any]], Any], *_: Any, **__: Any) -> Disposable:
        self.posts[path] = take
        return Disposable()

    def channel(self, *_: Any, **__: Any) -> SimpleNamespace:
        return SimpleNamespace(clients=0, send=lambda *_: None, dispose=lambda: None)


class Paced:
    """A voice that gives the first part of a sentence after a while, and the rest as fast as it is said twice."""

    def __init__(self, first_s: float) -> None:
        self.first_s = first_s

    async def prepare(self) -> None:
        pass

    async def say(self, sentence: Any) -> Any:
        await asyncio.sleep(self.first_s)
        seconds, part = seconds_of(sentence.spoken), 0.5
        while seconds > 0:
            yield Sound(np.full(round(min(part, seconds) * RATE), 0.1, np.float32), RATE, text=sentence.spoken)
            seconds -= part
            await asyncio.sleep(part / 2)

    async def close(self) -> None:
        pass


@dataclass
class Show:
    """A running show and what was seen of it."""

    graph: Callable[..., Any]
    runtime: Runtime
    pages: Pages
    seen: list[tuple[float, Heard | Speaking]] = field(default_factory=list)
    """What the voice reported, and when."""
    came: dict[str, float] = field(default_factory=dict)
    """Viewer event -> when it came."""
    settings: dict[str, str] = field(default_factory=dict)
    generation: int = 0

    def emit(self, event: ViewerEvent | Withdrawn) -> None:
        """Let an event come, as from the chat."""
        event = replace(event, received_at=self.runtime.now())
        if isinstance(event, ViewerEvent):
            self.came[event.id] = self.runtime.now()
        port = next(port.name for port in self.runtime.stations["parse"].spec.outputs if isinstance(event, port.event))
        self.runtime.stations["parse"].emit(port, event)

    def chat(self, name: str, text: str = "안녕", **more: Any) -> None:
        self.emit(ChatMessage(id=name, author=name, author_id=name, text=text, **more))

    def donate(self, name: str) -> None:
        self.emit(Donation(id=name, author=name, author_id=name, amount=1000))

    def subscribe(self, name: str) -> None:
        self.emit(Subscription(id=name, author=name, author_id=name))

    def withdraw(self, name: str) -> None:
        self.emit(Withdrawn(author_id=name))

    def order(self, order: str, **more: Any) -> bool:
        """Give an order at the dock; return whether it came in time."""
        if "/api/dock" not in self.pages.posts:
            return False
        return self.pages.posts["/api/dock"]({"order": order, **more})["done"]

    async def reload(self, node: str) -> None:
        """Give a node another setting, for which it needs a new instance."""
        self.generation += 1
        other = {
            "voice": f", silence_timeout_s: {15 + self.generation % 2}",
            "speech": f", timeout_s: {20 + self.generation % 2}",
            "wires": "" if self.settings.get("wires", WITHDRAWN) else WITHDRAWN,
        }
        name = "wires" if node == "batch" else node
        self.settings[name] = other[name]
        await Reloader(self.runtime).apply(self.graph(**self.settings))

    def fail(self, node: str) -> None:
        if (instance := self.runtime.stations[node].instance) is not None:
            instance.fail(RuntimeError("not today"))

    def events(self, kind: type[Any]) -> list[tuple[float, Any]]:
        return [(at, event) for at, event in self.seen if isinstance(event, kind)]

    def first_sounds(self) -> dict[str, float]:
        """Turn -> when it was first heard."""
        found: dict[str, float] = {}
        for at, event in self.events(Heard):
            found.setdefault(event.turn, at)
        return found

    def gaps(self) -> list[float]:
        """Give the silences between the end of what is said and the next first sound."""
        found, ended = [], None
        for at, event in self.events(Heard):
            if event.ended:
                ended = at
            elif ended is not None and event.fraction == 0.0 and event.sentence == 0:
                found.append(round(at - ended, 3))
        return found

    def verdict(self, name: str) -> str | None:
        """What became of a viewer's event: a turn, or a reason in brackets; None if it waits."""
        verdict = self.runtime.ledger.verdict(name)
        return None if verdict is None else verdict.turn or f"({verdict.reason})"

    def conserved(self) -> bool:
        counts: Any = self.runtime.ledger.counts()
        return counts["in"] == counts["answered"] + counts["waiting"] + sum(counts["dropped"].values())


def shown(
    folder: Path,
    story: Callable[[Show], Any],
    *,
    answer: str = ANSWER,
    first_s: float = 0.9,
    journal: Any = None,
    text: str = GRAPH,
    extra: Sequence[str] = (),
    **settings: str,
) -> Show:
    """Run a story (a coroutine of the show) to its end, and stop the show.

    Args:
        answer: what the character says to everybody.
        first_s: how long the voice takes until its first sound.
        settings: node -> more settings of it, as ``", name: value"``.
    """
    replies = folder / "replies.yaml"
    kinds = ("chat", "donation", "subscription")
    rules = (f"- {{name: {kind}, when: {{kind: {kind}}}, lines: [{answer!r}]}}\n" for kind in kinds)
    replies.write_text("".join(rules), encoding="utf-8")

    show: Any = None

    def build(config: Any, sentence: Any, stop: Any = None, *, jobs: Jobs, log: Log) -> Any:
        return speak(Paced(first_s), config, sentence, stop, jobs=jobs, log=log)

    registry = dict(load_all())
    played = registry["audio.play"].build

    def watched(*args: Any, **lent: Any) -> Any:
        def note(event: Any) -> None:
            show.seen.append((round(show.runtime.now(), 3), event))

        voice = played(*args, **lent)
        return voice._replace(
            **{port: getattr(voice, port).pipe(ops.do_action(note)) for port in ("speaking", "heard")}
        )

    registry["audio.play"] = replace(registry["audio.play"], build=watched)
    registry["speech.http"] = replace(registry["speech.http"], build=build, services={"jobs": Jobs, "log": Log})

    def graph(**more: str) -> Any:
        blank = {"batch": "", "wires": WITHDRAWN, "speech": "", "voice": ""}
        return check(text.format(replies=replies, **{**blank, **more}) + "".join(extra), "show.yaml", registry, {})

    async def main() -> Show:
        nonlocal show
        pages = Pages()
        own = journal() if journal is not None else None
        runtime = Runtime(
            graph(**settings), registry, root=ROOT, log=EngineLog(quiet=True), web=pages, seed=1, journal=own
        )
        show = Show(graph, runtime, pages, settings=dict(settings))
        await runtime.start()
        try:
            await story(show)
        finally:
            await runtime.stop()
        return show

    return virtually(main())
