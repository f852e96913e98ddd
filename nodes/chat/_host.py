"""Knows whether the streamer is speaking, and which thanks her voice cut off that are to be made up for."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from nodes.chat._batch_settings import Batch
from nodes.chat._waiting import Waiting
from schemas.chat import PAID, ViewerEvent, Withdrawn
from schemas.host import HostTurn
from schemas.playback import Speaking

INF = float("inf")
GONE_S = 5.0
"""A microphone that has not repeated for this long that she speaks is gone."""
_MADE_UP = 1024
"""Remember this many events as made up for."""
_OPEN = 16
"""Remember what is in this many open turns."""
MOST_TRIES = 3
"""A make-up of which nothing is heard, because she goes on speaking, is begun at most this many times."""


@dataclass(frozen=True, slots=True)
class _Turn:
    items: tuple[Waiting, ...]
    make_up: bool


@dataclass(frozen=True, slots=True)
class Back:
    """What comes back from a turn that her voice cut off."""

    again: tuple[Waiting, ...] = ()
    """Nothing of their turn was heard, so they wait for another one."""
    made_up: tuple[Waiting, ...] = ()
    """Too little of their thanks was heard, so they are thanked once more."""
    left_out: tuple[Waiting, ...] = ()
    """Nothing of their make-up was heard, as often as it was tried."""


class Host:
    """The streamer as ``chat.batch`` sees her. It survives a reload of the node, as what is said then does."""

    def __init__(self) -> None:
        self._speaks_until: float | None = None
        """She speaks, and until when she does if that is not repeated."""
        self._yielded_at = -INF
        self._awaited = ""
        """The latest utterance whose words are still to come."""
        self._awaited_since = -INF
        self._turns: dict[str, _Turn] = {}
        self._made_up: dict[str, None] = {}
        """The ids of events that are made up for, or were."""
        self._answering = ""
        """The turn that answers her."""
        self._since = -INF
        """When she stopped speaking, or the answer to her was over."""
        self.owed: list[Waiting] = []
        """What is to be made up for, in order."""

    def turn(self, turn: HostTurn, now: float) -> None:
        """Note that she speaks, or has yielded."""
        if turn.state != "yielded":
            self._speaks_until = now + GONE_S
            return
        self._speaks_until = None
        self._yielded_at = self._since = now
        if turn.utterance:  # a cough or a click after it has no words, and what she said before has still to come
            self._awaited, self._awaited_since = turn.utterance, now

    def understood(self, utterance: str) -> None:
        """Note that the words of an utterance are there, or that it has none."""
        if utterance == self._awaited:
            self._awaited = ""

    def gone(self) -> None:
        """Note that the microphone reports nothing more."""
        self._speaks_until, self._awaited, self._answering = None, "", ""

    def free_at(self, config: Batch, *, hers: bool = False) -> float:
        """Return from when a turn may open, as far as she is concerned: the past if she has not spoken.

        Args:
            hers: it answers her, for which she need not be silent any longer.
        """
        if self._speaks_until is not None:
            return self._speaks_until
        free_at = self._yielded_at + (0.0 if hers else config.after_host_s)
        return max(free_at, self._awaited_since + config.host_line_s) if self._awaited else free_at

    def opened(self, turn: str, items: list[Waiting], *, make_up: bool) -> None:
        """Remember what is in a turn, in case her voice cuts it off."""
        self._turns[turn] = _Turn(tuple(items), make_up)
        if items[0].lane == "host":
            self._answering = turn
        if len(self._turns) > _OPEN:
            del self._turns[next(iter(self._turns))]
        if make_up:
            self.owed = [item for item in self.owed if item not in items]

    def ended(self, speaking: Speaking, now: float, config: Batch) -> Back:
        """Note that the voice reports on a turn, and return what of it is not done.

        Thanks are made up for once; a make-up of which anything was heard is never made up for.
        """
        if speaking.speaking:
            return Back()
        if speaking.turn == self._answering:
            self._answering, self._since = "", now
        turn = self._turns.get(speaking.turn) or self._turns.get(speaking.turn.rstrip("+"))  # the dock's second try
        if turn is None or speaking.heard is None:
            return Back()
        if not speaking.heard:
            back = tuple(replace(item, again=item.again + 1) for item in turn.items)
            if not turn.make_up:
                return Back(again=back)
            again = self._owe(tuple(item for item in back if item.again < MOST_TRIES))
            return replace(again, left_out=tuple(item for item in back if item.again >= MOST_TRIES))
        if turn.make_up or speaking.heard >= config.make_up_below:
            return Back()
        return self._owe(tuple(replace(item, again=0) for item in turn.items if self._may_make_up(item.event)))

    def _owe(self, items: tuple[Waiting, ...]) -> Back:
        for item in items:
            self._made_up[item.event.id] = None
        while len(self._made_up) > _MADE_UP:
            del self._made_up[next(iter(self._made_up))]
        self.owed = sorted((*self.owed, *items), key=lambda item: item.number)
        return Back(made_up=items)

    def _may_make_up(self, event: ViewerEvent) -> bool:
        return event.lane in PAID and event.id not in self._made_up

    def overdue_at(self, config: Batch) -> float:
        """Return when what is owed is too late: infinity if nothing is owed, or while she speaks or is answered."""
        if not self.owed or self._speaks_until is not None or self._awaited or self._answering:
            return INF
        return self._since + config.make_up_within_s

    def withdraw(self, withdrawn: Withdrawn) -> None:
        """Make up for nothing that was withdrawn."""
        self.owed = [item for item in self.owed if not withdrawn.covers(item.event)]

    def give_up(self, tell: Callable[[ViewerEvent], object]) -> None:
        """Make up for nothing any more."""
        for item in self.owed:
            tell(item.event)
        self.owed.clear()
