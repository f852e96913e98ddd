"""``speech.kokoro``: the built-in Korean voice, on the CPU, from installed packages."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase

from nodes import node
from nodes.services import Jobs, Log
from nodes.speech import _kokoro_model
from nodes.speech._clauses import LONGEST, OPENING, Clause, clauses
from nodes.speech._korean_ipa import ipa
from nodes.speech._sound import RATE, Samples, amplified, faded, silence, trimmed
from schemas.event import Event
from schemas.reply import Sentence
from schemas.settings import Live, Settings
from schemas.speech import Speech, SpeechChunk, SpeechEnded, SpeechStarted

TEMPO = {"excited": 1.08, "angry": 1.05, "surprised": 1.05, "happy": 1.03, "sad": 0.92}
"""Emotion -> factor on the speed; 1 for others. The model knows no emotion, so tempo is all that can show it."""


class Kokoro(Settings):
    voice: Literal["jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo"] = Field(
        "jf_nezumi", description="목소리. jf는 여자, jm은 남자. 한국어는 jf_nezumi와 jm_kumo가 가장 또렷합니다."
    )
    speed: Annotated[float, Live()] = Field(1.0, ge=0.5, le=2.0, description="말하는 빠르기 (1.0이 보통).")
    gain_db: Annotated[float, Live()] = Field(
        2.0, ge=-40.0, le=20.0, description="소리 크기(dB). 기본값이면 말소리가 평균 -18 dBFS쯤 됩니다."
    )
    threads: int = Field(
        default_factory=lambda: min(2, os.cpu_count() or 1), ge=1, le=4, description="음성 합성에 쓸 CPU 스레드 수."
    )
    pause_s: Annotated[float, Live()] = Field(0.15, ge=0.0, le=2.0, description="문장 사이에 쉬는 시간(초).")
    clause_pause_s: Annotated[float, Live()] = Field(0.08, ge=0.0, le=2.0, description="쉼표에서 쉬는 시간(초).")


@dataclass(frozen=True, slots=True)
class _Begin(Event):
    """Comes before the first sentence: load the model now."""


@node("speech.kokoro")
def kokoro(config: Kokoro, sentence: Observable[Sentence], *, jobs: Jobs, log: Log) -> Observable[Speech]:
    """Speak Korean with the built-in voice (Kokoro-82M on the CPU).

    Makes float32 mono sound at 24 kHz, one ``SpeechChunk`` for each clause of about 6 to 14 syllables, so that the
    first sound comes before the sentence is done; it works ahead as far as the edge behind it allows. The model is
    loaded in the worker thread as soon as the node starts; the first sentence waits for it. The emotion only changes
    the tempo (``TEMPO``). Where the model fails on a clause the sentence ends there, with ``failed``.

    Raises:
        ModuleNotFoundError: a package of the voice is not installed; the text says what to type.
    """
    weights = _kokoro_model.locate()

    async def speak(event: _Begin | Sentence) -> AsyncIterator[Speech]:
        model = await jobs.thread(_kokoro_model.load, weights, config.threads)
        if isinstance(event, _Begin):
            log.info("목소리 준비 완료", voice=config.voice)
            return
        turn, index = event.turn, event.index
        yield SpeechStarted(turn=turn, sentence=index, text=event.text, spoken=event.spoken, emotion=event.emotion)
        failed = False
        cut = clauses(event.spoken, LONGEST if event.index else OPENING)
        for number, clause in enumerate(cut):
            try:
                samples = await jobs.thread(_say, model, clause, config, TEMPO.get(event.emotion, 1.0))
            except Exception as error:
                log.warning("목소리를 만들지 못해 자막만 나갑니다", turn=turn, clause=clause.text, error=repr(error))
                failed = True
                break
            if len(samples):
                pause_s = _pause_s(clause, config, final=number == len(cut) - 1, last=event.last)
                samples = np.concatenate((samples, silence(pause_s)))
                yield SpeechChunk(turn=turn, sentence=index, samples=samples, rate=RATE, sequence=number)
        yield SpeechEnded(turn=turn, sentence=index, last=event.last, failed=failed)

    return _begun(sentence).pipe(jobs.each(speak))


def _say(model: _kokoro_model.Voice, clause: Clause, config: Kokoro, tempo: float) -> Samples:
    """Blocking: the sound of one clause, empty if there is none."""
    made = trimmed(model.say(ipa(clause.text), config.voice, config.speed * tempo))
    return amplified(faded(made), config.gain_db)


def _pause_s(clause: Clause, config: Kokoro, *, final: bool, last: bool) -> float:
    """The silence behind a clause; behind the turn's last sentence there is none, so that the turn ends when heard."""
    if final:
        return 0.0 if last else config.pause_s
    return {"stop": config.pause_s, "comma": config.clause_pause_s, "phrase": 0.0}[clause.pause]


def _begun(sentence: Observable[Sentence]) -> Observable[_Begin | Sentence]:
    """``_Begin``, then the sentences; subscribes at once, as ``start_with`` on the engine's scheduler does not."""

    def subscribe(observer: ObserverBase[_Begin | Sentence], scheduler: SchedulerBase | None = None) -> DisposableBase:
        observer.on_next(_Begin())
        return sentence.subscribe(observer, scheduler=scheduler)

    return Observable(subscribe)
