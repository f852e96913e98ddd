"""Records what became of every viewer event: in = answered + waiting + dropped(reason), at any instant."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from reactivex.abc import DisposableBase

from graphs.engine.books.recent import Recent
from graphs.engine.log.listeners import Listeners
from nodes.services import Stopped
from schemas.bus import Judged, TurnTold
from schemas.chat import LANES, Lane, Reason, ViewerEvent
from schemas.event import Event
from schemas.reply import Sentence

_REMEMBERED = 20_000
""""Why was this not answered?" can look up this many verdicts."""
_STOPS = 200
"""Remember this many events that a word list stopped."""
_LOST_AFTER_S = 300.0
"""A viewer event that is owed no answer and has no verdict for this many seconds is dropped as ``unaccounted``."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one viewer event ended."""

    at: float
    """Seconds since the run started."""
    turn: str | None = None
    """The turn that answered it, or None."""
    reason: Reason | None = None
    """Why it was dropped, or None."""


class Ledger:
    """The ``Verdicts`` service, and the counts behind the report."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._waiting: dict[str, float] = {}
        self._lanes: dict[str, Lane] = {}
        """Lanes of the events that wait."""
        self._patience: OrderedDict[str, float] = OrderedDict()
        """Waiting events that are given up in the end: all but donations and subscriptions."""
        self._verdicts: OrderedDict[str, Verdict] = OrderedDict()
        self.recent = Recent()
        self.stops: OrderedDict[str, Stopped] = OrderedDict()
        """Event id -> the word that was found in it, for the latest events and sentences of answers."""
        self.unsaid: dict[str, str] = {}
        """The texts of those that are sentences of answers."""
        self.judged = Listeners[[str, Verdict]]()
        """Called with each verdict as it is given, and the id of its event."""
        self._followers = Listeners[[Judged | TurnTold]]()
        self.received_count = 0
        self.repeated_count = 0
        self.answered_count = 0
        self.thanked_count = 0
        """Donations and subscriptions among the answered ones."""
        self.dropped: dict[Reason, int] = {}
        self.malformed_count: dict[str, int] = {}

    @property
    def waiting_count(self) -> int:
        return len(self._waiting)

    def received(self, event: ViewerEvent) -> bool:
        """Count a viewer event that came out of a source; False if it came before (the same id is the same event)."""
        if event.id in self._waiting or event.id in self._verdicts:
            self.repeated_count += 1
            return False
        now = self._waiting[event.id] = self._now()
        self._lanes[event.id] = event.lane
        if not event.owed:
            self._patience[event.id] = now
        self.received_count += 1
        self.recent.note(event, now)
        self._give_up(now)
        return True

    def waiting(self) -> tuple[str, ...]:
        """Give the ids of the events that wait, oldest first."""
        return tuple(self._waiting)

    def received_at(self, event_id: str) -> float | None:
        return self._waiting.get(event_id)

    def answered(self, event_id: str, turn: str) -> None:
        if self._waiting.pop(event_id, None) is not None:
            self.answered_count += 1
            self.thanked_count += event_id not in self._patience
            self._remember(event_id, Verdict(self._now(), turn=turn))

    def drop(self, event: ViewerEvent, reason: Reason) -> None:
        if self._followers and event.id not in self._waiting and event.id not in self._verdicts:
            self.tell(Judged(id=event.id, reason=reason, final=False, sure=event.overflow == "sure"))
        self.dropped_id(event.id, reason)

    def dropped_id(self, event_id: str, reason: Reason) -> None:
        if self._waiting.pop(event_id, None) is not None:
            self.dropped[reason] = self.dropped.get(reason, 0) + 1
            self._remember(event_id, Verdict(self._now(), reason=reason))

    def stopped(self, event: Event, by: Stopped) -> None:
        if isinstance(event, Sentence):
            id_ = f"{event.turn} {event.index}"
            self.unsaid[id_] = event.text
        elif isinstance(event, ViewerEvent):
            id_ = event.id
        else:
            return
        self.stops[id_] = by
        if len(self.stops) > _STOPS:
            oldest, _ = self.stops.popitem(last=False)
            self.unsaid.pop(oldest, None)

    def malformed(self, kind: str) -> None:
        self.malformed_count[kind] = self.malformed_count.get(kind, 0) + 1

    def follow(self, take: Callable[[Judged | TurnTold], object]) -> DisposableBase:
        return self._followers.add(take)

    def waiting_lanes(self) -> dict[Lane, int]:
        """Count how many wait in each lane; a mention counts as chat, which it is until a batch is made."""
        lanes = list(self._lanes.values())
        return {lane: lanes.count(lane) for lane in LANES if lane != "mention"}

    def verdict(self, event_id: str) -> Verdict | None:
        """Give the verdict; None while the event waits, or if the verdict is too old to be remembered."""
        return self._verdicts.get(event_id)

    def counts(self) -> dict[str, object]:
        """Give ``viewer_events`` of the report."""
        return {
            "in": self.received_count,
            "answered": self.answered_count,
            "thanked": self.thanked_count,
            "waiting": self.waiting_count,
            "dropped": dict(sorted(self.dropped.items())),
            "malformed": dict(sorted(self.malformed_count.items())),
            "repeated": self.repeated_count,
        }

    def _remember(self, event_id: str, verdict: Verdict) -> None:
        self._verdicts[event_id] = verdict
        sure = self._patience.pop(event_id, None) is None
        self._lanes.pop(event_id, None)
        self.judged.tell(event_id, verdict)
        self.tell(Judged(id=event_id, reason=verdict.reason, sure=sure))
        if len(self._verdicts) > _REMEMBERED:
            self._verdicts.popitem(last=False)

    def tell(self, news: Judged | TurnTold) -> None:
        """Report to the other places."""
        self._followers.tell(news)

    def _give_up(self, now: float) -> None:
        oldest = next(iter(self._patience), None)
        if oldest is not None and now - self._patience[oldest] > _LOST_AFTER_S:
            self.dropped_id(oldest, "unaccounted")
