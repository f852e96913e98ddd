"""Runs one node alone on virtual time, with the engine's own instance and jobs.

``check`` is for stories in marbles: a character is 0.1 s, ``(ab)`` come at the same time, ``|`` completes.
``run`` is for exact times and everything else.
"""

import asyncio
import contextlib
import functools
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from reactivex.abc import DisposableBase
from reactivex.disposable import Disposable
from reactivex.observable.marbles import parse
from reactivex.scheduler.eventloop import AsyncIOScheduler

from graphs.engine.flow.files import ProjectFiles
from graphs.engine.flow.host import Keeping
from graphs.engine.flow.instance import Instance
from graphs.engine.language.settings import named_settings
from graphs.engine.offline.virtual import VirtualLoop
from nodes import NodeSpec, load_all
from nodes.services import Alarms, Budget, Clock, Files, Log, Pace, Secrets, Spoken, Stopped, Verdicts, Web
from nodes.troubles import Troubles
from schemas.alarm import Alarm, AlarmKind
from schemas.bus import Judged
from schemas.chat import Reason, ViewerEvent
from schemas.event import Event
from schemas.language import KOREAN, Language
from schemas.light import Condition
from schemas.reply import Sentence

T = TypeVar("T")

TICK = 0.1
ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Ran:
    """What a node did."""

    out: list[tuple[float, str, Event]] = field(default_factory=list)
    """(seconds, output port, event)"""
    drops: list[tuple[str, Reason]] = field(default_factory=list)
    """(event id, reason) in order."""
    malformed: list[str] = field(default_factory=list)
    unsaid: list[tuple[Sentence, Stopped]] = field(default_factory=list)
    stops: dict[str, Stopped] = field(default_factory=dict)
    """Event id -> the word found in it."""
    error: BaseException | None = None
    failed_on: Event | None = None
    completed_at: float | None = None
    log: list[str] = field(default_factory=list)
    """Lines for the operator, each as ``level text``."""
    fields: list[dict[str, object]] = field(default_factory=list)
    """What was logged with each of these lines."""
    alarms: list[tuple[float, AlarmKind, bool]] = field(default_factory=list)
    """(seconds, kind, over) of the lines that are alarms."""
    alarm: Callable[[Alarm], object] = lambda _: None
    """Takes alarms, if the node follows them."""
    follower: Callable[[Judged], object] | None = None
    """Called for each verdict, if a node follows them."""
    conditions: dict[str, Condition] = field(default_factory=dict[str, Condition])
    """What the node says is wrong, awaited or well, as of now: it switches its light."""
    hidden: list[str] = field(default_factory=list)
    """Values that must not be written down."""

    def logged(self, name: str) -> list[object]:
        """The values of one field, of the lines that have it."""
        return [fields[name] for fields in self.fields if name in fields]

    def events(self, port: str = "out") -> list[Any]:
        return [event for _, name, event in self.out if name == port]

    def drop(self, event: ViewerEvent, reason: Reason) -> None:
        self.drops.append((event.id, reason))

    def stop(self, event: Event, by: Stopped) -> None:
        if isinstance(event, Sentence):
            self.unsaid.append((event, by))
        elif isinstance(event, ViewerEvent):
            self.stops[event.id] = by


class LoopClock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()


class NoSecrets:
    """The ``Secrets`` of a run that has no secrets."""

    def told_by(self, text: str) -> bool:
        return False


class NoBudget:
    """The ``Budget`` of a graph that promises nothing."""

    def left(self, turn: str) -> float | None:
        return None


class NoPace:
    """The ``Pace`` of a show that has made no sound."""

    def sound_s(self) -> float | None:
        return None

    def idle_s(self) -> float:
        return LoopClock().now()


class InKorean:
    """The ``Spoken`` of a graph whose voice speaks Korean."""

    language: Language = KOREAN


class _Stand:
    """The engine around the one node: unbounded edges, no supervision."""

    def __init__(self, ran: Ran, heard: Callable[[Instance, Event], None] | None = None) -> None:
        self.ran = ran
        self.heard = heard
        self.waiting: dict[str, deque[Event]] = {}
        self.instance: Instance | None = None
        self.finish = asyncio.Event()
        self.closing = False
        self.blocked = 0
        self.kept = Keeping()

    def emit(self, port: str, event: Event) -> None:
        self.ran.out.append((round(asyncio.get_running_loop().time(), 6), port, event))
        if self.heard is not None and self.instance is not None:
            self.heard(self.instance, event)

    def failed(self, event: Event | None, error: BaseException) -> None:
        self.ran.error, self.ran.failed_on = error, event
        self.finish.set()

    def finished(self) -> None:
        self.ran.completed_at = round(asyncio.get_running_loop().time(), 6)
        self.finish.set()

    def writable(self) -> Awaitable[None] | None:
        return None

    def wake(self) -> None:
        asyncio.get_running_loop().call_soon(self._pump)

    def put(self, port: str, event: Event) -> None:
        self.waiting.setdefault(port, deque()).append(event)
        self._pump()

    def complete(self) -> None:
        self.closing = True
        self._pump()

    def _pump(self) -> None:
        assert self.instance is not None
        for port, waiting in self.waiting.items():
            while waiting and self.instance.ready(port):
                self.instance.feed(port, waiting.popleft())
        if self.closing and not any(self.waiting.values()) and not self.instance.ended:
            self.closing = False
            self.instance.complete()


