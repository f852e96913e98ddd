"""graphs/engine/web/application.py: methods, refusals and headers, asked with a real client."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from graphs.engine.web import answers
from graphs.engine.web.application import application
from graphs.engine.web.server import LocalWeb
from graphs.engine.web.table import READ, Table, same
from nodes.refused import Refused
from tests.graphs.engine.web.test_server import Lines

pytestmark = pytest.mark.asyncio


class Side:
    """An application with its table, and a client."""

    def __init__(self) -> None:
        async def otherwise(_: web.Request) -> web.StreamResponse:
            return answers.plain(404, "no page")

        self.table = Table(otherwise)
        self.failed: list[Exception] = []
        self.refusal: web.StreamResponse | None = None
        app = application(self.table, lambda _: self.refusal, lambda _, error: self.failed.append(error), same, 1024)
        self.client: TestClient[web.Request, web.Application] = TestClient(TestServer(app))

    def raises(self, error: Exception) -> None:
        async def answered(_: web.Request) -> web.StreamResponse:
            raise error

        self.table.at("/x", answered, "GET", "HEAD", "POST")


@pytest_asyncio.fixture
async def side() -> AsyncIterator[Side]:
    side = Side()
    async with side.client:
        yield side


async def test_a_method_that_an_address_does_not_have_is_answered_with_those_that_it_has(side: Side) -> None:
    async def answered(_: web.Request) -> web.StreamResponse:
        return answers.as_json(200, {})

    side.table.at("/x", answered, *READ)
    async with side.client.post("/x") as reply:
        assert (reply.status, reply.headers["Allow"]) == (405, "GET,HEAD")
        assert await reply.json() == {"error": "이 방법으로는 안 돼요"}
    async with side.client.post("/y") as reply:
        assert (reply.status, await reply.json()) == (404, {"error": "여기서 받는 것이 없어요"})
    async with side.client.head("/x") as reply:
        assert (reply.status, await reply.read()) == (200, b"")


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Refused("not this"), 400, {"error": "not this"}),
        (Refused("gone by", 409, text="a: 1"), 409, {"error": "gone by", "text": "a: 1"}),
        (web.HTTPRequestEntityTooLarge(1, 2), 413, {"error": HTTPStatus(413).phrase}),
    ],
)
async def test_a_refusal_carries_its_status_and_what_else_it_says(
    side: Side, error: Exception, status: int, said: Mapping[str, Any]
) -> None:
    side.raises(error)
    async with side.client.post("/x") as reply:
        assert (reply.status, await reply.json()) == (status, said)
    assert side.failed == []


async def test_any_other_error_is_told_and_not_shown(side: Side) -> None:
    side.raises(error := RuntimeError("a secret"))
    async with side.client.get("/x") as reply:
        assert reply.status == 500
        assert "secret" not in await reply.text()
    assert side.failed == [error]


async def test_a_client_that_hangs_up_while_it_is_written_to_is_not_told_as_a_failure(side: Side) -> None:
    async def gone(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        raise ConnectionResetError("Cannot write to closing transport")

    side.table.at("/gone", gone, "GET")
    with pytest.raises(aiohttp.ClientError):
        await side.client.get("/gone")
    side.raises(error := ConnectionResetError("of somebody else"))
    async with side.client.get("/x") as reply:
        assert reply.status == 500
    assert side.failed == [error]


async def test_what_is_refused_does_not_reach_its_handler(side: Side) -> None:
    side.raises(RuntimeError("it was reached"))
    side.refusal = answers.plain(421, "not here")
    async with side.client.get("/x") as reply:
        assert (reply.status, await reply.json()) == (421, {"error": "not here"})
    assert side.failed == []


async def test_every_response_is_secured_even_a_socket_and_those_of_aiohttp(side: Side) -> None:
    async def connected(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.close()
        return socket

    side.table.at("/ws", connected, *READ)
    side.raises(RuntimeError())
    for method, path in (("GET", "/x"), ("PUT", "/x"), ("GET", "/none"), ("POST", "/none")):
        async with side.client.request(method, path) as reply:
            assert reply.headers["Content-Security-Policy"] == answers.POLICY
    told: list[aiohttp.TraceRequestEndParams] = []
    trace = aiohttp.TraceConfig()

    async def ended(_: Any, __: Any, params: aiohttp.TraceRequestEndParams) -> None:
        told.append(params)

    trace.on_request_end.append(ended)
    async with aiohttp.ClientSession(trace_configs=[trace]) as client, client.ws_connect(side.client.make_url("/ws")):
        pass
    assert told[0].response.headers["Content-Security-Policy"] == answers.POLICY


async def test_each_address_has_its_own_limit_for_a_body_and_may_take_its_time() -> None:
    taken = LocalWeb("127.0.0.1", 0, Lines())

    async def take(said: Mapping[str, Any]) -> int:
        await asyncio.sleep(0)
        return len(said["text"])

    taken.post("/api/graph", take, body_bytes=256 * 1024)
    taken.post("/api/say", take)
    await taken.start()
    try:
        async with aiohttp.ClientSession(headers={"X-Token": taken.token}) as client:
            for path, length, status in (
                ("/api/graph", 200_000, 200),
                ("/api/graph", 270_000, 413),
                ("/api/say", 60_000, 200),
                ("/api/say", 70_000, 413),
            ):
                async with client.post(taken.url + path, json={"text": "a" * length}) as reply:
                    assert (reply.status, path, length) == (status, path, length)
                    assert status != 200 or await reply.json() == length
    finally:
        await taken.stop()
