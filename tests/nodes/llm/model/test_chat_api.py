import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from nodes.llm._model import chat_api
from nodes.llm._model.chat_api import ChatApi, is_loopback, new_client
from nodes.llm._model.chat_wire import Delta, Refused
from tests.harness import on_virtual_time
from tests.nodes.llm.chat_server import ChatServer, Say, chunk, refusal, serve, streamed

EVENTS = {"content-type": "text/event-stream"}


async def at_once(call: Callable[[], httpx.AsyncClient]) -> httpx.AsyncClient:
    return call()


def api(**more: Any) -> ChatApi:
    return ChatApi("http://localhost:1/v1/", "key", thread=at_once, **more)


async def read(api: ChatApi, within_s: float = 1.0) -> list[Delta]:
    found: list[Delta] = []
    async with api.ask({"model": "m"}) as reading:
        while (delta := await reading.next(within_s)) is not None:
            found.append(delta)
    return found


def answered_by(monkeypatch: pytest.MonkeyPatch, answer: Callable[[httpx.Request], httpx.Response]) -> None:
    """Have every request answered by a function, without a server."""
    monkeypatch.setattr(
        chat_api,
        "new_client",
        lambda *, trust_env: httpx.AsyncClient(transport=httpx.MockTransport(answer), timeout=None),
    )


def refused_by(
    monkeypatch: pytest.MonkeyPatch, say: Say | Exception, within_s: float = 1.0
) -> tuple[Refused, ChatServer]:
    server = serve(monkeypatch, say)
    found: list[Refused] = []

    async def story() -> None:
        mine = api()
        with pytest.raises(Refused) as refused:
            await read(mine, within_s)
        found.append(refused.value)
        await mine.close()

    on_virtual_time(story())
    return found[0], server


@pytest.mark.parametrize(
    ("url", "there", "paths"),
    [
        ("http://localhost:1", "/v1/chat/completions", ["/chat/completions", *["/v1/chat/completions"] * 2]),
        ("http://localhost:1/", "/chat/completions", ["/chat/completions"] * 2),
        ("http://localhost:1/api", "/v1/chat/completions", ["/api/chat/completions"]),
    ],
)
def test_an_address_without_a_path_is_found_under_v1_where_there_is_nothing_else(
    monkeypatch: pytest.MonkeyPatch, url: str, there: str, paths: list[str]
) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path != there:
            return httpx.Response(404, text="404 page not found")
        return httpx.Response(200, content=(chunk("안녕", "stop")).encode(), headers=EVENTS)

    async def story() -> None:
        mine = ChatApi(url, "", thread=at_once)
        for _ in range(2 if len(paths) > 1 else 1):
            if "/api" in url:
                with pytest.raises(Refused, match="page not found"):
                    await read(mine)
            else:
                assert [delta.text for delta in await read(mine)] == ["안녕"]
        await mine.close()

    answered_by(monkeypatch, answer)
    on_virtual_time(story())
    assert asked == paths


def test_what_an_address_asks_for_stays_behind_every_path(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.url.path}?{request.url.query.decode()}")
        return httpx.Response(200, content=(chunk("안녕", "stop")).encode(), headers=EVENTS)

    async def story() -> None:
        mine = ChatApi("https://models.example/openai/v1?api-version=preview", "", thread=at_once)
        await mine.warm()
        await read(mine)
        await mine.close()

    answered_by(monkeypatch, answer)
    on_virtual_time(story())
    assert asked == ["/openai/v1/models?api-version=preview", "/openai/v1/chat/completions?api-version=preview"]


def test_a_streamed_answer_comes_in_pieces_with_the_key_and_the_headers_told(monkeypatch: pytest.MonkeyPatch) -> None:
    say = streamed("안", "녕", pace_s=0.1)
    server = serve(monkeypatch, Say(say.parts, headers={"x-ratelimit-limit-tokens": "8000"}))
    heard: list[tuple[str, Mapping[str, str]]] = []

    async def story() -> None:
        mine = api(heard=lambda model, headers: heard.append((model, headers)))
        assert [delta.text for delta in await read(mine)] == ["안", "녕", ""]
        assert [delta.text for delta in await read(mine)] == ["안", "녕", ""]
        await mine.close()

    on_virtual_time(story())
    assert server.keys == ["Bearer key", "Bearer key"]
    assert (server.opened, server.closed, server.ended) == (1, 2, 1)
    assert heard[0][0] == "m"
    assert heard[0][1]["x-ratelimit-limit-tokens"] == "8000"


