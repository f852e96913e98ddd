import asyncio
import contextlib
import gzip
import json
import tracemalloc

import pytest
from aiohttp import web

from nodes.chat._chzzk.rest import (
    TIMEOUT_S,
    BadRequest,
    Busy,
    ChzzkError,
    Forbidden,
    LoginNeeded,
    NotApproved,
    Rest,
    ServiceError,
    seconds,
    secure_url,
    unreadable,
)
from tests.nodes.chat.chzzk_api import ChzzkApi
from tests.ports import free_port

pytestmark = pytest.mark.asyncio
SESSION, TOKEN = "/open/v1/sessions/auth", "/auth/v1/token"


async def ask(status: int, message: object = "안 됩니다", path: str = "/open/v1/users/me", **headers: str) -> object:
    """What a request gives or raises when the service answers so."""
    rest: Rest | None = None
    async with ChzzkApi() as api:
        api.next(path, status, message, **headers)
        rest = Rest(api.url)
        try:
            return await rest.ask("GET", path, token="MARK-token")
        except ChzzkError as error:
            return error
        finally:
            await rest.close()


@pytest.mark.parametrize(
    ("status", "path", "kind", "words"),
    [
        (401, "/open/v1/users/me", LoginNeeded, "aischoco.py login"),
        (400, TOKEN, LoginNeeded, "CHZZK_CLIENT_ID"),
        (403, TOKEN, LoginNeeded, "aischoco.py login"),
        (403, "/open/v1/users/me", Forbidden, "유저 정보 조회"),
        (403, "/open/v1/sessions/events/subscribe/donation", Forbidden, "후원 조회"),
        (403, SESSION, Forbidden, "API Scope"),
        (429, SESSION, Busy, "요청이 너무 많았어요"),
        (500, SESSION, NotApproved, "승인"),
        (500, "/open/v1/users/me", ServiceError, "500"),
        (502, SESSION, ServiceError, "502"),
        (400, "/open/v1/chats/send", BadRequest, "400"),
        (302, SESSION, ServiceError, "302"),
    ],
)
async def test_a_refusal_is_a_typed_error_that_names_the_remedy(
    status: int, path: str, kind: type[ChzzkError], words: str
) -> None:
    error = await ask(status, path=path)
    assert type(error) is kind
    assert words in str(error)
    assert "안 됩니다" in str(error)


async def test_the_code_in_the_envelope_counts_where_the_status_says_that_all_is_well() -> None:
    assert type(await ask(200, {"code": 403, "message": "FORBIDDEN"})) is Forbidden


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[]", b"\xff", b"[" * 100_000])
async def test_an_answer_that_is_not_an_envelope_is_a_service_error(raw: bytes) -> None:
    assert type(await ask(200, raw)) is ServiceError
    assert type(await ask(500, raw, SESSION)) is NotApproved


@pytest.mark.parametrize("packed", [True, False])
async def test_an_answer_without_an_end_is_a_service_error_at_once_and_takes_no_memory(packed: bool) -> None:
    zeros = gzip.compress(bytes(200_000_000), 1) if packed else bytes(65_536)

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Encoding": "gzip"} if packed else {})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(zeros)
        return response

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port := free_port()).start()
    rest = Rest(f"http://127.0.0.1:{port}")
    tracemalloc.start()
    try:
        async with asyncio.timeout(TIMEOUT_S / 2):
            with pytest.raises(ServiceError):
                await rest.ask("GET", "/open/v1/users/me")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
        await rest.close()
        await runner.cleanup()


@pytest.mark.parametrize("content", [None, [], "text", 1])
async def test_a_content_that_is_no_object_is_empty(content: object) -> None:
    assert await ask(200, {"code": 200, "message": None, "content": content}) == {}


