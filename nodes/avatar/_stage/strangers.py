"""Limits a connection before it has identified itself: short messages, a few a second, and few questions.

Without this any web page could stall the show with long messages, and ask the streamer dozens of times a second.
"""

from collections import OrderedDict

MOST_BYTES = 64 * 1024
"""At most this many bytes in a message; the longest valid one contains an icon of 128 x 128 pixels."""
AT_ONCE, A_SECOND = 8, 4.0
"""Messages: at most this many at once, then this many a second; the rest waits in transit."""
ASK_AGAIN_S, DENIED_S = 60.0, 600.0
"""Do not ask a person about the same page again for this long, and after a refusal for this long."""
BETWEEN_PAGES_S = 10.0
"""Minimum time between two questions about any pages."""
REMEMBERED = 256
"""Remember at most this many pages."""


class Pace:
    """Lets a few messages a second through."""

    def __init__(self, now: float) -> None:
        self._left, self._at = float(AT_ONCE), now

    def wait_s(self, now: float) -> float:
        """Return how long the message that has just arrived must wait."""
        self._left = min(AT_ONCE, self._left + (now - self._at) * A_SECOND) - 1
        self._at = now
        return max(0.0, -self._left / A_SECOND)


class Questions:
    """Decides which pages a person may be asked about now."""

    def __init__(self) -> None:
        self._not_before: OrderedDict[str, float] = OrderedDict()
        self._next = 0.0

    def may(self, page: str, now: float) -> bool:
        return now >= max(self._next, self._not_before.get(page, 0.0))

    def asked(self, page: str, now: float) -> None:
        self._next = now + BETWEEN_PAGES_S
        self._rest(page, now + ASK_AGAIN_S)

    def denied(self, page: str, now: float) -> None:
        self._rest(page, now + DENIED_S)

    def _rest(self, page: str, until: float) -> None:
        self._not_before[page] = until
        self._not_before.move_to_end(page)
        if len(self._not_before) > REMEMBERED:
            self._not_before.popitem(last=False)
