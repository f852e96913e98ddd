"""``listen.text``: turns what the streamer said into words."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, NamedTuple

import reactivex
from pydantic import AfterValidator, Field, StringConstraints
from reactivex import Observable
from reactivex import operators as ops
from reactivex.abc import SchedulerBase

from nodes import node
from nodes.listen._called import calls
from nodes.listen._echo import OVERLAPPED, is_echo
from nodes.listen._engine import EngineError
from nodes.listen._fillers import is_filler
from nodes.listen._ghosts import LEAST_VOICED_S, is_ghost
from nodes.listen._recognisers import Choice, Recognisers, recognisers
from nodes.particles import CHARACTER, after
from nodes.phrases import phrase
from nodes.services import Clock, Jobs, Log
from nodes.streams import only, together
from nodes.text import clean
from schemas.chat import HostLine
from schemas.event import Event
from schemas.host import Ignored, IgnoredWhy, Utterance
from schemas.settings import Live, Settings

LONGEST = 500
"""Letters of a line, as of any other."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=40)]


def _some(engines: tuple[Choice, ...]) -> tuple[Choice, ...]:
    if not engines:
        raise ValueError(phrase("there must be one at least: [{example}]", example="{type: whisper}"))
    return engines


class Words(Settings):
    """Settings of ``listen.text``."""

    engines: Annotated[tuple[Choice, ...], AfterValidator(_some)] = Field(
        title="What understands speech",
        description="What understands speech, the best first: a server (http), or Whisper on this computer.",
        examples=[[{"type": "whisper"}]],
    )
    names: Annotated[tuple[Name, ...], Live()] = Field(
        (CHARACTER,),
        title="Names",
        description="What the character is called. With the mode name only what calls it is taken.",
    )
    streamer: Annotated[Name, Live()] = Field(
        "방송인", title="Streamer", description="What the character calls the one who speaks; shown with her words."
    )
    hints: Annotated[tuple[Name, ...], Live()] = Field(
        (),
        title="Words that come up",
        description="Names that are likely to be said, such as that of the game; they are understood better then.",
    )
    patience_s: float = Field(
        8.0, gt=0, le=60, title="Longest wait", description="Seconds without an answer after which the next is asked."
    )


class Understood(NamedTuple):
    """What was understood, and what was not taken."""

    line: Observable[HostLine]
    ignored: Observable[Ignored]


@node("listen.text")
def text(config: Words, utterance: Observable[Utterance], *, clock: Clock, jobs: Jobs, log: Log) -> Understood:
    """Turn what the streamer said into words, by the best of several recognisers that works.

    ``line`` goes into ``chat.batch`` beside the chat, and is answered before it. ``ignored`` tells what was not taken:
    sentences that a recogniser made up for noise, what only echoes the character, an 음, and, where not every word is
    meant for the character (``Utterance.called``), what does not call it by name. A recogniser that fails is left out
    for a while; if none answers, that is told, and the show goes on.
    """

    def begin(_: SchedulerBase | None) -> Observable[Event]:
        engines = recognisers(config.engines, config.patience_s, jobs, clock, log)
        understanding = _Understanding(config, engines, clock, log)
        understood = asyncio.Event()

        async def close() -> None:
            try:
                await understood.wait()
            finally:
                await engines.close()

        work = utterance.pipe(jobs.each(understanding.hear), ops.do_action(on_completed=understood.set))
        return together(work, jobs.beside(engines.prepare), jobs.beside(close, to_the_end=True))

    events = reactivex.defer(begin).pipe(ops.share())
    return Understood(only(HostLine, events), only(Ignored, events))


class _Understanding:
    """Understands one utterance after the other."""

    def __init__(self, config: Words, engines: Recognisers, clock: Clock, log: Log) -> None:
        self._config = config
        self._engines = engines
        self._clock = clock
        self._log = log
        self._taken = ""
        """The latest utterance that was meant for the character."""

    async def hear(self, utterance: Utterance) -> AsyncGenerator[Event]:
        if utterance.voiced_s < LEAST_VOICED_S:
            yield self._ignored(utterance, "noise")
            return
        style = sample(self._config)
        try:
            heard = await self._engines.hear(utterance, style)
        except EngineError as error:
            self._log.trouble("listen", phrase("what you say is not understood now: {why}", why=error.args[0]))
            yield self._ignored(utterance, "failed")
            return
        self._log.well("listen")
        said = clean(heard.text[: 2 * LONGEST])[:LONGEST]
        if is_ghost(heard, utterance.voiced_s, style) or is_filler(said):
            yield self._ignored(utterance, "noise", said)
        elif utterance.overlapped_s >= OVERLAPPED * utterance.voiced_s and is_echo(said, utterance.saying):
            yield self._ignored(utterance, "echo", said)
        elif not (self._goes_on(utterance) or utterance.called or calls(said, self._config.names)):
            yield self._ignored(utterance, "name", said)
        else:
            self._taken = utterance.id
            yield HostLine(
                id=utterance.id,
                author=self._config.streamer,
                role="streamer",
                text=said,
                received_at=utterance.ended,
            )

    def _goes_on(self, utterance: Utterance) -> bool:
        """Whether it is the next part of what was meant for the character, which it need not call again."""
        return utterance.follows != "" and utterance.follows == self._taken

    def _ignored(self, utterance: Utterance, why: IgnoredWhy, said: str = "") -> Ignored:
        return Ignored(utterance=utterance.id, why=why, at=self._clock.now(), text=said)


def sample(config: Words) -> str:
    """Return a sentence as the streamer might say it, with the names in play: recognisers follow its style."""
    name = config.names[0] if config.names else ""
    called = after(name, "야") if name else ""
    hints = ", ".join(config.hints)
    said = f"{name}{called}, 오늘 {hints} 어때?" if hints else f"{name}{called}, 오늘 방송 재밌지?"
    return f"{said} 응, {config.streamer}이랑 같이 해 보자."
