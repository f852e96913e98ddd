"""``reply.lines``: the written answers, for a voice that makes them before they are said."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import reactivex
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

from nodes import node
from nodes.patterns import compile_all
from nodes.reply._reading.pronunciation import NONE, Pronunciations
from nodes.reply._rules import Rule, parse
from nodes.reply._spoken import PATTERNS
from nodes.reply._turn import Turn
from nodes.reply.split import Split
from nodes.services import Files, Preparation, Spoken
from schemas.reply import WRITTEN, Rehearsal, ReplyChunk, Sentence
from schemas.settings import WatchedFile

AFTER_S = 5.0
"""The show starts first."""


class Lines(Split):
    replies: WatchedFile = Field(
        Path("config/canned_replies.yaml"),
        title="Prepared answers",
        description="Prepared answers: the file that reply.canned has.",
    )


@node("reply.lines")
def lines(config: Lines, *, files: Files, prepare: Preparation, spoken: Spoken) -> Observable[Rehearsal]:
    """Give the sentences of written answers that name nobody, once, so that a voice can make them while nobody waits.

    They are cut and spelled as ``reply.split`` does it with the same settings: ``reply.canned`` says just these
    sentences. A change of the files counts from the next start on.
    """
    rules = files.watch(config.replies, parse)
    words = (
        files.watch(config.pronunciation, partial(Pronunciations.parse, language=spoken.language))
        if config.pronunciation
        else None
    )
    prepare.ahead(compile_all, PATTERNS)

    def rehearsed(_: object) -> Observable[Rehearsal]:
        said = _said(rules.value, config, words.value if words else NONE, spoken)
        return reactivex.from_iterable(Rehearsal(sentence=each) for each in said)

    return reactivex.timer(AFTER_S).pipe(ops.flat_map(rehearsed))


def _said(rules: Iterable[Rule], config: Lines, words: Pronunciations, spoken: Spoken) -> Iterator[Sentence]:
    for rule in rules:
        for line in rule.lines:
            turn = Turn("", config, spoken)
            turn.index = int(rule.first or rule.more)  # these come behind the others of an answer
            chunk = ReplyChunk(turn="", text=line, emotion=rule.emotion, rung=WRITTEN)
            for event in (*turn.take(chunk, words), turn.end(words)):
                if isinstance(event, Sentence) and event.spoken and "{" not in event.text:
                    yield event
