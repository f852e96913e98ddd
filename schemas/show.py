"""What happens to the show itself, beside what viewers write."""

from dataclasses import dataclass
from typing import Literal

from schemas.event import Event, Moment

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
