"""The running graph: owns the loop's tasks, the stations, the edges and what they share."""

import asyncio
import random
from collections.abc import Callable, Container, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from reactivex.scheduler.eventloop import AsyncIOScheduler

from graphs.engine.books.budget import TurnBudget
from graphs.engine.books.journal import Journal
from graphs.engine.books.journal_lines import OnAir
from graphs.engine.books.ledger import Ledger
from graphs.engine.books.turns import Turns
from graphs.engine.flow.edge import Edge, Taker
from graphs.engine.flow.files import ProjectFiles
from graphs.engine.flow.instance import Instance, NotBuilt
from graphs.engine.flow.jobs import Keeping
from graphs.engine.flow.station import Station
from graphs.engine.flow.taps import Taps
from graphs.engine.language.order import SUBSCRIBE, Shape, is_viewer_source
from graphs.engine.log.engine_log import EngineLog
from nodes import NodeSpec
from nodes.services import Budget, Clock, Files, Log, Verdicts, Web
from schemas.bus import Judged, TurnTold
from schemas.chat import ChatBatch, ViewerEvent, Withdrawn
from schemas.event import Event, kinds
from schemas.graph import Graph, NodeEntry, Wire
from schemas.playback import Speaking

STOP_S = 1.0
"""How long a stop waits for the nodes to flush before it ends them by force."""
LEAST_S = 0.1
"""What each node has to write its end, also when those before it took all the time."""
CLOSE_S = 0.2
"""How long a stop then waits for a blocking call; the process ends around one that takes longer."""


