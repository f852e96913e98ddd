"""Knows whose turn it is: which turns are open, which of them the voice says, and when the next one may open."""

from dataclasses import dataclass

from schemas.playback import Speaking

INF = float("inf")


@dataclass(slots=True)
class _Open:
    turn: str
    since: float
    """When it opened, became the first one, or was first heard."""
    stays: bool
    """Whether it is never ended for another one: it was paid for, or is for a guest."""
    heard: bool = False


class Floor:
    """The open turns, in their order: the first is made or said, those behind it are made ahead.

    It survives a reload of the node: what is said then is still said after it.
    """

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._ends_at: float | None = None
        """When the first turn will have been said, if the voice knows."""
        self.other = ""
        """A turn that was opened elsewhere and that the voice is saying; empty for none."""

    @property
    def turn(self) -> str | None:
        """The first open turn."""
        return self._open[0].turn if self._open else None

    @property
    def ends(self) -> bool:
        """Whether the end of the first turn is known, and no turn is made behind it."""
        return len(self._open) == 1 and self._ends_at is not None

    @property
    def may_end(self) -> bool:
        """Whether the first turn can make room for another one: it is being heard, and no turn is made behind it."""
        return len(self._open) == 1 and self._open[0].heard and not self._open[0].stays

    def open(self, turn: str, now: float, *, stays: bool, over: str = "") -> None:
        """Open a turn behind the others, or in the place of the one that makes room for it."""
        if over == self.turn:
            self._open.clear()
        self.other = over
        self._open.append(_Open(turn, now, stays))
        if len(self._open) == 1:
            self._ends_at = None

    def heard(self, speaking: Speaking, now: float) -> None:
        """Note that the voice began a turn, knows how much of it is left, or is done with it."""
        place = next((place for place, each in enumerate(self._open) if each.turn == speaking.turn), None)
        if place is None:
            if speaking.speaking or speaking.turn == self.other:
                self.other = speaking.turn if speaking.speaking else ""
        elif speaking.speaking:
            self._over(place, now)
            self._open[0].since, self._open[0].heard, self.other = now, True, ""
            if speaking.left_s is not None:
                self._ends_at = now + speaking.left_s
        elif place:
            del self._open[place]
        else:
            self._over(1, now)

    def clear(self) -> None:
        """Note that no turn is waited for any more."""
        self._open.clear()
        self._ends_at = None

    def opens_at(self, ahead_s: float) -> float:
        """Return when the next turn may open: the past if none is open, infinity if it is not known yet.

        Args:
            ahead_s: how long before the end of the first turn, 0 for not before it is over.
        """
        if not self._open:
            return -INF
        if not self.ends or self._ends_at is None or not ahead_s:
            return INF
        return self._ends_at - ahead_s

    def late_at(self, timeout_s: float) -> float:
        """Return when the first turn has been silent for too long."""
        return self._open[0].since + timeout_s if self._open else INF

    def give_up(self) -> str | None:
        """Stop waiting for the first turn and return it; one that was made behind it has waited as long as it did."""
        turn = self.turn
        del self._open[:1]
        self._ends_at = None
        return turn

    def _over(self, count: int, now: float) -> None:
        """Note that the first ``count`` turns are over."""
        if count:
            del self._open[:count]
            self._ends_at = None
            if self._open:
                self._open[0].since = now
