"""Naver's search API, as a server on the loopback speaks it."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from nodes.fetching import certificates
from nodes.tool._naver import (
    API_URL,
    LONGEST_TEXT,
    LONGEST_TITLE,
    SearchError,
    plain,
    read,
    search,
    secure_url,
)

ITEM = {
    "title": "<b>에펠탑</b> &amp; 파리",
    "link": "https://example.com/?a=1",
    "description": "높이는 &quot;330 m&quot;\u0000이고\n<b>1889년</b>에 &lt;script&gt;지었다.",
}
LINE = '에펠탑 & 파리: 높이는 "330 m" 이고 1889년에 지었다.'
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture(scope="module")
def verify() -> ssl.SSLContext:
    return certificates()


def talk(answer: Answer, story: Callable[[str], Coroutine[Any, Any, None]]) -> None:
    """Run a server, and the story with its address."""

    async def main() -> None:
        application = web.Application()
        application.router.add_get("/v1/search/webkr.json", answer)
        async with TestServer(application, shutdown_timeout=0.1) as server:
            await story(str(server.make_url("/v1/search/webkr.json")))

    asyncio.run(main())


def giving(body: object, status: int = 200) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return answer


def test_the_request_carries_keys_query_and_number_and_the_results_are_plain_text(
    verify: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    seen: list[tuple[Mapping[str, str], Mapping[str, str]]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append((request.headers.copy(), dict(request.query)))
        return web.json_response({"total": 2, "items": [ITEM, ITEM, {"title": ""}, 7, ITEM]})

    async def story(url: str) -> None:
        assert await search(url, "ID", "SECRET", "에펠탑 높이 & 폭", 3, verify) == (LINE, LINE, LINE)

    talk(answer, story)
    [(headers, query)] = seen
    assert (headers["X-Naver-Client-Id"], headers["X-Naver-Client-Secret"]) == ("ID", "SECRET")
    assert query == {"query": "에펠탑 높이 & 폭", "display": "3"}


def refused(answer: Answer, verify: ssl.SSLContext) -> str:
    told: list[str] = []

    async def story(url: str) -> None:
        with pytest.raises(SearchError) as raised:
            await search(url, "MARK-id", "MARK-secret", "q", 3, verify)
        told.append(str(raised.value))

    talk(answer, story)
    return told[0]


@pytest.mark.parametrize(
    ("status", "told"),
    [(401, "NAVER_SEARCH_ID"), (403, "검색 API 사용 설정"), (429, "한도"), (500, "500"), (302, "302")],
)
def test_a_refusal_names_the_remedy_and_no_key(verify: ssl.SSLContext, status: int, told: str) -> None:
    text = refused(giving({"errorMessage": "x"}, status), verify)
    assert told in text
    assert "MARK" not in text


def test_a_broken_answer_and_an_endless_one_are_told(verify: ssl.SSLContext) -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"{")
        assert request.transport is not None
        request.transport.close()
        return response

    assert "연결" in refused(broken, verify)
    assert "길어요" in refused(giving({"items": ["x" * 300_000]}), verify)


def test_no_server_is_told(verify: ssl.SSLContext) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SearchError, match="연결"):
        asyncio.run(search(f"http://127.0.0.1:{port}/", "ID", "SECRET", "q", 3, verify))


def test_a_search_that_is_broken_off_closes_its_connection(verify: ssl.SSLContext) -> None:
    transports: list[asyncio.BaseTransport] = []
    hanging = asyncio.Event()

    async def hang(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        transports.append(request.transport)
        hanging.set()
        await asyncio.sleep(60)
        return web.Response()

    async def story(url: str) -> None:
        asking = asyncio.ensure_future(search(url, "ID", "SECRET", "q", 3, verify))
        await asyncio.wait_for(hanging.wait(), 10)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        async with asyncio.timeout(10):
            while not transports[0].is_closing():
                await asyncio.sleep(0.001)

    talk(hang, story)


@pytest.mark.parametrize(
    "body", [b"", b"no", b"[]", b"7", b"null", b"{}", b'{"items": 1}', b'{"items": {}}', b"\xff\xfe", b"[" * 100_000]
)
def test_what_is_no_list_of_results_is_told(body: bytes) -> None:
    with pytest.raises(SearchError, match="api_url"):
        read(body, 3)


def test_an_item_may_lack_everything() -> None:
    assert read(b'{"items": [{}, {"title": 7}, {"title": "a"}, {"description": "b"}, null]}', 5) == ("a", "b")
    assert read(b'{"items": []}', 5) == ()


@given(st.text(max_size=400) | st.integers() | st.none())
def test_any_value_becomes_one_short_line_without_tags(value: object) -> None:
    line = plain(value, LONGEST_TITLE)
    assert len(line) <= LONGEST_TITLE <= LONGEST_TEXT
    assert line == " ".join(line.split())
    assert line.isprintable()
    assert not {"<", ">"} & set(line)


@pytest.mark.parametrize("url", ["http://openapi.naver.com/", "ftp://x", "", "openapi.naver.com"])
def test_keys_are_never_sent_in_the_clear(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        secure_url(url)


def test_the_usual_address_is_safe() -> None:
    assert secure_url(API_URL) == API_URL
    assert secure_url("http://127.0.0.1:1234/x")
