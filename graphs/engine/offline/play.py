"""Plays a graph off the air to its end: starts it, lets it answer what came, stops it, and collects what it decided.

This is the only way into virtual time: ``replay``, ``rehearse --fast`` and ``test`` go through ``virtually``.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from graphs.engine.flow.runtime import STOP_S, Runtime
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.offline.decisions import Decisions
from graphs.engine.offline.recording import Recording
from graphs.engine.offline.stand_ins import OfflineLoop, stand_ins
from graphs.engine.reload.reloader import Reloader
from nodes import NodeSpec, load_all
from schemas.chat import RawPayload
from schemas.graph import Graph

T = TypeVar("T")

SETTLE_S = 120.0
"""After its last message a run waits at most this long, in its own time, for what is still to be answered."""
VIRTUAL_STOP_S = 60.0
LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Playing:
    """A graph that is being played."""

    runtime: Runtime
    decisions: Decisions


@dataclass(frozen=True, slots=True)
class Played:
    """A run that is over."""

    decisions: Decisions
    seconds: float
    """Its length, in its own time."""
    errors: tuple[str, ...]
    """Failures of nodes."""
    stand_ins: Mapping[str, str] = field(default_factory=dict[str, str])
    """Node type -> what replaced it."""


def virtually(work: Coroutine[Any, Any, T]) -> T:
    """Run the coroutine to its end in virtual time."""
    loop = OfflineLoop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


async def played(
    graph: Graph,
    registry: dict[str, NodeSpec],
    root: Path,
    log: EngineLog,
    until: Callable[[Playing], Awaitable[object]],
    *,
    web: Any = None,
    seed: int | None = None,
    settle_s: float = SETTLE_S,
    stop_s: float = STOP_S,
) -> Played:
    """Play the graph on the running loop, in the loop's time; nothing is written to a journal.

    Args:
        log: is closed at the end.
        until: returns when the last message has come in.
        settle_s: wait at most this long after that for messages that are still to be answered.
        stop_s: nodes may take at most this long to stop.

    Raises:
        NotBuilt: the first node that could not be built.
        OSError: the page cannot be served.
    """
    runtime = Runtime(graph, registry, root=root, log=log, web=web, seed=seed)
    decisions = Decisions(runtime)
    try:
        await runtime.start()
        await until(Playing(runtime, decisions))
        last = runtime.now()
        while runtime.ledger.waiting_count and runtime.now() < last + settle_s:
            await asyncio.sleep(0.05)
        seconds = runtime.now()
    finally:
        await runtime.stop(stop_s)
        log.close()
    decisions.close()
    return Played(decisions, seconds, tuple(f"{error['node']}: {error['error']}" for error in log.errors))


def replayed(
    graph: Graph,
    lines: Iterable[tuple[float, RawPayload]],
    root: Path,
    *,
    seed: int = 0,
    reloads: Sequence[tuple[float, Graph]] = (),
) -> Played:
    """Run the recorded lines through the graph in virtual time, with stand-ins for the outside world.

    Args:
        seed: the seed of the stand-ins.
        reloads: (seconds, graph) in order of time; each graph goes on air at its time.

    Raises:
        NotBuilt: the first node that could not be built.
    """
    recording = Recording(lines)
    registry, told = stand_ins(load_all(), [graph, *(other for _, other in reloads)], recording, seed)

    async def until(playing: Playing) -> None:
        runtime = playing.runtime
        reloader = Reloader(runtime)
        for at, other in reloads:
            await asyncio.sleep(max(0.0, at - runtime.now()))
            applied = await reloader.apply(other)
            playing.decisions.note("reload", generation=applied.generation, summary=applied.summary)
        await asyncio.sleep(LOOK_S)
        while recording.playing:  # ``idle`` polls 20 times per second, too often for an hour of chat
            await asyncio.sleep(LOOK_S)
        await runtime.idle()

    async def work() -> Played:
        log = EngineLog(quiet=True)
        return await played(graph, registry, root, log, until, seed=seed, stop_s=VIRTUAL_STOP_S)

    return replace(virtually(work()), stand_ins=told)
