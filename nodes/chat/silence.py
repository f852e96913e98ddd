"""``chat.silence``: makes the character start talking when nobody writes."""

import asyncio
from typing import Annotated

from pydantic import Field
from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import CompositeDisposable, SerialDisposable
from reactivex.scheduler.eventloop import AsyncIOScheduler

from nodes import UNWIRED, Feedback, node
from nodes.phrases import phrase
from nodes.services import Clock, Files, Kept, WatchedText
from nodes.written import WrongLine
from schemas.chat import ChatBatch
from schemas.playback import Speaking
from schemas.settings import Live, Settings, WatchedFile

LOOK_S = 5.0
"""The longest time until a setting changed on air is noticed."""
_SLACK_S = 1e-6
"""A timer may fire this much early: sums of seconds are rounded."""


class Silence(Settings):
    """Settings of ``chat.silence``."""

    topics: WatchedFile = Field(
        ..., examples=["config/topics.txt"], title="Topics", description="File of topics, one a line, # for comments."
    )
    enabled: Annotated[bool, Live()] = Field(
        default=True,
        title="Speaks up by itself",
        description="Whether the character speaks first when nobody writes.",
    )
    after_s: Annotated[float, Live()] = Field(
        default=60.0,
        ge=5,
        title="Speaks up after a silence of",
        description="Seconds of silence after which the character speaks first.",
    )
    cooldown_s: Annotated[float, Live()] = Field(
        default=120.0,
        ge=0,
        title="Pause after speaking up",
        description="Seconds at least between two times that it speaks first.",
    )
    at_most: Annotated[int, Live()] = Field(
        default=5,
        ge=0,
        title="Speaks up at most",
        description="How often it speaks first while no viewer says anything; 0 for no limit.",
    )
    turn_timeout_s: Annotated[float, Live()] = Field(
        default=60.0,
        gt=0,
        title="Answer given up after",
        description="Seconds after which a turn whose end is never reported is forgotten.",
    )


@node("chat.silence")
def silence(
    config: Silence,
    batch: Observable[ChatBatch],
    speaking: Feedback[Speaking] = UNWIRED,
    *,
    clock: Clock,
    files: Files,
    kept: Kept,
) -> Observable[ChatBatch]:
    """Open a turn with a topic when no turn was open and the voice was silent for ``after_s``.

    ``batch`` is the output of ``chat.batch``; the output of this node goes to the same reply. No topic comes while a
    turn is being answered or spoken, and the silence is measured from its last sample. Topics come in the order of the
    file, with ``cooldown_s`` between two, and no more than ``at_most`` of them until a viewer is answered again.
    Without ``speaking`` the silence is measured from the last batch.
    """
    topics = files.watch(config.topics, parse)

    def subscribe(observer: ObserverBase[ChatBatch], scheduler: SchedulerBase | None = None) -> DisposableBase:
        timers = scheduler or AsyncIOScheduler(asyncio.get_running_loop())
        told = kept.keep("told", _Told)
        waiting = _Waiting(config, topics, observer, timers, clock, told, waits=speaking is not UNWIRED)
        return CompositeDisposable(
            waiting,
            speaking.subscribe(waiting.spoke, observer.on_error, waiting.voice_gone, scheduler=scheduler),
            batch.subscribe(waiting.opened, observer.on_error, observer.on_completed, scheduler=scheduler),
        )

    return Observable(subscribe)


def parse(text: str) -> tuple[str, ...]:
    """Read one topic per line; ``#`` at the beginning or after a blank starts a comment.

    Raises:
        WrongLine: there is no topic.
    """
    lines = (" ".join(f" {line}".partition(" #")[0].split()) for line in text.splitlines())
    topics = tuple(line for line in lines if line)
    if not topics:
        raise WrongLine(1, phrase("there is no topic in the file. Write one a line."))
    return topics


class _Told:
    """The counts so far; they survive a reload."""

    def __init__(self) -> None:
        self.count = 0
        """Number of topics in all."""
        self.in_row = 0
        """Number of topics since a viewer wrote."""
        self.last_at: float | None = None


class _Waiting(DisposableBase):
    """Tracks which turns are open and how long it has been silent, and sets the timer."""

    def __init__(
        self,
        config: Silence,
        topics: WatchedText[tuple[str, ...]],
        observer: ObserverBase[ChatBatch],
        scheduler: SchedulerBase,
        clock: Clock,
        told: _Told,
        *,
        waits: bool,
    ) -> None:
        """
        Args:
            waits: a turn ends only when the voice reports it.
        """
        self._config = config
        self._topics = topics
        self._observer = observer
        self._scheduler = scheduler
        self._clock = clock
        self._told = told
        self._waits = waits
        self._timer = SerialDisposable()
        self._open: dict[str, float] = {}
        """Turns that are being answered or spoken, and when each was last active."""
        self._since = clock.now()
        self._set_timer()

    def opened(self, batch: ChatBatch) -> None:
        """Note that a turn with viewers began."""
        self._told.in_row = 0
        self._heard_of(batch.turn, over=False)

    def spoke(self, speaking: Speaking) -> None:
        """Note that the voice took a turn or is free again."""
        self._heard_of(speaking.turn, over=not speaking.speaking)

    def voice_gone(self) -> None:
        """Note that the voice will say nothing more; no turn waits for it."""
        self._waits = False
        self._open.clear()
        self._set_timer()

    def dispose(self) -> None:
        self._timer.dispose()

    def _heard_of(self, turn: str, *, over: bool) -> None:
        self._since = self._clock.now()
        forgotten = self._since - self._config.turn_timeout_s
        self._open = {other: at for other, at in self._open.items() if other != turn and at > forgotten}
        if self._waits and not over:
            self._open[turn] = self._since
        self._set_timer()

    def _set_timer(self) -> None:
        delay = min(self._due_at() - self._clock.now(), LOOK_S)
        self._timer.disposable = self._scheduler.schedule_relative(max(0.0, delay), self._due)

    def _due(self, _: SchedulerBase, __: object = None) -> None:
        now = self._clock.now()
        if self._due_at() <= now + _SLACK_S:
            self._emit(now)
        self._set_timer()

    def _due_at(self) -> float:
        """Return when the next topic comes if nothing happens: after the silence, the cooldown and all open turns."""
        if not self._config.enabled or (self._config.at_most and self._told.in_row >= self._config.at_most):
            return float("inf")
        last = self._told.last_at
        cool = self._since if last is None else last + self._config.cooldown_s
        freed = max(self._open.values(), default=float("-inf")) + self._config.turn_timeout_s
        return max(self._since + self._config.after_s, cool, freed)

    def _emit(self, now: float) -> None:
        topics = self._topics.value
        topic = topics[self._told.count % len(topics)]
        self._told.count += 1
        self._told.in_row += 1
        self._told.last_at = now
        turn = f"silence-{self._told.count}"
        self._open.clear()
        self._heard_of(turn, over=False)
        self._observer.on_next(ChatBatch(turn=turn, lane="chat", events=(), topic=topic))
