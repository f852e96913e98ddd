"""The two requests before the web chat, against a small server on this machine."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from nodes.chat._chzzk.rest import Busy, ServiceError
from nodes.chat._chzzk_anon.api import CHAT_URL, HEADERS, AnonApi, Live, Refused, chat_url, secure_chat_url
from tests.nodes.chat.chzzk_anon_service import CHANNEL


class Answers:
    """What the server answers, and the requests that it got."""

    def __init__(self, status: int, body: Any) -> None:
        self.status, self.body = status, body
        self.asked: list[web.Request] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        return web.json_response(self.body, status=self.status)


def ask(answers: Answers, call: Callable[[AnonApi], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        app = web.Application()
        app.router.add_get("/{path:.*}", answers.answer)
        async with TestServer(app) as server:
            url = str(server.make_url("")).rstrip("/")
            api = AnonApi(url, url)
            try:
                return await call(api)
            finally:
                await api.close()

    return asyncio.run(main())


def content(**fields: Any) -> dict[str, Any]:
    return {"code": 200, "message": None, "content": fields or None}


@pytest.mark.parametrize(
    ("status", "body", "live"),
    [
        (200, content(status="OPEN", chatChannelId="N1", adult=False), Live("N1", "open")),
        (200, content(status="CLOSE", chatChannelId="N1", adult=False), Live("N1", "open")),
        (200, content(status="CLOSE", chatChannelId=None), Live("", "offline")),
        (200, content(status="OPEN", chatChannelId=None, adult=True), Live("", "adult")),
        (200, content(status="OPEN", chatChannelId=7, adult=False), Live("", "restricted")),
        (200, content(), Live("", "unknown")),
        (404, {"code": 404, "message": "no channel"}, Live("", "unknown")),
    ],
)
def test_what_a_channel_does_is_read(status: int, body: Any, live: Live) -> None:
    answers = Answers(status, body)
    assert ask(answers, lambda api: api.live(CHANNEL)) == live
    (request,) = answers.asked
    assert request.path == f"/polling/v3.1/channels/{CHANNEL}/live-status"
    assert request.headers["User-Agent"] == HEADERS["User-Agent"]
    assert "Authorization" not in request.headers
    assert "Cookie" not in request.headers


def test_a_token_is_asked_for_with_the_chat() -> None:
    answers = Answers(200, content(accessToken="t1", extraToken="t2"))
    assert ask(answers, lambda api: api.token("N1")) == "t1"
    assert answers.asked[0].path_qs == "/nng_main/v1/chats/access-token?channelId=N1&chatType=STREAMING"


@pytest.mark.parametrize("token", [None, "", 7, []])
def test_an_answer_without_a_token_is_an_error(token: Any) -> None:
    with pytest.raises(ServiceError):
        ask(Answers(200, content(accessToken=token, more=1)), lambda api: api.token("N1"))


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("call", [lambda api: api.live(CHANNEL), lambda api: api.token("N1")])
def test_a_refusal_says_what_to_use_instead(status: int, call: Any) -> None:
    with pytest.raises(Refused, match=r"chat\.chzzk"):
        ask(Answers(status, {"code": status, "message": "no"}), call)


@pytest.mark.parametrize(("status", "error"), [(500, ServiceError), (429, Busy)])
def test_other_troubles_keep_their_kind(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        ask(Answers(status, {"code": status, "message": "no"}), lambda api: api.live(CHANNEL))


def test_the_server_of_a_chat_is_one_of_nine() -> None:
    assert chat_url(CHAT_URL, "N1") == "wss://kr-ss2.chat.naver.com/chat"
    assert {chat_url("{n}", f"N{number}") for number in range(100)} == {str(number) for number in range(1, 10)}


@pytest.mark.parametrize("url", [CHAT_URL, "wss://example.com", "ws://127.0.0.1:9/{n}", "ws://localhost:1"])
def test_a_chat_address_is_encrypted_or_on_this_machine(url: str) -> None:
    assert secure_chat_url(url) == url


@pytest.mark.parametrize("url", ["ws://example.com", "https://example.com", "wss://", "nonsense"])
def test_another_one_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="wss://"):
        secure_chat_url(url)
