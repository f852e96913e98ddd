"""A voice that does what a test tells it, and sentences for it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.speech._speaking.voice import Sound, VoiceError
from schemas.reply import Sentence
from schemas.speech import Speech, SpeechChunk
from tests.harness import Ran

RATE = 24_000


def sentence(spoken: str, index: int = 0, **fields: Any) -> Sentence:
    return Sentence(**{"turn": "t1", "index": index, "text": spoken, "spoken": spoken, "emotion": "neutral", **fields})


def level(value: float, seconds: float = 0.1, rate: int = RATE) -> NDArray[np.float32]:
    return np.full(round(seconds * rate), value, np.float32)


def tone(hz: float, seconds: float, rate: int = RATE) -> NDArray[np.float32]:
    return (0.4 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


class FakeVoice:
    """Says each sentence as a list of steps: a number of seconds to wait, a sound to give, an exception to raise."""

    def __init__(
        self, said: Mapping[str, Sequence[Any]] | None = None, prepared: Sequence[Exception | float | None] = ()
    ) -> None:
        """
        Args:
            said: spoken text -> steps; a text that is not there gives one piece of 0.1 s at level 0.5.
            prepared: what each call of ``prepare`` does: raise, wait, or nothing; nothing once they are used up.
        """
        self.said = dict(said or {})
        self._prepared = list(prepared)
        self.prepares = 0
        self.asked: list[str] = []
        self.broken_off: list[str] = []
        self.closed = 0

    async def prepare(self) -> None:
        self.prepares += 1
        step = self._prepared.pop(0) if self._prepared else None
        if isinstance(step, Exception):
            raise step
        if step is not None:
            await asyncio.sleep(step)

    async def say(self, sentence: Sentence) -> AsyncIterator[Sound]:
        self.asked.append(sentence.spoken)
        whole = False
        try:
            for step in self.said.get(sentence.spoken, [Sound(level(0.5), RATE)]):
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, Sound):
                    yield step
                else:
                    await asyncio.sleep(step)
            whole = True
        except VoiceError:
            whole = True
            raise
        finally:
            if not whole:
                self.broken_off.append(sentence.spoken)

    async def close(self) -> None:
        await asyncio.sleep(0)
        self.closed += 1


def told(ran: Ran) -> list[tuple[str, str, int]]:
    """The speech as (kind, turn, sentence), chunks of one sentence as one."""
    lines: list[tuple[str, str, int]] = []
    for event in ran.events():
        assert isinstance(event, Speech)
        line = (type(event).__name__.removeprefix("Speech"), event.turn, event.sentence)
        if not lines or lines[-1] != line:
            lines.append(line)
    return lines


def sound_of(ran: Ran, index: int) -> NDArray[np.float32]:
    chunks = [event for event in ran.events() if isinstance(event, SpeechChunk) and event.sentence == index]
    assert [chunk.sequence for chunk in chunks] == list(range(len(chunks)))
    return np.concatenate([np.zeros(0, np.float32), *(chunk.samples for chunk in chunks)])
