"""Fuzzes whoever connects to the stage without being allowed: pages, programs here and on other machines, a line each.

``+http://evil.example`` connects a page with that Origin, ``+`` a program, ``-`` a program on another machine; the
lines that follow are its messages, ``x`` is its end. ``@2`` lets the third one that is connected speak again. ``!1.5``
lets 1.5 seconds pass. ``y`` and ``n`` are what a person answers. ``TOKEN`` is the token that was given last. The show's
own avatar is connected all the time.
"""

from pathlib import Path
from typing import Any

from nodes.avatar._stage.api import Api
from nodes.avatar._stage.events import EVENTS
from nodes.avatar._stage.grants import Grants
from nodes.avatar._stage.guests import Guest
from nodes.avatar._stage.seats import PAGES, STRANGERS, full_for_page, member_to_go, page_of, stranger_to_go
from nodes.avatar._stage.strangers import BETWEEN_PAGES_S, MOST_BYTES
from tests.fuzz.targets._laws import must, seconds, wire

_HOST = "127.0.0.1:8011"
_OWN = ("AIsChoco", "AIsChoco")


def check(data: bytes) -> None:
    lines = data.split(b"\n")[:64]
    for allow in (False, True):
        door = _Door(allow=allow)
        for line in lines:
            door.take(line)


class _Door:
    """The stage, its own avatar, and who knocks; connections are seated as ``Server`` does."""

    def __init__(self, *, allow: bool) -> None:
        self.api = Api(Grants(Path("nowhere")), 0.0, allow=allow)
        self.allow = allow
        self.now = 0.0
        self.asked_at = -BETWEEN_PAGES_S
        self.issued: list[str] = []
        self.told: dict[Guest, list[dict[str, Any]]] = {}
        self.own = self._seat("", near=True)
        self.own.plugin = _OWN
        for name in EVENTS:
            self.api.take(self.own, wire({**_ENVELOPE, "messageType": "EventSubscriptionRequest",
                                          "data": {"eventName": name, "subscribe": True}}), 0.0)  # fmt: skip
        self.guest = self._seat("", near=True)

    def take(self, line: bytes) -> None:
        if line.startswith(b"!"):
            self.now += seconds(line[1:])
            self.api.step(self.now)
        elif line.startswith((b"+", b"-")):
            self._knock(line[1:].decode("utf-8", "replace"), near=line.startswith(b"+"))
        elif line.startswith(b"@"):
            there = [guest for guest in self.api.guests if guest is not self.own]
            self.guest = there[int(seconds(line[1:])) % len(there)] if there else self._seat("", near=True)
        elif line in (b"y", b"n"):
            self._decide(allowed=line == b"y")
        elif self.guest in self.api.guests and line == b"x":
            self.api.leave(self.guest)
        elif self.guest in self.api.guests:
            self._say(line[:MOST_BYTES])
        for change in (*self.api.changes(), self.api.shown(self.now)):
            wire(change)
        guests = self.api.guests
        must(self.own in guests, "the show's own avatar was turned away")
        must(sum(bool(guest.page) for guest in guests) <= PAGES, "too many pages")
        for near in (True, False):
            unknown = [each for each in guests if each.plugin is None and not each.page and each.near == near]
            must(len(unknown) <= STRANGERS, "too many strangers")
        must(self.api.prompt is None or self.api.prompt.guest in guests, "a person is asked about one who left")

    def _seat(self, page: str, *, near: bool) -> Guest:
        told: list[dict[str, Any]] = []
        guest = self.api.connect(told.append, page=page, near=near)
        self.told[guest] = told
        return guest

    def _knock(self, origin: str, *, near: bool) -> None:
        page = page_of(origin or None, _HOST)
        if page:
            if full_for_page(self.api.guests, page):
                return
        else:
            asked = self.api.prompt
            self._cut(stranger_to_go(self.api.guests, near=near, keep=asked and asked.guest))
        self.guest = self._seat(page, near=near)

    def _cut(self, guest: Guest | None) -> None:
        if guest is not None:
            self.api.leave(guest)

    def _decide(self, *, allowed: bool) -> None:
        asked = self.api.prompt
        if asked is None:
            return
        must(self.api.decide(asked.id, allowed, self.now), "the answer was not taken")
        given = self.told[asked.guest][-1]
        must((given["messageType"] == "AuthenticationTokenResponse") == allowed, given)
        if allowed:
            self.issued.append(given["data"]["authenticationToken"])

    def _say(self, line: bytes) -> None:
        """Send a message; whoever is not allowed changes nothing, and is answered or becomes a question."""
        self.api.step(self.now)  # what is due happens now, whoever speaks
        line = line.replace(b"TOKEN", self.issued[-1].encode() if self.issued else b"0" * 64)
        guest, asked, told = self.guest, self.api.prompt, self.told[self.guest]
        unknown, before, heard = guest.plugin is None, self._shown(), len(self.told[self.own])
        told.clear()
        self.api.take(guest, line, self.now)
        if unknown and guest.plugin is not None:
            must(any(token.encode() in line for token in self.issued), line, "is no token, and good")
            self._cut(member_to_go(self.api.guests, guest))
        elif unknown:
            must(self._shown() == before, line, "of a stranger changed what is shown")
            must(len(self.told[self.own]) == heard, line, "of a stranger was an event")
            must(len(told) == (1 if self.api.prompt is asked else 0), line, "was answered", told)
        for each in told:
            must(len(wire(each)) < 1 << 20, "a message of more than 1 MB")
            if each["messageType"] == "AuthenticationTokenResponse":
                must(self.allow and guest.near and not guest.page, "a token without a person")
                self.issued.append(each["data"]["authenticationToken"])
        if self.api.prompt is not asked and guest.page:
            must(self.now - self.asked_at >= BETWEEN_PAGES_S, "pages ask too often")
            self.asked_at = self.now

    def _shown(self) -> dict[str, Any]:
        return {name: value for name, value in self.api.shown(self.now).items() if name != "prompt"}


_ENVELOPE = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0"}