class _Log(Troubles):
    def __init__(self, ran: Ran) -> None:
        self._ran = ran
        ran.conditions = self.conditions

    def info(self, text: str, **fields: object) -> None:
        self._note("info", text, fields)

    def warning(self, text: str, **fields: object) -> None:
        self._note("warning", text, fields)

    def _note(self, level: str, text: str, fields: dict[str, Any]) -> None:
        self._ran.log.append(f"{level} {text}")
        self._ran.fields.append(fields)
        if "alarm" in fields:
            self._ran.alarms.append((LoopClock().now(), fields["alarm"], level == "info"))

    def hide(self, secret: str) -> None:
        self._ran.hidden.append(secret)


class _Alarms:
    def __init__(self, ran: Ran) -> None:
        self._ran = ran

    def follow(self, take: Callable[[Alarm], object]) -> DisposableBase:
        self._ran.alarm = take
        return Disposable(lambda: setattr(self._ran, "alarm", lambda _: None))


class _Verdicts:
    def __init__(self, ran: Ran) -> None:
        self.drop = ran.drop
        self.malformed = ran.malformed.append
        self.stopped = ran.stop
        self._ran = ran

    def follow(self, take: Callable[[Judged], object]) -> DisposableBase:
        self._ran.follower = take
        return Disposable(lambda: None)


def on_virtual_time(story: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in virtual time, and require that it leaves no task behind."""
    loop = VirtualLoop()
    try:
        result = loop.run_until_complete(story)
        loop.run_until_complete(loop.shutdown_default_executor())
        left = asyncio.all_tasks(loop)
        assert not left, f"tasks are left behind: {left}"
    finally:
        loop.close()
    return result


def run(
    type_: str,
    given: Mapping[str, Iterable[tuple[float, Event]]],
    *,
    settings: Mapping[str, Any] | None = None,
    complete_at: float | None = None,
    until: float = 3600.0,
    services: Mapping[type, Any] | None = None,
    root: Path = ROOT,
    during: Callable[[Instance], Awaitable[None]] | None = None,
    heard: Callable[[Instance, Event], None] | None = None,
    registry: Mapping[str, NodeSpec] | None = None,
    kept: Keeping | None = None,
) -> Ran:
    """Run the node ``type_`` on virtual time.

    Args:
        given: input port -> (seconds, event); a port that is named is wired, even if nothing comes.
        complete_at: when all inputs complete; default right after the last event.
        until: when the run is cut off if the node has not completed.
        services: protocol -> stand-in, beside the usual ones (``Web`` has none unless given).
        during: a coroutine that runs beside it, for what is not an event.
        heard: called with each event as it comes out, for a test that answers the node.
        registry: where the type is looked up; default all types under nodes/.
        kept: what an earlier generation of the node left; default nothing.
    """
    spec = (_registry() if registry is None else registry)[type_]
    ran = Ran()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        stand = _Stand(ran, heard)
        stand.kept = kept or stand.kept
        lent: dict[type, Any] = {
            Clock: LoopClock(),
            Alarms: _Alarms(ran),
            Verdicts: _Verdicts(ran),
            Files: ProjectFiles(root, character=lambda: "초코"),
            Log: _Log(ran),
            Budget: NoBudget(),
            Pace: NoPace(),
            Secrets: NoSecrets(),
            Spoken: InKorean(),
            Web: None,
            **(services or {}),
        }
        instance = Instance(
            type_, spec, named_settings(spec.settings(**(settings or {})), "초코"), set(given), lent, stand
        )
        stand.instance = instance
        plan: dict[float, list[Callable[[], None]]] = {}  # one timer a time: the loop does not order equal ones
        for port, events in given.items():
            for at, event in events:
                plan.setdefault(at, []).append(functools.partial(stand.put, port, event))
        if given:
            plan.setdefault(max(plan, default=0.0) if complete_at is None else complete_at, []).append(stand.complete)
        for at, calls in plan.items():
            loop.call_at(at, _call_all, calls)
        instance.start(AsyncIOScheduler(loop))
        beside = asyncio.ensure_future(during(instance)) if during else None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stand.finish.wait(), until)
        if beside is not None:
            await beside
        await instance.close()

    on_virtual_time(main())
    return ran


@functools.cache
def _registry() -> dict[str, NodeSpec]:
    """Return the registry itself, so that it holds what a test adds; the folders are searched only once."""
    return load_all()


def _call_all(calls: list[Callable[[], None]]) -> None:
    for call in calls:
        call()


def story(
    type_: str,
    given: Mapping[str, str],
    expect: str | Mapping[str, str],
    events: Mapping[str, Event],
    **settings: Any,
) -> Ran:
    """Feed marbles into the ports of a node and compare what comes out, at exact times.

    ``story("chat.dedupe", {"chat": "-a-a-b-|"}, "-a---b-|", {"a": ..., "b": ...}, remember=5)``
    """
    inputs: dict[str, list[tuple[float, Event]]] = {}
    ends: list[float] = []
    for port, marbles in given.items():
        inputs[port] = []
        for at, notification in parse(marbles, timespan=TICK, lookup=dict(events), raise_stopped=True):
            if notification.kind == "N":
                inputs[port].append((_seconds(at), notification.value))  # type: ignore[attr-defined]
            elif notification.kind == "C":
                ends.append(_seconds(at))
    ran = run(type_, inputs, settings=settings, complete_at=max(ends) if ends else None)
    assert ran.error is None, ran.error
    expected = {"out": expect} if isinstance(expect, str) else expect
    for port, marbles in expected.items():
        want = [
            (round(_seconds(at), 6), notification.value)  # type: ignore[attr-defined]
            for at, notification in parse(marbles, timespan=TICK, lookup=dict(events))
            if notification.kind == "N"
        ]
        got = [(at, event) for at, name, event in ran.out if name == port]
        assert got == want, f"{port}: {got} != {want}"
    return ran


def _seconds(at: Any) -> float:
    return at.total_seconds() if hasattr(at, "total_seconds") else float(at)
