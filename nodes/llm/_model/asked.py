"""From a batch to an answer: which model is asked, what is done about an error, and when to give up.

Once a piece of text has been given, nothing is tried again: the answer ends there. What a server does not accept in a
request is left out from then on (``Traits``); that does not count as a failure of the model.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from math import inf
from random import Random
from typing import Any

from nodes.llm._memory.prompt import Prompt
from nodes.llm._model.answer import LONGEST, Answer, Piece
from nodes.llm._model.attempts import Attempts, Rung
from nodes.llm._model.chat_api import ChatApi
from nodes.llm._model.chat_wire import Delta, Refused, Usage
from nodes.llm._model.limits import Limits
from nodes.llm._model.traits import Traits
from nodes.phrases import phrase
from nodes.services import Clock

HASTE_S, VOICE_S = 1.5, 0.5
"""Out of a turn's budget: the least time a model has to begin its answer, and what the voice takes after it."""
SHORTEST = 100
"""Tokens that an answer has at least, where the room of a model is short."""
THOUGHTS = 2_000
"""Tokens that a model may have beside those of its answer, once it spent all of them on thoughts."""
_LENGTHS = ("max_tokens", "max_completion_tokens")


@dataclass(frozen=True, slots=True)
class Clocks:
    """When an answer is too late, in seconds."""

    first_s: float = 2.5
    """From a request to the first piece of its answer."""
    idle_s: float = 1.0
    """Between two pieces."""
    total_s: float = 5.0
    """From the batch to the end of the answer, all tries together."""
    think_s: float = 10.0
    """From the first thought to the first piece of the answer."""


def begun_by(now: float, left_s: float | None) -> float:
    """Return when an answer has to begin, given what is left of the budget of its turn.

    A turn that is late before a model is asked, because the character was still speaking, gets a real answer all the
    same if that begins quickly.
    """
    return inf if left_s is None else now + max(HASTE_S, left_s - VOICE_S)


