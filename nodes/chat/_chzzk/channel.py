"""What CHZZK tells of one's own channel: title, category and followers; each needs a scope of its own.

Source: the pages Live and Channel of CHZZK's API documents. ``totalCount`` is not documented and may vanish, and there
is no event for a new follower, so the first page has to be asked for.
"""

from dataclasses import dataclass
from typing import Any, cast

from nodes.chat._chzzk.account import Account
from nodes.chat._chzzk.rest import unreadable
from nodes.chat._chzzk.scopes import FOLLOWERS, LIVE_SETTING
from nodes.chat._chzzk.wire import readable
from nodes.text import clean

PAGE = 50
"""The most followers that one answer holds."""
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Setting:
    """How the broadcast is announced."""

    title: str
    category: str


@dataclass(frozen=True, slots=True)
class Follower:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Followers:
    """One page of followers."""

    page: tuple[Follower, ...]
    """Newest first."""
    total: int | None
    """All followers of the channel; None if the service does not say."""


async def setting(account: Account) -> Setting:
    """Return title and category of the broadcast, each as one line of what is visible in it."""
    content = await account.call("GET", LIVE_SETTING)
    category: Any = content.get("category")
    value = cast(dict[str, Any], category).get("categoryValue") if isinstance(category, dict) else ""
    return Setting(clean(readable(content.get("defaultLiveTitle"), _LONGEST)), clean(readable(value, _LONGEST)))


async def followers(account: Account, page: int = 0) -> Followers:
    """Return one page of followers."""
    content = await account.call("GET", FOLLOWERS, query={"page": str(page), "size": str(PAGE)})
    data: Any = content.get("data")
    if not isinstance(data, list):
        raise unreadable()
    found: list[Follower] = []
    for item in cast(list[Any], data):
        fields = cast(dict[str, Any], item) if isinstance(item, dict) else {}
        id_ = readable(fields.get("channelId"), _LONGEST)
        if id_:
            found.append(Follower(id_, readable(fields.get("channelName"), _LONGEST).strip()))
    total = content.get("totalCount")
    good = isinstance(total, int) and not isinstance(total, bool) and total >= 0
    return Followers(tuple(found), total if good else None)