@pytest.mark.parametrize(("told", "wait"), [("7", 7.0), ("soon", 30.0), ("-1", 30.0), ("", 30.0), ("nan", 30.0)])
async def test_how_long_to_wait_is_what_the_service_says_or_half_a_minute(told: str, wait: float) -> None:
    error = await ask(429, **{"Retry-After": told})
    assert isinstance(error, Busy)
    assert error.retry_after_s == wait


async def test_what_was_sent_does_not_come_back_in_an_error() -> None:
    async with ChzzkApi() as api:
        rest = Rest(api.url)
        api.next(TOKEN, 401, "bad MARK/secret, MARK%2Fsecret, MARK-token, MARK-query, of a")
        with pytest.raises(LoginNeeded) as caught:
            await rest.ask(
                "POST",
                TOKEN,
                body={"clientSecret": "MARK/secret", "a": "a"},
                query={"q": "MARK-query"},
                token="MARK-token",
            )
        await rest.close()
    assert "MARK" not in str(caught.value)
    assert "of a" in str(caught.value)


async def test_a_long_message_is_cut() -> None:
    assert len(str(await ask(403, "가" * 10_000))) < 500


async def test_no_network_is_a_service_error_without_the_request_in_its_chain() -> None:
    async with ChzzkApi() as api:
        url = api.url
    rest = Rest(url)
    with pytest.raises(ServiceError, match="인터넷") as caught:
        await rest.ask("POST", TOKEN, body={"clientSecret": "MARK"}, token="MARK")
    await rest.close()
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


async def test_a_token_with_a_line_break_is_an_error_and_no_second_header() -> None:
    async with ChzzkApi() as api:
        rest = Rest(api.url)
        with pytest.raises(ServiceError):
            await rest.ask("GET", SESSION, token="MARK\r\nX: 1")
        await rest.close()
        assert api.asked == []


async def test_a_redirect_is_not_followed_with_the_token() -> None:
    async with ChzzkApi() as api, ChzzkApi() as other:
        api.next(SESSION, 307, "moved", Location=other.url + SESSION)
        rest = Rest(api.url)
        with pytest.raises(ServiceError):
            await rest.ask("GET", SESSION, token="MARK")
        await rest.close()
        assert other.asked == []


async def test_a_cookie_of_the_service_is_not_kept() -> None:
    async with ChzzkApi() as api:
        rest = Rest(api.url.replace("127.0.0.1", "localhost"))
        for _ in range(2):
            api.next(SESSION, 200, {"content": {}}, **{"Set-Cookie": "MARK=1; Path=/"})
            await rest.ask("GET", SESSION)
        await rest.close()
        assert [headers.get("Cookie") for headers in api.headers] == [None, None]


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ChzzkApi() as api, ChzzkApi() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        api.next(SESSION, 200, {"content": {"url": "u"}})
        rest = Rest(api.url)
        assert await rest.ask("GET", SESSION) == {"url": "u"}
        await rest.close()
        assert proxy.asked == []


@pytest.mark.parametrize("url", ["http://example.com", "ftp://localhost", "localhost:8080", "", "https://"])
async def test_an_address_that_would_carry_tokens_in_the_clear_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="https://"):
        secure_url(url)


@pytest.mark.parametrize("url", ["https://example.com/", "http://localhost:1", "http://[::1]:1", "http://127.0.0.1"])
async def test_a_secure_address_loses_the_slash_at_its_end(url: str) -> None:
    assert secure_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    ("value", "number"), [("86400", 86400.0), (86400, 86400.0), (None, 5.0), ("x", 5.0), ([], 5.0), (10**400, 5.0)]
)
async def test_seconds_come_as_a_text_or_a_number(value: object, number: float) -> None:
    assert seconds(value, 5.0) == number


async def test_closing_twice_is_as_closing_once() -> None:
    rest = Rest("http://localhost:1")
    await rest.close()
    await rest.close()
    assert json.dumps(str(rest))


async def test_an_answer_without_its_fields_says_what_to_do() -> None:
    assert "잠시 뒤에 다시" in str(unreadable())
