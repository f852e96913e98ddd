"""Lets what belongs to a turn take effect when that turn is on, though it came while another one was being said."""

from collections.abc import Callable
from typing import Generic, TypeVar

from schemas.playback import Speaking

T = TypeVar("T")

MOST = 16
"""Turns of which something may wait."""


class InTurn(Generic[T]):
    """Passes things on in the order in which their turns are said; of each turn that is still to come, the last one."""

    def __init__(self, take: Callable[[T], object]) -> None:
        self._take = take
        self._on: str | None = None
        self._waiting: dict[str, T] = {}

    def came(self, turn: str, what: T) -> None:
        """Pass it on at once if its turn is on or nothing is being said; otherwise when its turn comes."""
        if self._on in (None, turn):
            self._take(what)
            return
        self._waiting.pop(turn, None)
        self._waiting[turn] = what
        if len(self._waiting) > MOST:
            del self._waiting[next(iter(self._waiting))]

    def spoke(self, speaking: Speaking) -> None:
        """Note that the voice began a turn or is done with it."""
        turn = speaking.turn
        if speaking.speaking:
            self._on = turn
            self._pass_on(turn)
            return
        self._waiting.pop(turn, None)
        if turn == self._on:
            self._on = None
            self._pass_on(next(iter(self._waiting), None))

    def _pass_on(self, turn: str | None) -> None:
        if turn in self._waiting:
            self._take(self._waiting.pop(turn))
