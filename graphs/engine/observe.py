"""What the running graph is doing, as JSON-ready data, and the addresses under which a page or a person asks for it."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from reactivex.abc import DisposableBase
from reactivex.disposable import CompositeDisposable, Disposable

from graphs.engine.edge import Edge
from graphs.engine.runtime import Runtime
from graphs.engine.station import Station
from graphs.engine.turns import Turn
from graphs.engine.watchdog import Watchdog
from graphs.engine.web import LocalWeb
from schemas.chat import ChatBatch, ViewerEvent
from schemas.event import Event

WINDOW_S = 5.0
"""Rates are over the last seconds of this length."""
SAMPLE_S = 1.0

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Rates:
    """Events a second, from counters that are read once a second: an event itself costs nothing."""

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
        """``("in", node)``, ``("out", node)`` and ``("edge", key)`` -> events a second."""
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


def graph_state(
    runtime: Runtime, rates: Rates, *, watchdog: Watchdog | None = None, generation: int | None = None
) -> dict[str, Any]:
    """Everything that ``GET /api/graph`` tells."""
    per_second = rates.now()
    state: dict[str, Any] = {"name": runtime.graph.name, "file": runtime.graph.file}
    if generation is not None:
        state["generation"] = generation
    state["seconds"] = round(runtime.now(), 3)
    state["nodes"] = [_node(station, per_second, runtime.log.redact.text) for station in runtime.stations.values()]
    state["edges"] = [_edge(ends, edge, per_second) for ends, edge in runtime.edges.items()]
    state["viewer_events"] = runtime.ledger.counts()
    if watchdog is not None:
        state["loop"] = watchdog.report()
    return state


def turns_state(runtime: Runtime, last: int) -> list[dict[str, Any]]:
    """The last turns, newest first."""
    turns = runtime.turns.turns
    return [turns[turn].report() for _, turn in zip(range(last), reversed(turns), strict=False)]


def why(runtime: Runtime, event_id: str) -> dict[str, Any]:
    """What became of a viewer event: answered in a turn, dropped for a reason, or where it waits.

    Times are seconds since the run started; ``unknown`` is an id that never came or whose verdict is long ago.
    """
    turn = next((turn for turn in reversed(runtime.turns.turns.values()) if event_id in turn.batch), None)
    answer: dict[str, Any] = {
        "id": event_id,
        "verdict": "unknown",
        "turn": turn.id if turn else None,
        "reason": None,
        "at": None,
        "where": [],
    }
    verdict = runtime.ledger.verdict(event_id)
    received = runtime.ledger.received_at(event_id)
    if verdict is not None:
        answer["verdict"] = "answered" if verdict.reason is None else "dropped"
        answer["turn"] = verdict.turn or answer["turn"]
        answer["reason"] = verdict.reason
        answer["at"] = round(verdict.at, 3)
    elif received is not None:
        answer["verdict"] = "waiting"
        answer["at"] = round(received, 3)
        answer["where"] = [
            edge.key for edge in runtime.edges.values() if any(_concerns(event, event_id, turn) for event in edge)
        ]
    return answer


def tap_state(runtime: Runtime, key: str, last: int) -> dict[str, Any]:
    """Open the tap of an edge, or keep it open, and give what it saw, newest first.

    Raises:
        ValueError: there is no such edge.
    """
    tap = runtime.taps.open(key)
    return {
        "edge": key,
        "open_s": runtime.taps.open_s,
        "count": tap.count,
        "items": runtime.log.redact.data(tap.last(last)),
    }


def serve(
    runtime: Runtime,
    web: LocalWeb,
    *,
    watchdog: Watchdog | None = None,
    generation: Callable[[], int] | None = None,
) -> DisposableBase:
    """Answer ``/api/graph``, ``/api/turns``, ``/api/why``, ``/api/tap`` and ``/metrics`` until disposed."""
    rates = Rates(runtime)
    sampling = runtime.spawn(rates.watch(), "rates")

    def stop() -> None:
        sampling.cancel()
        runtime.taps.dispose()

    def graph(_: Mapping[str, str]) -> dict[str, Any]:
        return graph_state(runtime, rates, watchdog=watchdog, generation=generation() if generation else None)

    def turns(query: Mapping[str, str]) -> list[dict[str, Any]]:
        return turns_state(runtime, _number(query, "last", 50, 1000))

    def reason(query: Mapping[str, str]) -> dict[str, Any]:
        return why(runtime, _word(query, "id"))

    def tap(query: Mapping[str, str]) -> dict[str, Any]:
        return tap_state(runtime, _word(query, "edge"), _number(query, "last", 20, 200))

    def metrics() -> str:
        from graphs.engine.metrics import exposition

        return exposition(runtime, watchdog)

    return CompositeDisposable(
        Disposable(stop),
        web.get("/api/graph", graph),
        web.get("/api/turns", turns),
        web.get("/api/why", reason),
        web.get("/api/tap", tap),
        web.text("/metrics", METRICS_TYPE, metrics),
    )


def _node(station: Station, per_second: Mapping[Hashable, float], redact: Callable[[str], str]) -> dict[str, Any]:
    return {
        "name": station.name,
        "type": station.entry.type,
        "state": station.state,
        "events_in": station.events_in,
        "events_out": station.events_out,
        "rate_in": per_second["in", station.name],
        "rate_out": per_second["out", station.name],
        "errors": station.errors,
        "restarts": station.restarts,
        "last_error": redact(station.last_error),
    }


def _edge(ends: tuple[str, str, str, str], edge: Edge, per_second: Mapping[Hashable, float]) -> dict[str, Any]:
    source, output, target, port = ends
    return {
        "key": edge.key,
        "source": source,
        "output": output,
        "target": target,
        "input": port,
        "policy": edge.policy.overflow,
        "length": len(edge),
        "capacity": edge.policy.capacity,
        "count": edge.count,
        "rate": per_second["edge", edge.key],
        "dropped": dict(edge.dropped),
        "age_p50_s": edge.ages.quantile(0.5),
        "age_p95_s": edge.ages.quantile(0.95),
        "queue_max": edge.queue_max,
    }


def _before(sample: Mapping[Hashable, int], what: Hashable, count: int) -> int:
    """A counter as it was; 0 where a reload has made it anew."""
    before = sample.get(what, 0)
    return before if before <= count else 0


def _concerns(event: Event, event_id: str, turn: Turn | None) -> bool:
    """Whether a waiting event is the viewer event, a batch with it, or a part of its turn."""
    if isinstance(event, ViewerEvent):
        return event.id == event_id
    if isinstance(event, ChatBatch):
        return any(each.id == event_id for each in event.events)
    return turn is not None and getattr(event, "turn", None) == turn.id


def _word(query: Mapping[str, str], name: str) -> str:
    word = query.get(name, "")
    if not word:
        raise ValueError(f"give {name}, as in ?{name}=...")
    return word


def _number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal():
        raise ValueError(f"{name} must be a whole number, not {text!r}")
    return min(int(text), most)
