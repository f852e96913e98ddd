"""The Qwen3-TTS voice: clones a recording and speaks in pieces of 80 ms and up, as they are made."""

import os
import threading
from collections.abc import AsyncIterator, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass

from nodes.phrases import phrase
from nodes.services import Log, Worker
from nodes.speech._qwen import model as qwen_model
from nodes.speech._qwen import packages, shared
from nodes.speech._qwen.folder import find
from nodes.speech._qwen.guard import most_frames, syllables
from nodes.speech._qwen.model import Cloned, Model
from nodes.speech._qwen.prompts import prompt
from nodes.speech._qwen.sample import RATE, SampleError
from nodes.speech._qwen.sample_set import DEFAULT, SampleSet, read_all
from nodes.speech._qwen.saying import Samples, Saying, Utterance
from nodes.speech._qwen.settings import Qwen
from nodes.speech._speaking.voice import Sound, VoiceError
from schemas.language import KOREAN
from schemas.reply import Sentence

_TURN_S = 0.05
_STOPS = ".!?~…"


@dataclass(frozen=True, slots=True)
class _Ready:
    model: Model
    voices: Mapping[str, Cloned]
    """Emotion -> voice."""


class QwenVoice:
    """A ``Voice`` at 24 kHz. All blocking work is done in the worker's one thread; models are shared in the process."""

    def __init__(self, config: Qwen, worker: Worker, log: Log, env: Mapping[str, str] = os.environ) -> None:
        self._config = config
        self._worker = worker
        self._log = log
        self._env = env
        self._key: shared.Key | None = None
        """Key of the model that is lent to this voice."""
        self._ready: _Ready | None = None

    async def prepare(self) -> None:
        """Check packages and recordings, load the model, clone the voices, run a sentence; 5 to 60 s.

        Raises:
            VoiceError: something is missing or wrong; the text says what to do.
        """
        if self._ready is None:
            samples = await self._worker.thread(self._checked)
            for report in samples.reports():
                self._log.info(phrase("recording {report}", report=report))
            self._ready = await self._worker.thread(self._loaded, samples)

    async def say(self, sentence: Sentence) -> AsyncIterator[Sound]:
        """See ``Voice``. Closing it ends the work within a frame, 80 ms of sound."""
        ready, text = self._ready, sentence.spoken.strip()
        if not syllables(text):
            return
        if ready is None:
            raise VoiceError(phrase("Qwen3-TTS is not ready yet."))
        stop = threading.Event()
        saying = self._saying(ready, text, sentence, stop)
        pieces = _in_turn(ready.model.turn, saying, stop)
        try:
            while (piece := await self._worker.thread(_next, pieces)) is not None:
                yield Sound(piece, RATE)
        finally:
            stop.set()
            await self._worker.thread(pieces.close)
        if saying.outcome == "capped":
            self._log.warning(phrase("The voice did not end and was cut off"), sentence=text)
        elif saying.attempts > 1:
            self._log.warning(phrase("There was no voice, so it was made once more"), sentence=text)

    async def close(self) -> None:
        """Give the model back; the last user that does so frees its memory."""
        await self._worker.thread(self._let_go)

    def _saying(self, ready: _Ready, text: str, sentence: Sentence, stop: threading.Event) -> Saying:
        config = self._config
        language = config.language or sentence.language
        voice = ready.voices.get(sentence.emotion) or ready.voices[DEFAULT]
        line = text if text[-1] in _STOPS else f"{text}."  # without a stop it may wait for more text
        most = most_frames(text, config.longest_s)

        def utter(attempt: int) -> Utterance:
            seed = None if config.seed is None else config.seed + attempt
            return ready.model.utter(line, voice, language, most, seed)

        return Saying(text, utter, config.ramp, stop.is_set)

    def _checked(self) -> SampleSet:
        packages.check()
        try:
            return read_all(self._config.samples)
        except SampleError as error:
            raise VoiceError(str(error)) from error

    def _loaded(self, samples: SampleSet) -> _Ready:
        try:
            model = self._model()
            config = self._config
            voices = {
                emotion: model.cloned(prompt(model, sample, config.cache, config.speaker_rate))
                for emotion, sample in samples.samples.items()
            }
            with model.turn:
                model.warm(voices[DEFAULT], config.language or KOREAN, config.ramp)
            return _Ready(model, voices)
        except Exception as error:
            self._let_go()
            if isinstance(error, VoiceError):
                raise
            raise VoiceError(_told(error)) from error

    def _model(self) -> Model:
        device = self._config.device
        free = qwen_model.free_memory()
        if device == "cpu":
            free = None
        elif free is None:
            text = phrase("the graphics card of NVIDIA (CUDA) cannot be used. If there is one, install torch for CUDA.")
            raise VoiceError(text)
        device = "cpu" if free is None else "cuda"
        folder = find(self._config.model, self._config.home, free, self._env, shared.loaded())
        key = (folder.path.resolve(), device)
        model = shared.lend(key, lambda: qwen_model.load(folder.path, folder.identity(), device))
        self._key = key
        return model

    def _let_go(self) -> None:
        self._ready = None
        key, self._key = self._key, None
        if key is not None and shared.give_back(key):
            qwen_model.free_unused()


def _in_turn(turn: threading.Lock, saying: Saying, stop: threading.Event) -> Generator[Samples]:
    """The pieces of a sentence, while no other voice uses the model."""
    while not turn.acquire(timeout=_TURN_S):
        if stop.is_set():
            return
    try:
        with closing(saying.pieces()) as pieces:
            yield from pieces
    finally:
        turn.release()


def _next(pieces: Generator[Samples]) -> Samples | None:
    try:
        return next(pieces, None)
    except VoiceError:
        raise
    except Exception as error:
        raise VoiceError(_told(error)) from error


def _told(error: Exception) -> str:
    if "out of memory" in str(error).lower():
        return phrase("too little graphics memory. Close other programs, or set model to 0.6B.")
    return phrase("Qwen3-TTS broke off ({why}).", why=repr(error))
