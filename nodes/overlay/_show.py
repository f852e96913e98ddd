"""What a page shows of the show itself: title, category, time on air, followers."""

from math import isfinite
from typing import Any

from nodes.overlay._state import clean
from schemas.show import ShowState

LONGEST = 120
"""How many characters of a title or a category are shown."""


def show_item(show: ShowState) -> dict[str, Any]:
    """Return what is known of the show, as JSON; a time in seconds since the run started."""
    return {
        "title": clean(show.title, LONGEST),
        "category": clean(show.category, LONGEST),
        "live_since": round(show.live_since, 3) if isfinite(show.live_since) else None,
        "live_seen_begin": show.live_seen_begin,
        "followers": show.followers,
        "new_followers": show.new_followers,
        "goal": show.goal,
    }