def test_no_key_is_no_header(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, streamed("x"))

    async def story() -> None:
        mine = ChatApi("http://localhost:1/v1", "", thread=at_once)
        await read(mine)
        await mine.close()

    on_virtual_time(story())
    assert server.keys == [""]


def test_comments_events_and_blank_lines_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, Say((": ping\n\nevent: x\n\n", chunk("네"), chunk(None, "stop"))))

    async def story() -> None:
        mine = api()
        assert [delta.text for delta in await read(mine)] == ["네", ""]
        await mine.close()

    on_virtual_time(story())


def test_what_follows_on_the_end_is_read_for_a_moment_so_that_the_connection_can_be_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serve(monkeypatch, Say((chunk("네"), "data: [DONE]\n\n", 0.05, chunk("x"), "data: {\n\n", 30.0)))

    async def story() -> None:
        mine = api()
        assert [delta.text for delta in await read(mine)] == ["네"]
        assert asyncio.get_running_loop().time() == pytest.approx(0.1)
        await mine.close()

    on_virtual_time(story())


def test_bytes_that_are_no_text_are_signs_for_it_and_the_rest_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = b'data: {"choices":[{"delta":{"content":"\xff\xfe \xec\x95"}}]}\n\n'
    half = chunk("녕").encode()
    serve(monkeypatch, Say((chunk("안"), broken, half[:40], half[40:], chunk(None, "stop"), "data: [DONE]\n\n")))

    async def story() -> None:
        mine = api()
        assert [delta.text for delta in await read(mine)] == ["안", "\ufffd\ufffd \ufffd", "녕", ""]
        await mine.close()

    on_virtual_time(story())


def test_an_answer_that_is_not_streamed_is_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, Say(('{"choices":[{"message":{"content":"네"}}]}',), kind="application/json"))

    async def story() -> None:
        mine = api()
        assert await read(mine) == [Delta("네", "stop")]
        await mine.close()

    on_virtual_time(story())


@pytest.mark.parametrize(
    ("say", "kind"),
    [
        (httpx.ConnectError("no route"), "broken"),
        (httpx.ConnectTimeout("late"), "broken"),
        (Say((chunk("안"), httpx.RemoteProtocolError("gone"))), "broken"),
        (Say((chunk("안"),)), "broken"),
        (Say((chunk("안"), "data: {nonsense\n\n")), "broken"),
        (Say((chunk("안"), "data: {nonsense\n\n", 30.0)), "broken"),
        (Say((chunk("안"), 'data: {"error":{"message":"over","code":503}}\n\n', chunk("x"))), "server"),
        (Say((chunk("안"), 30.0)), "slow"),
        (Say((), after_s=30.0), "slow"),
        (refusal(401), "unauthorised"),
        (refusal(429), "busy"),
        (refusal(503), "server"),
        (Say(("x" * 50_000,), 500), "server"),
    ],
)
def test_whatever_goes_wrong_has_its_kind_and_everything_is_closed(
    monkeypatch: pytest.MonkeyPatch, say: Say | Exception, kind: str
) -> None:
    refused, server = refused_by(monkeypatch, say)
    assert refused.kind == kind
    assert server.ended == 1
    assert server.closed == (0 if isinstance(say, Exception) or say.after_s else 1)


def test_when_every_connection_is_taken_the_client_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, httpx.PoolTimeout("full"), streamed("다시"))

    async def story() -> None:
        mine = api()
        with pytest.raises(Refused, match="빈 연결이 없어요"):
            await read(mine)
        assert (await read(mine))[0].text == "다시"
        await mine.close()

    on_virtual_time(story())
    assert (server.opened, server.ended) == (2, 2)


def test_a_request_that_is_cancelled_twice_is_cancelled_once_and_closes_its_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cancels: list[str] = []
    closed: list[float] = []

    class Body(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]
            yield chunk("안").encode()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancels.append("read")
                raise

        async def aclose(self) -> None:
            try:
                await asyncio.sleep(0.5)  # a connection that takes its time to close
            except asyncio.CancelledError:
                cancels.append("close")
                raise
            closed.append(asyncio.get_running_loop().time())

    answered_by(monkeypatch, lambda _: httpx.Response(200, headers=EVENTS, stream=Body()))

    async def story() -> None:
        mine = api()
        task = asyncio.ensure_future(read(mine, 50.0))
        await asyncio.sleep(1.0)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0.1)
        with pytest.raises(asyncio.CancelledError):
            await task
        await mine.close()

    on_virtual_time(story())
    assert cancels == ["read"]
    assert closed == [1.5]


