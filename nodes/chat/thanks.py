"""``chat.thanks``: thanks new followers, several at a time, when nothing else is to be said."""

import asyncio
from typing import Annotated

from pydantic import AfterValidator, Field
from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import CompositeDisposable, SerialDisposable
from reactivex.scheduler.eventloop import AsyncIOScheduler

from nodes import UNWIRED, Feedback, node, rude
from nodes.phrases import phrase
from nodes.services import Clock, Kept
from nodes.text import clean
from schemas.chat import ChatBatch
from schemas.playback import Speaking
from schemas.settings import Live, Settings
from schemas.show import ShowEvent

LONGEST_NAME = 20
NAMES = 60
"""The names in one turn take at most this many characters: a topic has about a hundred."""
MANY = 30
"""If more than this many wait, the ones that do not fit are counted and not named."""
_SLACK_S = 1e-6
"""A timer may fire this much early: sums of seconds are rounded."""


def with_names(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sentences unchanged.

    Raises:
        ValueError: there is none, or one has no place for the names.
    """
    if not words or not all("{names}" in each for each in words):
        raise ValueError(phrase("every sentence needs {place}", place="{names}"))
    return words


class Thanks(Settings):
    """Settings of ``chat.thanks``."""

    words: Annotated[tuple[str, ...], AfterValidator(with_names)] = Field(
        default=(
            "{names} 팔로우해 주셔서 고마워요! 자주 놀러 오세요.",
            "{names} 팔로우 고마워요! 앞으로 잘 부탁드려요.",
        ),
        title="Words of thanks",
        description="What is said, {names} being the nicknames; a model says it in the character's words.",
    )
    after_s: Annotated[float, Live()] = Field(
        default=3.0, ge=0, title="Quiet before the thanks", description="Seconds of silence before somebody is thanked."
    )
    every_s: Annotated[float, Live()] = Field(
        default=20.0, ge=5, title="Time between thanks", description="Seconds at least between two such turns."
    )
    turn_timeout_s: Annotated[float, Live()] = Field(
        default=60.0,
        gt=0,
        title="Answer given up after",
        description="Seconds after which a turn whose end is not told is forgotten.",
    )


@node("chat.thanks")
def thanks(
    config: Thanks,
    batch: Observable[ChatBatch],
    show: Feedback[ShowEvent] = UNWIRED,
    speaking: Feedback[Speaking] = UNWIRED,
    *,
    clock: Clock,
    kept: Kept,
) -> Observable[ChatBatch]:
    """Open a turn that thanks the new followers of ``chat.show`` once each, after all that viewers wrote or paid for.

    ``batch`` is the output of ``chat.batch``, ``show`` the events of ``chat.show``; the output of this node goes to the
    same reply. It waits until no turn of ``batch`` is open and the voice was silent for ``after_s``; its turn makes
    room for a donation or a subscription as a topic does. Each turn names as many as fit; the next one comes
    ``every_s`` later. If more than 30 wait, the rest is counted and not named, and so is a nickname that is not fit to
    be said.
    """

    def subscribe(observer: ObserverBase[ChatBatch], scheduler: SchedulerBase | None = None) -> DisposableBase:
        timers = scheduler or AsyncIOScheduler(asyncio.get_running_loop())
        waiting = _Waiting(
            config, observer, timers, clock, kept.keep("thanked", _Thanked), waits=speaking is not UNWIRED
        )
        return CompositeDisposable(
            waiting,
            speaking.subscribe(waiting.spoke, observer.on_error, waiting.voice_gone, scheduler=scheduler),
            show.subscribe(waiting.take, observer.on_error, scheduler=scheduler),
            batch.subscribe(waiting.opened, observer.on_error, observer.on_completed, scheduler=scheduler),
        )

    return Observable(subscribe)


class _Thanked:
    """Who waits, and what has been said; it survives a reload."""

    def __init__(self) -> None:
        self.names: list[str] = []
        """Nicknames, in order; empty for one that is not said."""
        self.turns = 0
        self.last_at = float("-inf")


class _Waiting(DisposableBase):
    """Tracks whether anything is being said, and sets the timer."""

    def __init__(
        self,
        config: Thanks,
        observer: ObserverBase[ChatBatch],
        scheduler: SchedulerBase,
        clock: Clock,
        thanked: _Thanked,
        *,
        waits: bool,
    ) -> None:
        """
        Args:
            waits: a turn ends only when the voice reports it.
        """
        self._config = config
        self._observer = observer
        self._scheduler = scheduler
        self._clock = clock
        self._thanked = thanked
        self._waits = waits
        self._timer = SerialDisposable()
        self._open: dict[str, float] = {}
        """Turns that are being answered or spoken, and when each was last active."""
        self._since = clock.now()
        self._set_timer()

    def take(self, event: ShowEvent) -> None:
        if event.kind == "follower":
            self._thanked.names.append(sayable(event.text))
            self._set_timer()

    def opened(self, batch: ChatBatch) -> None:
        self._heard_of(batch.turn, over=False)

    def spoke(self, speaking: Speaking) -> None:
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
        self._open.pop(turn, None)
        if self._waits and not over:
            self._open[turn] = self._since
        self._set_timer()

    def _set_timer(self) -> None:
        due = self._due_at()
        if due < float("inf"):
            delay = max(0.0, due - self._clock.now())
            self._timer.disposable = self._scheduler.schedule_relative(delay, self._due)

    def _due(self, _: SchedulerBase, __: object = None) -> None:
        now = self._clock.now()
        if self._due_at() <= now + _SLACK_S:
            self._emit(now)
        self._set_timer()

    def _due_at(self) -> float:
        """Return when the next turn opens if nothing happens: infinity if nobody waits."""
        if not self._thanked.names:
            return float("inf")
        freed = max(self._open.values(), default=float("-inf")) + self._config.turn_timeout_s
        return max(self._since + self._config.after_s, self._thanked.last_at + self._config.every_s, freed)

    def _emit(self, now: float) -> None:
        thanked, words = self._thanked, self._config.words
        told, thanked.names = group(thanked.names)
        topic = words[thanked.turns % len(words)].replace("{names}", told)
        thanked.turns += 1
        thanked.last_at = now
        turn = f"follow-{thanked.turns}"
        self._open.clear()
        self._heard_of(turn, over=False)
        self._observer.on_next(ChatBatch(turn=turn, lane="chat", events=(), topic=topic))


def sayable(name: str) -> str:
    """Return a nickname as it is said; empty if it is rude or nothing is left of it."""
    said = clean(name)[:LONGEST_NAME].strip()
    return "" if rude.found(said) else said


def group(names: list[str]) -> tuple[str, list[str]]:
    """Return who is thanked in one turn, as text, and who has to wait for the next one."""
    named: list[str] = []
    counted = 0
    rest = list(names)
    while rest and (not rest[0] or len("님, ".join([*named, rest[0]])) <= NAMES):
        name = rest.pop(0)
        if name:
            named.append(name)
        else:
            counted += 1
    if len(names) > MANY:
        counted, rest = counted + len(rest), []
    told = ", ".join(f"{name}님" for name in named)
    if not named:
        return f"새 팔로워 {counted}분", rest
    return (f"{told} 외 {counted}분" if counted else told), rest
