"""graphs/engine/web/private.py: who may see and change settings, with a real server and client."""

import asyncio

import pytest
from aiohttp import ClientSession

from graphs.engine.web.private import Private
from graphs.engine.web.server import LocalWeb
from nodes.refused import Refused

pytestmark = pytest.mark.usefixtures("english")


class Silent:
    def info(self, *_, **__): ...
    def warning(self, *_, **__): ...


class Request:
    def __init__(self, remote="127.0.0.1", token="right"):
        self.remote, self.headers = remote, {} if token is None else {"X-Token": token}


@pytest.mark.parametrize("guard", ["desk", "here"])
def test_a_page_of_this_run_on_this_machine_may(guard):
    getattr(Private("right", remote=False), guard)(Request())


@pytest.mark.parametrize("token", [None, "", "wrong", "right ", "\ud800"])
@pytest.mark.parametrize("guard", ["desk", "here"])
def test_nobody_may_without_the_token(guard, token):
    with pytest.raises(Refused, match="token") as refused:
        getattr(Private("right", remote=True), guard)(Request(token=token))
    assert refused.value.status == 403


def test_another_machine_may_only_where_that_is_set_and_never_give_a_secret():
    far = Request("192.168.0.9")
    with pytest.raises(Refused, match="set STUDIO_REMOTE=1"):
        Private("right", remote=False).desk(far)
    Private("right", remote=True).desk(far)
    with pytest.raises(Refused, match="on the machine that runs the program only"):
        Private("right", remote=True).here(far)


def test_a_plain_request_and_a_followed_link_read_nothing():
    async def story():
        web = LocalWeb("127.0.0.1", 0, Silent())
        web.get("/api/x", lambda _: {"seen": True}, may=web.private.desk)
        await web.start()
        async with ClientSession() as client:

            async def status(**headers):
                async with client.get(f"{web.url}/api/x", headers=headers) as reply:
                    return reply.status, reply.headers["Cache-Control"], await reply.json()

            refused = [
                await status(),
                await status(**{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site"}),
                await status(**{"X-Token": "old"}),
                await status(**{"X-Token": web.token, "Sec-Fetch-Site": "cross-site"}),
                await status(**{"X-Token": web.token, "Host": "evil.example"}),
            ]
            seen = await status(**{"X-Token": web.token})
        await web.stop()
        assert [each[0] for each in refused] == [403, 403, 403, 403, 421]
        assert seen == (200, "no-store", {"seen": True})

    asyncio.run(story())
