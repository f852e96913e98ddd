"""Reports what the running graph is doing, as JSON-ready data, and serves it to pages and people."""

import hashlib
import secrets
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from reactivex.abc import DisposableBase
from reactivex.disposable import CompositeDisposable, Disposable

from graphs.engine.books.budget import chat_to_voice, rank
from graphs.engine.flow.edge import Edge
from graphs.engine.flow.runtime import Runtime
from graphs.engine.flow.station import Station
from graphs.engine.observe.checkup import Checkup
from graphs.engine.observe.lights import lights
from graphs.engine.observe.query import number, only_here, word
from graphs.engine.observe.rates import Rates
from graphs.engine.observe.recorded import line
from graphs.engine.observe.settings import settings_state
from graphs.engine.observe.stopped import serve_stopped
from graphs.engine.observe.usage import Sample, Usage
from graphs.engine.observe.watchdog import Watchdog
from graphs.engine.observe.why import search, why
from graphs.engine.web.server import LocalWeb
from nodes.phrases import changed, described

LATELY = 100
"""The time from chat to voice is reported over this many most recent turns."""
TARGETS_S = {"turn_to_sound": 2.5, "sentence_to_sound": 1.5}
"""Target times of a turn until its first sound: from its beginning, and from the first sentence of its answer."""
PAGE = Path(__file__).resolve().parents[3] / "assets" / "graph"
"""The page that displays all this."""
_SALT = secrets.token_bytes(16)


def graph_state(
    runtime: Runtime,
    rates: Rates,
    *,
    watchdog: Watchdog | None = None,
    usage: Sample | None = None,
    generation: int | None = None,
    path: str | None = None,
    checkup: Checkup | None = None,
) -> dict[str, Any]:
    """Return everything that ``GET /api/graph`` answers.

    Args:
        path: the absolute path of the graph's file; None for clients that must not know it.
    """
    per_second = rates.now()
    graph = runtime.graph
    state: dict[str, Any] = {"name": graph.name, "character": graph.character, "file": graph.file, "path": path}
    if generation is not None:
        state["generation"] = generation
    state["seconds"] = round(runtime.now(), 3)
    state["nodes"] = [_node(station, per_second, runtime.log.redact.text) for station in runtime.stations.values()]
    state["lights"] = lights(runtime.stations.values(), runtime.log.redact.text, checkup and checkup.wrong)
    state["edges"] = [_edge(ends, edge, per_second, runtime.stations) for ends, edge in runtime.edges.items()]
    state["viewer_events"] = runtime.ledger.counts()
    state["waiting"] = runtime.ledger.waiting_lanes()
    state["voice"] = voice_state(runtime)
    if watchdog is not None:
        state["loop"] = watchdog.report()
    if usage is not None:
        state["usage"] = usage.report()
    return state


def voice_state(runtime: Runtime) -> dict[str, Any]:
    """Report how long the last turns took until their first sound, in seconds, and the targets.

    ``chat``: from the first message of a turn, so including the time in which the character still said something else,
    compared with the ``budget_s`` of the graph (see ``budget.chat_to_voice``);
    ``turn``: from the beginning of the turn.
    """
    lately = list(islice(reversed(runtime.turns.turns.values()), LATELY))
    marks = [turn.marks for turn in lately]
    promise = chat_to_voice(lately, runtime.graph.budget_s)
    return {
        "chat": {
            **_quantiles(marks, "received", "first_sound"),
            **{name: promise[name] for name in ("budget_s", "over", "over_share")},
        },
        "turn": _quantiles(marks, "batched", "first_sound"),
        "targets_s": TARGETS_S,
    }


def turns_state(runtime: Runtime, last: int) -> list[dict[str, Any]]:
    """Report the last turns, newest first."""
    turns = runtime.turns.turns
    return [turns[turn].report() for _, turn in zip(range(last), reversed(turns), strict=False)]


