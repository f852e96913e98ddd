"""Looks after paid events where they enter the graph: what an earlier run left, and what a run would die on."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping

from graphs.engine.books.at_work import AtWork
from graphs.engine.books.books import Books
from graphs.engine.books.ledger import Verdict
from graphs.engine.books.turns import Turn
from graphs.engine.flow.edge import Edge
from graphs.engine.flow.station import Station
from graphs.engine.language.order import is_viewer_source
from schemas.chat import ViewerEvent

PATIENCE_S = 120.0
"""What comes alone waits no longer than this for the verdict of what came before."""
PAUSE_S = 1.0
"""It comes this long after that verdict, when everybody else has noted what was said."""
SETTLE_S = 0.05
"""How often to look whether an event that came in has come to where it waits for its turn."""


class Paid:
    """Lets sources emit again what an earlier run did not finish.

    All of it comes at once, except what a run died on: that comes alone, after everything before it has its verdict, so
    that it takes nobody with it if the process dies on it again.
    """

    def __init__(
        self,
        books: Books,
        stations: Mapping[str, Station],
        edges: Mapping[tuple[str, str, str, str], Edge],
        loop: asyncio.AbstractEventLoop,
        at_work: AtWork,
    ) -> None:
        self._books = books
        self._stations = stations
        self._edges = edges
        self._loop = loop
        self._at_work = at_work
        self._alone: deque[tuple[str, ViewerEvent]] = deque()
        """What is still to come, one at a time."""
        self._open: set[str] = set()
        """What came and has no verdict yet."""
        self._arriving: set[str] = set()
        """What came in and is neither in a turn nor known to wait for one."""
        self._looking: asyncio.TimerHandle | None = None
        self._next: asyncio.TimerHandle | None = None
        books.arrived.add(self._arrived)
        books.turns.began.add(self._began)
        books.ledger.judged.add(self._judged)

    def resume(self) -> None:
        """Begin with what the journal holds, before the sources emit anything of their own."""
        together: list[tuple[str, ViewerEvent]] = []
        for name, event in self._books.left():
            if self._source(name, event) is not None:
                (self._alone if self._books.expect(event) else together).append((name, event))
        for name, event in together:
            self._emit(name, event)
        self._go_on()

    def stop(self) -> None:
        """Let nothing more come."""
        self._alone.clear()
        for timer in (self._looking, self._next):
            if timer is not None:
                timer.cancel()

    def _go_on(self) -> None:
        while self._alone and not self._open:
            self._emit(*self._alone.popleft())
        if self._alone:
            self._wait(PATIENCE_S, self._lose_patience)

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        if self._next is not None:
            self._next.cancel()
        self._next = self._loop.call_later(seconds, then)

    def _lose_patience(self) -> None:
        self._open.clear()
        self._go_on()

    def _emit(self, name: str, event: ViewerEvent) -> None:
        found = self._source(name, event)
        if found is not None:
            station, port = found
            self._open.add(event.id)
            self._at_work.call(station.emit)(port, event)

    def _source(self, name: str, event: ViewerEvent) -> tuple[Station, str] | None:
        """Find where an event comes out: of the source it came from, or of any that has such events."""
        sources = [source for source, station in self._stations.items() if is_viewer_source(station.spec)]
        for source in [name, *sources] if name in sources else sources:
            station = self._stations[source]
            port = next((port.name for port in station.spec.outputs if isinstance(event, port.event)), None)
            if port is not None:
                return station, port
        return None

    def _judged(self, event_id: str, _: Verdict) -> None:
        self._arriving.discard(event_id)
        if event_id in self._open:
            self._open.discard(event_id)
            if not self._open and self._alone:
                self._wait(PAUSE_S, self._go_on)

    def _arrived(self, event_id: str) -> None:
        self._arriving.add(event_id)
        if self._looking is None:
            self._looking = self._loop.call_later(SETTLE_S, self._look)

    def _began(self, turn: Turn) -> None:
        self._arriving.difference_update(turn.batch)

    def _look(self) -> None:
        """Note which events are not being handled any more by the nodes before their turn."""
        self._looking = None
        moving = {event.id for edge in self._edges.values() for event in edge if isinstance(event, ViewerEvent)}
        if not any(_handles(station) for station in self._stations.values()):
            for event_id in self._arriving - moving:
                self._books.rests(event_id)
            self._arriving &= moving
        if self._arriving:
            self._looking = self._loop.call_later(SETTLE_S, self._look)


def _handles(station: Station) -> bool:
    """Whether a job of the node works on a viewer event."""
    busy = () if station.instance is None else station.instance.jobs.busy
    ports = (port for port in station.spec.inputs if port.name in busy)
    return any(issubclass(port.event, ViewerEvent) for port in ports)
