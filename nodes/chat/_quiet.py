"""Opens turns of the character's own while nothing is said: what ``chat.silence`` and ``chat.thanks`` share."""

import asyncio
from typing import Protocol

from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import CompositeDisposable, SerialDisposable
from reactivex.scheduler.eventloop import AsyncIOScheduler

from nodes import UNWIRED
from nodes.services import Clock
from schemas.chat import ChatBatch
from schemas.playback import Speaking

LOOK_S = 5.0
"""The longest time until a setting changed on air is noticed."""
_SLACK_S = 1e-6
"""A timer may fire this much early: sums of seconds are rounded."""


class Patience(Protocol):
    """The settings of such a node."""

    @property
    def after_s(self) -> float:
        """Seconds of silence before a turn."""
        ...

    @property
    def turn_timeout_s(self) -> float:
        """Seconds after which a turn whose end is never reported is forgotten."""
        ...


class Turns(Protocol):
    """What there is to say."""

    def due(self, since: float) -> float:
        """Return the earliest time for the next turn, apart from the silence; infinity if there is nothing to say.

        Args:
            since: when the silence began.
        """
        ...

    def make(self, now: float) -> ChatBatch:
        """Return the next turn, which is opened now."""
        ...

    def answered(self) -> None:
        """Note that a turn with viewers began."""
        ...

    def overdue(self, now: float) -> bool:
        """Whether the next turn waits for no silence any more, but only for an answer to chat to go behind."""
        ...


def in_quiet(
    config: Patience,
    turns: Turns,
    batch: Observable[ChatBatch],
    speaking: Observable[Speaking],
    clock: Clock,
    news: Observable[object] = UNWIRED,
) -> Observable[ChatBatch]:
    """Open a turn of ``turns`` when none was open and the voice was silent for ``after_s``.

    One that is overdue opens behind the next turn for chat: where that one opens, nothing that was paid for waits.

    Args:
        speaking: if it is wired, a turn ends only when the voice reports it.
        news: after each of these there may be more to say.
    """

    def subscribe(observer: ObserverBase[ChatBatch], scheduler: SchedulerBase | None = None) -> DisposableBase:
        timers = scheduler or AsyncIOScheduler(asyncio.get_running_loop())
        waiting = _Waiting(config, turns, observer, timers, clock, waits=speaking is not UNWIRED)
        return CompositeDisposable(
            waiting,
            speaking.subscribe(waiting.spoke, observer.on_error, waiting.voice_gone, scheduler=scheduler),
            news.subscribe(waiting.look, observer.on_error, scheduler=scheduler),
            batch.subscribe(waiting.opened, observer.on_error, observer.on_completed, scheduler=scheduler),
        )

    return Observable(subscribe)


class _Waiting(DisposableBase):
    """Tracks which turns are open and how long it has been silent, and sets the timer."""

    def __init__(
        self,
        config: Patience,
        turns: Turns,
        observer: ObserverBase[ChatBatch],
        scheduler: SchedulerBase,
        clock: Clock,
        *,
        waits: bool,
    ) -> None:
        """
        Args:
            waits: a turn ends only when the voice reports it.
        """
        self._config = config
        self._turns = turns
        self._observer = observer
        self._scheduler = scheduler
        self._clock = clock
        self._waits = waits
        self._timer = SerialDisposable()
        self._open: dict[str, float] = {}
        """Turns that are being answered or spoken, and when each was last active."""
        self._since = clock.now()
        self.look()

    def opened(self, batch: ChatBatch) -> None:
        """Note that a turn with viewers began."""
        self._turns.answered()
        self._heard_of(batch.turn, over=False)
        now = self._clock.now()
        if batch.lane in ("chat", "mention") and self._turns.overdue(now):
            self._open_next(now)

    def spoke(self, speaking: Speaking) -> None:
        """Note that the voice took a turn or is free again."""
        self._heard_of(speaking.turn, over=not speaking.speaking)

    def voice_gone(self) -> None:
        """Note that the voice will say nothing more; no turn waits for it."""
        self._waits = False
        self._open.clear()
        self.look()

    def dispose(self) -> None:
        self._timer.dispose()

    def look(self, _: object = None) -> None:
        """Set the timer anew."""
        delay = min(self._due_at() - self._clock.now(), LOOK_S)
        self._timer.disposable = self._scheduler.schedule_relative(max(0.0, delay), self._due)

    def _heard_of(self, turn: str, *, over: bool) -> None:
        self._since = self._clock.now()
        forgotten = self._since - self._config.turn_timeout_s
        self._open = {other: at for other, at in self._open.items() if other != turn and at > forgotten}
        if self._waits and not over:
            self._open[turn] = self._since
        self.look()

    def _due(self, _: SchedulerBase, __: object = None) -> None:
        now = self._clock.now()
        if self._due_at() <= now + _SLACK_S:
            self._open.clear()
            self._open_next(now)
        self.look()

    def _open_next(self, now: float) -> None:
        event = self._turns.make(now)
        self._heard_of(event.turn, over=False)
        self._observer.on_next(event)

    def _due_at(self) -> float:
        """Return when the next turn opens if nothing happens: after the silence and all open turns."""
        freed = max(self._open.values(), default=float("-inf")) + self._config.turn_timeout_s
        return max(self._since + self._config.after_s, self._turns.due(self._since), freed)
