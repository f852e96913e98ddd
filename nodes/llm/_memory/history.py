"""The window of turns that the model is shown word for word: how large it may be, and what leaves it."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from nodes.phrases import phrase
from schemas.chat import ViewerEvent, Withdrawn

LEAST_HARD = 1_000
"""The least hard limit that a graph may set; half of it where a server counts twice as many tokens as we do."""
PARTS = 6
"""A batch, an answer and a summary may each have a sixth of the hard limit, so that together they fit in any case."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in tokens, of the summary and the turns together; the system text and the newest batch come on top.

    Raises:
        ValueError: the three are not in order.
    """

    keep: int
    """A summary takes in the oldest turns and leaves this much word for word, besides itself."""
    summarise: int
    """A summary is due from this size on."""
    hard: int
    """Never more than this: if no summary came in time, the oldest turns leave unsummarised, down to ``keep``."""

    def __post_init__(self) -> None:
        if not 0 < self.keep < self.summarise <= self.hard:
            raise ValueError(
                phrase(
                    "keep {keep} < summarise {summarise} <= hard {hard} does not hold; give three growing numbers of "
                    "tokens",
                    keep=self.keep,
                    summarise=self.summarise,
                    hard=self.hard,
                )
            )
        if self.hard < LEAST_HARD // 2:
            raise ValueError(phrase("hard is {hard}; give {least} tokens or more", hard=self.hard, least=LEAST_HARD))

    @property
    def part(self) -> int:
        """Most tokens of one batch, of one answer, or of the summary."""
        return self.hard // PARTS

    def divided(self, ratio: float) -> "Limits":
        """Convert the limits to our tokens for a server that counts ``ratio`` times as many."""
        keep = max(1, int(self.keep / ratio))
        summarise = max(keep + 1, int(self.summarise / ratio))
        return Limits(keep, summarise, max(summarise, int(self.hard / ratio)))


PRESETS: dict[str, Limits] = {"groq_free": Limits(1_000, 2_500, 3_000), "paid": Limits(5_000, 7_000, 8_000)}
"""``groq_free``: for 8,000 tokens a minute (Groq's table of 2026-10); ``paid``: for no such limit."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a remembered text comes from: enough to forget it."""

    author_id: str
    sent_at: float | None = None
    received_at: float = -inf
    """By the clock of this run; what comes from a file is older than all of it."""

    @classmethod
    def of(cls, event: ViewerEvent) -> "Source":
        return cls(event.author_id, event.sent_at, event.received_at)

    def covered(self, withdrawn: Withdrawn) -> bool:
        """Return whether this is (one of) what was withdrawn."""
        return withdrawn.covers(
            ViewerEvent(id="", author="", author_id=self.author_id, sent_at=self.sent_at, received_at=self.received_at)
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """What was written and what was heard in answer."""

    serial: int
    """Grows from turn to turn, also across restarts."""
    user: str
    """JSON lines."""
    assistant: str
    """JSON, as the model is asked to write it; never empty."""
    tokens: int
    """Tokens of both, including what a server adds for two messages."""
    sources: tuple[Source, ...] = ()


class Window:
    """Turns in order, oldest first, with the sum of their tokens. Only ``forget`` removes the newest one."""

    def __init__(self, turns: Iterable[Turn] = ()) -> None:
        self._turns = deque(turns)
        self._tokens = sum(turn.tokens for turn in self._turns)

    @property
    def tokens(self) -> int:
        return self._tokens

    @property
    def turns(self) -> Sequence[Turn]:
        return self._turns

    def add(self, turn: Turn) -> None:
        self._turns.append(turn)
        self._tokens += turn.tokens

    def beyond(self, keep: int) -> tuple[Turn, ...]:
        """Return the fewest oldest turns that leave at most ``keep`` tokens; never the newest turn."""
        over = self._tokens - keep
        found: list[Turn] = []
        for turn in self._turns:
            if over <= 0 or len(found) == len(self._turns) - 1:
                break
            found.append(turn)
            over -= turn.tokens
        return tuple(found)

    def drop_through(self, serial: int) -> None:
        """Drop the turns up to and including this one."""
        while self._turns and self._turns[0].serial <= serial:
            self._tokens -= self._turns.popleft().tokens

    def forget(self, withdrawn: Withdrawn) -> bool:
        """Drop every turn that contains a withdrawn message: its answer may quote it. True if there was one."""
        kept = [turn for turn in self._turns if not any(source.covered(withdrawn) for source in turn.sources)]
        if len(kept) == len(self._turns):
            return False
        self._turns = deque(kept)
        self._tokens = sum(turn.tokens for turn in kept)
        return True


def newest_turns(turns: Sequence[Turn], most: int) -> Sequence[Turn]:
    """Return the newest turns that have at most ``most`` tokens together; none if not even one fits."""
    found: list[Turn] = []
    for turn in reversed(turns):
        most -= turn.tokens
        if most < 0:
            break
        found.append(turn)
    return found[::-1]
