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
        description="감정마다 어떤 자세를 할지 적은 파일. 방송 중에 고치면 바로 바뀝니다.",
    )
    rate_hz: Annotated[float, Live()] = Field(60.0, ge=5.0, le=120.0, description="1초에 자세를 몇 번 보낼지.")
    idle: Preset | tuple[Idle, ...] = Field(
        FACE,
        description="스스로 하는 움직임. 목록: breath 숨, sway 흔들림, gaze 시선, blink 눈 깜빡임, gestures 말할 때의 "
        "몸짓, mouse 두리번거림, legs 다리. 또는 한 낱말: face 앞의 다섯, legs 다섯과 다리, mouse 머리가 마우스를 따라 "
        "움직이는 모델용(다섯과 두리번거림, 다리).",
    )
    hold_s: Annotated[float, Live()] = Field(
        4.0, ge=0.0, le=600.0, description="말이 끝난 뒤 감정을 얼마나 더 유지할지(초)."
    )
    fade: Annotated[bool, Live()] = Field(
        True, description="그 뒤 무표정으로 돌아올지. false면 다음 감정이 올 때까지 그대로 있습니다."
    )
    decay_s: Annotated[float, Live()] = Field(
        2.5, ge=0.1, le=60.0, description="무표정으로 돌아오는 데 걸리는 시간(초)."
    )
    chat_x: Annotated[float, Live()] = Field(
        0.6, ge=-1.0, le=1.0, description="채팅창이 있는 쪽: -1 왼쪽 끝, 1 오른쪽 끝 (캐릭터가 보는 방향)."
    )
    chat_y: Annotated[float, Live()] = Field(-0.2, ge=-1.0, le=1.0, description="채팅창의 높이: -1 아래, 1 위.")
    chat_s: Annotated[float, Live()] = Field(
        1.2,
        ge=0.0,
        le=60.0,
        description="대답하기 전에 채팅을 바라봅니다: 첫 소리가 날 때까지, 소리가 없으면 8초나 이 시간(초) 중 긴 쪽. "
        "0이면 보지 않습니다.",
    )
    seed: int = Field(1, description="같은 숫자면 스스로 하는 움직임이 늘 같습니다.")


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
                log.warning(f"{config.mapping}에 없는 감정이라 무표정으로 보여 줍니다: {event.emotion}")
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
