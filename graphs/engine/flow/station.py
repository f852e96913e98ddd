"""Keeps what remains of a node while its instances come and go: its edges, counters and restarts."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal, Protocol

from graphs.engine.books.at_work import AtWork
from graphs.engine.flow.edge import Edge, Taker
from graphs.engine.flow.host import Keeping
from graphs.engine.flow.instance import Instance, NotBuilt
from graphs.engine.flow.jobs import CALL_S
from nodes import NodeSpec
from nodes.phrases import failure_of
from nodes.troubles import Troubles
from schemas.event import Event
from schemas.graph import NodeEntry

State = Literal["idle", "running", "draining", "restarting", "degraded", "completed", "stopped"]

BURST = 64
"""A station feeds at most this many events before it yields to the loop."""
DEPTH = 24  # an event passes through at most this many stations in one call
BACKOFF_S = (0.5, 30.0)
"""Full jitter: the n-th restart in a row waits a random time of up to ``first * 2**n``, capped at the second value."""
INTENSITY = (5, 60.0)
"""This many failures within this many seconds make a node degraded."""


class Engine(Protocol):
    """What a station needs from the runtime."""

    depth: list[int]
    """How many stations the event of the current call has passed through: one number, shared by all stations.

    It is a list of one because every hop reads and changes it: an index costs less than another object's attribute.
    """
    at_work: AtWork

    def make(self, station: "Station", entry: NodeEntry) -> Instance: ...
    def start_instance(self, instance: Instance) -> None: ...
    def observe(self, spec: NodeSpec, name: str) -> dict[type[Event], Callable[[Any], object]]: ...
    def now(self) -> float: ...
    def health(self, station: "Station", *, well: bool) -> None: ...
    def jitter(self, most: float) -> float: ...
    def spawn(self, work: Any, name: str) -> "asyncio.Task[Any]": ...
    def failed(self, station: "Station", event: Event | None, error: BaseException) -> None: ...
    def shed(self, station: "Station", events: Sequence[Event]) -> None: ...


class Station:
    """Holds the place of one node name in the running graph; it is the ``Host`` of the node's instances."""

    def __init__(self, entry: NodeEntry, spec: NodeSpec, engine: Engine) -> None:
        self.name = entry.name
        self.entry = entry
        self.spec = spec
        self.ins: list[Edge] = []
        self.outs: dict[str, tuple[Taker, ...]] = {}
        self.blocked = 0
        """Number of full out-edges."""
        self.state: State = "idle"
        self.instance: Instance | None = None
        self.events_in = self.events_out = self.errors = self.restarts = 0
        self.straight: Edge | None = None
        """The edge whose events need no queue; None after any change, until the edges are looked at again."""
        self.last_error = ""
        self.kept = Keeping()
        self.log: Troubles | None = None
        """The log of its instances, kept from one reload to the next, so that a restart does not repeat messages."""
        self._engine, self._depth = engine, engine.depth
        self._read = engine.at_work.call(self._run)
        self._loop = asyncio.get_running_loop()
        self._observers = engine.observe(spec, self.name)
        self.feedback = {port.name for port in spec.inputs if port.feedback}
        self.scheduled = False
        self._writable: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._failures: deque[float] = deque(maxlen=INTENSITY[0])
        self._in_a_row = 0
        self._restarting: asyncio.Task[Any] | None = None

    # Called by an instance.

    def emit(self, port: str, event: Event) -> None:
        if self._observers and (observer := self._observers.get(type(event))) is not None and observer(event) is False:
            return
        self.events_out += 1
        for edge in self.outs.get(port, ()):
            edge.put(event)

    def failed(self, event: Event | None, error: BaseException) -> None:
        self.errors += 1
        self.straight = None
        self.last_error = failure_of(error)
        self._engine.failed(self, event, error)
        if self._drained is not None:
            self._set_drained()
        elif self.state != "stopped":
            self._restarting = self._engine.spawn(self._restart(), f"restart {self.name}")

    def finished(self) -> None:
        self.straight = None
        if self._drained is not None:
            self._set_drained()
        else:
            self.state = "completed"
            self.wake()

    def writable(self) -> Awaitable[None] | None:
        if not self.blocked:
            return None
        if self._writable is None or self._writable.done():
            self._writable = self._loop.create_future()
        return asyncio.shield(self._writable)

    def wake(self) -> None:
        if not self.blocked and self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        if not self.scheduled:
            self.scheduled = True
            self._loop.call_soon(self._read)

    def take_now(self, edge: Edge, event: Event) -> bool:
        """Take an event within its producer's own call, without a queue; return False if it has to wait after all.

        Only called for ``straight``, and only to a limited depth, so that a long graph cannot exhaust the stack.
        """
        instance, depth, port = self.instance, self._depth, edge.port
        if instance is None or self.blocked or port in instance.busy or depth[0] >= DEPTH:
            return False
        self.events_in += 1
        depth[0] += 1
        try:
            instance.feed(port, event)
        finally:
            depth[0] -= 1
        return True

    # Called by the runtime.

    def open(self, instance: Instance) -> None:
        """Let a built instance take over."""
        self.instance = instance
        self.log = instance.log
        self.state, self._in_a_row = "running", 0
        self._engine.start_instance(instance)
        self.wake()

    @property
    def quiet(self) -> bool:
        """Whether no event waits for it and none is in progress in it."""
        instance = self.instance
        return not any(len(edge) for edge in self.ins) and (instance is None or not instance.jobs.busy)

    async def drain(self, deadline_s: float, close_s: float = CALL_S) -> bool:
        """Complete the instance's inputs and wait until it has flushed; return False if it had to be ended by force."""
        instance, self.straight = self.instance, None
        if self._restarting is not None:
            self._restarting.cancel()
            self._restarting = None
        if instance is None or instance.ended:
            if instance is not None:
                await self._close(instance, close_s)
            self.instance = None
            return True
        self.state = "draining"
        self._drained = self._loop.create_future()
        instance.complete()
        # no asyncio.timeout: before Python 3.11.3 it cancels a task that is itself ending
        in_time, _ = await asyncio.wait({self._drained}, timeout=deadline_s)
        self._drained = None
        await self._close(instance, close_s)
        self.instance = None
        return bool(in_time)

    def add_in(self, edge: Edge) -> None:
        """Read from one more edge."""
        self.ins.append(edge)
        self.straight = None

    def adopt(self, entry: NodeEntry, spec: NodeSpec, ins: list[Edge], outs: dict[str, tuple[Taker, ...]]) -> None:
        """Take over a new entry of the same name; to be called between ``drain`` and ``open``."""
        for edge in self.ins:
            if edge not in ins:
                edge.discard("unaccounted")
        for edge in ins:
            edge.held.clear()
        self.entry = entry
        self.spec = spec
        self.straight = None
        self.ins = ins
        self.outs = outs
        self.feedback = {port.name for port in spec.inputs if port.feedback}
        self._observers = self._engine.observe(spec, self.name)

    def _set_drained(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    async def _close(self, instance: Instance, close_s: float) -> None:
        """End an instance by force; an error while it releases its resources is logged and holds up nothing else."""
        try:
            await instance.close(close_s)
        except Exception as error:
            self.errors += 1
            self.last_error = failure_of(error)
            self._engine.failed(self, None, error)

    async def _restart(self) -> None:
        instance, self.instance = self.instance, None
        self.kept = Keeping()
        now = self._engine.now()
        self._failures.append(now)
        often = len(self._failures) == INTENSITY[0] and now - self._failures[0] <= INTENSITY[1]
        self.state = "degraded" if often else "restarting"
        if often:
            self._engine.health(self, well=False)
            self.wake()
        if instance is not None:
            await self._close(instance, CALL_S)
        await asyncio.sleep(self._engine.jitter(min(BACKOFF_S[1], BACKOFF_S[0] * 2**self._in_a_row)))
        in_a_row, self.restarts = self._in_a_row + 1, self.restarts + 1
        try:
            fresh = self._engine.make(self, self.entry)
        except NotBuilt as error:
            self._in_a_row = in_a_row
            self.failed(None, error.cause)
            return
        self._restarting = None
        self.open(fresh)
        self._in_a_row = in_a_row
        self._loop.call_later(INTENSITY[1], self._calm, self.restarts)

    def _calm(self, restarts: int) -> None:
        """Forget earlier failures if the instance has kept running."""
        if restarts == self.restarts:
            self._in_a_row = 0
            self._engine.health(self, well=True)

    def _run(self) -> None:
        self.scheduled = False
        if self.state == "degraded":
            self._shed()
        left = BURST
        while left > 0 and (instance := self.instance) is not None:
            if self.state == "completed":
                for edge in self.ins:
                    edge.discard("unaccounted")
                break
            edge = self._next(instance)
            if edge is None:
                break
            fed = instance.feed_from(edge, left if len(self.ins) == 1 else 1)
            self.events_in += fed
            left -= fed
        if left <= 0:
            self.wake()
        self._settle()
        self.straight = self._straight()

    def _shed(self) -> None:
        """Drop what waits, so that a node that does not recover does not hold up the show."""
        for edge in self.ins:
            if edge.port not in self.feedback and (events := edge.shed("failed")):
                self._engine.shed(self, events)

    def _straight(self) -> Edge | None:
        """Return the only data edge, if nothing in progress must keep an order with what else may come."""
        data = [edge for edge in self.ins if edge.port not in self.feedback]
        if self.state != "running" or self.instance is None or len(data) != 1 or data[0].held or data[0].closing:
            return None
        return data[0] if self.instance.listening else None

    def _next(self, instance: Instance) -> Edge | None:
        """Return the readable edge whose first event is the oldest; None if there is none."""
        best: Edge | None = None
        first = -1
        for edge in self.ins:
            if edge.held or (self.blocked and edge.port not in self.feedback) or not instance.ready(edge.port):
                continue
            stamp = edge.stamp()
            if stamp is not None and (best is None or stamp < first):
                best, first = edge, stamp
        return best

    def _settle(self) -> None:
        """Forget removed edges that are empty, and let the edges held for them be read."""
        if not any(edge.closing for edge in self.ins):
            return
        for edge in [edge for edge in self.ins if edge.closing and not len(edge)]:
            self.ins.remove(edge)
            for other in self.ins:
                if edge in other.held:
                    other.held.discard(edge)
                    self.wake()