class Runtime:
    """Runs one graph on the current event loop.

    ``start`` builds every node before any of them runs, so a graph that cannot be built leaves nothing behind.
    """

    def __init__(
        self,
        graph: Graph,
        registry: dict[str, NodeSpec],
        *,
        root: Path,
        log: EngineLog,
        web: Any = None,
        seed: int | None = None,
        journal: Journal | None = None,
    ) -> None:
        """
        Args:
            root: the project folder; paths in graphs are relative to it.
            web: the ``Web`` service with ``start`` and ``stop``; only started when a node asks for it.
            seed: for the jitter of restarts.
            journal: keeps what was paid for over the end of the process.
        """
        self.shape = Shape(graph, registry)
        """The graph on air; another one from the commit of a reload on."""
        self.registry = registry
        self.log = log
        self.loop = asyncio.get_running_loop()
        self.depth = [0]
        self._born = self.loop.time()
        self.ledger = Ledger(self.now)
        self.journal = journal
        if journal is not None:
            self.ledger.judged.add(journal.judged)
            journal.on_air = lambda: OnAir(self.graph.name, self.shape.origins)
        self.turns = Turns(self.now, self.ledger, lambda: not self.shape.voiced)
        self.files = ProjectFiles(root, log.warning)
        self.web = web
        self.stations: dict[str, Station] = {}
        self.edges: dict[tuple[str, str, str, str], Edge] = {}
        self.taps = Taps(self.now, self.stations, self.edges)
        self.scheduler = AsyncIOScheduler(self.loop)
        self._random = random.Random(seed)  # noqa: S311 - spreads restarts, keeps no secret
        self._tasks: set[asyncio.Task[Any]] = set()
        from_anywhere = {Withdrawn: self._withdrawn, Judged: self._judged}
        self._observers: dict[type[Event], Callable[[Any], object]] = {**self.turns.observers(), **from_anywhere}
        far = {**self.turns.far_observers(), TurnTold: self._turn_told}
        self._far_observers: dict[type[Event], Callable[[Any], object]] = {**far, **from_anywhere}
        self._services: dict[type, Any] = {
            Clock: self,
            Verdicts: self.ledger,
            Files: self.files,
            Budget: TurnBudget(self.turns, lambda: self.graph.budget_s),
            Web: web,
        }

    @property
    def graph(self) -> Graph:
        """The graph on air."""
        return self.shape.graph

    # Life.

    async def start(self) -> None:
        """Build and start all nodes: the web server first, then sinks before their sources.

        Raises:
            NotBuilt: the first node that could not be built. OSError: the page cannot be served.
        """
        self._wire()
        order = self.shape.downstream_first
        built: dict[str, Instance] = {}
        try:
            for name in order:
                built[name] = self.make(self.stations[name], self.graph.nodes[name])
            if any(Web in self.stations[name].spec.services.values() for name in order):
                await self.web.start()
        except Exception:
            for instance in built.values():
                await instance.close()
            raise
        self._resume()
        for name in order:
            self.stations[name].open(built[name])

    async def stop(self, deadline_s: float = STOP_S) -> None:
        """End sources first, let the rest flush in the order of the data, and force what takes too long."""
        end = self.loop.time() + deadline_s
        if self.journal is not None:
            self.journal.stopping = True
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
        if self.journal is not None:
            await self.journal.close()

    async def idle(self) -> None:
        """Wait until every source has ended and nothing is under way any more (for replays)."""
        while not all(
            station.state == "completed" or (station.ins and station.quiet) for station in self.stations.values()
        ):
            await asyncio.sleep(0.05)

    # What stations and services ask for.

    def now(self) -> float:
        """Seconds since the run started."""
        return self.loop.time() - self._born

    def jitter(self, most: float) -> float:
        return self._random.uniform(0.0, most)

    def make(self, station: Station, entry: NodeEntry, graph: Graph | None = None) -> Instance:
        """Build an instance of a node without starting it, for the running graph or for ``graph``; may raise
        ``NotBuilt``."""
        self.log.hide_settings(entry.settings)
        spec = self.registry[entry.type]
        if entry.type != station.entry.type:
            station.kept = Keeping()
        wired = {wire.input for wire in (graph or self.graph).wires if wire.target == entry.name}
        if graph is not None or station.log is None:
            station.log = self.log.of(entry.name, entry.type)
        try:
            services = {**self._services, Log: station.log}
            return Instance(entry.name, spec, entry.settings, wired, services, station)
        except Exception as error:
            raise NotBuilt(entry.name, entry.type, error) from error

    def start_instance(self, instance: Instance) -> None:
        instance.start(self.scheduler)

    def observe(self, spec: NodeSpec, name: str) -> dict[type[Event], Callable[[Any], object]]:
        """What to call for the events that a node of this type emits; an answer of False takes the event back."""
        observers = dict(self._far_observers if spec.name == SUBSCRIBE else self._observers)
        if is_viewer_source(spec):
            for event in kinds(ViewerEvent):
                sure = event.overflow == "sure"
                observers[event] = partial(self._received_sure, name) if sure else self._received
        emitted = tuple(port.event for port in spec.outputs)
        return {event: observer for event, observer in observers.items() if issubclass(event, emitted)}

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        task = self.loop.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def failed(self, station: Station, event: Event | None, error: BaseException) -> None:
        """Take down the failure of a node, and the event that it failed on."""
        self.log.failure(station.name, station.entry.type, event, error)
        if isinstance(event, ViewerEvent) and station.name in self.shape.answers:
            self.ledger.drop(event, "failed")
        if isinstance(event, ChatBatch):
            self.shed(station, [event])

    def shed(self, station: Station, events: Sequence[Event]) -> None:
        """End the turns of events that a node will not work on, so that the next turn can begin."""
        if station.name not in self.shape.voice:
            return
        for turn in dict.fromkeys(turn for event in events if isinstance(turn := getattr(event, "turn", None), str)):
            self.turns.end(turn)
            self._release(turn)

    def _release(self, turn: str) -> None:
        """Tell those who wait for the end of a turn."""
        for (_, _, target, name), edge in self.edges.items():
            port = self.stations[target].spec.input(name)
            if port is not None and port.feedback and port.event is Speaking:
                edge.put(Speaking(turn=turn, speaking=False))

    def _turn_told(self, told: TurnTold) -> None:
        """Of a turn that failed at another place, nobody there says that it was heard to its end."""
        self.turns.told(told)
        if told.over:
            self._release(told.turn)

    def _received(self, event: ViewerEvent) -> None:
        """Chat that comes again (a replay that was replaced starts anew) passes again, and is counted once."""
        self.ledger.received(event)

    def _received_sure(self, name: str, event: ViewerEvent) -> bool:
        new = self.ledger.received(event)
        if new and self.journal is not None:
            self.journal.received(name, event)
        return new

    def _judged(self, judged: Judged) -> None:
        """Another place dropped a viewer event that came in here."""
        if judged.reason is not None and not judged.final:
            self.ledger.dropped_id(judged.id, judged.reason)

    def _withdrawn(self, withdrawn: Withdrawn) -> None:
        """Nothing of it stays in what was written down, or can be looked up."""
        self.ledger.recent.forget(withdrawn)
        if self.journal is not None:
            self.journal.forget(withdrawn)
        self.loop.run_in_executor(None, self.log.forget, withdrawn)

    def _resume(self) -> None:
        """Let what an earlier run did not get done come out of its source again, before anything else."""
        left = [] if self.journal is None else self.journal.open()
        sources = [name for name, station in self.stations.items() if is_viewer_source(station.spec)]
        for name, event in left:
            for source in [name, *sources] if name in sources else sources:
                station = self.stations[source]
                port = next((port.name for port in station.spec.outputs if isinstance(event, port.event)), None)
                if port is not None:
                    station.emit(port, event)
                    break
        if left:
            waiting = ", ".join(f"{type(event).__name__} {self.log.name(event.author)}" for _, event in left)
            self.log.info(f"not answered when the last run ended, {len(left)}: {waiting}")

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
        """Make the edge of a wire; its reader does not read it yet, its writer does not write to it yet."""
        judge = self.ledger.drop if wire.target in judging else None
        edge = Edge(str(wire), wire.input, wire.policy, self.now, judge)
        edge.writer = self.stations[wire.source]
        edge.reader = self.stations[wire.target]
        self.edges[wire.ends] = edge
        return edge

    def ins(self, name: str) -> list[Edge]:
        """The edges into a node."""
        return [edge for (_, _, target, _), edge in self.edges.items() if target == name]

    def outs(self, name: str) -> dict[str, tuple[Taker, ...]]:
        """Output port -> the edges out of a node, and the open taps beside them."""
        outs: dict[str, tuple[Taker, ...]] = {}
        for (source, output, _, _), edge in self.edges.items():
            if source == name:
                outs[output] = (*outs.get(output, ()), *self.taps.takers(edge))
        return outs
