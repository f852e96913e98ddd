"""Decides which alarms to report, and when: not what is over at once, not the same again and again, nothing lost."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Never

from pydantic import Field
from reactivex import Observable

from nodes.phrases import phrase, said_by
from nodes.services import Alarms, Clock, Jobs, Log
from schemas.alarm import Alarm, AlarmKind
from schemas.settings import Settings

FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 300.0
"""How long to wait before delivering again what could not be delivered; doubled each time."""
MOST = 20
"""Report at most this many alarms at once; the rest follows with the next message."""


class Ringing(Settings):
    """Settings of what reports alarms."""

    about: tuple[AlarmKind, ...] = Field(
        ("node", "chat", "quota"),
        title="What to report",
        description=(
            "What to tell of: node (a node that keeps failing), chat (chat that is lost), quota (a "
            "model's limit that is nearly used up)."
        ),
    )
    after_s: float = Field(
        20.0, ge=0, le=3600, title="Report after", description="Tell only what goes on for this many seconds."
    )
    every_s: float = Field(
        300.0, ge=0, le=86_400, title="Report again after", description="Tell the same thing once in this many seconds."
    )


class NotDelivered(Exception):
    """It could not be delivered now; the text says why and holds no secret."""


Deliver = Callable[[Sequence[Alarm]], Awaitable[None]]
"""Reports some alarms at once; raises ``NotDelivered``."""


def ringing(
    config: Ringing, deliver: Deliver, *, alarms: Alarms, jobs: Jobs, clock: Clock, log: Log
) -> Observable[Never]:
    """Deliver the alarms of the show until the node ends."""

    async def run() -> None:
        bell = Bell(config, deliver, jobs, clock, log)
        following = alarms.follow(bell.take)
        try:
            await bell.run()
        finally:
            following.dispose()

    return jobs.beside(run)


def lines(alarms: Sequence[Alarm]) -> str:
    """Return a line for each alarm, for a person."""
    return "\n".join(f"{'✅' if alarm.over else '⚠️'} {alarm.node}: {alarm.text}" for alarm in alarms)


@dataclass(slots=True)
class _Standing:
    alarm: Alarm
    due_at: float
    told: bool = False


class Bell:
    """Takes alarms as they come, and delivers those that stay."""

    def __init__(self, config: Ringing, deliver: Deliver, jobs: Jobs, clock: Clock, log: Log) -> None:
        self._config = config
        self._deliver = deliver
        self._jobs = jobs
        self._clock = clock
        self._log = log
        self._standing: dict[tuple[str, str], _Standing] = {}
        self._told_at: dict[tuple[str, str], float] = {}
        self._over: list[Alarm] = []
        """What was reported and is over now."""
        self._changed = asyncio.Event()

    def take(self, alarm: Alarm) -> None:
        """Note that something began or is over."""
        if alarm.kind not in self._config.about:
            return
        key, now = (alarm.kind, alarm.node), self._clock.now()
        standing = self._standing.get(key)
        if alarm.over:
            if standing is not None and standing.told:
                self._over.append(alarm)
            self._standing.pop(key, None)
        elif standing is not None and not standing.told:
            standing.alarm = alarm
        else:
            rested = self._told_at.get(key, -self._config.every_s) + self._config.every_s
            self._standing[key] = _Standing(alarm, max(now + self._config.after_s, rested))
        self._changed.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        retry_s = 0.0
        while True:
            await self._wait()
            due = [each for each in self._standing.values() if not each.told and each.due_at <= self._clock.now()]
            due, over = due[:MOST], self._over[:MOST]
            if not due and not over:
                continue
            try:
                await self._deliver([*over, *(each.alarm for each in due)])
            except NotDelivered as error:
                self._log.trouble("alert", phrase("The alert could not be sent. {why}", why=said_by(error)))
                retry_s = min(LONGEST_RETRY_S, max(FIRST_RETRY_S, 2 * retry_s))
                await self._jobs.sleep(retry_s)
                continue
            self._log.well("alert", phrase("Alerts are sent again."))
            retry_s = 0.0
            del self._over[: len(over)]
            for each in due:
                each.told = True
                self._told_at[each.alarm.kind, each.alarm.node] = self._clock.now()

    async def _wait(self) -> None:
        """Return when something is due, or has changed."""
        self._changed.clear()
        at = [each.due_at for each in self._standing.values() if not each.told]
        if self._over or (at and min(at) <= self._clock.now()):
            return
        try:
            async with asyncio.timeout(min(at) - self._clock.now() if at else None):
                await self._changed.wait()
        except TimeoutError:
            return
