import pytest

from nodes import checks, load_all
from tests.nodes.chat.chzzk_api import ChzzkApi
from tests.nodes.peers_of_checks import look, one, served

pytestmark = pytest.mark.asyncio
SESSION, SELF = "/open/v1/sessions/auth", "/open/v1/users/me"


async def looked(api: ChzzkApi, type_="chat.chzzk", **settings):
    access, _ = api.pair()
    return await look(type_, **{"api_url": api.url, "access_token": access, **settings})


async def test_a_login_that_works_is_green_and_names_the_channel():
    async with ChzzkApi() as api:
        found = await looked(api)
    assert [finding.ok for finding in found] == [True, True]
    assert "하늘방송" in found[0].what


async def test_nobody_is_logged_in():
    async with ChzzkApi() as api:
        found = await looked(api, access_token="")
    assert "login" in one(found).remedy
    assert len(found) == 1


async def test_a_token_that_is_over_is_red_and_not_shown():
    async with ChzzkApi() as api:
        found = await looked(api, access_token="MARK-old-token")
    assert "CHZZK_ACCESS_TOKEN" in one(found).remedy
    assert "MARK" not in str(found)


async def test_rights_that_are_not_approved_are_a_session_that_is_refused():
    async with ChzzkApi() as api:
        api.next(SESSION, 500)
        found = await looked(api)
    assert "승인" in one(found).remedy
    assert [finding.ok for finding in found] == [True, False]


async def test_who_only_writes_needs_no_session():
    async with ChzzkApi() as api:
        found = await looked(api, "chat.send")
        assert api.count(SESSION) == 0
    assert [finding.ok for finding in found] == [True]


async def test_the_channel_without_a_login():
    channel = "0" * 32
    load_all()
    assert "chat.chzzk_anon" in checks
    addresses = {"channel_id": channel, "api_url": "http://127.0.0.1:9", "game_url": "http://127.0.0.1:9"}
    assert "연결" in one(await look("chat.chzzk_anon", **addresses)).remedy

    async def live(_):
        from aiohttp import web

        return web.json_response({"code": 200, "content": {"status": "OPEN", "chatChannelId": "x"}})

    async with served(**{"live-status": live}) as url:
        assert [f.ok for f in await look("chat.chzzk_anon", **{**addresses, "api_url": url})] == [True]
