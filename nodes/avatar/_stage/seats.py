"""Decides who may hold a connection to the stage; programs here, programs elsewhere and web pages are kept apart.

Any page in the streamer's browser can open a WebSocket to this machine. So pages have a few seats of their own; and a
program that has not identified itself gives way to the next one, so that strangers never lock out the show's own
avatar.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol, TypeVar

from nodes.avatar._stage.inputs import Plugin
from nodes.loopback import names_loopback

PAGES, PAGES_OF_ONE = 4, 2
"""At most this many connections of web pages, and of one site."""
STRANGERS = 16
"""At most this many unidentified programs on this machine, and the same number on other machines."""
MEMBERS = 32
"""At most this many connections of plugins that a person has allowed."""


class Sitter(Protocol):
    """The part of a connection that matters for its seat."""

    @property
    def page(self) -> str: ...
    @property
    def near(self) -> bool: ...
    @property
    def plugin(self) -> Plugin | None: ...


S = TypeVar("S", bound=Sitter)


def page_of(origin: str | None, host: str) -> str:
    """Return the web page that opened a connection, taken from its Origin; empty for a program.

    Some libraries send the server's own address as the Origin. No page has that address, since the stage serves none; a
    name rebound to this machine is not that address.
    """
    if origin is None:
        return ""
    return "" if names_loopback(host) and origin == f"http://{host}" else origin[:100] or "null"


def full_for_page(sitters: Sequence[Sitter], page: str) -> bool:
    """Whether another connection of this page must be turned away."""
    pages = [each.page for each in sitters if each.page]
    return len(pages) >= PAGES or pages.count(page) >= PAGES_OF_ONE


def stranger_to_go(sitters: Sequence[S], *, near: bool, keep: S | None) -> S | None:
    """Return the program that must make room for a new one: the one that has been unidentified longest.

    Args:
        sitters: in order of arrival.
        keep: the one that a person is being asked about.
    """
    strangers = [each for each in sitters if not each.page and each.near == near and each.plugin is None]
    if len(strangers) < STRANGERS:
        return None
    return next((each for each in strangers if each is not keep), None)


def member_to_go(sitters: Sequence[S], new: S) -> S | None:
    """Return the connection that must make room for ``new``, which has just identified itself: the oldest one of the
    plugin that holds the most."""
    members = [each for each in sitters if each.plugin is not None]
    if len(members) <= MEMBERS:
        return None
    most = Counter(each.plugin for each in members).most_common(1)[0][0]
    return next(each for each in members if each.plugin == most and each is not new)
