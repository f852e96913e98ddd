"""nodes/chat/_chzzk/channel.py against the service in miniature, over HTTP."""

import asyncio
from typing import Any

import pytest

from nodes.chat._chzzk.account import Account, Forbidden, ServiceError
from nodes.chat._chzzk.channel import PAGE, Follower, Setting, followers, setting
from tests.nodes.chat.chzzk_api import CLIENT_ID, SECRET
from tests.nodes.chat.chzzk_channel import Channel, ChannelApi


def asked(channel: Channel, ask: Any) -> Any:
    async def story() -> Any:
        async with ChannelApi(channel) as api:
            account = Account(api.url, CLIENT_ID, SECRET, api.pair()[0])
            try:
                return await ask(account)
            finally:
                await account.close()

    return asyncio.run(story())


def test_title_and_category_are_read() -> None:
    assert asked(Channel(), setting) == Setting("저녁 방송", "마인크래프트")


@pytest.mark.parametrize(
    ("title", "category", "known"),
    [
        (
            "저녁\n\x1b[31m방송\u202e\u200b",
            {"categoryValue": " 마인\r\n크래프트 "},
            Setting("저녁 [31m방송", "마인 크래프트"),
        ),
        ("\u3164", {}, Setting("", "")),
        (None, None, Setting("", "")),
        (7, {"categoryValue": ["게임"]}, Setting("", "")),
        ("가" * 500, "게임", Setting("가" * 100, "")),
    ],
)
def test_a_title_is_one_line_of_what_is_visible_in_it(title: Any, category: Any, known: Setting) -> None:
    class Told:
        async def call(self, *_: Any, **__: Any) -> Any:
            return {"defaultLiveTitle": title, "category": category}

    assert asyncio.run(setting(Told())) == known  # type: ignore[arg-type]


def test_a_page_of_followers_is_read_newest_first() -> None:
    channel = Channel()
    channel.follow(*map(str, range(PAGE + 1)))
    found = asked(channel, followers)
    assert (found.page[0], len(found.page), found.total) == (Follower("id-50", "50"), PAGE, PAGE + 1)

    async def second(account: Account) -> Any:
        return await followers(account, 1)

    assert asked(channel, second).page == (Follower("id-0", "0"),)


@pytest.mark.parametrize("ask", [setting, followers])
def test_the_scope_that_is_missing_is_named(ask: Any) -> None:
    channel = Channel()
    channel.scopes.clear()
    with pytest.raises(Forbidden, match="조회"):
        asked(channel, ask)


def test_the_service_refuses_more_than_it_gives_at_once() -> None:
    async def all_of_them(account: Account) -> Any:
        return await account.call("GET", "/open/v1/channels/followers", query={"page": "0", "size": "51"})

    with pytest.raises(ServiceError, match="400"):
        asked(Channel(), all_of_them)


@pytest.mark.parametrize(
    ("content", "total"),
    [
        ({"data": []}, None),
        ({"data": [None, {}, {"channelId": 3}], "totalCount": "7"}, None),
        ({"data": [], "totalCount": 7}, 7),
    ],
)
def test_what_is_strange_in_an_answer_is_left_out(content: dict[str, Any], total: int | None) -> None:
    class Told:
        async def call(self, *_: Any, **__: Any) -> Any:
            return content

    found = asyncio.run(followers(Told()))  # type: ignore[arg-type]
    assert (found.page, found.total) == ((), total)
    content.clear()
    with pytest.raises(ServiceError):
        asyncio.run(followers(Told()))  # type: ignore[arg-type]
