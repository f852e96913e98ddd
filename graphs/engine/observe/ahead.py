"""Counts how many turns come before the one that will answer a waiting viewer event."""

from graphs.engine.flow.runtime import Runtime
from schemas.chat import LANES, PAID, ViewerEvent

_OWN = ("host", *PAID)
"""Lanes that share no turn with another."""


def ahead(runtime: Runtime, event_id: str) -> int:
    """Count the turns that are open, and those of waiting events that go first; 0 if the event does not wait.

    It is what the lanes of ``chat.batch`` say with their default settings: the streamer, guests, donations,
    subscriptions and chat each share a turn only with their own kind.
    """
    turns = [turn for turn in runtime.turns.turns.values() if turn.marks["ended"] is None]
    begun = {each for turn in turns for each in turn.batch}
    came = runtime.ledger.recent.get(event_id)
    if came is None or event_id in begun or runtime.ledger.received_at(event_id) is None:
        return 0
    waiting = [other.event for each in runtime.ledger.waiting() if (other := runtime.ledger.recent.get(each))]
    ranks = {_rank(event) for event in waiting if event.id not in begun}
    return len(turns) + sum(rank < _rank(came.event) for rank in ranks)


def _rank(event: ViewerEvent) -> tuple[bool, int]:
    return (not event.guest and event.lane != "host", LANES.index(event.lane if event.lane in _OWN else "chat"))
