"""``reply.split``: splits a stream of text into sentences."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated, NamedTuple

from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase

from nodes import node
from nodes.patterns import compile_all
from nodes.reply._cut import Cutter
from nodes.reply._reading.pronunciation import NONE, Pronunciations
from nodes.reply._spoken import PATTERNS, said
from nodes.services import Files, Kept, Preparation, Spoken
from nodes.streams import only
from schemas.event import Event
from schemas.reply import Emotion, ReplyChunk, Sentence
from schemas.settings import Live, Settings, WatchedFile

OPEN_TURNS = 16
"""How many turns may be unfinished at a time; a turn that was cut off never sends its last chunk."""


class Split(Settings):
    max_chars: int = Field(
        80,
        ge=10,
        le=1000,
        title="Longest sentence",
        description="Longer sentences are cut at the next comma or blank (characters).",
    )
    pronunciation: WatchedFile | None = Field(
        None,
        title="Pronunciation",
        description=(
            "File of pronunciations: word, tab, how it is read in Hangul (or in the language of the "
            "voice), one a line. A change on air takes effect with the next sentence."
        ),
    )
    stage_directions: Annotated[bool, Live()] = Field(
        False,
        title="Show stage directions",
        description="true: stage directions such as (laughs) are in the captions. The voice never reads them.",
    )


class SplitOut(NamedTuple):
    sentence: Observable[Sentence]
    emotion: Observable[Emotion]


class _Turn:
    def __init__(self, turn: str, config: Split, spoken: Spoken) -> None:
        self.turn = turn
        self._spoken = spoken
        self.cutter = Cutter(config.max_chars, stage=config.stage_directions)
        self.emotion = self.cutter.emotion
        self.given: str | None = None
        """The feeling that last came with a chunk; a tag in the text may have changed it since."""
        self.index = 0

    def take(self, chunk: ReplyChunk, words: Pronunciations) -> Iterator[Event]:
        new = chunk.emotion if chunk.emotion != self.given else None
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
        )


@node("reply.split")
def split(
    config: Split, reply: Observable[ReplyChunk], *, files: Files, kept: Kept, prepare: Preparation, spoken: Spoken
) -> SplitOut:
    """Cut the answer into sentences as soon as each is complete, with the feeling each is said with.

    A sentence ends at ``. ! ? … ~ 。 ？ ！`` or a line break, once the next character shows that the mark is complete.
    ``text`` is for the caption, ``spoken`` is the same for the voice: in Hangul if it speaks Korean; a voice of another
    language reads words and numbers by itself and gets no Hangul. Markdown, code blocks and stage
    directions (``*웃으며*``, ``(박수)``) are not said. A tag such as ``[기쁨]``, or a direction that names a feeling,
    changes the feeling from there on. The last sentence of a turn has ``last`` set and is empty if all text was emitted
    before. Turns may be interleaved. A turn without its last chunk was cut off: its last piece is not said. A node that
    replaces this one continues in the middle of a turn.
    """
    parse = partial(Pronunciations.parse, language=spoken.language)
    watched = files.watch(config.pronunciation, parse) if config.pronunciation else None
    prepare.ahead(compile_all, PATTERNS)

    def subscribe(observer: ObserverBase[Event], scheduler: SchedulerBase | None = None) -> DisposableBase:
        turns: dict[str, _Turn] = kept.keep("turns", dict[str, _Turn])

        def take(chunk: ReplyChunk) -> None:
            turn = turns.get(chunk.turn)
            if turn is None:
                if len(turns) == OPEN_TURNS:
                    del turns[next(iter(turns))]
                turn = turns[chunk.turn] = _Turn(chunk.turn, config, spoken)
            words = watched.value if watched else NONE
            for event in turn.take(chunk, words):
                observer.on_next(event)
            if chunk.last:
                observer.on_next(turns.pop(chunk.turn).end(words))

        return reply.subscribe(take, observer.on_error, observer.on_completed, scheduler=scheduler)

    events = Observable(subscribe).pipe(ops.share())
    return SplitOut(
        sentence=only(Sentence, events),
        emotion=only(Emotion, events),
    )
