"""Holds a recording while what a guest wrote waits for its answer."""

from collections import deque

from reactivex.abc import DisposableBase

from nodes.services import Clock, Verdicts
from schemas.bus import Judged, TurnTold
from schemas.chat import ViewerEvent

MOST_S = 30.0
"""One message of a guest holds the recording for at most this long."""
_JUDGED = 256
"""How many verdicts are remembered: one can overtake its event, which takes another path."""
_LOOK_S = 0.1
"""Seconds between two looks at whether the recording goes on."""


class Breath:
    """The time of a recording: it stands still while a guest waits."""

    def __init__(self, clock: Clock, verdicts: Verdicts) -> None:
        self._clock = clock
        self._verdicts = verdicts
        self._waiting: dict[str, float] = {}
        """The guests' events that wait, and until when each holds the recording."""
        self._judged = deque[str](maxlen=_JUDGED)
        self._held_s = 0.0
        """How long the recording stood still, without the present hold."""
        self._since: float | None = None

    def follow(self) -> DisposableBase:
        """Hear what became of the guests' events, until disposed."""
        return self._verdicts.follow(self._heard)

    def came(self, event: ViewerEvent) -> None:
        """Take in an event; it matters if it is of a guest."""
        if event.guest and event.id not in self._judged:
            self._waiting[event.id] = self._clock.now() + MOST_S
            self._look()

    def until(self, due: float) -> float:
        """Return the seconds to wait before looking again; 0 or less if what was ``due`` (``Clock.now``) may come."""
        self._look()
        if self._since is not None:
            return _LOOK_S
        return due + self._held_s - self._clock.now()

    def _heard(self, news: Judged | TurnTold) -> None:
        if isinstance(news, Judged):
            self._judged.append(news.id)
            self._waiting.pop(news.id, None)
            self._look()

    def _look(self) -> None:
        now = self._clock.now()
        self._waiting = {event: end for event, end in self._waiting.items() if now < end}
        if self._waiting and self._since is None:
            self._since = now
        elif not self._waiting and self._since is not None:
            self._held_s += now - self._since
            self._since = None
