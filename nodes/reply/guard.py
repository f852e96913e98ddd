"""``reply.guard``: keeps unsafe sentences from being spoken."""

from collections.abc import Sequence
from typing import Annotated

import reactivex
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

from nodes import node, rude
from nodes.links import has_link
from nodes.patterns import compile_all
from nodes.phrases import described, noted
from nodes.reply._instead import INSTEAD, Instead
from nodes.reply._leak import Secrets, quotes_rules
from nodes.reply._spoken import PATTERNS
from nodes.rude import Profanity
from nodes.services import Files, Kept, Log, Preparation, Verdicts, WatchedText
from nodes.services import Secrets as Keys
from nodes.stops import BUILT_IN, Stops
from nodes.text import clean
from nodes.words import NO_WORDS, BannedWords
from schemas.reply import Sentence
from schemas.settings import Live, Settings, WatchedFile

BANNED, RUDE, LEAK = noted("banned word"), noted("rude word"), noted("instructions of the character")
ADDRESS, LONG, KEY = noted("address of the web"), noted("sentence too long"), noted("key or password")


class Guard(Settings):
    banned_words: WatchedFile | None = Field(
        None,
        title="Words never said",
        description=("File of words not to say, one a line, # for comments. A change on air takes effect at once."),
    )
    profanity: bool = Field(
        True, title="Never say swear words", description="Say no curse or slur of the built-in list."
    )
    secret: tuple[WatchedFile, ...] = Field(
        (),
        title="Texts never recited",
        description=(
            "Files whose text must not be recited, such as the description of the character. A change "
            "on air takes effect at once."
        ),
    )
    links: Annotated[bool, Live()] = Field(False, title="Links may be said", description="Web addresses may be said.")
    max_chars: Annotated[int, Live()] = Field(
        200, ge=20, title="Longest sentence", description="Longer sentences are not said (characters)."
    )
    instead: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        INSTEAD,
        min_length=1,
        title="Said instead",
        description="What is said in their turn in place of sentences that are not.",
    )


@node("reply.guard")
def guard(
    config: Guard,
    sentence: Observable[Sentence],
    *,
    files: Files,
    kept: Kept,
    log: Log,
    keys: Keys,
    prepare: Preparation,
    verdicts: Verdicts,
) -> Observable[Sentence]:
    """Put another line in the place of a sentence that is rude, banned, a link, or tells the character's instructions.

    A sentence that reveals a key or token of this run, which a server may echo, is not said either.

    Every sentence passes at once and in order, with its number, feeling and ``last``. In each turn one line of
    ``instead`` is said; any further unsafe sentence in it is left empty. The log gives the reason and the count, never
    the words; the dock shows a rude or banned word with its list, where one click allows it.
    """
    banned = files.watch(config.banned_words, BannedWords.parse) if config.banned_words else None
    secrets = [files.watch(file, Secrets) for file in config.secret]
    stops = Stops(banned, config.banned_words, Profanity() if config.profanity else NO_WORDS)
    prepare.ahead(compile_all, (*rude.PATTERNS, *PATTERNS))

    def begin(_: object) -> Observable[Sentence]:
        instead = kept.keep("instead", Instead)
        judge = _Judge(config, stops, secrets, verdicts, keys)

        def pass_on(event: Sentence) -> Sentence:
            why = judge.why(event)
            return event if why is None else instead.of(event, config.instead, why, log)

        return sentence.pipe(ops.map(pass_on))

    return reactivex.defer(begin)


class _Judge:
    """Judges whether a sentence may be said."""

    def __init__(
        self,
        config: Guard,
        stops: Stops,
        secrets: Sequence[WatchedText[Secrets]],
        verdicts: Verdicts,
        keys: Keys,
    ) -> None:
        self._config = config
        self._stops = stops
        self._secrets = secrets
        self._verdicts = verdicts
        self._keys = keys
        self._said = ("", "")
        """Turn and text of the previous sentence."""

    def why(self, event: Sentence) -> str | None:
        """Return why a sentence must not be said, or None if it may."""
        text = clean(event.text)
        before, self._said = self._said if self._said[0] == event.turn else (event.turn, ""), (event.turn, text)
        if self._tells_key(before[1], text):
            return KEY
        if len(text) > self._config.max_chars:
            return LONG
        found = self._stops.found(text) or self._stops.found(event.spoken)
        if found is not None:
            self._verdicts.stopped(event, found)
            return RUDE if found.by == described(BUILT_IN) else BANNED
        if quotes_rules(text) or any(secret.value.told_by(text, before[1]) for secret in self._secrets):
            return LEAK
        if not self._config.links and has_link(text):
            return ADDRESS
        return None

    def _tells_key(self, before: str, text: str) -> bool:
        """Return whether this sentence, alone or together with the one before it, reveals a key."""
        told_by = self._keys.told_by
        return told_by(text) or (told_by(f"{before} {text}") and not told_by(before))
