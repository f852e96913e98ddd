"""A recording through a graph whose nodes are at several places: a runtime for each, one clock, a bus between them."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.cut import PC, bus_settings, cut, places
from graphs.engine.language.order import is_viewer_source
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.offline.decisions import Decisions
from graphs.engine.offline.play import SETTLE_S, virtually
from graphs.engine.offline.recording import Recording
from graphs.engine.offline.stand_ins import stand_ins
from nodes import load_all
from nodes.bus import _line
from schemas.chat import RawPayload
from schemas.graph import Graph
from tests.harness import ROOT
from tests.nodes.bus.memory import MemoryBus


def spread(graph: Graph, at: Mapping[str, str]) -> Graph:
    """The graph with its nodes at these places."""
    return replace(graph, nodes={name: replace(e, at=at.get(name, PC)) for name, e in graph.nodes.items()})


@dataclass
class Placed:
    """What a run over several places did."""

    decisions: dict[str, Decisions]
    runtimes: dict[str, Runtime]
    bus: MemoryBus
    problems: list[str] = field(default_factory=list)


async def play(
    graph: Graph,
    lines: Iterable[tuple[float, RawPayload]],
    monkeypatch: pytest.MonkeyPatch,
    *,
    beside: Callable[[Placed], object] | None = None,
    apart_s: float = 0.75,
) -> Placed:
    """Run each place of the graph; each begins ``apart_s`` after the one before, the one with the chat last."""
    bus = MemoryBus()
    monkeypatch.setattr(_line, "open_line", bus.open_line)
    recording = Recording(lines, first_at=3.0)
    real = load_all()
    registry, _ = stand_ins(real, [graph], recording, 0)
    registry |= {name: spec for name, spec in real.items() if spec.family == "bus"}
    parts = [cut(graph, place, registry, bus_settings({})) for place in places(graph)]
    home = [part for part in parts if any(is_viewer_source(real[entry.type]) for entry in part.nodes.values())]
    log = EngineLog(quiet=True)
    placed = Placed({}, {}, bus)
    for part in [part for part in parts if part not in home] + home:
        name = part.part.place if part.part else PC
        runtime = placed.runtimes[name] = Runtime(part, registry, root=ROOT, log=log, seed=0)
        placed.decisions[name] = Decisions(runtime)
        await runtime.start()
        await asyncio.sleep(apart_s)
    if beside is not None:
        beside(placed)
    while recording.playing or not recording.ended:
        await asyncio.sleep(1.0)
    mine = placed.runtimes[name]
    end = mine.now() + SETTLE_S
    while mine.ledger.waiting_count and mine.now() < end:
        await asyncio.sleep(0.05)
    for runtime in placed.runtimes.values():
        await runtime.stop(60.0)
    log.close()
    for each in placed.decisions.values():
        each.close()
    placed.problems = [f"{error['node']}: {error['error']}" for error in log.errors]
    return placed


def played(
    graph: Graph, lines: Iterable[tuple[float, RawPayload]], monkeypatch: pytest.MonkeyPatch, **options
) -> Placed:
    return virtually(play(graph, lines, monkeypatch, **options))
