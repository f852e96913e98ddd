"""Taps: show on demand what passes along an edge right now.

A tap stands beside its edge at the output of the writing node, so a closed tap does not exist and costs nothing. It
belongs to the edge's name, not to the edge: a reload that replaces the edge or the nodes at its ends keeps it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Protocol

from graphs.engine.flow.edge import Edge, Taker
from graphs.engine.log.summary import summary
from nodes.phrases import phrase
from schemas.event import Event

OPEN_S = 30.0
"""A tap closes this many seconds after it was last read."""
KEPT = 200
"""An open tap holds at most this many events."""


class Source(Protocol):
    """The end of an edge into which a node emits."""

    outs: dict[str, tuple[Taker, ...]]


class Tap:
    """Holds the last events written to an edge, including those that the edge dropped."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._seen: deque[tuple[float, Event]] = deque(maxlen=KEPT)
        self.count = 0
        """Number of events since the tap was opened."""
        self.timer: asyncio.TimerHandle | None = None

    def put(self, event: Event) -> None:
        self.count += 1
        self._seen.append((self._now(), event))

    def last(self, most: int) -> list[dict[str, Any]]:
        """Return the newest events first: ``{"t": seconds since the run started, "event": summary}``."""
        newest = list(self._seen)[::-1][:most]
        return [{"t": round(at, 3), "event": summary(event)} for at, event in newest]

    def since(self, number: int) -> list[tuple[int, float, Event]]:
        """Return (number, counted from 1; seconds since the run started; event) of all held events after ``number``."""
        first = self.count - len(self._seen) + 1
        return [(first + i, at, event) for i, (at, event) in enumerate(self._seen) if first + i > number]


class Taps:
    """Holds the open taps of a running graph, by the names of their edges."""

    def __init__(
        self,
        now: Callable[[], float],
        stations: Mapping[str, Source],
        edges: Mapping[Any, Edge],
        *,
        open_s: float = OPEN_S,
    ) -> None:
        """
        Args:
            stations, edges: those of the runtime, which modifies them in place.
        """
        self._now = now
        self._stations = stations
        self._edges = edges
        self.open_s = open_s
        self._taps: dict[str, Tap] = {}

    def __len__(self) -> int:
        return len(self._taps)

    def takers(self, edge: Edge) -> tuple[Taker, ...]:
        """Return what a node must write to for this edge: its tap, if one is open, and the edge."""
        tap = self._taps.get(edge.key)
        return (edge,) if tap is None else (tap, edge)

    def open(self, key: str) -> Tap:
        """Open the tap of an edge, or keep it open for longer.

        Raises:
            ValueError: there is no such edge.
        """
        tap = self._taps.get(key)
        if tap is None:
            keys = [edge.key for edge in self._edges.values()]
            if key not in keys:
                near = get_close_matches(key, keys, 1) or keys[:1]
                if near:
                    text = phrase("there is no edge {name}; did you mean {near}?", name=repr(key), near=repr(near[0]))
                    raise ValueError(text)
                raise ValueError(phrase("there is no edge {name}", name=repr(key)))
            tap = self._taps[key] = Tap(self._now)
            self._attach()
        if tap.timer is not None:
            tap.timer.cancel()
        tap.timer = asyncio.get_running_loop().call_later(self.open_s, self.close, key)
        return tap

    def close(self, key: str) -> None:
        tap = self._taps.pop(key, None)
        if tap is not None:
            if tap.timer is not None:
                tap.timer.cancel()
            self._attach()

    def dispose(self) -> None:
        for key in list(self._taps):
            self.close(key)

    def _attach(self) -> None:
        """Put the open taps, and no others, beside the edges of their names, even where a node is still draining."""
        for station in self._stations.values():
            station.outs = {
                port: tuple(each for taker in takers if isinstance(taker, Edge) for each in self.takers(taker))
                for port, takers in station.outs.items()
            }
