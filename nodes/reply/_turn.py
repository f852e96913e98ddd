"""Turns the text of one answer into its sentences, each with its feeling and as it is said."""

from collections.abc import Iterator
from typing import Protocol

from nodes.reply._cut import Cutter
from nodes.reply._reading.pronunciation import Pronunciations
from nodes.reply._spoken import said
from nodes.services import Spoken
from schemas.event import Event
from schemas.reply import WRITTEN, Emotion, ReplyChunk, Sentence


class Cutting(Protocol):
    """How an answer is cut."""

    @property
    def max_chars(self) -> int: ...
    @property
    def stage_directions(self) -> bool: ...


class Turn:
    """One answer, from a stream of its text to sentences."""

    def __init__(self, turn: str, config: Cutting, spoken: Spoken) -> None:
        self.turn = turn
        self._spoken = spoken
        self.cutter = Cutter(config.max_chars, stage=config.stage_directions)
        self.emotion = self.cutter.emotion
        self.given: str | None = None
        """The feeling that last came with a chunk; a tag in the text may have changed it since."""
        self.index = 0
        self.written = False
        """Whether the answer was written beforehand."""

    def take(self, chunk: ReplyChunk, words: Pronunciations) -> Iterator[Event]:
        new = chunk.emotion if chunk.emotion != self.given else None
        self.written = chunk.rung == WRITTEN if chunk.rung else self.written
        if new is not None:
            self.given = self.emotion = new
            yield Emotion(turn=self.turn, emotion=new)
        for text, emotion in self.cutter.feed(chunk.text, new):
            if text:
                yield self._sentence(text, emotion, words, last=False)
            elif emotion != self.emotion:
                self.emotion = emotion
                yield Emotion(turn=self.turn, emotion=emotion)

    def end(self, words: Pronunciations) -> Sentence:
        text, emotion = next(iter(self.cutter.flush()), ("", self.emotion))
        return self._sentence(text, emotion, words, last=True)

    def _sentence(self, text: str, emotion: str, words: Pronunciations, *, last: bool) -> Sentence:
        self.index += 1
        language = self._spoken.language
        return Sentence(
            turn=self.turn,
            index=self.index - 1,
            text=text,
            spoken=said(text, words, language),
            emotion=emotion,
            last=last,
            language=language,
            written=self.written,
        )
