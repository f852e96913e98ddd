"""Who may hold a connection to the stage: programs of this machine, programs of others, and web pages, each apart.

Any page in the streamer's browser can open a WebSocket to this machine. So pages have a few seats of their own; and a
program that has not said who it is gives way to the next one, so that strangers never keep the show's own avatar out.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol, TypeVar

from nodes.avatar._stage.inputs import Plugin
from nodes.loopback import names_loopback

PAGES, PAGES_OF_ONE = 4, 2
"""Connections of web pages, and of one site."""
STRANGERS = 16
"""Programs of this machine that have not said who they are, and as many of other machines."""
MEMBERS = 32
"""Plugins that a person has allowed."""


class Sitter(Protocol):
    """A connection, as far as its seat goes."""

    @property
    def page(self) -> str: ...
    @property
    def near(self) -> bool: ...
    @property
    def plugin(self) -> Plugin | None: ...


S = TypeVar("S", bound=Sitter)


def page_of(origin: str | None, host: str) -> str:
    """The web page that opened a connection, as its Origin says; empty for a program.

    Some libraries send the server's own address as the Origin. No page has that address, for the stage serves none; a
    name that was rebound to this machine is not it.
    """
    if origin is None:
        return ""
    return "" if names_loopback(host) and origin == f"http://{host}" else origin[:100] or "null"


def full_for_page(sitters: Sequence[Sitter], page: str) -> bool:
    """Whether another connection of a page has to be turned away."""
    pages = [each.page for each in sitters if each.page]
    return len(pages) >= PAGES or pages.count(page) >= PAGES_OF_ONE


def stranger_to_go(sitters: Sequence[S], *, near: bool, keep: S | None) -> S | None:
    """Which program has to make room for another one that comes: the one that has been unknown longest.

    Args:
        sitters: in the order in which they came.
        keep: about this one a person is being asked.
    """
    strangers = [each for each in sitters if not each.page and each.near == near and each.plugin is None]
    if len(strangers) < STRANGERS:
        return None
    return next((each for each in strangers if each is not keep), None)


def member_to_go(sitters: Sequence[S], new: S) -> S | None:
    """Which plugin has to make room for ``new``, that has just said who it is: the oldest connection of the plugin
    that holds most."""
    members = [each for each in sitters if each.plugin is not None]
    if len(members) <= MEMBERS:
        return None
    most = Counter(each.plugin for each in members).most_common(1)[0][0]
    return next(each for each in members if each.plugin == most and each is not new)
