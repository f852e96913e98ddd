"""``llm.reply``: the answer of a language model, as it is being written."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing
from random import Random
from typing import NamedTuple

from reactivex import Observable
from reactivex import operators as ops
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import CompositeDisposable

from nodes import UNWIRED, Feedback, keys, node
from nodes.llm import _quota as quota
from nodes.llm import _words as words
from nodes.llm._background import Background
from nodes.llm._loading import Loading
from nodes.llm._memory.memory import Memory
from nodes.llm._model.asked import Asked, Asking, begun_by
from nodes.llm._model.cache import Cache
from nodes.llm._model.chat_api import ChatApi
from nodes.llm._model.limits import Limits
from nodes.llm._model.traits import Traits
from nodes.llm._said import Said
from nodes.llm._settings import OPTIONAL, Reply
from nodes.services import Budget, Clock, Files, Jobs, Kept, Log, Secrets, Spoken, WatchedText
from nodes.streams import only
from schemas.chat import ChatBatch, Withdrawn
from schemas.event import Event
from schemas.playback import Heard, Stop
from schemas.reply import AIResponse, ReplyChunk

CONFIDENCE = {"model": 1.0, "second_model": 0.8, "cache": 0.6}
BROKEN_OFF = 0.5
"""Share of the confidence that is left when an answer was not written to its end."""

STARTED_S = 10.0
"""A node that is built later than this many seconds after the start joins a running show."""
UNKNOWN = 20
"""Report at most this many emotions that the character does not have."""


class ReplyOut(NamedTuple):
    reply: Observable[ReplyChunk]
    unanswered: Observable[ChatBatch]
    response: Observable[AIResponse]


@node("llm.reply", light="reply")
def reply(
    config: Reply,
    batch: Observable[ChatBatch],
    heard: Feedback[Heard] = UNWIRED,
    withdrawn: Observable[Withdrawn] = UNWIRED,
    stop: Feedback[Stop] = UNWIRED,
    *,
    jobs: Jobs,
    clock: Clock,
    budget: Budget,
    files: Files,
    kept: Kept,
    log: Log,
    secrets: Secrets,
    spoken: Spoken,
) -> ReplyOut:
    """Answer each batch in character with a language model, while it is still writing.

    It asks any server of the OpenAI chat API (Groq, Ollama, llama.cpp, vLLM). ``reply`` gives the text as it comes, the
    emotion with its first piece; ``response`` the whole of it at its end. A turn takes at most ``total_s``: what
    fails before the first piece is tried again or asked of ``second_model``, then a kept answer to the same chat is
    given, and if there is none the batch comes out of ``unanswered``, to be wired to the node that answers instead:
    so does at once a batch with a ``plain`` event. A failure after it ends the answer there. Where the graph has a
    ``budget_s`` the first piece has to come in that time, but 1.5 s are given in any case. ``rung`` says who answered.

    It remembers what was heard (all that was written where ``heard`` is not wired), in a window of tokens and a summary
    that is made in the background. The persona is read when a turn begins.
    """
    persona = files.watch(config.persona, str.strip)

    def subscribe(observer: ObserverBase[Event], scheduler: SchedulerBase | None = None) -> DisposableBase:
        replier = _Replier(
            config,
            persona,
            heard is not UNWIRED,
            jobs=jobs,
            clock=clock,
            budget=budget,
            kept=kept,
            log=log,
            secrets=secrets,
            spoken=spoken,
        )
        background = replier.background
        work = batch.pipe(jobs.each(replier.answer, stop.pipe(ops.map(lambda each: Stop(turn=each.turn)))))
        finishing = jobs.beside(background.finish, to_the_end=True)
        return CompositeDisposable(
            heard.subscribe(replier.heard, observer.on_error, scheduler=scheduler),
            withdrawn.subscribe(replier.withdraw, observer.on_error, scheduler=scheduler),
            stop.subscribe(replier.stopped, observer.on_error, scheduler=scheduler),
            jobs.beside(background.tend).subscribe(None, observer.on_error, scheduler=scheduler),
            jobs.beside(replier.loading.run).subscribe(None, observer.on_error, scheduler=scheduler),
            finishing.subscribe(None, observer.on_error, observer.on_completed, scheduler=scheduler),
            work.subscribe(observer.on_next, observer.on_error, background.drained, scheduler=scheduler),
        )

    events = Observable(subscribe).pipe(ops.share())
    return ReplyOut(only(ReplyChunk, events), only(ChatBatch, events), only(AIResponse, events))


class _Replier:
    """Answers one batch after the other."""

    def __init__(
        self,
        config: Reply,
        persona: WatchedText[str],
        is_heard: bool,
        *,
        jobs: Jobs,
        clock: Clock,
        budget: Budget,
        kept: Kept,
        log: Log,
        secrets: Secrets,
        spoken: Spoken,
    ) -> None:
        self._spoken = spoken
        self._config = config
        self._persona = persona
        self._is_heard = is_heard
        self._clock = clock
        self._budget = budget
        self._log = log
        self._memory = kept.keep(f"memory in {config.history}", Memory)
        self._memory.configure(config.memory)
        self._cache = kept.keep(f"answers for {config.cache_s:g} s", lambda: Cache(config.cache_s, clock.now))
        limits = kept.keep(f"limits of {config.base_url} {hash(config.key)}", lambda: Limits(clock.now))
        traits = kept.keep(f"traits on {config.url}", dict[str, Traits])
        api = ChatApi(config.url, config.key, thread=jobs.worker("http").thread, heard=limits.note)
        self.loading = Loading(
            config,
            api,
            traits.setdefault(config.model, Traits()),
            persona=lambda: persona.value,
            spoken=spoken,
            sleep=jobs.sleep,
            clock=clock,
            log=log,
        )
        self.background = Background(
            config,
            self._memory,
            api,
            limits,
            self.loading,
            traits,
            jobs,
            log,
            secret=secrets.told_by,
            on_air=clock.now() > STARTED_S,
        )
        self._asking = Asking(
            api=api,
            limits=limits,
            rungs=config.rungs,
            body=config.body,
            emotions=config.all_emotions,
            reserve=config.max_tokens,
            clocks=config.clocks,
            streamed=config.mode == "stream",
            clock=clock,
            sleep=jobs.sleep,
            chance=Random(),  # noqa: S311
            counted=lambda estimated, usage: self._memory.calibrate(estimated, usage.prompt),
            most=config.max_chars,
            own=config.names,
            traits=traits,
            also=config.also,
            less=config.less,
            optional=OPTIONAL,
            learnt=self._learnt,
            secret=secrets.told_by,
        )
        self._unknown: set[str] = set()
        self._cuts: Counter[str] = Counter()
        """Why answers were ended."""
        self.background.unauthorised = self._shut()

    def heard(self, heard: Heard) -> None:
        self._memory.heard(heard)

    def stopped(self, stop: Stop) -> None:
        self._memory.stopped(stop.turn)

    def withdraw(self, withdrawn: Withdrawn) -> None:
        self._memory.withdraw(withdrawn)
        self._cache.withdraw(withdrawn)

    async def answer(self, batch: ChatBatch) -> AsyncIterator[Event]:
        began = self._clock.now()
        if self._shut():
            yield batch
            return
        rest = self._memory.spared(batch)
        if rest is None:
            yield ReplyChunk(turn=batch.turn, text="", last=True)
            return
        begin_by = begun_by(began, self._budget.left(batch.turn))
        persona = self._persona.value
        self._memory.language = self._spoken.language
        said = Said()
        asked = Asked(
            self._asking,
            lambda room: self._memory.prompt(rest, persona, room=room),
            began + self._config.total_s,
            begin_by,
            names=[event.author for event in rest.events],
        )
        try:
            plain = any(event.plain for event in rest.events)
            if plain or not await self.loading.ready(min(self._config.first_s, begin_by - began)):
                self._memory.prompt(rest, persona)  # still a turn, of which the written answer will be heard
                yield rest
                return
            async with aclosing(asked.pieces()) as pieces:
                async for piece in pieces:
                    said.take(piece)
                    yield ReplyChunk(turn=batch.turn, text=piece.text, emotion=piece.emotion, rung=asked.rung)
            self._tell(asked)
            quota.watch((rung.model for rung in self._config.rungs), self._asking.limits, self._log)
            self.loading.last = asked.body or self.loading.last
            if not said.text and asked.refused is not None and _is_cold(asked):
                self.loading.begin()
            said.confidence = CONFIDENCE[asked.rung or "model"] * (1.0 if asked.complete else BROKEN_OFF)
            if asked.complete:
                self._cache.put(persona, rest, said.text, said.emotion)
            elif not said.text and (cached := self._cache.get(persona, rest)) is not None:
                said.text, said.emotion, said.confidence = cached.text, cached.emotion, CONFIDENCE["cache"]
                yield ReplyChunk(turn=batch.turn, text=said.text, emotion=said.emotion, rung="cache")
            if not said.text:
                yield rest
                return
            yield ReplyChunk(turn=batch.turn, text="", last=True)
            yield said.response(batch.turn, self._clock.now() - began)
        finally:
            self._memory.answered(rest, said.emotion, None if self._is_heard else said.plain, said.plain)
            self.background.turned()

    def _shut(self) -> bool:
        """Return whether the model must not be asked at all; that is reported once."""
        why = ""
        if self._config.needs_key and not self._config.key:
            why = words.no_key()
        elif wrong := keys.wrong(self._config.key):
            why = words.bad_key(wrong)
        elif self.background.unauthorised:
            why = words.why("unauthorised")
        if why:
            self._log.trouble("reply", why)
        return bool(why)

    def _tell(self, asked: Asked) -> None:
        """Report what is wrong, once until it is right again."""
        refused, cut = asked.refused, asked.answer.why
        if refused is None and not asked.complete and not cut:
            return  # no model was asked: nothing new is known
        if told := words.cut(cut, self._cuts[cut] + 1):
            self._cuts[cut] += 1
            self._log.info(told)
        answered = asked.complete or bool(cut)
        if refused is not None and refused.kind == "unauthorised":
            self.background.unauthorised = True
            self._shut()
        elif refused is None or (answered and asked.rung == "model"):
            for what in ("model", "reply"):
                self._log.well(what, words.again())
        elif answered:
            self._log.well("reply")
            self._log.trouble("model", words.second(refused.kind, own=self._config.own), error=str(refused))
        else:
            self._log.well("model")
            self._log.trouble("reply", words.silent(refused.kind, own=self._config.own), error=str(refused))
        unknown = asked.answer.unknown
        if unknown and unknown not in self._unknown and len(self._unknown) < UNKNOWN:
            self._unknown.add(unknown)
            self._log.info(words.unknown(unknown))

    def _learnt(self, name: str) -> None:
        """Report a parameter that the server named; what was left out without a named reason is not reported."""
        self._log.info(words.left_out(name))


def _is_cold(asked: Asked) -> bool:
    """Return whether the model is perhaps not loaded: the server says so, or gave no sign of life."""
    kind = "" if asked.refused is None else asked.refused.kind
    return kind in ("loading", "unloaded") or (kind == "slow" and not asked.alive)
