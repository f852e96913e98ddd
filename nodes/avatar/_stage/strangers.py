"""How a connection is treated before it has said who it is: short messages, a few a second, and few questions.

Without it any web page could hold the show by long messages, and ask the streamer dozens of times a second.
"""

from collections import OrderedDict

MOST_BYTES = 64 * 1024
"""Of a message; the longest that is right holds an icon of 128 x 128 pixels."""
AT_ONCE, A_SECOND = 8, 4.0
"""Messages: this many at once, then this many a second; the rest waits on the way."""
ASK_AGAIN_S, DENIED_S = 60.0, 600.0
"""A page about which a person was asked is not asked about again for so long, and after a no for so long."""
BETWEEN_PAGES_S = 10.0
"""Between two questions about pages, whichever they are."""
REMEMBERED = 256
"""Pages."""


class Pace:
    """Lets a few messages a second through."""

    def __init__(self, now: float) -> None:
        self._left, self._at = float(AT_ONCE), now

    def wait_s(self, now: float) -> float:
        """How long the message that has come now must wait."""
        self._left = min(AT_ONCE, self._left + (now - self._at) * A_SECOND) - 1
        self._at = now
        return max(0.0, -self._left / A_SECOND)


class Questions:
    """Which pages a person may be asked about now."""

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
