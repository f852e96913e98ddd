import asyncio

import pytest

from nodes import load_all
from nodes.chat import doctor
from nodes.chat._chzzk import session
from nodes.exams import exams
from tests.nodes.chat.chzzk_api import LiveApi
from tests.nodes.chat.chzzk_channel import Channel, ChannelApi
from tests.nodes.peers_of_exams import look, one, served

pytestmark = pytest.mark.asyncio
SESSION, SELF = "/open/v1/sessions/auth", "/open/v1/users/me"
SUBSCRIBE = "/open/v1/sessions/events/subscribe"


async def looked(api: LiveApi, type_="chat.chzzk", **settings):
    access, _ = api.pair()
    return await look(type_, **{"api_url": api.url, "access_token": access, **settings})


async def test_a_login_that_works_is_green_and_names_the_channel():
    async with LiveApi() as api:
        found = await looked(api)
    assert [finding.ok for finding in found] == [True, True]
    assert "하늘방송" in found[0].what


async def test_nobody_is_logged_in():
    async with LiveApi() as api:
        found = await looked(api, access_token="")
    assert "login" in one(found).remedy
    assert len(found) == 1


async def test_a_token_that_is_over_is_red_and_not_shown():
    async with LiveApi() as api:
        found = await looked(api, access_token="MARK-old-token")
    assert "CHZZK_ACCESS_TOKEN" in one(found).remedy
    assert "MARK" not in str(found)


async def test_rights_that_are_not_approved_are_a_session_that_is_refused():
    async with LiveApi() as api:
        api.next(SESSION, 500)
        found = await looked(api)
    assert "승인" in one(found).remedy
    assert [finding.ok for finding in found] == [True, False]


async def test_the_session_that_was_opened_to_look_is_closed_again():
    async with LiveApi() as api:
        await looked(api)
        assert [api.count(f"{SUBSCRIBE}/{kind}") for kind in ("chat", "donation", "subscription")] == [1, 1, 1]
        while api.open:
            await asyncio.sleep(0.01)


async def test_a_right_that_is_missing_is_named_and_so_are_several():
    async with LiveApi() as api:
        api.next(f"{SUBSCRIBE}/donation", 403)
        finding = one(await looked(api))
        assert "후원" in finding.what
        assert "'후원 조회'" in finding.remedy
        assert "허락하지 않은 일" in finding.remedy
        for kind in ("donation", "subscription"):
            api.next(f"{SUBSCRIBE}/{kind}", 403)
        assert "'구독 조회'" in one(await looked(api)).remedy.splitlines()[1]
        api.next(f"{SUBSCRIBE}/chat", 403)
        assert "'채팅 메시지 조회'" in one(await looked(api)).remedy


async def test_a_session_that_confirms_nothing_is_red(monkeypatch):
    monkeypatch.setattr(session, "STEP_S", 0.2)
    async with LiveApi() as api:
        api.confirms = False
        finding = one(await looked(api))
    assert "치지직 세션" in finding.what
    assert "방화벽" in finding.remedy


async def test_who_only_writes_needs_no_session():
    async with LiveApi() as api:
        found = await looked(api, "chat.send")
        assert api.count(SESSION) == 0
    assert [finding.ok for finding in found] == [True]


async def test_the_channel_without_a_login():
    channel = "0" * 32
    load_all()
    assert "chat.chzzk_anon" in exams
    addresses = {"channel_id": channel, "api_url": "http://127.0.0.1:9", "game_url": "http://127.0.0.1:9"}
    assert "연결" in one(await look("chat.chzzk_anon", **addresses)).remedy

    async def live(_):
        from aiohttp import web

        return web.json_response({"code": 200, "content": {"status": "OPEN", "chatChannelId": "x"}})

    async with served(**{"live-status": live}) as url:
        assert [f.ok for f in await look("chat.chzzk_anon", **{**addresses, "api_url": url})] == [True]

    async def nobody(_):
        from aiohttp import web

        return web.json_response({"code": 404, "message": "없음"}, status=404)

    async with served(**{"live-status": nobody}) as url:
        assert "channel_id" in one(await look("chat.chzzk_anon", **{**addresses, "api_url": url})).remedy


async def test_chat_that_comes_while_it_looks_is_no_trouble():
    async with LiveApi() as api:
        api.chat = '{"content":"안녕"}'
        found = await looked(api)
    assert [finding.ok for finding in found] == [True, True]


async def test_who_looks_hears_of_no_verdicts():
    told = doctor._Told()
    told.follow(print).dispose()
    told.malformed("frame")
    assert told.refused == {}


async def looked_at_channel(type_, *without):
    channel = Channel()
    channel.scopes -= set(without)
    async with ChannelApi(channel) as api:
        access, _ = api.pair()
        return await look(type_, api_url=api.url, access_token=access), api.asked


async def test_what_the_show_reads_is_read_once_and_each_missing_scope_has_its_remedy():
    found, asked = await looked_at_channel("chat.show")
    assert [finding.ok for finding in found] == [True, True, True]
    assert "'방송 설정 조회'" in found[1].what
    assert "'채널 팔로워 조회'" in found[2].what
    assert len(asked) == 3
    for scope in ("방송 설정 조회", "채널 팔로워 조회"):
        red = one((await looked_at_channel("chat.show", scope))[0])
        assert f"'{scope}'" in red.what
        assert "개발자 센터" in red.remedy.told("ko")
        assert f"add the API scope '{scope}'" in red.remedy.told("en")


async def test_without_a_login_the_show_needs_no_scope():
    assert await look("chat.show") == []
    assert await look("chat.show", channel="a" * 32) == []


async def test_the_scope_of_the_shield_is_looked_at_and_those_of_the_buttons_are_named_but_not_tried():
    found, asked = await looked_at_channel("chat.moderate")
    assert [finding.ok for finding in found] == [True, True, True]
    assert "'채팅 설정 조회'" in found[1].what
    for scope in ("채팅 공지 쓰기", "채팅 설정 변경", "채팅 메시지 쓰기", "활동제한 쓰기"):
        assert scope in found[2].what
    assert {method for method, _ in asked} == {"GET"}, "nothing is changed"
    assert "'채팅 설정 조회'" in one((await looked_at_channel("chat.moderate", "채팅 설정 조회"))[0]).remedy


async def test_nobody_is_logged_in_is_one_red_line_for_the_show_too():
    async with ChannelApi(Channel()) as api:
        found = await look("chat.show", api_url=api.url, access_token="MARK-old-token")
    assert "CHZZK_ACCESS_TOKEN" in one(found).remedy
    assert len(found) == 1
