"""Runs a graph: owns the loop's tasks, the stations, the edges and what they share."""

import asyncio
import random
from collections.abc import Callable, Container, Coroutine, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from graphs.engine.books.at_work import AtWork
from graphs.engine.books.books import Books, Journal, Observers
from graphs.engine.flow.edge import Edge, Taker
from graphs.engine.flow.failures import failure
from graphs.engine.flow.files import ProjectFiles
from graphs.engine.flow.host import Keeping
from graphs.engine.flow.instance import Instance, NotBuilt
from graphs.engine.flow.paid import Paid
from graphs.engine.flow.station import Station
from graphs.engine.flow.taps import Taps
from graphs.engine.flow.timers import Timers
from graphs.engine.language.order import SUBSCRIBE, Shape, is_viewer_source
from graphs.engine.log.run_log import RunLog
from nodes import NodeSpec
from nodes.phrases import phrase
from nodes.services import Alarms, Budget, Clock, Files, Log, Pace, Secrets, Spoken, Verdicts, Web
from schemas.chat import ChatBatch, ViewerEvent
from schemas.event import Event
from schemas.graph import Graph, NodeEntry, Wire
from schemas.language import KOREAN, Language
from schemas.playback import Speaking, Stop

STOP_S = 1.0
"""A stop waits at most this many seconds for the nodes to flush, then ends them by force."""
LEAST_S = 0.1
"""Every node gets at least this many seconds to flush, even if the nodes before it took all the time."""
CLOSE_S = 0.2
"""A stop then waits at most this many seconds for a blocking call; the process ends despite one that takes longer."""


class Server(Web, Protocol):
    """The ``Web`` service, with its start and stop."""

    async def start(self) -> None:
        """Start to listen; do nothing if it already listens."""
        ...

    async def stop(self) -> None: ...


class LanguageOf:
    """The ``Spoken`` service of a node."""

    def __init__(self, name: str, graph: Callable[[], Graph]) -> None:
        self._name = name
        self._graph = graph

    @property
    def language(self) -> Language:
        return self._graph().languages.get(self._name, KOREAN)


