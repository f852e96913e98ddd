"""Makes the report of a run, as JSON-ready data."""

import asyncio
from typing import Any

import psutil

from graphs.engine.books.budget import chat_to_voice
from graphs.engine.flow.runtime import Runtime
from graphs.engine.observe.watchdog import Watchdog


class Memory:
    """Measures the resident memory of this process, in MB."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.start = self.most = self.now()

    def now(self) -> float:
        return self._process.memory_info().rss / 1e6

    async def watch(self, every_s: float = 1.0) -> None:
        """Keep ``most`` up to date."""
        while True:
            self.most = max(self.most, self.now())
            await asyncio.sleep(every_s)

    def report(self) -> dict[str, float]:
        end = self.now()
        return {"start": round(self.start, 1), "end": round(end, 1), "max": round(max(self.most, end), 1)}


def report(runtime: Runtime, memory: Memory, watchdog: Watchdog | None = None) -> dict[str, Any]:
    """Report what a run did: counts, verdicts, turns with their marks (seconds since start), errors.

    ``voice_s`` covers the listed turns; see ``budget.chat_to_voice``.
    """
    turns = runtime.turns.turns.values()
    return {
        "graph": runtime.graph.name,
        "seconds": round(runtime.now(), 3),
        "viewer_events": runtime.ledger.counts(),
        "turns": [turn.report() for turn in turns],
        "voice_s": chat_to_voice(turns, runtime.graph.budget_s),
        "nodes": {
            name: {
                "events_in": station.events_in,
                "events_out": station.events_out,
                "errors": station.errors,
                "restarts": station.restarts,
            }
            for name, station in runtime.stations.items()
        },
        "edges": {
            edge.key: {
                "count": edge.count,
                "dropped": edge.dropped,
                "queue_max": edge.queue_max,
                "age_p95_s": edge.ages.quantile(0.95),
            }
            for edge in runtime.edges.values()
        },
        "errors": list(runtime.log.errors),
        "loop": None if watchdog is None else watchdog.report(),
        "rss_mb": memory.report(),
    }
