"""What the bus keeps, and how long.

Streams are ``aischoco_<graph>_<class>``. ``fresh`` keeps what is at most 30 s old and lets the oldest go. ``sure`` is
on disk for a week and refuses when the disk is full. ``block`` is in memory and holds what its readers have not taken,
a fixed number an edge, so that a slow reader slows the writer as an edge inside of a process does; a reader that is
gone for 30 s is forgotten. An ordered consumer acknowledges nothing and could not slow anybody: so readers are pull
consumers.
"""

from typing import Any

from nodes.bus._settings import token

FRESH_S, WEEK_S = 30.0, 7 * 86400.0
ROOM = 256
"""Events of a ``block`` edge that may wait on the bus."""
DEAD_LETTERS = 1000
IN_FLIGHT, PAID_IN_FLIGHT = 64, 4096
"""Events that a reader has taken and not done; donations stay with it until they have their verdict."""


def name_of(graph: str, kind: str) -> str:
    """The stream of a class."""
    return f"aischoco_{token(graph)}_{kind}"


def stream(api: Any, graph: str, kind: str, replicas: int = 1) -> Any:
    """Its ``StreamConfig``.

    Args:
        api: the module ``nats.js.api``, which is imported late.
        replicas: how many servers hold it.
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
