"""Tracks what a graph promises its viewers, the time from message to voice, and the time it takes."""

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from graphs.engine.books.turns import Turn, Turns


class TurnBudget:
    """The ``Budget`` service."""

    def __init__(self, turns: Turns, promised_s: Callable[[], float | None]) -> None:
        """
        Args:
            promised_s: the ``budget_s`` of the graph that is on air.
        """
        self._turns = turns
        self._promised_s = promised_s

    def left(self, turn: str) -> float | None:
        """See ``nodes.services.Budget``."""
        promised, known = self._promised_s(), self._turns.turns.get(turn)
        received = None if known is None else known.marks["received"]
        return None if promised is None or received is None else received + promised - self._turns.now()


class TurnPace:
    """The ``Pace`` service."""

    LAST = 20
    """It counts this many turns."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._took: deque[float] = deque(maxlen=self.LAST)
        self._over_at = 0.0
        turns.voiced.add(self._voiced)
        turns.ended.add(self._ended)

    def sound_s(self) -> float | None:
        """See ``nodes.services.Pace``."""
        return rank(sorted(self._took), 0.9)

    def idle_s(self) -> float:
        """See ``nodes.services.Pace``."""
        return 0.0 if self._turns.open() else self._turns.now() - self._over_at

    def _ended(self, _: Turn) -> None:
        self._over_at = self._turns.now()

    def _voiced(self, turn: Turn) -> None:
        batched, made = turn.marks["batched"], turn.marks["first_pcm"]
        if batched is not None and made is not None:
            self._took.append(made - batched)


def chat_to_voice(turns: Iterable[Turn], promised_s: float | None) -> dict[str, Any]:
    """Report how long turns took from their first message to their first sound, in seconds, and how many took too long.

    ``over`` and ``over_share`` are None if nothing is promised; turns without a sound or a viewer do not count.
    """
    took = sorted(
        sound - received
        for turn in turns
        if (sound := turn.marks["first_sound"]) is not None and (received := turn.marks["received"]) is not None
    )
    over = None if promised_s is None else sum(seconds > promised_s for seconds in took)
    return {
        "turns": len(took),
        "p50": rank(took, 0.5),
        "p95": rank(took, 0.95),
        "budget_s": promised_s,
        "over": over,
        "over_share": round(over / len(took), 3) if over is not None and took else None,
    }


def rank(ordered: Sequence[float], q: float) -> float | None:
    """Give the smallest value that a share ``q`` or more do not exceed, to a thousandth; None for no values."""
    return round(ordered[math.ceil(q * len(ordered)) - 1], 3) if ordered else None
