"""Decides who may give orders without a page: buttons and scripts that send the streamer's ``REMOTE_KEY``.

It is sent as ``Authorization: Bearer ...``, which no other web page can make a browser send here, and is good for the
orders in ``PATHS`` only. Without ``REMOTE_KEY`` in ``.env`` nobody gives orders this way.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from graphs.engine.web.access import SHORTEST, Guesses, bearer, machine, slowed
from nodes import keys
from nodes.phrases import phrase

if TYPE_CHECKING:
    from aiohttp.web import Request

PATHS = frozenset({"/api/dock", "/api/reload"})
"""The addresses that take an order from outside."""
AT_ONCE, PER_S = 20, 10
"""This many orders are taken at once, then this many a second."""


class Remote:
    """Holds the key and checks the orders that come with it or without any."""

    def __init__(
        self,
        key: str = "",
        *,
        now: Callable[[], float] = time.monotonic,
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        """
        Args:
            key: as it is in ``.env``; empty to take no orders.
            tell: called with a line for the streamer when an order is refused, once for each reason.

        Raises:
            ValueError: the key is too short, or no program can send it; the text never contains it.
        """
        self.key = keys.clean(key)
        wrong = keys.wrong(self.key)
        if wrong:
            text = phrase(
                "REMOTE_KEY: a key has Latin letters, digits and signs only; these cannot be sent: {signs}", signs=wrong
            )
            raise ValueError(text)
        if self.key and len(self.key) < SHORTEST:
            text = phrase("{variable}: a key must have {least} letters or more", variable="REMOTE_KEY", least=SHORTEST)
            raise ValueError(text)
        self._now = now
        self._tell = tell
        self._told: set[str] = set()
        self._guesses = Guesses(now, lambda _: None)
        self._left, self._since = float(AT_ONCE), now()

    @staticmethod
    def concerns(request: "Request") -> bool:
        """Whether this is an order without the token of a page, so that the key alone decides."""
        return request.method == "POST" and request.path in PATHS and "X-Token" not in request.headers

    def refuse(self, request: "Request") -> tuple[int, str] | None:
        """Say why an order is not taken: (status, text); None if it is."""
        refusal = self._refuse(bearer(request), machine(request.remote or ""))
        if refusal is not None:
            self.refused(request, refusal[1])
        return refusal

    def refused(self, request: "Request", why: str) -> None:
        """Tell the streamer of an order that was refused, here or by what stands before."""
        if why not in self._told:
            self._told.add(why)
            text = phrase(
                "An order ({path}) of {machine} was refused: {why}",
                path=request.path,
                machine=machine(request.remote or ""),
                why=why,
            )
            self._tell(text)

    def _refuse(self, key: str, sender: str) -> tuple[int, str] | None:
        if not self.key and key:
            text = phrase("no orders from outside are taken; set REMOTE_KEY in .env and start the program again")
            return 403, text
        if not key:
            text = phrase(
                "send Authorization: Bearer with the REMOTE_KEY of .env; a page sends its own token, so reload the page"
            )
            return 403, text
        status = self._guesses.tried(sender, key, self.key)
        if status == 429:
            return 429, slowed()
        if status == 403:
            return 403, phrase("this is not the REMOTE_KEY of .env; the program reads .env when it starts")
        if self._may():
            return None
        text = phrase(
            "too many orders; after {count} at once only {more} a second are taken", count=AT_ONCE, more=PER_S
        )
        return 429, text

    def _may(self) -> bool:
        """Take one order out of those that are permitted now."""
        now = self._now()
        self._left = min(float(AT_ONCE), self._left + (now - self._since) * PER_S)
        self._since = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