def tap_state(runtime: Runtime, key: str, last: int) -> dict[str, Any]:
    """Open the tap of an edge, or keep it open, and return what it saw, newest first.

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


def record_state(runtime: Runtime, key: str, after: int, *, mask: bool) -> dict[str, Any]:
    """Open the tap of an edge, or keep it open, and return the whole events after the ``after``-th, oldest first.

    Args:
        mask: whether to mask nicknames.

    Raises:
        ValueError: there is no such edge.
    """
    tap = runtime.taps.open(key)
    lines = [{"n": n, "t": round(at, 4), **line(event, mask=mask)} for n, at, event in tap.since(after)]
    return {
        "edge": key,
        "now": round(runtime.now(), 4),
        "count": tap.count,
        "lines": runtime.log.redact.data(lines),
    }


def serve(
    runtime: Runtime,
    web: LocalWeb,
    *,
    watchdog: Watchdog | None = None,
    generation: Callable[[], int] | None = None,
    file: Callable[[], Path] | None = None,
) -> DisposableBase:
    """Serve ``/graph``, ``/metrics`` and, under ``/api``, ``graph``, ``settings``, ``turns``, ``why``, ``tap``,
    ``record``, ``stopped`` and ``allow`` until disposed.

    What viewers wrote and where files are is only shown while no other machine can reach the server.

    Args:
        file: returns the file of the graph that runs now, absolute.
    """
    rates, usage, checkup = Rates(runtime), Usage(), Checkup(runtime)
    watched = {"rates": rates.watch(), "usage": usage.watch(), "checkup": checkup.watch()}
    sampling = [runtime.spawn(work, name) for name, work in watched.items()]

    def stop() -> None:
        for each in sampling:
            each.cancel()
        runtime.taps.dispose()

    answers = _Answers(runtime, web, rates, usage, checkup, watchdog, generation, file)
    return CompositeDisposable(
        Disposable(stop),
        web.folder("/graph", PAGE),
        web.get("/api/graph", answers.graph),
        web.get("/api/settings", answers.settings),
        web.get("/api/turns", answers.turns),
        web.get("/api/why", answers.why),
        web.get("/api/tap", answers.tap),
        web.get("/api/record", answers.record),
        serve_stopped(runtime.ledger, web),
        web.text("/metrics", "text/plain; version=0.0.4; charset=utf-8", answers.metrics),
    )


@dataclass(frozen=True, slots=True)
class _Answers:
    """Answers the queries of each address; a ``ValueError`` is reported to the client."""

    runtime: Runtime
    web: LocalWeb
    rates: Rates
    usage: Usage
    checkup: Checkup
    watchdog: Watchdog | None
    generation: Callable[[], int] | None
    file: Callable[[], Path] | None

    def graph(self, _: Mapping[str, str]) -> dict[str, Any]:
        path = self.file().as_posix() if self.file is not None and self.web.local else None
        generation = self.generation() if self.generation is not None else None
        state = graph_state(
            self.runtime,
            self.rates,
            watchdog=self.watchdog,
            usage=self.usage.sample,
            generation=generation,
            path=path,
            checkup=self.checkup,
        )
        return {**state, "pages": self.web.pages}

    def settings(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        only_here(self.web)
        return settings_state(self.runtime, word(query, "node"))

    def turns(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        return turns_state(self.runtime, number(query, "last", 50, 1000))

    def why(self, query: Mapping[str, str]) -> Any:
        if "q" not in query:
            return why(self.runtime, word(query, "id"))
        only_here(self.web)
        return search(self.runtime, word(query, "q"), number(query, "last", 20, 100))

    def tap(self, query: Mapping[str, str]) -> dict[str, Any]:
        only_here(self.web)
        return tap_state(self.runtime, word(query, "edge"), number(query, "last", 20, 200))

    def record(self, query: Mapping[str, str]) -> dict[str, Any]:
        only_here(self.web)
        masked = query.get("mask") == "1"
        return record_state(self.runtime, word(query, "edge"), number(query, "after", 0, 1 << 60), mask=masked)

    def metrics(self) -> str:
        from graphs.engine.observe.metrics import exposition

        return exposition(self.runtime, self.watchdog, self.usage.sample)


def _node(station: Station, per_second: Mapping[Hashable, float], redact: Callable[[str], str]) -> dict[str, Any]:
    return {
        "name": station.name,
        "type": station.entry.type,
        "about": described(station.spec.summary),
        "line": station.entry.line,
        "version": _version(station.entry.fingerprint),
        "state": station.state,
        "events_in": station.events_in,
        "events_out": station.events_out,
        "rate_in": per_second["in", station.name],
        "rate_out": per_second["out", station.name],
        "errors": station.errors,
        "restarts": station.restarts,
        "last_error": changed(station.last_error, redact),
    }


def _edge(
    ends: tuple[str, str, str, str],
    edge: Edge,
    per_second: Mapping[Hashable, float],
    stations: Mapping[str, Station],
) -> dict[str, Any]:
    source, output, target, port = ends
    reader = stations[target]
    read = reader.spec.input(port)
    return {
        "key": edge.key,
        "source": source,
        "output": output,
        "target": target,
        "input": port,
        "event": read.event.__name__ if read is not None else "",
        "feedback": port in reader.feedback,
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


def _version(fingerprint: str) -> str:
    """Return a word that changes with the type or the settings of a node and reveals nothing about them."""
    return hashlib.blake2b(fingerprint.encode(), key=_SALT, digest_size=6).hexdigest()


def _quantiles(marks: Sequence[Mapping[str, float | None]], first: str, last: str) -> dict[str, Any]:
    took = sorted(
        end - begin for mark in marks if (begin := mark[first]) is not None and (end := mark[last]) is not None
    )
    return {"count": len(took), "p50_s": rank(took, 0.5), "p95_s": rank(took, 0.95)}
