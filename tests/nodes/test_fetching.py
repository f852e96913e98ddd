"""nodes/fetching.py: one request, against a small server on this machine."""

import asyncio
import gzip
import json
import ssl

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from nodes.bodies import BadBody
from nodes.fetching import certificates, fetch

MOST = 1000


@pytest.fixture(scope="module")
def verify() -> ssl.SSLContext:
    return certificates()


def fetched(answer: web.Response, verify: ssl.SSLContext) -> tuple[int, bytes]:
    async def serve(request: web.Request) -> web.Response:
        assert (request.headers["X-Key"], dict(request.query), await request.json()) == ("k", {"q": "초코"}, [1])
        return answer

    async def main() -> tuple[int, bytes]:
        application = web.Application()
        application.router.add_post("/", serve)
        async with TestServer(application) as server:
            url = str(server.make_url("/"))
            return await fetch("POST", url, MOST, verify, headers={"X-Key": "k"}, params={"q": "초코"}, body=[1])

    return asyncio.run(main())


def test_the_answer_comes_whole_also_compressed(verify: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    body = json.dumps({"a": "초코"}).encode()
    packed = web.Response(body=gzip.compress(body), headers={"Content-Encoding": "gzip"})
    assert fetched(web.Response(body=body), verify) == fetched(packed, verify) == (200, body)


def test_an_answer_beyond_the_limit_is_refused_before_it_is_whole(verify: ssl.SSLContext) -> None:
    bomb = web.Response(body=gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"})
    for answer in (web.Response(body=bytes(MOST + 1)), bomb):
        with pytest.raises(BadBody):
            fetched(answer, verify)


def test_the_body_of_a_refusal_is_not_read(verify: ssl.SSLContext) -> None:
    assert fetched(web.Response(status=403, body=bytes(100 * MOST)), verify) == (403, b"")
