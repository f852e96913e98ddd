"""Holds a viewer event that waits for its turn, and orders several of them."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from schemas.chat import LANES, Lane, ViewerEvent

IN_ORDER: tuple[Lane, ...] = ("host", "donation", "subscription")
"""Lanes of which the oldest is answered first and none is dropped."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event that waits."""

    number: int
    """Position in the order of arrival."""
    at: float
    lane: Lane
    event: ViewerEvent
    again: int = 0
    """How many turns were opened for it in vain: nothing of them was heard."""

    @property
    def channel(self) -> str:
        return self.event.channel_id


def rotated(group: list[Waiting]) -> list[Waiting]:
    """Order chat and mentions so that each channel has its first item before any has its second; the rest stays."""
    seen: Counter[tuple[Lane, str]] = Counter()
    places: list[tuple[int, int]] = []
    for item in group:
        places.append((LANES.index(item.lane), 0 if item.lane in IN_ORDER else seen[item.lane, item.channel]))
        seen[item.lane, item.channel] += 1
    return [group[index] for index in sorted(range(len(group)), key=places.__getitem__)]


def turn_id(items: list[Waiting], *, make_up: bool) -> str:
    """Name the turn that answers these; each further turn for the same has a name of its own."""
    tries = items[0].again
    return f"t-{items[0].event.id}{'.m' if make_up else ''}{f'.{tries + 1}' if tries else ''}"


def those(lanes: Mapping[Lane, list[Waiting]], wanted: Callable[[Waiting], bool]) -> Mapping[Lane, list[Waiting]]:
    """Return the lanes with only the items that are wanted."""
    return {lane: [item for item in waiting if wanted(item)] for lane, waiting in lanes.items()}
