"""Measures how many events per second each node and edge of a running graph moves."""

import asyncio
from collections import deque
from collections.abc import Hashable, Mapping

from graphs.engine.flow.runtime import Runtime

WINDOW_S = 5.0
"""Rates cover this many most recent seconds."""
SAMPLE_S = 1.0


class Rates:
    """Computes events per second from counters that are read once a second, at no cost per event."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._samples: deque[tuple[float, dict[Hashable, int]]] = deque([(0.0, {})])

    def sample(self) -> None:
        now = self._runtime.now()
        self._samples.append((now, self._counters()))
        while len(self._samples) > 1 and now - self._samples[1][0] >= WINDOW_S:
            self._samples.popleft()

    async def watch(self) -> None:
        """Sample until cancelled."""
        while True:
            await asyncio.sleep(SAMPLE_S)
            self.sample()

    def now(self) -> dict[Hashable, float]:
        """Return ``("in", node)``, ``("out", node)`` and ``("edge", key)`` -> events per second."""
        since, before = self._samples[0]
        seconds = self._runtime.now() - since
        return {
            what: round((count - _before(before, what, count)) / seconds, 3) if seconds > 0 else 0.0
            for what, count in self._counters().items()
        }

    def _counters(self) -> dict[Hashable, int]:
        counters: dict[Hashable, int] = {}
        for name, station in self._runtime.stations.items():
            counters["in", name] = station.events_in
            counters["out", name] = station.events_out
        for edge in self._runtime.edges.values():
            counters["edge", edge.key] = edge.count
        return counters


def _before(sample: Mapping[Hashable, int], what: Hashable, count: int) -> int:
    """Return the earlier value of a counter; 0 if a reload has since replaced the counter."""
    before = sample.get(what, 0)
    return before if before <= count else 0
