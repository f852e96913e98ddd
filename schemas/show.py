"""What happens to the show itself, beside what viewers write."""

from dataclasses import dataclass
from math import inf
from typing import ClassVar, Literal

from schemas.event import Event, Moment, Overflow

ShowKind = Literal["hour", "live", "ended", "title", "category", "follower"]
"""A full hour, the broadcast began or ended, its title or category was changed, somebody follows the channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowEvent(Event):
    """Something that happened to the show."""

    kind: ShowKind
    text: str = ""
    """The hour (``21``), the new title or category, or the follower's nickname."""
    author_id: str = ""
    """The channel id of the follower."""
    at: Moment = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowState(Event):
    """What is known of the show now, for the person who runs it."""

    title: str = ""
    category: str = ""
    live_since: Moment = inf
    """When the broadcast began or was first seen; infinity if it is not on, or nobody knows."""
    live_seen_begin: bool = False
    """Whether it was seen to begin: otherwise it has been on for longer."""
    followers: int | None = None
    """All followers; None if the service does not say."""
    new_followers: int | None = None
    """How many followed since the beginning; None if nobody may ask."""
    goal: int = 0
    """The goal of followers; 0 for none."""

    overflow: ClassVar[Overflow] = "latest"
