"""Defines what the bus keeps, and for how long.

Streams are named ``aischoco_<graph>_<class>``. ``fresh`` keeps what is at most 30 s old and drops the oldest. ``sure``
stays on disk for a week and refuses when the disk is full. ``block`` is in memory and holds what its readers have not
taken, a fixed number for each edge, so that a slow reader slows the writer as an edge within a process does; a reader
that is gone for 30 s is forgotten. An ordered consumer acknowledges nothing and so could not slow the writer, which is
why readers are pull consumers.
"""

from typing import Any

from nodes.bus._settings import token

FRESH_S, WEEK_S = 30.0, 7 * 86400.0
ROOM = 256
"""At most this many events of a ``block`` edge may wait on the bus."""
DEAD_LETTERS = 1000
IN_FLIGHT, PAID_IN_FLIGHT = 64, 4096
"""At most this many events that a reader has taken but not done; donations stay with it until their verdict."""


def name_of(graph: str, kind: str) -> str:
    """Return the name of the stream of a class."""
    return f"aischoco_{token(graph)}_{kind}"


def stream(api: Any, graph: str, kind: str, replicas: int = 1) -> Any:
    """Return the ``StreamConfig`` of a class.

    Args:
        api: the module ``nats.js.api``, which is imported late.
        replicas: the number of servers that hold the stream.
    """
    shapes: dict[str, dict[str, Any]] = {
        "fresh": {"storage": api.StorageType.MEMORY, "max_age": FRESH_S, "max_msgs_per_subject": 16 * ROOM},
        "sure": {"max_age": WEEK_S, "discard": api.DiscardPolicy.NEW},
        "block": {
            "storage": api.StorageType.MEMORY,
            "retention": api.RetentionPolicy.INTEREST,
            "max_age": FRESH_S,
            "max_msgs_per_subject": ROOM,
            "discard": api.DiscardPolicy.NEW,
            "discard_new_per_subject": True,
        },
        "dead": {"max_age": WEEK_S, "max_msgs": DEAD_LETTERS},
    }
    return api.StreamConfig(
        name=name_of(graph, kind),
        subjects=[f"aischoco.{token(graph)}.*.*.*.{kind}"],
        duplicate_window=FRESH_S if kind in ("fresh", "block") else 120.0,
        num_replicas=replicas,
        **shapes[kind],
    )
