"""Which request to make next for one answer, and when to give it up. It decides and does nothing.

The table of errors: a connection that broke is tried again at once, 5xx and 498 after 0.1 to 0.2 s or as the server
says, 429 as it says or with another model, 413 once with a shorter prompt, a wrong key and a model that is being loaded
never. What a filter kept back is asked of another model only, which may have another one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf
from random import Random
from typing import Literal

from nodes.llm._model.chat_wire import Refused
from nodes.llm._model.limits import Limits

TRIES = 3
"""Most requests for one answer."""
TRIES_EACH = 2
"""Most requests to one model while another one is left to ask."""
LEAST_S = 0.3
"""Make no request with less time left than this."""
PATIENCE_S = 0.5
"""Wait at most this long for a model to become available; beyond that, prefer one that is available sooner."""
BUSY_S, DAILY_S, WRONG_S = 2.0, 600.0, 300.0
"""How long to leave a model alone: 429 without a time, a day's quota without one or no money left, a model that
the server lacks."""
MARGIN = 0.95
"""Use this share of a limit that a server reports, since its tokenizer may count differently."""


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
    """Delay before this request."""
    room: int | None = None
    """Most tokens that it may have, prompt and answer together; None: no limit is known."""
    free: bool = False
    """Without a JSON schema."""
    tight: bool = False
    """The model has no room for the prompt and the longest answer: a shorter one is better than none."""


@dataclass(slots=True)
class _Place:
    rung: Rung
    ready_at: float = 0.0
    failures: int = 0
    over: bool = False
    room: int | None = None
    """As a refusal stated it."""
    unfit_s: float = inf
    """Seconds to wait if no prompt can be made short enough."""
    prompt: int = 0
    """Tokens of the last prompt."""
    free: bool = False
    tight: bool = False


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
        """Return the next request; None: give up."""
        now = self._now()
        waits = [(self._wait(place), place) for place in self._places if not place.over] if self._left else []
        if not waits:
            return None
        wait, self._place = next(((w, p) for w, p in waits if w <= PATIENCE_S), min(waits, key=lambda each: each[0]))
        if now + wait + LEAST_S > self._deadline:
            return None
        place, model = self._place, self._place.rung.model
        context = self._limits.context(model)
        room = min((each for each in (self._limits.room(model), place.room, context) if each is not None), default=None)
        tight = place.tight or (context is not None and room == context)
        return Step(place.rung, wait, room, place.free, tight)

    def sent(self) -> None:
        """Note that the request of the last step goes out."""
        self._left -= 1

    def learnt(self) -> None:
        """Note that the request of the last step can be put in a way that the server accepts: that was not a try."""
        self._left += 1

    def held(self, tokens: int, prompt: int) -> bool:
        """Return whether the request of the last step, of this many tokens, may not be made now; it is then put off.

        Args:
            prompt: tokens of its prompt; ours are an estimate, so that one which became shorter is worth a try.
        """
        place = self._place
        shorter, place.prompt = place.tight and prompt < place.prompt, prompt
        if place.room is not None and tokens > place.room and not shorter:
            seconds, place.room = place.unfit_s, None
        else:
            seconds = self._limits.wait_s(place.rung.model, tokens)
        place.ready_at = self._now() + seconds
        place.over = seconds == inf
        return seconds > 0

    def failed(self, refused: Refused, tokens: int = 0) -> None:
        """Note that the request of the last step, of this many tokens, failed."""
        place, others = self._place, any(not each.over for each in self._places if each is not self._place)
        place.failures += 1
        if refused.kind == "unauthorised":
            self._left = 0
        elif refused.kind in ("refused", "unpaid"):
            place.over = True
            self._limits.close(place.rung.model, WRONG_S if refused.kind == "refused" else DAILY_S)
        elif refused.kind in ("loading", "unloaded", "filtered"):
            place.over = True
        elif refused.kind == "busy":
            self._busy(refused)
        elif refused.kind == "too_large":
            self._too_large(refused, tokens)
        else:
            place.free = place.free or refused.kind == "bad_output"
            place.over = others and (refused.kind in ("slow", "thinking") or place.failures >= TRIES_EACH)
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
            self._limits.close(place.rung.model, seconds, daily=over.daily)

    def _too_large(self, refused: Refused, tokens: int) -> None:
        """Waiting never helps; one shorter prompt may, and the next turn begins with one."""
        place, limit = self._place, refused.over.limit
        place.tight, place.over = not refused.over.name, place.room is not None
        room = int(min(limit * MARGIN, tokens * 0.9) if limit else tokens * 0.6)
        place.room = room if place.room is None else place.room
        if place.tight:
            self._limits.fit(place.rung.model, room)
