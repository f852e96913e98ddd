"""``reply.guard_model``: asks for a second opinion on the answer without delaying it."""

import asyncio
import ssl
from collections import OrderedDict
from typing import Annotated

from pydantic import Field, SecretStr
from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import CompositeDisposable

from nodes import node
from nodes.fetching import certificates
from nodes.phrases import noted, phrase, said_by
from nodes.reply import _verdict
from nodes.reply._instead import INSTEAD, Instead
from nodes.services import Jobs, Kept, Log
from schemas.reply import Sentence
from schemas.settings import Live, Settings

JUDGED = noted("verdict of the other model")
_TURNS = 16
"""How many turns are remembered."""


class GuardModel(Settings):
    base_url: str = Field(
        "",
        title="Address of the model",
        description="Address of the server of the model that judges (OpenAI API); empty: nothing is judged.",
    )
    api_key: SecretStr = Field(SecretStr(""), title="API key", description="API key of the server: ${GROQ_API_KEY:-}")
    model: str = Field(
        "",
        title="Model that judges",
        description="Model that judges, such as openai/gpt-oss-safeguard-20b; empty: nothing is judged.",
    )
    deadline_s: Annotated[float, Live()] = Field(
        1.5, gt=0, le=30, title="Verdict within", description="Seconds to wait for a judgement."
    )
    instead: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        INSTEAD,
        min_length=1,
        title="Said instead",
        description="What is said in their turn in place of sentences that are not.",
    )


@node("reply.guard_model")
def guard_model(
    config: GuardModel, sentence: Observable[Sentence], *, jobs: Jobs, kept: Kept, log: Log
) -> Observable[Sentence]:
    """Ask a model whether the answer may be said, beside the show: only later sentences of a turn are held back.

    Every sentence passes at once. Meanwhile what was said in the turn so far is judged, one request at a time, the
    newest text first; once it is found unsafe, the rest of its turn is replaced. A late or failed judgement changes
    nothing; it is logged once until the model answers again. Without ``base_url`` and ``model`` no request is made.
    """

    def subscribe(observer: ObserverBase[Sentence], scheduler: SchedulerBase | None = None) -> DisposableBase:
        judges = _Judges(config, jobs, log)
        instead = kept.keep("instead", Instead)

        def take(event: Sentence) -> None:
            if judges.bad(event.turn):
                event = instead.of(event, config.instead, JUDGED, log)
            else:
                judges.said(event)
            observer.on_next(event)

        return CompositeDisposable(
            jobs.beside(judges.judge).subscribe(on_error=observer.on_error, scheduler=scheduler),
            sentence.subscribe(take, observer.on_error, observer.on_completed, scheduler=scheduler),
        )

    return Observable(subscribe)


class _Judges:
    """Holds what was said and what is known about it."""

    def __init__(self, config: GuardModel, jobs: Jobs, log: Log) -> None:
        self._config = config
        self._jobs = jobs
        self._log = log
        self._bad: OrderedDict[str, None] = OrderedDict()
        self._turn, self._text = "", ""
        self._waiting = asyncio.Event()
        self._context: ssl.SSLContext | None = None

    def bad(self, turn: str) -> bool:
        return turn in self._bad

    def said(self, event: Sentence) -> None:
        if not event.text or not self._config.base_url or not self._config.model:
            return
        before = f"{self._text} " if event.turn == self._turn else ""
        self._turn, self._text = event.turn, before + event.text
        if not event.last:  # after the last one there is nothing to hold back
            self._waiting.set()

    async def judge(self) -> None:
        """Judge what was said last, for as long as the node runs."""
        while await self._waiting.wait():
            self._waiting.clear()
            await self._judge(self._turn, self._text)

    async def _judge(self, turn: str, text: str) -> None:
        config = self._config
        try:
            async with asyncio.timeout(config.deadline_s):
                if self._context is None:
                    self._context = await self._jobs.thread(certificates)
                key = config.api_key.get_secret_value()
                if await _verdict.unsafe(config.base_url, key, config.model, text, self._context):
                    self._bad[turn] = None
                self._log.well("model")
        except TimeoutError:
            self._trouble(phrase("late"))
        except _verdict.NoVerdict as error:
            self._trouble(said_by(error))
        if len(self._bad) > _TURNS:
            self._bad.popitem(last=False)

    def _trouble(self, why: str) -> None:
        text = phrase("The judging model does not answer, so it is spoken without its verdict: {why}", why=why)
        self._log.trouble("model", text)
