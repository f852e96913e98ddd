"""The Supertonic voice: the first clause of an answer, then the rest, so that the first sound comes early."""

from collections.abc import AsyncIterator
from typing import Any

from nodes.phrases import phrase
from nodes.services import Worker
from nodes.speech._kokoro.clauses import OPENING, clauses
from nodes.speech._speaking.sound import Samples, faded, trimmed
from nodes.speech._speaking.voice import Sound, VoiceError
from nodes.speech._supertonic import folder, model
from nodes.speech._supertonic.settings import Supertonic
from schemas.language import CODES
from schemas.reply import Sentence

UNKNOWN = "na"
"""What the model calls a language that it was not made for."""
_LACKING = frozenset({"zh"})
_HELLO = {"ko": "안녕", "ja": "はい"}


class SupertonicVoice:
    """A ``Voice`` at the model's own rate, at ``config.speed``."""

    def __init__(self, config: Supertonic, worker: Worker) -> None:
        self._config = config
        self._worker = worker

    async def prepare(self) -> None:
        """Load the model, once in a process, and warm it up.

        Raises:
            VoiceError: package, model or voice is missing or broken; the text says what to do.
        """
        loaded, style = await self._loaded()
        await self._worker.thread(self._made, loaded, style, _HELLO.get(self._code("korean"), "hello"), "korean", "")

    async def say(self, sentence: Sentence) -> AsyncIterator[Sound]:
        """See ``Voice``; the model has no feelings, so that an emotion changes what ``styles`` says."""
        loaded, style = await self._loaded()
        pieces = _pieces(sentence)
        for number, text in enumerate(pieces):
            try:
                samples = await self._worker.thread(
                    self._made, loaded, style, text, sentence.language, sentence.emotion
                )
            except Exception as error:
                raise VoiceError(
                    phrase(
                        "The Supertonic voice stopped at piece {number}: {error}", number=number + 1, error=repr(error)
                    )
                ) from error
            if len(samples):
                yield Sound(samples, loaded.rate, number == len(pieces) - 1, text)

    async def close(self) -> None:
        """There is nothing to release: the model stays in the process, for the next voice."""

    async def _loaded(self) -> tuple[model.Model, Any]:
        return await self._worker.thread(_load, self._config)

    def _made(self, loaded: model.Model, style: Any, text: str, language: Any, emotion: str) -> Samples:
        tempo, steps = self._config.tempo(emotion), self._config.steps
        return faded(trimmed(loaded.say(text, style, self._code(language), steps, tempo), loaded.rate), loaded.rate)

    def _code(self, language: Any) -> str:
        code = CODES[self._config.language or language]
        return UNKNOWN if code in _LACKING else code


def _load(config: Supertonic) -> tuple[model.Model, Any]:
    """Load model and voice. Blocking."""
    loaded = model.load(config.model, config.threads)
    path = folder.style(config.model, config.voice)
    try:
        return loaded, loaded.style(path)
    except (OSError, ValueError) as error:
        raise VoiceError(phrase("{path} is no voice of Supertonic: {error}", path=path, error=error)) from error


def _pieces(sentence: Sentence) -> list[str]:
    """Cut off the clause that opens an answer, where it is Korean; the model says whole sentences better than parts."""
    cut = [clause.text for clause in clauses(sentence.spoken, OPENING)]
    if sentence.index or len(cut) < 2:
        return [sentence.spoken]
    return [cut[0], sentence.spoken.split(cut[0], 1)[-1].strip()]