class Runtime:
    """Runs one graph on the current event loop; ``start`` builds all nodes before one runs: failure leaves nothing."""

    def __init__(
        self,
        graph: Graph,
        registry: Mapping[str, NodeSpec],
        *,
        root: Path,
        log: RunLog,
        web: Server | None = None,
        seed: int | None = None,
        journal: Journal | None = None,
        at_work: AtWork | None = None,
    ) -> None:
        """
        Args:
            root: the project folder; paths in graphs are relative to it.
            web: only started when a node uses it.
            seed: for the jitter of restarts.
            journal: keeps what viewers paid for, even when the process ends.
            at_work: notes when this show of several in a process is at work.
        """
        self.shape = Shape(graph, registry)
        """The graph on air; the commit of a reload replaces it."""
        self.registry = registry
        self.log = log
        self.loop = asyncio.get_running_loop()
        self.depth = [0]
        """See ``station.Engine``."""
        self.at_work = at_work or AtWork()
        self._born = self.loop.time()
        self.books = Books(self.now, lambda: self.shape, log, journal)
        self.books.over_elsewhere.add(self._release)
        self.ledger, self.turns = self.books.ledger, self.books.turns
        self.files = ProjectFiles(root, log.warning, lambda: self.graph.character)
        self.web = web
        self.stations: dict[str, Station] = {}
        self.edges: dict[tuple[str, str, str, str], Edge] = {}
        self._paid = Paid(self.books, self.stations, self.edges, self.loop, self.at_work)
        self.taps = Taps(self.now, self.stations, self.edges)
        self._random = random.Random(seed)  # noqa: S311 - spreads restarts, keeps no secret
        self._tasks: set[asyncio.Task[Any]] = set()
        self._services: dict[type, Any] = {
            Clock: self,
            Verdicts: self.ledger,
            Files: self.files,
            Budget: self.books.budget,
            Pace: self.books.pace,
            Web: web,
            Secrets: self.log.redact,
            Alarms: self.log,
        }

    @property
    def graph(self) -> Graph:
        """The graph on air."""
        return self.shape.graph

    # Life cycle.

    async def start(self) -> None:
        """Build and start all nodes: the web server first, then sinks before their sources.

        Raises:
            NotBuilt: a node could not be built; it names the first one.
            OSError: the pages cannot be served.
        """
        self._wire()
        order = self.shape.downstream_first
        built: dict[str, Instance] = {}
        try:
            for name in order:
                built[name] = self.make(self.stations[name], self.graph.nodes[name])
            await self.serve(built.values())
        except Exception:
            for instance in built.values():
                await instance.close()
            raise
        self._paid.resume()
        for name in order:
            self.stations[name].open(built[name])

    async def stop(self, deadline_s: float = STOP_S) -> None:
        """End sources first, let the other nodes flush in the order of the data, and force those that take too long."""
        end = self.loop.time() + deadline_s
        self.books.stopping()
        self._paid.stop()
        for name in reversed(self.shape.downstream_first):
            station = self.stations[name]
            while not station.quiet and station.instance is not None and self.loop.time() < end:
                await asyncio.sleep(0.005)
            await station.drain(max(LEAST_S, end - self.loop.time()), CLOSE_S)
            station.state = "stopped"
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.web is not None:
            await self.web.stop()
        await self.books.close()

    async def idle(self) -> None:
        """Wait until every source has ended and no event is in progress (for replays)."""
        while not all(
            station.state == "completed" or (station.ins and station.quiet) for station in self.stations.values()
        ):
            await asyncio.sleep(0.05)

    # For stations and services.

    def now(self) -> float:
        """Return the seconds since the run started."""
        return self.loop.time() - self._born

    def jitter(self, most: float) -> float:
        return self._random.uniform(0.0, most)

    def make(self, station: Station, entry: NodeEntry, graph: Graph | None = None) -> Instance:
        """Build an instance of a node, for the running graph or for ``graph``, without starting it.

        Raises:
            NotBuilt: the node cannot be built.
        """
        self.log.hide_settings(entry.settings)
        spec = self.registry[entry.type]
        if entry.type != station.entry.type:
            station.kept = Keeping()
        wired = {wire.input for wire in (graph or self.graph).wires if wire.target == entry.name}
        log = station.log
        if graph is not None or log is None:
            log = self.log.of(entry.name, entry.type)
        else:
            log.begin_again()
        try:
            services = {**self._services, Log: log, Spoken: self.spoken(entry.name)}
            return Instance(entry.name, spec, entry.settings, wired, services, station, self.at_work)
        except BaseException as error:
            raise NotBuilt(entry.name, entry.type, failure(error)) from error

    def spoken(self, name: str) -> Spoken:
        """Return the language of a node's words, which follows the graph on air."""
        return LanguageOf(name, lambda: self.graph)

    async def serve(self, instances: Iterable[Instance]) -> None:
        """Start the web server if one of the nodes uses it."""
        if self.web is not None and any(Web in instance.spec.services.values() for instance in instances):
            await self.web.start()

    def start_instance(self, instance: Instance) -> None:
        self.at_work.call(instance.start)(Timers(self.loop, instance.fail, self.at_work))

    def observe(self, spec: NodeSpec, name: str) -> Observers:
        """Return what to call for the events that a node of this type emits."""
        return self.books.observers(spec, name, source=is_viewer_source(spec), far=spec.name == SUBSCRIBE)

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        task = self.loop.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def failed(self, station: Station, event: Event | None, error: BaseException) -> None:
        """Record the failure of a node and the event on which it failed."""
        self.log.failure(station.name, station.entry.type, event, error)
        if isinstance(event, ViewerEvent) and station.name in self.shape.answers:
            self.ledger.drop(event, "failed")
        if isinstance(event, ChatBatch) and station.name in self.shape.voice:
            self.turns.end(event.turn)
            self._release(event.turn)

    def health(self, station: Station, *, well: bool) -> None:
        """Report once that a node keeps failing, and once that it works again."""
        if station.log is not None and well:
            station.log.well("degraded", phrase("Works again"), alarm="node")
        elif station.log is not None:
            station.log.trouble("degraded", phrase("Keeps failing, so it is started again with pauses"), alarm="node")

    def shed(self, station: Station, events: Sequence[Event]) -> None:
        """End the turns of events that a node will not work on, so that the next turn can begin."""
        turns = (getattr(event, "turn", None) for event in events if station.name in self.shape.voice)
        for turn in dict.fromkeys(turn for turn in turns if isinstance(turn, str)):
            self.turns.leave(turn)
            self._release(turn)

    def gone(self, station: Station) -> None:
        """Note that a node is no longer there: no turn waits for one that reported the end of turns."""
        for turn in self.turns.settle() if any(port.event is Speaking for port in station.spec.outputs) else ():
            self._release(turn)

    def _release(self, turn: str) -> None:
        """Let the nodes that wait for the end of a turn continue."""
        for (_, _, target, name), edge in self.edges.items():
            port = self.stations[target].spec.input(name)
            if port is not None and port.feedback and port.event is Speaking:
                edge.put(Speaking(turn=turn, speaking=False))

    def cut_short(self) -> bool:
        """End the open answers after the sentence that is being heard; return False if there is none to be stopped."""
        stops = [
            edge
            for (_, _, target, name), edge in self.edges.items()
            if (port := self.stations[target].spec.input(name)) is not None and port.feedback and port.event is Stop
        ]
        turns = self.turns.open()
        for turn in turns:
            for edge in stops:
                edge.put(Stop(turn=turn, after_sentence=True))
        return bool(stops and turns)

    # Wiring.

    def _wire(self) -> None:
        for name, entry in self.graph.nodes.items():
            self.stations[name] = Station(entry, self.registry[entry.type], self)
        for wire in self.graph.wires:
            edge = self.connect(wire, self.shape.answers)
            self.stations[wire.target].add_in(edge)
        for name, station in self.stations.items():
            station.outs = self.outs(name)

    def connect(self, wire: Wire, judging: Container[str]) -> Edge:
        """Make the edge of a wire; its reader does not read from it yet and its writer does not write to it yet."""
        judge = self.ledger.drop if wire.target in judging else None
        edge = Edge(str(wire), wire.input, wire.policy, self.now, judge)
        edge.writer = self.stations[wire.source]
        edge.reader = self.stations[wire.target]
        self.edges[wire.ends] = edge
        return edge

    def ins(self, name: str) -> list[Edge]:
        """Return the edges into a node."""
        return [edge for (_, _, target, _), edge in self.edges.items() if target == name]

    def outs(self, name: str) -> dict[str, tuple[Taker, ...]]:
        """Return, by output port, the edges out of a node and the open taps beside them."""
        outs: dict[str, tuple[Taker, ...]] = {}
        for (source, output, _, _), edge in self.edges.items():
            if source == name:
                outs[output] = (*outs.get(output, ()), *self.taps.takers(edge))
        return outs
