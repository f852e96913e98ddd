"""Changes the running graph: prepare, commit in one tick of the loop, drain. Unchanged nodes are not affected.

A node whose settings changed is parked (its events wait in their edges); its old instance drains, then the new one
takes the waiting events in order. An added wire is held until the wires removed from the same node are empty, so that
no event overtakes another. Nodes that an event could pass twice (a cycle of old and new wires) drain together. An
exclusive node (a device, an address) starts after the leaving nodes of its type, whatever their names, have ended.
Source of the rules: Vector's reload (validate, diff, apply, roll back); measured on random graphs under load.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from graphs.engine.flow.edge import Edge
from graphs.engine.flow.instance import Instance
from graphs.engine.flow.runtime import Runtime
from graphs.engine.flow.station import Station
from graphs.engine.language.order import Shape
from graphs.engine.language.plan import Diff, plan
from nodes.phrases import phrase
from schemas.graph import Graph
from schemas.settings import Settings

DRAIN_S = 10.0
"""An old instance has this many seconds to flush before it is ended by force."""
HEED_S = 0.02
"""The nodes that make an answer hear within this time that it is to be cut short."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The result of a reload."""

    generation: int
    summary: str
    seconds: float
    """Time from the first build to the last swap."""
    forced: tuple[str, ...] = ()
    """Nodes whose old instance did not drain in time; what it held is lost, which is logged."""
    fresh: Mapping[str, int] = field(default_factory=dict[str, int])
    """Node with a new instance -> number of failures of the node before the instance took over."""
    came: tuple[str, ...] = ()
    """Types of nodes that no node of the graph before had."""
    went: tuple[str, ...] = ()
    """Types of nodes that no node of the new graph has."""
    changes: tuple[str, ...] = ()
    """What ``summary`` says, one by one."""


def own(graph: Graph) -> Graph:
    """Return the graph with its own copy of the settings: those of a running node are modified by live changes."""
    nodes = {name: replace(entry, settings=entry.settings.model_copy()) for name, entry in graph.nodes.items()}
    return replace(graph, nodes=nodes)


class Reloader:
    """Applies one graph after another to a runtime, one at a time."""

    def __init__(self, runtime: Runtime, *, drain_s: float = DRAIN_S) -> None:
        self._runtime = runtime
        self._drain_s = drain_s
        self._lock = asyncio.Lock()
        self.generation = 1
        self.ending: dict[str, str] = {}
        """Nodes of the change under way that have not finished what they have in hand, and their types."""

    async def apply(self, new: Graph, *, hurry: bool = False) -> Applied:
        """Change the running graph to a copy of ``new``.

        Args:
            hurry: answers that are being said end after the sentence that is being heard, where they can be stopped.

        Raises:
            Exception: a node could not be built; the running graph is unchanged.
        """
        async with self._lock:
            runtime = self._runtime
            started = runtime.loop.time()
            diff = plan(runtime.graph, new)
            self.ending.clear()
            change = _Change(runtime, Shape(own(new), runtime.registry), diff, self._drain_s, self.ending)
            await change.prepare()
            if hurry and runtime.cut_short():
                await asyncio.sleep(HEED_S)
            change.commit()
            self.generation += 1
            await change.drain()
            seconds = runtime.loop.time() - started
            came, went = change.types()
            return Applied(
                self.generation, diff.summary, seconds, tuple(change.forced), change.errors, came, went, diff.changes
            )


