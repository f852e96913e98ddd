"""Implements an edge: a bounded FIFO that belongs to the graph and outlives the node instances at its ends."""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import count
from typing import Protocol

from graphs.engine.flow.measure import Histogram, bucket
from schemas.chat import Reason, ViewerEvent
from schemas.event import Event
from schemas.graph import Policy

_stamps = count()
_HARD = 4
_HARD_LEAST = 1024
"""A ``block`` edge whose producer cannot wait drops above ``_HARD`` times its capacity, never below this count."""


class Taker(Protocol):
    """Something a node can emit into: an edge, or the tap beside it."""

    def put(self, event: Event) -> None: ...


class End(Protocol):
    """What an edge needs from the stations at its ends."""

    blocked: int
    scheduled: bool
    """The station is about to look at its edges, so it need not be woken again."""

    @property
    def instance(self) -> object | None:
        """The instance that runs there, if there is one."""
        ...

    def wake(self) -> None: ...

    straight: "Edge | None"
    """The edge whose events may bypass its queue while that is empty."""

    def take_now(self, edge: "Edge", event: Event) -> bool:
        """Take an event of that edge at once, if the station is not busy."""
        ...


class Edge:
    """Carries the events of one wire.

    ``put`` never waits and never raises: a full ``block`` edge makes its writer stop (``writer.blocked``). A dropped
    event is counted by reason; if the edge decides about viewer events, it is also given its verdict.
    """

    __slots__ = (
        "_age",
        "_age_due",
        "_aging",
        "_blocks",
        "_lasting",
        "_waiting",
        "ages",
        "closing",
        "count",
        "dropped",
        "full",
        "held",
        "judge",
        "key",
        "now",
        "policy",
        "port",
        "queue_max",
        "reader",
        "seconds",
        "writer",
    )

    def __init__(
        self,
        key: str,
        port: str,
        policy: Policy,
        now: Callable[[], float],
        judge: Callable[[ViewerEvent, Reason], None] | None = None,
    ) -> None:
        """
        Args:
            key: its name in reports, such as ``filter -> batch.chat``.
            port: the input port that it feeds.
            now: the run's clock, in seconds.
            judge: called for a dropped viewer event when this edge leads to the answer.
        """
        self.key = key
        self.port = port
        self.now = now
        self.judge = judge
        self.writer: End | None = None
        self.reader: End | None = None
        self._waiting: deque[tuple[int, float, Event]] = deque()
        self.seconds = 0.0
        self.full = False
        self.held: set[Edge] = set()
        """Removed edges of the same reader that must be empty before this one is read."""
        self.closing = False
        """Whether nothing more will be written."""
        self.count = 0
        self.dropped: dict[str, int] = {}
        self.queue_max = 0
        self.ages = Histogram()
        self._age_due = True
        self._age = 0
        self._limit(policy)

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Event]:
        return (event for _, _, event in self._waiting)

    @property
    def writer_runs(self) -> bool:
        """Whether its writer may still write something."""
        return self.writer is not None and self.writer.instance is not None

    def put(self, event: Event) -> None:
        waiting, reader = self._waiting, self.reader
        self.count += 1
        if reader is not None and reader.straight is self and not waiting and reader.take_now(self, event):
            self.ages.counts[0] += 1
            return
        policy = self.policy
        if len(waiting) >= policy.capacity and not self._make_room(event):
            return
        waiting.append((next(_stamps), self.now(), event))
        length = len(waiting)
        if length > self.queue_max:
            self.queue_max = length
        if self._blocks:
            if self._lasting:
                self.seconds += event.seconds
            if not self.full and (self._lasting or length >= policy.capacity):
                self._check_full()
        if reader is not None and not reader.scheduled:
            self._age_due = True
            reader.wake()

    def stamp(self) -> int | None:
        """Drop stale events and return the rank of the first one left among all edges; None if nothing waits."""
        waiting, limit = self._waiting, self.policy.max_age_s
        while waiting:
            stamp, at, event = waiting[0]
            if limit is None or event.overflow == "sure" or self.now() - at <= limit:
                return stamp
            waiting.popleft()
            if self._blocks:
                self.seconds -= event.seconds if self._lasting else 0.0
                self._check_full()  # its writer may be waiting for this very place
            self._drop(event, "stale")
        return None

    def take(self) -> Event | None:
        """Take the first waiting event that is not stale; None if there is none."""
        waiting = self._waiting
        if (self._aging and self.stamp() is None) or not waiting:
            return None
        _, at, event = waiting.popleft()
        if self._age_due:
            # The oldest event stands for its whole burst: reading the clock for each event would cost half a hop.
            self._age_due = False
            self._age = bucket(self.now() - at)
        self.ages.counts[self._age] += 1
        if self._blocks:
            if self._lasting:
                self.seconds -= event.seconds
            if self.full:
                self._check_full()
        return event

    def set_policy(self, policy: Policy) -> None:
        """Change the limits in place."""
        self._limit(policy)
        self.seconds = sum(event.seconds for event in self) if self._lasting else 0.0
        self._check_full()

    def leave(self) -> None:
        """Note that the writer will not write again."""
        self.closing = True
        if self.full and self.writer is not None:
            self.full = False
            self.writer.blocked -= 1
            self.writer.wake()
        self.writer = None
        if self.reader is not None:
            self.reader.wake()

    def discard(self, reason: Reason) -> int:
        """Drop all waiting events, each with its verdict; return how many there were."""
        events = list(self)
        self._waiting.clear()
        self.seconds = 0.0
        self._check_full()
        for event in events:
            self._drop(event, reason)
        return len(events)

    def shed(self, reason: Reason) -> list[Event]:
        """Drop all waiting events except those marked ``sure``, each with its verdict; return the dropped ones."""
        events = [event for event in self if event.overflow != "sure"]
        if events:
            self._waiting = deque(entry for entry in self._waiting if entry[2].overflow == "sure")
            self.seconds = sum(event.seconds for event in self) if self._lasting else 0.0
            self._check_full()
            for event in events:
                self._drop(event, reason)
        return events

    def _limit(self, policy: Policy) -> None:
        self.policy = policy
        self._blocks = policy.overflow == "block"
        self._lasting = policy.capacity_s is not None
        self._aging = policy.max_age_s is not None

    def _make_room(self, event: Event) -> bool:
        """Make room in a queue that is at its capacity; return whether the event may enter."""
        policy = self.policy
        if policy.overflow == "block":
            if len(self._waiting) < max(_HARD * policy.capacity, _HARD_LEAST) or event.overflow == "sure":
                return True
            self._drop(event, "flood")
            return False
        if policy.overflow == "sure":
            return True
        for index, (_, _, old) in enumerate(self._waiting):
            if old.overflow != "sure":
                del self._waiting[index]
                self._drop(old, "flood" if policy.overflow == "fresh" else None)
                break
        return True

    def _drop(self, event: Event, reason: Reason | None) -> None:
        counted = reason or "superseded"
        self.dropped[counted] = self.dropped.get(counted, 0) + 1
        if reason is not None and self.judge is not None and isinstance(event, ViewerEvent):
            self.judge(event, reason)

    def _check_full(self) -> None:
        policy = self.policy
        full = self._blocks and (
            len(self._waiting) >= policy.capacity
            or (policy.capacity_s is not None and self.seconds >= policy.capacity_s)
        )
        if full != self.full:
            self.full = full
            if self.writer is not None:
                self.writer.blocked += 1 if full else -1
                if not full:
                    self.writer.wake()
