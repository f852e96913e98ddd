"""``bus.place``: connects one place of a graph with the others."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import NamedTuple

import reactivex
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

from nodes import node
from nodes.bus import _line
from nodes.bus._errors import Away
from nodes.bus._settings import Bus, token
from nodes.phrases import phrase
from nodes.services import Clock, Jobs, Log, Verdicts
from nodes.streams import only, together
from schemas.bus import Judged, Neighbour, TurnTold
from schemas.event import Event

BEAT_S, AWAY_S = 1.0, 3.5
"""How often a place sends a heartbeat, and after how long without one it counts as away."""


class Place(Bus):
    """Settings of ``bus.place``."""

    neighbours: tuple[str, ...] = Field((), title="Other places", description="The other places of the graph.")


class Told(NamedTuple):
    """What a place reports about itself and the others."""

    dropped: Observable[Judged]
    judged: Observable[Judged]
    turn: Observable[TurnTold]
    neighbour: Observable[Neighbour]


@node("bus.place")
def place(config: Place, *, jobs: Jobs, clock: Clock, log: Log, verdicts: Verdicts) -> Told:
    """Give signs of life, tell when another place is away or back, and tell the others of viewers and turns.

    ``judged`` are the verdicts on donations and subscriptions that came in here; ``dropped`` are events of viewers that
    came in elsewhere and were dropped here; ``turn`` reports which turns began and ended here.
    """

    def telling(_: object) -> Observable[Event]:
        here = _Place(config, jobs, clock, log)
        fallen: asyncio.Queue[Judged | TurnTold] = asyncio.Queue()

        async def judging() -> AsyncIterator[Event]:
            following = verdicts.follow(fallen.put_nowait)
            try:
                while True:
                    yield await fallen.get()
            finally:
                following.dispose()

        return together(jobs.source(judging), jobs.source(here.listen), jobs.source(here.beat))

    events = reactivex.defer(telling).pipe(ops.share())
    judged = only(Judged, events)
    return Told(
        judged.pipe(ops.filter(lambda event: not event.final)),
        judged.pipe(ops.filter(lambda event: event.final and event.sure)),
        only(TurnTold, events),
        only(Neighbour, events),
    )


class _Place:
    def __init__(self, config: Place, jobs: Jobs, clock: Clock, log: Log) -> None:
        self._config = config
        self._jobs = jobs
        self._clock = clock
        self._log = log
        self._heard: dict[str, float] = {}
        self._away: dict[str, bool] = {}

    async def listen(self) -> AsyncIterator[Event]:
        async with _line.lend(self._config, self._jobs) as line:
            while True:
                try:
                    async for letter in line.hear(f"aischoco.{token(self._config.graph)}.*.alive"):
                        self._heard[str(json.loads(letter.body))] = self._clock.now()
                        for event in self._looked():
                            yield event
                except (Away, ValueError):
                    await self._jobs.sleep(BEAT_S / 5)

    async def beat(self) -> AsyncIterator[Event]:
        config = self._config
        began = self._clock.now()
        async with _line.lend(config, self._jobs) as line:
            while True:
                mine = f"aischoco.{token(config.graph)}.{token(config.place)}.alive"
                await line.say(mine, json.dumps(config.place).encode(), {})
                await self._jobs.sleep(BEAT_S)
                for each in config.neighbours:
                    self._heard.setdefault(each, began)
                for event in self._looked():
                    yield event

    def _looked(self) -> list[Event]:
        """Return what has changed with the neighbours."""
        changed: list[Event] = []
        for each in self._config.neighbours:
            if each not in self._heard:
                continue
            away = self._clock.now() - self._heard[each] > AWAY_S
            if away != self._away.get(each, False):
                if away:
                    text = phrase(
                        "{place}: the connection is lost. This place goes on, and it is joined again.", place=each
                    )
                    self._log.warning(text)
                else:
                    self._log.info(phrase("{place}: connected again", place=each))
                changed.append(Neighbour(place=each, away=away))
            self._away[each] = away
        return changed
