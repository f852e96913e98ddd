"""What every voice node does with its voice: sentences in, sound out, pauses between them, failures kept small."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from pydantic import Field
from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import CompositeDisposable

from nodes.phrases import noted, phrase, said_by
from nodes.services import Jobs, Log, Worker
from nodes.speech._speaking.pitch import pitched
from nodes.speech._speaking.shaped import shaped
from nodes.speech._speaking.sound import RATE, Samples, silence
from nodes.speech._speaking.voice import NoVoice, Sound, Voice, VoiceError, closing
from schemas.event import Event
from schemas.playback import Stop
from schemas.reply import Sentence
from schemas.settings import Live, Settings
from schemas.speech import Speech, SpeechChunk, SpeechEnded, SpeechStarted

LANGUAGE = noted(
    "Language: korean, english, japanese ... The answer, numbers and foreign words follow it too. Empty: Korean; for "
    "one of several voices, the language of the others."
)


_SLOWEST, _FASTEST = 0.5, 2.0
"""The tempo of a voice, whatever its settings add up to."""


class Style(Settings):
    """How the voice speaks with one feeling."""

    speed: float = Field(1.0, ge=0.5, le=2.0, title="Speed", description="Speed of speech, as a factor.")
    pitch: float = Field(0.0, ge=-12.0, le=12.0, title="Pitch", description="Pitch in semitones.")
    gain_db: float = Field(0.0, ge=-40.0, le=20.0, title="Loudness", description="Loudness in dB.")


PLAIN = Style(speed=1.0, pitch=0.0, gain_db=0.0)


class Speaking(Settings):
    """Settings that every voice has."""

    speed: Annotated[float, Live()] = Field(
        1.0, ge=0.5, le=2.0, title="Speed", description="Speed of speech (1.0 is usual)."
    )
    gain_db: Annotated[float, Live()] = Field(
        0.0, ge=-40.0, le=20.0, title="Loudness", description="Loudness in dB; 0 leaves it."
    )
    pitch: Annotated[float, Live()] = Field(
        0.0,
        ge=-12.0,
        le=12.0,
        title="Pitch",
        description=("Pitch in semitones; the timbre stays, and it changes with the next sentence. 0 leaves it."),
    )
    styles: Annotated[dict[str, Style], Live()] = Field(
        default_factory=dict[str, Style],
        title="Manner by emotion",
        description=(
            "What a feeling adds to the voice: {happy: {speed: 1.05, pitch: 1, gain_db: 1}, sad: "
            "{speed: 0.9, pitch: -1}}"
        ),
    )
    pause_s: Annotated[float, Live()] = Field(
        0.15, ge=0.0, le=2.0, title="Pause between sentences", description="Pause between sentences, in seconds."
    )

    def tempo(self, emotion: str) -> float:
        return min(max(self.speed * self.styles.get(emotion, PLAIN).speed, _SLOWEST), _FASTEST)

    def semitones(self, emotion: str) -> float:
        return min(max(self.pitch + self.styles.get(emotion, PLAIN).pitch, -12.0), 12.0)

    def level_db(self, emotion: str) -> float:
        return self.gain_db + self.styles.get(emotion, PLAIN).gain_db


@dataclass(frozen=True, slots=True)
class _Begin(Event):
    """Comes before the first sentence: prepare the voice now."""


def speak(
    voice: Voice,
    config: Speaking,
    sentence: Observable[Sentence],
    stop: Observable[Stop],
    *,
    jobs: Jobs,
    log: Log,
    own_tempo: bool = False,
    beside: Iterable[Callable[[], Awaitable[object]]] = (),
) -> Observable[Speech]:
    """Speak the sentences in order: ``SpeechStarted``, chunks as the voice gives them, ``SpeechEnded``.

    The voice is prepared when the node starts, again before a sentence if that failed with a ``VoiceError`` (another
    error ends the node), and closed with the node. A failure while it speaks costs only the sentence, which ends
    there with ``failed``; it is logged once until a sentence is said again. After every sentence but the turn's last
    there is a pause. It works ahead as far as the edge after it allows, so a sentence is made while the one before is
    being played.

    Args:
        own_tempo: the voice applies ``config.tempo`` by itself; otherwise its sound is stretched.
        beside: what runs as long as the node takes sentences.
    """

    def subscribe(observer: ObserverBase[Speech], scheduler: SchedulerBase | None = None) -> DisposableBase:
        speaker = _Speaker(voice, config, jobs.worker("pitch"), log, own_tempo=own_tempo)
        said = asyncio.Event()

        async def close() -> None:
            try:
                await said.wait()
            finally:
                await voice.close()

        closing = jobs.beside(close, to_the_end=True)
        work = _begun(sentence).pipe(jobs.each(speaker.work, stop))
        subscriptions = CompositeDisposable()
        subscriptions.add(closing.subscribe(None, observer.on_error, observer.on_completed, scheduler=scheduler))
        for each in beside:
            subscriptions.add(jobs.beside(each).subscribe(None, observer.on_error, scheduler=scheduler))
        subscriptions.add(work.subscribe(observer.on_next, observer.on_error, said.set, scheduler=scheduler))
        return subscriptions

    return Observable(subscribe)


class _Speaker:
    """Handles one event after the other."""

    def __init__(self, voice: Voice, config: Speaking, worker: Worker, log: Log, *, own_tempo: bool) -> None:
        self._voice = voice
        self._config = config
        self._worker = worker
        self._log = log
        self._own_tempo = own_tempo
        self._ready = False

    async def work(self, event: _Begin | Sentence) -> AsyncIterator[Speech]:
        if isinstance(event, _Begin):
            await self._begin()
            return
        turn, index = event.turn, event.index
        yield SpeechStarted(turn=turn, sentence=index, text=event.text, spoken=event.spoken, emotion=event.emotion)
        failed, sequence, rate = False, 0, RATE
        rest: Samples | None = None
        try:
            tempo, gain_db = partial(self._tempo, event.emotion), partial(self._config.level_db, event.emotion)
            async with aclosing(shaped(self._say(event), tempo, gain_db)) as sounds:
                async for sound in sounds:
                    rate, samples = sound.rate, sound.samples
                    rest = silence(0.0 if event.last else self._config.pause_s, rate)
                    if sound.last:
                        samples, rest = np.concatenate((samples, rest)), None
                    yield SpeechChunk(
                        turn=turn, sentence=index, samples=samples, rate=rate, sequence=sequence, text=sound.text
                    )
                    sequence += 1
                if rest is not None and len(rest):
                    yield SpeechChunk(turn=turn, sentence=index, samples=rest, rate=rate, sequence=sequence)
        except Exception as error:
            self._tell(error, turn=turn, sentence=index)
            failed = True
        else:
            self._log.well("voice")
        yield SpeechEnded(turn=turn, sentence=index, last=event.last, failed=failed)

    async def _begin(self) -> None:
        try:
            await self._prepare()
        except VoiceError as error:
            self._tell(error)

    def _tell(self, error: Exception, **fields: object) -> None:
        if isinstance(error, NoVoice):
            self._log.absent("voice")
            return
        why = said_by(error) if isinstance(error, VoiceError) else repr(error)
        if self._ready:
            text = phrase("No voice could be made, so there are subtitles only: {why}", why=why)
        else:
            text = phrase("The voice cannot be used yet, so there are subtitles only: {why}", why=why)
        self._log.trouble("voice", text, **fields)

    async def _prepare(self) -> None:
        await self._voice.prepare()
        self._log.well("voice")
        if not self._ready:
            self._ready = True
            self._log.info(phrase("The voice is ready"))

    async def _say(self, event: Sentence) -> AsyncIterator[Sound]:
        if not self._ready:
            await self._prepare()
        semitones, made = self._config.semitones(event.emotion), self._voice.say(event)
        if semitones:
            made = pitched(made, semitones, self._worker, self._log)
        async with closing(made) as sounds:
            async for sound in sounds:
                yield sound

    def _tempo(self, emotion: str) -> float:
        return 1.0 if self._own_tempo else self._config.tempo(emotion)


def _begun(sentence: Observable[Sentence]) -> Observable[_Begin | Sentence]:
    """Yield ``_Begin``, then the sentences; subscribe at once, as ``start_with`` on the engine's scheduler does not."""

    def subscribe(observer: ObserverBase[_Begin | Sentence], scheduler: SchedulerBase | None = None) -> DisposableBase:
        observer.on_next(_Begin())
        return sentence.subscribe(observer, scheduler=scheduler)

    return Observable(subscribe)
