"""Asks during the show what the doctor asks before it, where that is cheap, so that a light that is not good has the
doctor's remedy (``nodes.exams.Exam.live``), and where there is one, the button for it.
"""

import asyncio
from collections.abc import Callable

from graphs.engine.flow.runtime import Runtime
from graphs.engine.flow.station import Station
from graphs.engine.observe.examined import examined
from nodes import exams
from nodes.exams import Exam, Finding

FIRST_S, LOOK_S = 5.0, 2.0
AGAIN_S = 20.0
"""A node is examined again after this long, as long as its light is not good."""


class Checkup:
    """What is wrong with nodes whose light is not good."""

    def __init__(self, runtime: Runtime, of: Callable[[str], Exam | None] = exams.of) -> None:
        """
        Args:
            of: returns the exam of a node type, in a thread; None if it has none.
        """
        self._runtime = runtime
        self._of = of
        self._wrong: dict[str, tuple[str, Finding | None]] = {}
        """Node -> (its fingerprint, what its exam finds wrong first)."""
        self._next: dict[str, float] = {}

    async def watch(self) -> None:
        """Examine the nodes from now on, one at a time; what only begins is given a moment."""
        await asyncio.sleep(FIRST_S)
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Examine each node that needs it."""
        runtime = self._runtime
        for station in list(runtime.stations.values()):
            exam = None if _good(station) else await asyncio.to_thread(self._of, station.entry.type)
            if exam is None or exam.live is None:
                self._wrong.pop(station.name, None)
                self._next.pop(station.name, None)
            elif runtime.now() >= self._next.get(station.name, 0.0) or not self._known(station):
                self._next[station.name] = runtime.now() + AGAIN_S
                print_ = station.entry.fingerprint
                found = await examined(
                    Exam(exam.live, exam.within_s),
                    station.entry,
                    runtime.graph,
                    runtime.log.redact,
                    within_s=exam.within_s,
                )
                self._wrong[station.name] = (print_, next((finding for finding in found if not finding.ok), None))

    def wrong(self, station: Station) -> Finding | None:
        """Return what is wrong with the node, by the doctor; None if that is not known."""
        return self._wrong[station.name][1] if self._known(station) else None

    def _known(self, station: Station) -> bool:
        return station.name in self._wrong and self._wrong[station.name][0] == station.entry.fingerprint


def _good(station: Station) -> bool:
    light = station.spec.light
    own = None if light is None or station.log is None else station.log.conditions.get(light)
    return light is None or (own is not None and own.state == "good")
