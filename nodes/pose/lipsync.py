"""``pose.lipsync``: moves the mouth to match the voice."""

import asyncio
from math import inf
from typing import Annotated, Literal

from pydantic import Field
from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import CompositeDisposable, SerialDisposable
from reactivex.scheduler.eventloop import AsyncIOScheduler

from nodes import UNWIRED, node
from nodes.pose._mouth import Mouth
from nodes.pose._vowels import Sentences
from nodes.services import Clock
from schemas.playback import Level
from schemas.pose import PoseFrame
from schemas.settings import Live, Settings
from schemas.speech import Speech

STEP_S = 1 / 60
LONGEST_STEP_S = 0.1
LATE_S = 0.25
"""A voice that reports no level for this long counts as silent: the mouth closes."""
EARLY_S = 0.001
"""A timer may fire this much early."""


class Lipsync(Settings):
    lipsync: Literal["voice", "vts"] = Field(
        "voice",
        title="Mouth follows",
        description=(
            "voice: follows the voice that is heard. vts: leaves it to the lip sync of VTube Studio by microphone."
        ),
    )
    vowels: Annotated[bool, Live()] = Field(
        True, title="Shapes of vowels", description="Shape the mouth after the vowels of the text (VoiceA, I, U, E, O)."
    )
    attack_ms: Annotated[float, Live()] = Field(
        25.0, ge=0.0, le=500.0, title="Mouth opens in", description="Time in which the mouth opens, in ms."
    )
    release_ms: Annotated[float, Live()] = Field(
        60.0, ge=0.0, le=1000.0, title="Mouth closes in", description="Time in which the mouth closes, in ms."
    )
    vowel_ms: Annotated[float, Live()] = Field(
        35.0,
        ge=0.0,
        le=500.0,
        title="Shape changes in",
        description="Time in which the mouth changes its shape, in ms.",
    )
    floor_db: Annotated[float, Live()] = Field(
        -42.0,
        ge=-90.0,
        le=-20.0,
        title="Mouth closed below",
        description="Below this level (dBFS) the mouth is closed.",
    )
    ceil_db: Annotated[float, Live()] = Field(
        -12.0, ge=-19.0, le=0.0, title="Mouth open above", description="Above this level (dBFS) the mouth is wide open."
    )


@node("pose.lipsync")
def lipsync(
    config: Lipsync, level: Observable[Level], speech: Observable[Speech] = UNWIRED, *, clock: Clock
) -> Observable[PoseFrame]:
    """Open the mouth with what is heard right now, and shape it after the vowels of the text.

    Emits a frame for each level (60 a second while the voice speaks) with MouthOpen, VoiceA, I, U, E, O, VoiceSilence
    and an offset to MouthSmile; when the voice is silent the mouth closes within a few frames and nothing more is sent.
    With ``speech`` the vowels of each sentence are spread over its voiced time; without it only the opening moves. The
    level reports what is heard at the device, so its latency need not be known; for an avatar that is itself late, see
    ``lead_ms`` of ``audio.play``.
    """

    def subscribe(observer: ObserverBase[PoseFrame], scheduler: SchedulerBase | None = None) -> DisposableBase:
        lips = _Lips(config, observer, scheduler or AsyncIOScheduler(asyncio.get_running_loop()), clock)
        subscriptions = CompositeDisposable(lips.timer)
        if config.lipsync == "voice":
            subscriptions.add(speech.subscribe(lips.sentences.take, observer.on_error, scheduler=scheduler))
            take = lips.take
        else:
            take = _nothing
        subscriptions.add(level.subscribe(take, observer.on_error, lips.complete, scheduler=scheduler))
        return subscriptions

    return Observable(subscribe)


def _nothing(_: Level) -> None: ...


class _Lips:
    """The mouth, moved by each level, and by a timer when levels stop."""

    def __init__(
        self, config: Lipsync, observer: ObserverBase[PoseFrame], scheduler: SchedulerBase, clock: Clock
    ) -> None:
        self._config = config
        self._observer = observer
        self._scheduler = scheduler
        self._clock = clock
        self._mouth = Mouth()
        self._at = clock.now()
        self._turn = ""
        self._close_at = inf
        """When to close the mouth if no level comes first."""
        self._timer_at = inf
        self.sentences = Sentences()
        self.timer = SerialDisposable()

    def take(self, level: Level) -> None:
        """Take the level that is heard now."""
        if level.turn and level.turn != self._turn:  # silence belongs to no turn, and also occurs within one
            self.sentences.forget(self._turn)
            self._turn = level.turn
        vowel = self.sentences.vowel(level.turn, level.sentence, level.at_s) if self._config.vowels else None
        self._move(level.rms, vowel)
        self._close_at = self._at + (LATE_S if level.rms else STEP_S) if self._mouth.open > 0 else inf
        if self._close_at < self._timer_at:
            self._wait()

    def _wait(self) -> None:
        """Look again when the mouth should close; a timer that fires too early is cheaper than one for each level."""
        self._timer_at = self._close_at
        seconds = max(0.0, self._timer_at - self._clock.now())
        self.timer.disposable = self._scheduler.schedule_relative(seconds, self._look)

    def complete(self) -> None:
        """Complete after the voice has; an open mouth closes first."""
        self.timer.dispose()
        if self._mouth.open > 0:
            self._mouth = Mouth()
            self._move(0.0, None)
        self._observer.on_completed()

    def _look(self, _: SchedulerBase, __: object = None) -> None:
        self._timer_at = inf
        if self._clock.now() >= self._close_at - EARLY_S:
            self.take(Level(rms=0.0))
        elif self._close_at < inf:
            self._wait()

    def _move(self, rms: float, vowel: str | None) -> None:
        now = self._clock.now()
        seconds, self._at = min(now - self._at, LONGEST_STEP_S), now
        shape = self._mouth.move(self._config, rms, vowel, seconds)
        self._observer.on_next(shape.frame(now))
