"""The embedded voice: Korean by Kokoro-82M on the CPU, clause by clause."""

import os
import re
from collections.abc import AsyncIterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from nodes import visual_c
from nodes.services import Worker
from nodes.speech._kokoro import model as kokoro_model
from nodes.speech._kokoro.clauses import LONGEST, OPENING, Clause, clauses
from nodes.speech._kokoro.korean_ipa import ipa
from nodes.speech._speaking.sound import RATE, Samples, faded, silence, trimmed
from nodes.speech._speaking.speak import Speaking
from nodes.speech._speaking.voice import Sound, VoiceError
from schemas.reply import Sentence
from schemas.settings import Live

TEMPO = {"excited": 1.08, "angry": 1.05, "surprised": 1.05, "happy": 1.03, "sad": 0.92}
"""Emotion -> factor on the speed; 1 for others. The model has no emotions, so only the tempo can show them."""


_FOREIGN = re.compile("[^\\W_\u3131-\u318e]")
"""A letter or digit that is not Korean."""
KOREAN_ONLY = "내장 목소리는 한국어만 말합니다. 다른 말에는 다른 목소리(qwen, http, system)를 쓰세요."


class Kokoro(Speaking):
    """Settings of the embedded voice."""

    voice: Literal["jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo"] = Field(
        "jf_nezumi",
        title="Voice",
        description="Voice: jf is female, jm male. jf_nezumi and jm_kumo are the clearest in Korean. Hear them by "
        "`voice say`.",
    )
    gain_db: Annotated[float, Live()] = Field(
        2.0,
        ge=-40.0,
        le=20.0,
        title="Loudness",
        description="Loudness in dB; speech is at about -18 dBFS on average as it comes.",
    )
    threads: int = Field(
        default_factory=lambda: min(2, os.cpu_count() or 1),
        ge=1,
        le=4,
        title="Threads",
        description="Processor threads for the voice.",
    )
    clause_pause_s: Annotated[float, Live()] = Field(
        0.08, ge=0.0, le=2.0, title="Pause at a comma", description="Pause at a comma, in seconds."
    )


class KokoroVoice:
    """A ``Voice`` that gives one piece for each clause of about 6 to 14 syllables, at 24 kHz, at ``config.speed``."""

    def __init__(self, config: Kokoro, worker: Worker) -> None:
        self._config = config
        self._worker = worker

    async def prepare(self) -> None:
        """Load the model, once in a process; 1-2 s in the worker's thread.

        Raises:
            VoiceError: a package is missing, damaged or cannot be imported here; the text says what to do.
        """
        await self._model()

    async def say(self, sentence: Sentence) -> AsyncIterator[Sound]:
        """See ``Voice``; the emotion only changes the tempo (``TEMPO``). It says Hangul only."""
        model = await self._model()
        cut = clauses(sentence.spoken, LONGEST if sentence.index else OPENING)
        if not cut and _FOREIGN.search(sentence.spoken):
            raise VoiceError(KOREAN_ONLY)
        for number, clause in enumerate(cut):
            try:
                samples = await self._worker.thread(_say, model, clause, self._config, sentence.emotion)
            except Exception as error:
                raise VoiceError(f"내장 목소리가 {number + 1}번째 구절에서 멈췄습니다: {error!r}") from error
            if len(samples):
                last = number == len(cut) - 1
                sound = np.concatenate((samples, silence(0.0 if last else self._pause_s(clause))))
                yield Sound(sound, RATE, last, clause.text)

    async def close(self) -> None:
        """There is nothing to release: the model stays in the process, for the next voice."""

    async def _model(self) -> kokoro_model.Voice:
        try:
            return await self._worker.thread(_loaded, self._config.threads)
        except Exception as error:
            lacking = visual_c.missing() if isinstance(error, ImportError) else []
            remedy = f"{', '.join(lacking)} 없음. {visual_c.REMEDY}" if lacking else kokoro_model.REMEDY
            raise VoiceError(f"내장 목소리를 쓸 수 없습니다 ({type(error).__name__}: {error}). {remedy}") from error

    def _pause_s(self, clause: Clause) -> float:
        return {"stop": self._config.pause_s, "comma": self._config.clause_pause_s, "phrase": 0.0}[clause.pause]


def _loaded(threads: int) -> kokoro_model.Voice:
    """Find the packages and load the model. Blocking."""
    return kokoro_model.load(kokoro_model.locate(), threads)


def _say(model: kokoro_model.Voice, clause: Clause, config: Kokoro, emotion: str) -> Samples:
    """Return the sound of one clause, empty if there is none. Blocking."""
    tempo = config.tempo(emotion) * TEMPO.get(emotion, 1.0)
    return faded(trimmed(model.say(ipa(clause.text), config.voice, tempo)))
