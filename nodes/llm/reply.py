"""``llm.reply``: the answer of a language model, as it is being written."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from random import Random
from typing import NamedTuple, TypeVar

from reactivex import Observable
from reactivex import operators as ops
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import CompositeDisposable

from nodes import UNWIRED, Feedback, node
from nodes.llm._background import Background
from nodes.llm._memory.memory import Memory
from nodes.llm._model.answer import Piece
from nodes.llm._model.attempts import Asked, Asking, begun_by
from nodes.llm._model.cache import Cache
from nodes.llm._model.chat_api import ChatApi
from nodes.llm._model.chat_wire import Kind, Usage
from nodes.llm._model.limits import Limits
from nodes.llm._settings import Reply
from nodes.services import Budget, Clock, Files, Jobs, Kept, Log, WatchedText
from nodes.streams import only
from schemas.chat import ChatBatch, Withdrawn
from schemas.event import Event
from schemas.playback import Heard, Stop
from schemas.reply import AIResponse, ReplyChunk

E = TypeVar("E", bound=Event)

CONFIDENCE = {"model": 1.0, "second_model": 0.8, "cache": 0.6}
BROKEN_OFF = 0.5
"""What is left of the confidence when an answer was not written to its end."""

NO_KEY = (
    "GROQ_API_KEY가 없어 언어 모델 없이 방송합니다. https://console.groq.com/keys 에서 키를 만들어 .env 파일에 "
    "GROQ_API_KEY=키 를 적고 다시 시작하세요. / no API key"
)
WRONG_KEY = (
    "언어 모델 서버가 API 키를 받아들이지 않아(401) 언어 모델 없이 방송합니다. .env 파일의 GROQ_API_KEY를 확인하고 "
    "다시 시작하세요. / the server does not take the API key"
)
WHY: dict[Kind, str] = {
    "broken": "서버에 연결하지 못했거나 대답이 중간에 끊겼습니다. 인터넷 연결과 base_url을 확인하세요. / no connection",
    "slow": "대답이 너무 늦습니다. 계속되면 first_s와 total_s를, 그래프에 budget_s가 있으면 그것도 늘리세요. "
    "/ too slow: raise first_s, total_s and budget_s",
    "server": "서버에 문제가 있습니다. 잠시 뒤 풀립니다. / an error of the server; wait",
    "busy": "요청 한도를 넘었습니다. 잠시 뒤 풀립니다. 자주 그러면 batch의 max_wait_s를 늘리세요. "
    "/ too many requests; wait, or raise max_wait_s of batch",
    "too_large": "한 번에 보낼 수 있는 양을 넘었습니다. max_tokens와 keep_tokens를 줄이세요. "
    "/ too long: lower max_tokens and keep_tokens",
    "bad_output": "모델의 대답이 비었거나 잘렸습니다. 계속되면 max_tokens를 늘리세요. / cut off: raise max_tokens",
    "unauthorised": WRONG_KEY,
    "refused": "서버가 요청을 받아들이지 않습니다. model과 base_url을 확인하세요. / refused: check model and base_url",
}
STARTED_S = 10.0
"""Seconds after which a node that is built was put into a running show."""
UNKNOWN = 20
"""Report at most this many emotions that the character does not have."""


class ReplyOut(NamedTuple):
    reply: Observable[ReplyChunk]
    unanswered: Observable[ChatBatch]
    response: Observable[AIResponse]


@node("llm.reply")
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
) -> ReplyOut:
    """Answer each batch in character with a language model, while it is still writing.

    It asks any server of the OpenAI chat API (Groq, Ollama, llama.cpp, vLLM). ``reply`` gives the text as it comes, the
    emotion with its first piece; ``response`` the whole of it at its end. A turn takes ``total_s`` at the most: what
    fails before the first piece is tried again or asked of ``second_model``, then a kept answer to the same chat is
    given, and where there is none the batch comes out of ``unanswered``, to be wired to the node that answers instead.
    What fails after it ends the answer there. Where the graph has a ``budget_s`` the first piece has to come in that
    time, but 1.5 s are given in any case. Which of them answered stands in ``ReplyChunk.rung``.

    It remembers what was heard (all that was written where ``heard`` is not wired), in a window of tokens and a summary
    that is made in the background. The persona is read when a turn begins.
    """
    persona = files.watch(config.persona, str.strip)

    def subscribe(observer: ObserverBase[Event], scheduler: SchedulerBase | None = None) -> DisposableBase:
        replier = _Replier(
            config, persona, heard is not UNWIRED, jobs=jobs, clock=clock, budget=budget, kept=kept, log=log
        )
        background = replier.background
        work = batch.pipe(jobs.each(replier.answer, stop))
        finishing = jobs.beside(background.finish, to_the_end=True)
        return CompositeDisposable(
            heard.subscribe(replier.heard, observer.on_error, scheduler=scheduler),
            withdrawn.subscribe(replier.withdraw, observer.on_error, scheduler=scheduler),
            stop.subscribe(None, observer.on_error, scheduler=scheduler),
            jobs.beside(background.tend).subscribe(None, observer.on_error, scheduler=scheduler),
            finishing.subscribe(None, observer.on_error, observer.on_completed, scheduler=scheduler),
            work.subscribe(observer.on_next, observer.on_error, background.drained, scheduler=scheduler),
        )

    events = Observable(subscribe).pipe(ops.share())
    return ReplyOut(only(ReplyChunk, events), only(ChatBatch, events), only(AIResponse, events))


class _Replier:
    """One batch after the other."""

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
    ) -> None:
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
        api = ChatApi(config.base_url, config.key, thread=jobs.worker("http").thread, heard=limits.note)
        self.background = Background(config, self._memory, api, limits, jobs, log, on_air=clock.now() > STARTED_S)
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
            counted=self._counted,
        )
        self._state = ""
        """What is wrong with the model, as far as it was said."""
        self._unknown: set[str] = set()
        self.background.unauthorised = self._shut()

    def heard(self, heard: Heard) -> None:
        self._memory.heard(heard)

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
        persona = self._persona.value
        said = _Said()
        asked = Asked(
            self._asking,
            lambda room: self._memory.prompt(rest, persona, room=room),
            began + self._config.total_s,
            begun_by(began, self._budget.left(batch.turn)),
        )
        try:
            async with aclosing(asked.pieces()) as pieces:
                async for piece in pieces:
                    said.take(piece)
                    yield ReplyChunk(turn=batch.turn, text=piece.text, emotion=piece.emotion, rung=asked.rung)
            self._tell(asked)
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
            self._memory.answered(rest, said.emotion, None if self._is_heard else said.text)
            self.background.turned()

    def _shut(self) -> bool:
        """Whether the model is not to be asked at all; that is said once."""
        why = ""
        if self._config.needs_key and not self._config.key:
            why = NO_KEY
        elif self.background.unauthorised:
            why = WRONG_KEY
        if why and self._state != why:
            self._state = why
            self._log.warning(why)
        return bool(why)

    def _tell(self, asked: Asked) -> None:
        """Say what is wrong, once until it is right again."""
        refused = asked.refused
        if refused is None and not asked.complete:
            return  # nobody was asked: nothing new is known
        if asked.complete and asked.rung == "model":
            state = ""
        else:
            state = asked.rung if asked.complete or refused is None else refused.kind
        if refused is not None and refused.kind == "unauthorised":
            self.background.unauthorised = True
            self._shut()
        elif state != self._state:
            self._state = state
            if not state or refused is None:
                self._log.info("언어 모델이 다시 대답합니다.")
            else:
                second = " 둘째 모델이 대신 대답합니다." if asked.complete else ""
                self._log.warning(f"언어 모델: {WHY[refused.kind]}{second}", error=str(refused))
        unknown = asked.answer.unknown
        if unknown and unknown not in self._unknown and len(self._unknown) < UNKNOWN:
            self._unknown.add(unknown)
            self._log.info(f"언어 모델이 없는 감정을 써서 neutral로 바꿨습니다: {unknown}. 쓰려면 emotions에 더하세요.")

    def _counted(self, estimated: int, usage: Usage) -> None:
        self._memory.calibrate(estimated, usage.prompt)


@dataclass(slots=True)
class _Said:
    """What was given out for a turn."""

    text: str = ""
    emotion: str = "neutral"
    confidence: float = 0.0

    def take(self, piece: Piece) -> None:
        self.text += piece.text
        self.emotion = piece.emotion or self.emotion

    def response(self, turn: str, seconds: float) -> AIResponse:
        return AIResponse(
            turn=turn,
            response=self.text.strip(),
            emotion=self.emotion,
            confidence=self.confidence,
            processing_time=seconds,
        )
