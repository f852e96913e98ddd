"""Remembers the latest viewer events, so that a person can search for one by its words or its author."""

import unicodedata
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from schemas.chat import ViewerEvent, Withdrawn

KEPT = 2000


class Came(NamedTuple):
    """A viewer event and when it came, in seconds since the run started."""

    at: float
    event: ViewerEvent


class Recent:
    """A bounded memory by event id, without what was withdrawn."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept = kept
        self._came: OrderedDict[str, Came] = OrderedDict()

    def __len__(self) -> int:
        return len(self._came)

    def note(self, event: ViewerEvent, at: float) -> None:
        self._came[event.id] = Came(at, event)
        if len(self._came) > self._kept:
            self._came.popitem(last=False)

    def forget(self, withdrawn: Withdrawn) -> None:
        for event_id in [event_id for event_id, came in self._came.items() if withdrawn.covers(came.event)]:
            del self._came[event_id]

    def get(self, event_id: str) -> Came | None:
        return self._came.get(event_id)

    def search(self, text: str, most: int) -> Sequence[Came]:
        """List the events whose id, author or text contains every word of ``text``, newest first, ignoring case."""
        words = _plain(text).split()
        found: list[Came] = []
        for came in reversed(self._came.values()):
            if len(found) == most:
                break
            where = _plain(f"{came.event.id}\n{came.event.author}\n{came.event.text}")
            if all(word in where for word in words):
                found.append(came)
        return found


def _plain(text: str) -> str:
    """Normalize for comparison: Hangul may come as composed syllables or as separate letters."""
    return unicodedata.normalize("NFC", text).casefold()
