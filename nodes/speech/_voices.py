"""The voices that a ladder or the voice server can have, by name."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Literal

from pydantic import Field

from nodes.phrases import noted
from nodes.services import Clock, Log, Worker
from nodes.speech._http.voice import Http, HttpVoice
from nodes.speech._kokoro.voice import Kokoro, KokoroVoice
from nodes.speech._qwen.settings import Qwen
from nodes.speech._qwen.voice import QwenVoice
from nodes.speech._speaking.pitch import pitched
from nodes.speech._speaking.rehearsing import Rehearses
from nodes.speech._speaking.shaped import shaped
from nodes.speech._speaking.speak import Speaking
from nodes.speech._speaking.voice import Sound, Voice
from nodes.speech._supertonic.settings import Supertonic
from nodes.speech._supertonic.voice import SupertonicVoice
from nodes.speech._system_voice import System, SystemVoice
from schemas.reply import Sentence

_TYPE = noted("Which voice it is.")


class QwenChoice(Qwen):
    """A cloned voice on this machine's NVIDIA card."""

    type: Literal["qwen"] = Field(title="Kind of voice", description=_TYPE)


class KokoroChoice(Kokoro):
    """The embedded voice."""

    type: Literal["kokoro"] = Field(title="Kind of voice", description=_TYPE)


class HttpChoice(Http):
    """A server."""

    type: Literal["http"] = Field(title="Kind of voice", description=_TYPE)


class SystemChoice(System):
    """The voice of the operating system."""

    type: Literal["system"] = Field(title="Kind of voice", description=_TYPE)


class SupertonicChoice(Supertonic):
    """A voice of many languages on the CPU, whose model is downloaded."""

    type: Literal["supertonic"] = Field(description=_TYPE)


Local = Qwen | Supertonic | System | Kokoro
"""Settings of a voice that this machine makes itself."""
Choice = Annotated[
    HttpChoice | QwenChoice | SupertonicChoice | SystemChoice | KokoroChoice, Field(discriminator="type")
]
"""Settings of any voice."""


class Shaped:
    """A ``Voice`` at the tempo, pitch and level of its own settings."""

    def __init__(self, voice: Voice, config: Speaking, worker: Worker, log: Log, *, own_tempo: bool) -> None:
        self._voice = voice
        self._worker = worker
        self._log = log
        self._config = config
        self._own_tempo = own_tempo

    async def prepare(self) -> None:
        """Prepare the voice."""
        await self._voice.prepare()

    def say(self, sentence: Sentence) -> AsyncIterator[Sound]:
        """See ``Voice``."""
        config, emotion, sounds = self._config, sentence.emotion, self._voice.say(sentence)
        tempo, semitones = 1.0 if self._own_tempo else config.tempo(emotion), config.semitones(emotion)
        if semitones:
            sounds = pitched(sounds, semitones, self._worker, self._log)
        return shaped(sounds, lambda: tempo, lambda: config.level_db(emotion))

    async def rehearse(self, sentence: Sentence, idle: Callable[[], bool]) -> bool:
        """See ``Rehearses``; a voice that keeps nothing never gets there."""
        return isinstance(self._voice, Rehearses) and await self._voice.rehearse(sentence, idle)

    async def close(self) -> None:
        """Close the voice."""
        await self._voice.close()


Beside = Callable[[], Awaitable[None]]


def make(config: Http | Local, worker: Worker, clock: Clock, log: Log) -> tuple[Voice, tuple[Beside, ...]]:
    """Make the voice of these settings; also return what runs beside it."""
    if isinstance(config, Http):
        http = HttpVoice(config, worker, clock, log)
        return Shaped(http, config, worker, log, own_tempo=False), (http.tend,)
    return local(config, worker, log), ()


def local(config: Local, worker: Worker, log: Log) -> Voice:
    """Make the voice of these settings."""
    if isinstance(config, Qwen):
        return Shaped(QwenVoice(config, worker, log), config, worker, log, own_tempo=False)
    if isinstance(config, Supertonic):
        return Shaped(SupertonicVoice(config, worker), config, worker, log, own_tempo=True)
    if isinstance(config, System):
        return Shaped(SystemVoice(config, worker), config, worker, log, own_tempo=False)
    return Shaped(KokoroVoice(config, worker), config, worker, log, own_tempo=True)