class _Change:
    """One reload in progress."""

    def __init__(self, runtime: Runtime, shape: Shape, diff: Diff, drain_s: float, ending: dict[str, str]) -> None:
        self.runtime = runtime
        self.ending = ending
        self.before, self.shape = runtime.shape, shape
        self.old, self.new = self.before.graph, shape.graph
        self.diff = diff
        self.drain_s = drain_s
        self.region = diff.region.intersection(self.old.nodes, self.new.nodes)
        self.swapping = self.region.union(diff.replaced, diff.rewired)
        self.fresh: dict[str, Instance] = {}
        self.added: dict[str, Station] = {}
        self.closing: dict[str, list[Edge]] = {}
        """Draining node -> its out-edges that are not in the new graph."""
        self.dry: dict[str, list[Edge]] = {}
        """Node -> in-edges that must be empty before its new wires are read."""
        self.forced: list[str] = []
        self.errors: dict[str, int] = {}
        """Node -> number of its failures when its new instance was opened."""
        leaving = [name for name in self.old.nodes if name in diff.removed or name in self.swapping]
        self.leaving = {name: asyncio.Event() for name in leaving if runtime.stations[name].spec.exclusive}
        """Exclusive node that ends -> event that is set when it has ended."""

    def types(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return which types of nodes came and which went."""
        old, new = (dict.fromkeys(entry.type for entry in graph.nodes.values()) for graph in (self.old, self.new))
        return tuple(each for each in new if each not in old), tuple(each for each in old if each not in new)

    async def prepare(self) -> None:
        """Build every new instance; nothing runs yet and the old graph is not affected."""
        runtime = self.runtime
        try:
            for name in self.shape.downstream_first:
                if name in self.diff.added:
                    entry = self.new.nodes[name]
                    self.added[name] = Station(entry, runtime.registry[entry.type], runtime)
                if name in self.diff.added or name in self.swapping:
                    station = self.added.get(name) or runtime.stations[name]
                    self.fresh[name] = runtime.make(station, self.new.nodes[name], self.new)
            await runtime.serve(self.fresh.values())
        except Exception:
            for instance in self.fresh.values():
                await instance.close()
            raise

    def commit(self) -> None:
        """Change wires and settings, all in one tick of the loop: there must be no await in here."""
        runtime, diff = self.runtime, self.diff
        runtime.shape = self.shape
        if self.old.character != self.new.character:
            runtime.files.rename()
        runtime.stations.update(self.added)
        for name in diff.live:
            _set_live(runtime.stations[name], self.new.nodes[name].settings)
        for name in (*diff.kept, *diff.live):
            runtime.stations[name].entry = self.new.nodes[name]
        for wire in diff.wires_changed:
            runtime.edges[wire.ends].set_policy(wire.policy)
        self._remove_wires()
        judging = self.shape.answers
        for (_, _, target, _), edge in runtime.edges.items():
            edge.judge = runtime.ledger.drop if target in judging else None
        for wire in diff.wires_added:
            edge = runtime.connect(wire, judging)
            if wire.target not in self.swapping:
                edge.held = set() if wire.feedback else set(self.dry.get(wire.target, ()))
                runtime.stations[wire.target].add_in(edge)
        for name, station in runtime.stations.items():
            if name not in self.swapping and name not in diff.removed:
                station.outs = runtime.outs(name)

    async def drain(self) -> None:
        """Let old instances flush and new ones take over, each as soon as possible."""
        try:
            await self._drain()
        except asyncio.CancelledError:  # the run ends and stops what is in the new graph; the rest is stopped here
            for instance in self.fresh.values():
                await instance.close()
            for name in self.diff.removed:
                station = self.runtime.stations.pop(name, None)
                if station is not None:
                    await station.drain(0.0)
            raise

    async def _drain(self) -> None:
        for name in self.shape.downstream_first:
            if name in self.added and not self._before(name):
                self._open(self.added[name])
        region = [name for name in reversed(self.before.downstream_first) if name in self.region]
        await asyncio.gather(
            *(self._swap([name]) for name in self.new.nodes if name in self.swapping and name not in region),
            *([self._swap(region)] if region else []),
            *(self._retire(name) for name in self.diff.removed),
            *(self._follow(name) for name in self.added if self._before(name)),
        )

    def _remove_wires(self) -> None:
        for wire in self.diff.wires_removed:
            edge = self.runtime.edges.pop(wire.ends)
            if not wire.feedback:
                self.dry.setdefault(wire.target, []).append(edge)
            if wire.source in self.swapping or wire.source in self.diff.removed:
                self.closing.setdefault(wire.source, []).append(edge)
            else:
                edge.leave()
        for (source, _, target, port), edge in self.runtime.edges.items():
            inside = source in self.region and target in self.region
            if inside and port not in self.runtime.stations[target].feedback:
                self.dry.setdefault(target, []).append(edge)

    async def _swap(self, names: list[str]) -> None:
        """Replace instances that drain together, in the order of the data."""
        runtime = self.runtime
        for name in names:
            await self._end(runtime.stations[name])
        for gone in [gone for name in names for gone in self._before(name)]:
            await gone.wait()
        for name in names:
            entry = self.new.nodes[name]
            runtime.stations[name].adopt(entry, runtime.registry[entry.type], runtime.ins(name), runtime.outs(name))
        for name in reversed(names):
            self._open(runtime.stations[name])

    def _before(self, name: str) -> list[asyncio.Event]:
        """Return what has to happen before a new instance may take what is exclusive to its type."""
        type_ = self.new.nodes[name].type
        return [gone for other, gone in self.leaving.items() if other != name and self.old.nodes[other].type == type_]

    async def _follow(self, name: str) -> None:
        for gone in self._before(name):
            await gone.wait()
        self._open(self.added[name])

    def _open(self, station: Station) -> None:
        self.errors[station.name] = station.errors
        station.open(self.fresh.pop(station.name))

    async def _retire(self, name: str) -> None:
        station = self.runtime.stations[name]
        await self._end(station)
        self.runtime.gone(station)
        station.adopt(station.entry, station.spec, [], {})
        station.state = "stopped"
        del self.runtime.stations[name]

    async def _end(self, station: Station) -> None:
        """Let the old instance take what its removed in-wires hold, then flush; then close its removed out-wires."""
        end = self.runtime.loop.time() + self.drain_s
        self.ending[station.name] = station.spec.name
        lost = dict.fromkeys((*self.dry.get(station.name, ()), *(edge for edge in station.ins if edge.closing)))
        for edge in lost:
            while len(edge) or (not edge.closing and edge.writer_runs):
                if self.runtime.loop.time() > end:
                    break
                await asyncio.sleep(0.001)
        if not await station.drain(max(0.0, end - self.runtime.loop.time())):
            self.forced.append(station.name)
            text = phrase(
                "{node}: did not finish in {seconds} s and was ended by force",
                node=station.name,
                seconds=f"{self.drain_s:g}",
            )
            self.runtime.log.warning(text)
        del self.ending[station.name]
        for edge in self.closing.get(station.name, ()):
            edge.leave()
        if station.name in self.leaving:
            self.leaving[station.name].set()


def _set_live(station: Station, settings: Settings) -> None:
    """Give the running instance its new values: it reads them from the same object at its next event."""
    if station.instance is not None:
        vars(station.instance.settings).update(vars(settings))
