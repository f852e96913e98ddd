"""``pose.interpolate``: turns feelings and speech into movements of the body, 60 times a second."""

from collections.abc import AsyncGenerator
from math import floor
from pathlib import Path
from typing import Annotated

import reactivex
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

from nodes import UNWIRED, Feedback, node
from nodes.in_turn import InTurn
from nodes.phrases import phrase
from nodes.pose._body import FACE, PRESETS, Body, Idle, Preset
from nodes.pose._mapping import parse
from nodes.services import Clock, Files, Jobs, Kept, Log
from nodes.streams import silent, together
from schemas.chat import ChatBatch
from schemas.playback import Heard, Speaking
from schemas.pose import PoseFrame
from schemas.reply import TRIED_OUT, Emotion
from schemas.settings import Live, Settings, WatchedFile


class Interpolate(Settings):
    """How lively the character is."""

    mapping: WatchedFile = Field(
        Path("config/pose_mapping.json"),
        title="Pose map",
        description="File of the pose for each feeling. A change on air takes effect at once.",
    )
    rate_hz: Annotated[float, Live()] = Field(
        60.0, ge=5.0, le=120.0, title="Poses per second", description="Poses sent a second."
    )
    idle: Preset | tuple[Idle, ...] = Field(
        FACE,
        title="Movements of its own",
        description=(
            "Movements of its own. A list: breath, sway, gaze, blink, gestures (while speaking), "
            "mouse (looking about), legs. Or one word: face (the first five), legs (these and legs), "
            "mouse (for models whose head follows the mouse: the five, looking about, legs)."
        ),
    )
    hold_s: Annotated[float, Live()] = Field(
        4.0,
        ge=0.0,
        le=600.0,
        title="Emotion held for",
        description="Seconds for which a feeling lasts after the last word.",
    )
    fade: Annotated[bool, Live()] = Field(
        True,
        title="Back to neutral",
        description="Return to a neutral face then. Otherwise the feeling stays until the next one.",
    )
    decay_s: Annotated[float, Live()] = Field(
        2.5,
        ge=0.1,
        le=60.0,
        title="Way back to neutral",
        description="Seconds that the return to a neutral face takes.",
    )
    chat_x: Annotated[float, Live()] = Field(
        0.6,
        ge=-1.0,
        le=1.0,
        title="Chat to the left or right",
        description="Side of the chat: -1 far left, 1 far right (as the character sees it).",
    )
    chat_y: Annotated[float, Live()] = Field(
        -0.2, ge=-1.0, le=1.0, title="Chat up or down", description="Height of the chat: -1 low, 1 high."
    )
    chat_s: Annotated[float, Live()] = Field(
        1.2,
        ge=0.0,
        le=60.0,
        title="Look at chat for",
        description=(
            "Look at the chat before an answer: until the first sound, without sound for 8 s or this "
            "many, whichever is longer. 0: never."
        ),
    )
    seed: int = Field(
        1, title="Seed of movements", description="With the same number its own movements are always the same."
    )


@node("pose.interpolate")
def interpolate(
    config: Interpolate,
    emotion: Observable[Emotion],
    speaking: Feedback[Speaking] = UNWIRED,
    heard: Feedback[Heard] = UNWIRED,
    batch: Observable[ChatBatch] = UNWIRED,
    *,
    jobs: Jobs,
    clock: Clock,
    files: Files,
    kept: Kept,
    log: Log,
) -> Observable[PoseFrame]:
    """Move the body as the character feels and speaks, and let it live when it does not.

    Emits a frame every 1/60 s, on deadlines that do not drift. A feeling is held while speaking and for ``hold_s``
    afterwards, then fades to neutral. With ``speaking``, idle motions are reduced during speech, and the feeling of a
    turn that is made while another one is being said waits for its turn; with ``heard``, the head nods along; with
    ``batch``, the eyes go to the chat before an answer and come back half a second after its first sound. No value
    moves faster than its range allows in a frame, even when ``mapping`` is saved in mid-motion. Frames that the machine
    is late for are skipped.

    Raises:
        OSError: ``mapping`` cannot be read.
        ValueError: ``mapping`` is wrong; the text begins with its line.
    """
    watched = files.watch(config.mapping, parse)
    unknown: set[str] = set()

    def living(_: object) -> Observable[PoseFrame]:
        idle = PRESETS[config.idle] if isinstance(config.idle, str) else config.idle
        body = kept.keep("body", lambda: Body(config.seed, watched.value, idle))
        body.shape(watched.value, idle)

        def feel(event: Emotion) -> None:
            if not body.knows(event.emotion) and event.emotion not in unknown and len(unknown) < 32:
                unknown.add(event.emotion)
                text = phrase(
                    "{file} has no such emotion, so the face stays neutral: {emotion}",
                    file=config.mapping,
                    emotion=event.emotion,
                )
                log.warning(text)
            if event.turn == TRIED_OUT:
                take_up(event)
            else:
                feelings.came(event.turn, event)

        def take_up(event: Emotion) -> None:
            body.feel(event.emotion, config.hold_s, clock.now())

        def read_chat(_: ChatBatch) -> None:
            body.read_chat(config.chat_x, config.chat_y, config.chat_s)

        def spoke(event: Speaking) -> None:
            body.speak(event.speaking, config.hold_s)
            looks.spoke(event)
            feelings.spoke(event)

        feelings, looks = InTurn(take_up), InTurn(read_chat)

        async def frames() -> AsyncGenerator[PoseFrame]:
            due = clock.now()
            while True:
                now = clock.now()
                body.shape(watched.value, idle)
                values = body.step(now, config.decay_s if config.fade else None)
                yield PoseFrame(values=values, at=now)
                due = _after(due, clock.now(), 1.0 / config.rate_hz)
                await jobs.sleep(max(0.0, due - clock.now()))

        return together(
            jobs.source(frames),
            silent(emotion.pipe(ops.do_action(feel))),
            silent(speaking.pipe(ops.do_action(spoke))),
            silent(heard.pipe(ops.do_action(body.heard))),
            silent(batch.pipe(ops.do_action(lambda event: looks.came(event.turn, event)))),
        )

    return reactivex.defer(living)


def _after(due: float, now: float, period: float) -> float:
    """Return the next deadline that is still ahead; a multiple of ``period`` after ``due``."""
    return due + period * max(1, floor((now - due) / period + 0.05) + 1)
