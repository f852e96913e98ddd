"""How often the avatar is drawn: movements that come more often than that are work for nobody."""

from math import inf

from nodes.avatar._vts.calls import Answer, ApiError

_EARLY = 0.7
"""Of the time between two pictures; the next movements may come a little before it is over."""
_ASK_S = 1.0
SLOWEST_HZ = 5.0
"""Movements are sent at least so often, even where nothing is drawn."""


class Drawn:
    """What StatisticsResponse of the built-in stage tells; VTube Studio itself may tell anything while it is hidden."""

    def __init__(self) -> None:
        self._hz = inf
        self._asked_at = -inf

    @property
    def gap_s(self) -> float:
        """How long after the last movements the next ones are worth sending."""
        return _EARLY / max(SLOWEST_HZ, self._hz)

    def ask(self, now: float) -> bool:
        """Return whether to ask now; the next time is a second later."""
        due = now - self._asked_at >= _ASK_S
        if due:
            self._asked_at = now
        return due

    def told(self, answer: Answer) -> None:
        """Take a StatisticsResponse."""
        drawn = None if isinstance(answer, ApiError) else answer.get("framerate")
        self._hz = drawn if isinstance(drawn, int) else inf
