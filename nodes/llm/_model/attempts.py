"""From a batch to an answer: which model is asked, what is done about an error, and when it is given up.

The table of errors: a connection that broke is tried again at once, 5xx and 498 after 0.1 to 0.2 s or as the server
says, 429 as it says or with another model, 413 once with a shorter prompt, a wrong key never. Once a piece of text was
given out nothing is tried again: the answer ends there.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from math import inf
from random import Random
from typing import Any, Literal

from nodes.llm._memory.prompt import Prompt
from nodes.llm._model.answer import Answer, Piece
from nodes.llm._model.chat_api import ChatApi
from nodes.llm._model.chat_wire import Refused, Usage
from nodes.llm._model.limits import Limits
from nodes.services import Clock

TRIES = 3
"""Requests for one answer."""
TRIES_EACH = 2
"""Of them to one model, where another one is left to ask."""
LEAST_S = 0.3
"""A request with less time than that is not made."""
PATIENCE_S = 0.5
"""So long a model is waited for; if it takes longer another one is asked that may be asked sooner."""
BUSY_S, DAILY_S, WRONG_S = 2.0, 600.0, 300.0
"""How long a model is left alone: 429 without a time, a day's quota without one, a model that the server has not."""
HASTE_S, VOICE_S = 1.5, 0.5
"""Of a turn's budget: what a model has to begin its answer at least, and what the voice takes after it."""
MARGIN = 0.95
"""Of a limit that a server names: its count of tokens may differ from ours."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """When an answer is too late, in seconds."""

    first_s: float = 2.5
    """From a request to the first piece of its answer."""
    idle_s: float = 1.0
    """Between two pieces."""
    total_s: float = 5.0
    """From the batch to the end of the answer, all tries together."""


def begun_by(now: float, left_s: float | None) -> float:
    """When an answer has to begin, by what is left of the budget of its turn.

    A turn that is late before a model is asked, because the character was still speaking, gets a real answer all the
    same if that begins quickly.
    """
    return inf if left_s is None else now + max(HASTE_S, left_s - VOICE_S)


@dataclass(frozen=True, slots=True)
class Rung:
    """A model that can be asked, and the name under which its answers are counted."""

    name: Literal["model", "second_model"]
    model: str


@dataclass(frozen=True, slots=True)
class Step:
    """The next request."""

    rung: Rung
    wait_s: float = 0.0
    """It is to be made after so long."""
    room: int | None = None
    """Most tokens that it may have, prompt and answer together; None: no limit is known."""
    free: bool = False
    """Without a JSON schema."""


@dataclass(slots=True)
class _Place:
    rung: Rung
    ready_at: float = 0.0
    failures: int = 0
    over: bool = False
    room: int | None = None
    """As a refusal named it."""
    unfit_s: float = inf
    """If no prompt is so short: when to try again."""
    free: bool = False


class Attempts:
    """What to try next for one answer; it decides and does nothing."""

    def __init__(
        self, rungs: Iterable[Rung], limits: Limits, *, now: Callable[[], float], deadline: float, chance: Random
    ) -> None:
        self._places = [_Place(rung) for rung in rungs]
        self._limits = limits
        self._now = now
        self._deadline = deadline
        self._chance = chance
        self._left = TRIES
        self._place = self._places[0]

    def step(self) -> Step | None:
        """The next request; None: give it up."""
        now = self._now()
        waits = [(self._wait(place), place) for place in self._places if not place.over] if self._left else []
        if not waits:
            return None
        wait, self._place = next(((w, p) for w, p in waits if w <= PATIENCE_S), min(waits, key=lambda each: each[0]))
        if now + wait + LEAST_S > self._deadline:
            return None
        model = self._place.rung.model
        rooms = [room for room in (self._limits.room(model), self._place.room) if room is not None]
        return Step(self._place.rung, wait, min(rooms, default=None), self._place.free)

    def sent(self) -> None:
        """The request of the last step goes out."""
        self._left -= 1

    def held(self, tokens: int) -> bool:
        """Whether the request of the last step, of so many tokens, may not be made now; it is put off then."""
        place = self._place
        if place.room is not None and tokens > place.room:
            seconds, place.room = place.unfit_s, None
        else:
            seconds = self._limits.wait_s(place.rung.model, tokens)
        place.ready_at = self._now() + seconds
        place.over = seconds == inf
        return seconds > 0

    def failed(self, refused: Refused, tokens: int = 0) -> None:
        """The request of the last step, of so many tokens, came to nothing."""
        place, others = self._place, any(not each.over for each in self._places if each is not self._place)
        place.failures += 1
        if refused.kind == "unauthorised":
            self._left = 0
        elif refused.kind == "refused":
            place.over = True
            self._limits.close(place.rung.model, WRONG_S)
        elif refused.kind == "busy":
            self._busy(refused)
        elif refused.kind == "too_large":
            self._too_large(refused, tokens)
        else:
            place.free = place.free or refused.kind == "bad_output"
            place.over = others and (refused.kind == "slow" or place.failures >= TRIES_EACH)
            place.ready_at = self._now() + self._pause(refused)
            if refused.retry_after_s:
                self._limits.close(place.rung.model, refused.retry_after_s + 0.05)

    def _wait(self, place: _Place) -> float:
        return max(0.0, place.ready_at - self._now(), self._limits.closed_s(place.rung.model))

    def _pause(self, refused: Refused) -> float:
        if refused.kind != "server" and self._place.failures == 1:
            return 0.0
        return self._chance.uniform(0.1, 0.2) * self._place.failures

    def _busy(self, refused: Refused) -> None:
        over, place = refused.over, self._place
        seconds = 0.05 + (refused.retry_after_s or (DAILY_S if over.daily else BUSY_S))
        if over.name == "TPM" and over.limit and over.used is not None and place.unfit_s == inf:
            place.room, place.unfit_s = int((over.limit - over.used) * MARGIN), seconds  # a shorter prompt fits at once
        else:
            self._limits.close(place.rung.model, seconds)

    def _too_large(self, refused: Refused, tokens: int) -> None:
        """Waiting never helps; one shorter prompt may."""
        place, limit = self._place, refused.over.limit
        if place.room is not None:
            place.over = True
        else:
            place.room = int(min(limit * MARGIN, tokens * 0.9) if limit else tokens * 0.6)


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
    """Is told the tokens of a prompt, as expected and as the server counted them."""


@dataclass(slots=True)
class Asked:
    """One answer on its way."""

    asking: Asking
    prompt: Callable[[int | None], Prompt]
    """Room in tokens -> the prompt."""
    deadline: float
    begun_by: float = inf
    """No request is made, and no first piece waited for, after this time."""
    rung: str = ""
    complete: bool = False
    """The model wrote the answer to its end."""
    refused: Refused | None = None
    """Why there is no answer, or not all of it."""
    answer: Answer = field(default_factory=lambda: Answer(()))

    async def pieces(self) -> AsyncGenerator[Piece]:
        """The answer as it comes. Nothing at all: no model answered, and ``refused`` says why."""
        it = self.asking
        begun_by = min(self.deadline, self.begun_by)
        attempts = Attempts(it.rungs, it.limits, now=it.clock.now, deadline=begun_by, chance=it.chance)
        while (step := attempts.step()) is not None:
            if step.wait_s > 0:
                await it.sleep(step.wait_s)
            prompt = self.prompt(None if step.room is None else max(0, step.room - it.reserve))
            tokens = prompt.tokens + it.reserve
            if attempts.held(tokens):
                self.refused = self.refused or Refused("busy", f"{tokens} tokens are more than may be sent now")
                continue
            it.limits.spend(step.rung.model, tokens)
            attempts.sent()
            self.rung, self.answer = step.rung.name, Answer(it.emotions)
            try:
                async with aclosing(self._one(step, prompt)) as pieces:
                    async for piece in pieces:
                        yield piece
                self.complete = True
                return
            except Refused as refused:
                self.refused = refused
                attempts.failed(refused, tokens)
            if self.answer.text:
                rest = self.answer.finish()
                if rest is not None:
                    yield rest
                return

    async def _one(self, step: Step, prompt: Prompt) -> AsyncGenerator[Piece]:
        """One request.

        Raises:
            Refused: not all of it came; what came was given out.
        """
        it, now = self.asking, self.asking.clock.now
        body = it.body(step.rung.model, prompt, not (it.streamed or step.free))
        by = min(now() + it.clocks.first_s if it.streamed else inf, self.deadline, self.begun_by)
        ended = ""
        try:
            async with it.api.ask(body) as reading:
                while (delta := await reading.next(max(0.0, by - now()))) is not None:
                    ended = delta.finish or ended
                    if delta.usage is not None:
                        it.counted(prompt.tokens, delta.usage)
                    if delta.text:
                        piece = self.answer.feed(delta.text)
                        if piece is not None:
                            yield piece
                        by = min(now() + it.clocks.idle_s, self.deadline)
        except Refused as refused:
            if not refused.generation:
                raise
            piece = self.answer.feed(refused.generation)
            if piece is not None:
                yield piece
        rest = self.answer.finish()
        if rest is not None:
            yield rest
        if not self.answer.text:
            raise Refused("bad_output", f"the model wrote nothing that can be said ({ended or 'no reason'})")
        if ended in ("length", "content_filter"):
            raise Refused("bad_output", f"the answer was cut off ({ended})")
