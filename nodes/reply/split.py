"""``reply.split``: a stream of text becomes sentences."""

from collections.abc import Iterator
from typing import NamedTuple, cast

from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase

from nodes import node
from nodes.reply._cut import Cutter
from nodes.reply._spoken import spoken
from nodes.services import Kept
from schemas.event import Event
from schemas.reply import Emotion, ReplyChunk, Sentence
from schemas.settings import Settings

OPEN_TURNS = 16
"""Turns that may be unfinished at a time; a turn that was broken off never sends its last chunk."""


class Split(Settings):
    max_chars: int = Field(80, ge=10, le=1000, description="이보다 긴 문장은 다음 쉼표나 빈칸에서 자릅니다 (글자 수).")


class SplitOut(NamedTuple):
    sentence: Observable[Sentence]
    emotion: Observable[Emotion]


class _Turn:
    def __init__(self, turn: str, max_chars: int) -> None:
        self.turn = turn
        self.cutter = Cutter(max_chars)
        self.emotion: str | None = None
        self.index = 0

    def take(self, chunk: ReplyChunk) -> Iterator[Event]:
        if chunk.emotion is not None and chunk.emotion != self.emotion:
            self.emotion = chunk.emotion
            yield Emotion(turn=self.turn, emotion=chunk.emotion)
        for text, emotion in self.cutter.feed(chunk.text, self.emotion or "neutral"):
            yield self._sentence(text, emotion, last=False)

    def end(self) -> Sentence:
        text, emotion = next(iter(self.cutter.flush()), ("", self.emotion or "neutral"))
        return self._sentence(text, emotion, last=True)

    def _sentence(self, text: str, emotion: str, *, last: bool) -> Sentence:
        self.index += 1
        return Sentence(
            turn=self.turn, index=self.index - 1, text=text, spoken=spoken(text), emotion=emotion, last=last
        )


@node("reply.split")
def split(config: Split, reply: Observable[ReplyChunk], *, kept: Kept) -> SplitOut:
    """Cut the answer into sentences as soon as each is complete, and tell the feeling they are said with.

    A sentence ends at ``. ! ? … ~ 。 ？ ！`` or a line break, once the next character shows that the mark is over.
    ``text`` is for the caption, ``spoken`` the same in Hangul for the voice. The last sentence of a turn has ``last``
    set and is empty if all text was given before. Turns may come interleaved. What has no last chunk was broken off:
    its last piece is not said. The node that replaces this one goes on in the middle of a turn.
    """

    def subscribe(observer: ObserverBase[Event], scheduler: SchedulerBase | None = None) -> DisposableBase:
        turns: dict[str, _Turn] = kept.keep("turns", dict[str, _Turn])

        def take(chunk: ReplyChunk) -> None:
            turn = turns.get(chunk.turn)
            if turn is None:
                if len(turns) == OPEN_TURNS:
                    del turns[next(iter(turns))]
                turn = turns[chunk.turn] = _Turn(chunk.turn, config.max_chars)
            for event in turn.take(chunk):
                observer.on_next(event)
            if chunk.last:
                observer.on_next(turns.pop(chunk.turn).end())

        return reply.subscribe(take, observer.on_error, observer.on_completed, scheduler=scheduler)

    events = Observable(subscribe).pipe(ops.share())
    return SplitOut(
        sentence=events.pipe(
            ops.filter(lambda event: isinstance(event, Sentence)), ops.map(lambda event: cast(Sentence, event))
        ),
        emotion=events.pipe(
            ops.filter(lambda event: isinstance(event, Emotion)), ops.map(lambda event: cast(Emotion, event))
        ),
    )
