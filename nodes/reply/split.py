"""``reply.split``: splits a stream of text into sentences."""

from functools import partial
from typing import Annotated, NamedTuple

from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase

from nodes import node
from nodes.patterns import compile_all
from nodes.reply._reading.pronunciation import NONE, Pronunciations
from nodes.reply._spoken import PATTERNS
from nodes.reply._turn import Turn
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
        description="Show stage directions such as (laughs) in the captions. The voice never reads them.",
    )


class SplitOut(NamedTuple):
    sentence: Observable[Sentence]
    emotion: Observable[Emotion]


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
        turns: dict[str, Turn] = kept.keep("turns", dict[str, Turn])

        def take(chunk: ReplyChunk) -> None:
            turn = turns.get(chunk.turn)
            if turn is None:
                if len(turns) == OPEN_TURNS:
                    del turns[next(iter(turns))]
                turn = turns[chunk.turn] = Turn(chunk.turn, config, spoken)
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