def test_a_cancel_while_a_late_answer_is_being_closed_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    class Body(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]
            await asyncio.sleep(60)
            yield b""

        async def aclose(self) -> None:
            await asyncio.sleep(0.5)

    answered_by(monkeypatch, lambda _: httpx.Response(200, headers=EVENTS, stream=Body()))

    async def story() -> None:
        mine = api()
        task = asyncio.ensure_future(read(mine, 1.0))
        await asyncio.sleep(1.2)  # it is late since 1.0 and being closed until 1.5
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await mine.close()

    on_virtual_time(story())


async def leave(api: ChatApi) -> None:
    async with api.ask({"model": "m"}) as reading:
        await reading.next(1.0)
        raise LookupError


def test_who_leaves_in_the_middle_leaves_nothing_running(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, streamed("안", "녕", pace_s=10.0))

    async def story() -> None:
        mine = api()
        with pytest.raises(LookupError):
            await leave(mine)
        await mine.close()

    on_virtual_time(story())
    assert server.closed == 1


def test_a_connection_is_made_ready_by_asking_for_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, streamed("x"))

    async def story() -> None:
        mine = api()
        await mine.warm()
        server.models = Say(status=500)
        await mine.warm()
        server.models = Say(status=401)
        with pytest.raises(Refused) as refused:
            await mine.warm()
        assert refused.value.kind == "unauthorised"
        await mine.close()
        await mine.close()

    on_virtual_time(story())
    assert server.warmed == 3


UNUSABLE = [
    ValueError("Unknown scheme for proxy URL URL('socks4://127.0.0.1:1080')"),
    ImportError("Using SOCKS proxy, but the 'socksio' package is not installed."),
    FileNotFoundError("certificates"),
    httpx.InvalidURL("Invalid IPv4 address: '192.168.0.256'"),
]


@pytest.mark.parametrize("wrong", UNUSABLE)
def test_a_proxy_or_an_address_that_httpx_cannot_use_is_a_broken_connection(
    monkeypatch: pytest.MonkeyPatch, wrong: Exception
) -> None:
    def fail(*, trust_env: bool) -> httpx.AsyncClient:
        raise wrong

    monkeypatch.setattr(chat_api, "new_client", fail)

    async def story() -> None:
        mine = api()
        await mine.warm()
        with pytest.raises(Refused, match=type(wrong).__name__):
            async with mine.ask({"model": "m"}) as reading:
                await reading.next(1.0)

    on_virtual_time(story())


@pytest.mark.parametrize("wrong", [httpx.ConnectError("no"), OSError("no")])
def test_warming_up_in_vain_is_no_error(monkeypatch: pytest.MonkeyPatch, wrong: Exception) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        raise wrong

    answered_by(monkeypatch, answer)

    async def story() -> None:
        mine = api()
        await mine.warm()
        await mine.close()

    on_virtual_time(story())
    assert [path.rpartition("/")[2] for path in asked] == ["models"]


def test_a_proxy_is_asked_only_for_a_server_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, streamed("x"))

    async def story() -> None:
        for url in ("http://127.0.0.1:1/v1", "https://api.groq.com/openai/v1"):
            mine = ChatApi(url, "", thread=at_once)
            await mine.open()
            await mine.close()

    on_virtual_time(story())
    assert server.trust_env == [False, True]


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:1/v1", True),
        ("http://a.localhost/v1", True),
        ("http://127.9.9.9/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://192.168.0.2/v1", False),
        ("https://api.groq.com/openai/v1", False),
        ("", False),
    ],
)
def test_this_machine_is_known(url: str, here: bool) -> None:
    assert is_loopback(url) is here


def test_the_client_keeps_quiet_connections_and_leaves_the_clocks_to_its_caller() -> None:
    async def story() -> None:
        client = new_client(trust_env=False)
        assert client.timeout == httpx.Timeout(None, connect=2.0, pool=0.5)
        await client.aclose()

    on_virtual_time(story())