@dataclass(frozen=True, slots=True)
class Asking:
    """What is the same for every answer."""

    api: ChatApi
    limits: Limits
    rungs: Sequence[Rung]
    body: Callable[[str, Prompt, bool], dict[str, Any]]
    """(model, prompt, with a JSON schema) -> the request."""
    emotions: Sequence[str]
    reserve: int
    """Tokens that an answer may have."""
    clocks: Clocks
    streamed: bool
    clock: Clock
    sleep: Callable[[float], Awaitable[None]]
    chance: Random
    counted: Callable[[int, Usage], object]
    """Receives the tokens of a prompt, as expected and as the server counted them."""
    most: int = LONGEST
    """Most characters of an answer."""
    own: Sequence[str] = ()
    """What the character is called."""
    traits: dict[str, Traits] = field(default_factory=dict[str, Traits])
    """Model -> what was learnt about it; outlives answers."""
    also: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Sent beside the body: what a server may refuse."""
    less: Callable[[str], Mapping[str, Any]] = lambda _model: {}
    """Model -> what asks it to think less."""
    optional: tuple[str, ...] = ()
    """Parameters that may be left out."""
    secret: Callable[[str], bool] = lambda _text: False
    """Whether a text contains a key of this run."""
    learnt: Callable[[str], object] = lambda _name: None
    """Receives each parameter that a server does not accept."""

    def known(self, model: str) -> Traits:
        return self.traits.setdefault(model, Traits())


@dataclass(slots=True)
class Asked:
    """One answer on its way."""

    asking: Asking
    prompt: Callable[[int | None], Prompt]
    """Room in tokens -> the prompt."""
    deadline: float
    begun_by: float = inf
    """No request is made, and no first piece awaited, after this time."""
    names: Sequence[str] = ()
    """The viewers it answers."""
    rung: str = ""
    complete: bool = False
    """The model wrote the answer to its end."""
    refused: Refused | None = None
    """Why there is no answer, or not all of it."""
    body: Mapping[str, Any] | None = None
    """The last request."""
    alive: bool = False
    """The server gave a sign of life: text, or a thought."""
    answer: Answer = field(default_factory=lambda: Answer(()))

    async def pieces(self) -> AsyncGenerator[Piece]:
        """Yield the answer as it comes. If nothing comes at all, no model answered, and ``refused`` says why."""
        it = self.asking
        begun_by = min(self.deadline, self.begun_by)
        attempts = Attempts(it.rungs, it.limits, now=it.clock.now, deadline=begun_by, chance=it.chance)
        while (step := attempts.step()) is not None:
            if step.wait_s > 0:
                await it.sleep(step.wait_s)
            prompt = self.prompt(None if step.room is None else max(0, step.room - it.reserve))
            reserve = it.reserve
            if step.tight and step.room is not None:
                reserve = min(reserve, max(SHORTEST, step.room - prompt.tokens))
            traits = it.known(step.rung.model)
            thoughts = traits.thoughts if step.room is None else 0
            tokens = prompt.tokens + reserve + thoughts
            if attempts.held(tokens, prompt.tokens):
                self.refused = self.refused or Refused(
                    "busy", phrase("{count} tokens are more than may be sent now", count=tokens)
                )
                continue
            it.limits.spend(step.rung.model, tokens)
            attempts.sent()
            body = {**it.body(step.rung.model, prompt, not (it.streamed or step.free)), **it.also}
            body |= {name: min(body[name], reserve) + thoughts for name in _LENGTHS if isinstance(body.get(name), int)}
            self.body = body = traits.fitted(body, it.less(step.rung.model), it.optional)
            self.rung = step.rung.name
            self.answer = Answer(it.emotions, most=it.most, names=self.names, own=it.own, trusted=traits.trusted)
            try:
                async with aclosing(self._one(body, prompt, traits)) as pieces:
                    async for piece in pieces:
                        if it.secret(self.answer.text):
                            raise Refused("bad_output", phrase("the answer tells a key"))
                        yield piece
                self.complete = self.answer.why in ("", "turn")
                traits.vague = ""
                traits.plain += self.complete and self.answer.plain and not self.answer.thoughts
                return
            except Refused as refused:
                self.refused = refused
                bare = traits.bare
                if not self.answer.text and (name := traits.learn(refused, body, it.optional)):
                    attempts.learnt()
                    if traits.bare == bare:
                        it.learnt(name)
                    continue
                attempts.failed(refused, tokens)
            finally:
                traits.thinks = traits.thinks or self.answer.thoughts
                traits.loaded = traits.loaded or bool(self.answer.text)
            if self.answer.text:
                rest = self.answer.finish()
                if rest is not None:
                    yield rest
                return

    async def _one(self, body: Mapping[str, Any], prompt: Prompt, traits: Traits) -> AsyncGenerator[Piece]:
        """Make one request.

        Raises:
            Refused: not all of it came; what came was given out.
        """
        it, now, answer = self.asking, self.asking.clock.now, self.answer
        first_by = min(now() + it.clocks.first_s if body.get("stream") else inf, self.deadline, self.begun_by)
        clock = _Patience(it.clocks, now, first_by, min(self.deadline, self.begun_by), self.deadline)
        ended, wrote = "", False
        try:
            async with it.api.ask(body) as reading:
                while not answer.why and (delta := await reading.next(clock.left())) is not None:
                    self.alive = True
                    if delta.load == "begins":
                        raise Refused("loading", phrase("the model is being loaded"))
                    ended = delta.finish or ended
                    wrote = wrote or bool(delta.text.strip())
                    if delta.usage is not None:
                        it.counted(prompt.tokens, delta.usage)
                    piece = answer.feed(delta.text) if delta.text else None
                    if piece is not None:
                        yield piece
                    traits.thinks = traits.thinks or delta.thought
                    clock.came(delta, thinks=answer.thoughts and not answer.text)
        except Refused as refused:
            if refused.kind == "slow" and clock.thinking and not answer.text:
                thought = f"{clock.thought_s:.1f}"
                raise Refused("thinking", phrase("it was still thinking after {seconds} s", seconds=thought)) from None
            if not refused.generation:
                raise
            piece = answer.feed(refused.generation)
            if piece is not None:
                yield piece
        rest = answer.finish()
        if rest is not None:
            yield rest
        if not answer.text:
            if ended == "length" and (clock.thought or answer.thoughts or not wrote):
                traits.thinks, traits.thoughts = True, THOUGHTS  # it may also think without showing it
                raise Refused("thinking", phrase("it spent all its tokens on thoughts"))
            raise Refused(
                "bad_output", phrase("the model wrote nothing that can be said ({ended})", ended=ended or "-")
            )
        if ended in ("length", "content_filter") and not answer.why:
            raise Refused("bad_output", phrase("the answer was cut off ({ended})", ended=ended))


class _Patience:
    """How long to wait for the next piece: the first one, one after a thought, one after text."""

    def __init__(
        self, clocks: Clocks, now: Callable[[], float], first_by: float, begun_by: float, deadline: float
    ) -> None:
        self.thinking = False
        self._clocks, self._now = clocks, now
        self._by, self._begun_by, self._deadline = first_by, begun_by, deadline
        self._thought_at: float | None = None

    @property
    def thought(self) -> bool:
        """Whether there was a thought."""
        return self._thought_at is not None

    @property
    def thought_s(self) -> float:
        return 0.0 if self._thought_at is None else self._now() - self._thought_at

    def left(self) -> float:
        return max(0.0, self._by - self._now())

    def came(self, delta: Delta, *, thinks: bool) -> None:
        """Note that a piece came.

        Args:
            thinks: its text is a thought.
        """
        now = self._now()
        self.thinking = thinks or (delta.thought and not delta.text)
        if self.thinking:
            self._thought_at = now if self._thought_at is None else self._thought_at
            silence = max(self._clocks.first_s, self._clocks.idle_s)
            self._by = min(now + silence, self._thought_at + self._clocks.think_s, self._begun_by)
        elif delta.text:
            self._by = min(now + self._clocks.idle_s, self._deadline)
