"""``LocalWeb`` with a real client on the loopback."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
import pytest_asyncio
from aiohttp import ClientSession, WSMsgType
from yarl import URL

from graphs.engine.web import requests
from graphs.engine.web import server as module
from graphs.engine.web.server import LocalWeb
from graphs.engine.web.sockets import QUEUE_MESSAGES
from nodes import patience
from nodes.services import Json


class Lines:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, text: str, **_: object) -> None:
        self.lines.append(text)

    def warning(self, text: str, **_: object) -> None:
        self.lines.append(text)


class Side:
    """A server, a client, and what the pages did."""

    def __init__(self, web: LocalWeb, client: ClientSession, log: Lines) -> None:
        self.web, self.client, self.log = web, client, log
        self.received: list[tuple[str, Any]] = []
        self.gone: list[str] = []

    def channel(self, hello: Callable[[], Any] = lambda: [{"hello": 1}], path: str = "/ws/x") -> Any:
        def take(client: str, message: Any) -> None:
            self.received.append((client, message))

        return self.web.channel(path, hello=hello, received=take, gone=self.gone.append)

    async def page(self, path: str = "/ws/x", **headers: str) -> aiohttp.ClientWebSocketResponse:
        return await self.client.ws_connect(self.web.url + path, headers=headers)

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.client.get(self.web.url + path, headers=headers, allow_redirects=False) as reply:
            return reply.status, await reply.text()

    async def post(self, path: str, data: Any = b"{}", **headers: str) -> tuple[int, Any]:
        given = {"X-Token": self.web.token, "Content-Type": "application/json", **headers}
        async with self.client.post(self.web.url + path, data=data, headers=given) as reply:
            return reply.status, await reply.json()


async def until(true: Callable[[], Any]) -> None:
    for _ in range(400):
        if true():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come about")


@pytest_asyncio.fixture
async def side(tmp_path: Path) -> AsyncIterator[Side]:
    log = Lines()
    web = LocalWeb("127.0.0.1", 0, log, root=tmp_path)
    await web.start()
    async with ClientSession() as client:
        yield Side(web, client, log)
        await web.stop()


pytestmark = pytest.mark.asyncio


# Routes.


async def test_health_is_there_from_the_start(side: Side) -> None:
    assert await side.get("/health") == (200, '{"ok":true}')


async def test_a_route_can_come_and_go_while_it_runs(side: Side) -> None:
    assert (await side.get("/api/x"))[0] == 404
    route = side.web.get("/api/x", lambda query: {"query": dict(query)})
    assert await side.get("/api/x?a=가") == (200, '{"query":{"a":"가"}}')
    route.dispose()
    assert (await side.get("/api/x"))[0] == 404


async def test_an_answer_may_take_its_time_and_may_say_that_there_is_none(side: Side) -> None:
    async def answer(query: Mapping[str, str]) -> Json:
        await asyncio.sleep(0)
        if "no" in query:
            raise ValueError("not this")
        return {"late": 1}

    side.web.get("/api/x", answer)
    assert await side.get("/api/x") == (200, '{"late":1}')
    assert await side.get("/api/x?no") == (400, '{"error":"not this"}')


async def test_two_nodes_on_one_address_are_refused(side: Side) -> None:
    side.web.get("/api/x", lambda _: {})
    side.web.post("/api/x", lambda _: {})
    side.channel()
    with pytest.raises(ValueError, match="/api/x"):
        side.web.get("/api/x", lambda _: {})
    with pytest.raises(ValueError, match="/ws/x"):
        side.channel()


async def test_a_node_that_fails_to_answer_is_an_error_for_that_request_alone(side: Side) -> None:
    side.web.get("/api/x", lambda _: {"x": 1 // 0})
    assert (await side.get("/api/x"))[0] == 500
    assert "ZeroDivisionError" in side.log.lines[-1]
    assert (await side.get("/health"))[0] == 200


async def test_a_post_gives_its_object_to_the_node(side: Side) -> None:
    side.web.post("/api/say", lambda said: {"length": len(said["text"])})
    assert await side.post("/api/say", '{"text": "안녕"}'.encode()) == (200, {"length": 2})


async def test_a_value_error_of_the_node_is_the_answer(side: Side) -> None:
    def take(_: Any) -> Any:
        raise ValueError("글자 수가 너무 많아요")

    side.web.post("/api/say", take)
    assert await side.post("/api/say") == (400, {"error": "글자 수가 너무 많아요"})


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff", b"[" * 60_000])
async def test_a_post_that_is_no_json_object_is_refused(side: Side, body: bytes) -> None:
    side.web.post("/api/say", lambda _: {})
    assert (await side.post("/api/say", body))[0] == 400


async def test_a_post_of_a_form_is_refused(side: Side) -> None:
    side.web.post("/api/say", lambda _: {})
    assert (await side.post("/api/say", **{"Content-Type": "text/plain"}))[0] == 415


async def test_a_post_that_is_too_large_is_refused(side: Side) -> None:
    side.web.post("/api/say", lambda _: {})
    assert (await side.post("/api/say", b'"' + b"a" * 70_000 + b'"'))[0] == 413


async def test_a_body_that_does_not_come_is_not_waited_for(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "BODY_S", 0.05)
    side.web.post("/api/x", lambda said: {"got": said})

    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(0.2)
        yield b"}"

    assert (await side.post("/api/x", slowly()))[0] == 408


async def test_who_connects_and_does_not_ask_is_hung_up_on(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "REQUEST_S", 0.05)
    await side.web.stop()
    await side.web.start()
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(side.web.url.rpartition(":")[2]))
        writer.write(b"GET / HTTP/1.1\r\nHost: ")
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_other_methods_are_refused(side: Side) -> None:
    async with side.client.delete(side.web.url + "/health") as reply:
        assert reply.status == 405
    assert (await side.post("/health"))[0] == 405
    assert (await side.post("/nowhere"))[0] == 404


# Files.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "index.html").write_text('<meta name="aischoco-token" content="{{token}}">', encoding="utf-8")
    (pages / "a.js").write_text("let a = '{{token}}';", encoding="utf-8")
    (pages / "notes.txt").write_text("private", encoding="utf-8")
    (pages / ".hidden.js").write_text("private", encoding="utf-8")
    (tmp_path / "secret.js").write_text("private", encoding="utf-8")
    (pages / "link.js").symlink_to(tmp_path / "secret.js")
    return pages


async def test_a_folder_is_served_with_the_token_in_its_page(side: Side, folder: Path) -> None:
    side.web.folder("/", Path("pages"))
    status, text = await side.get("/")
    assert (status, text) == (200, f'<meta name="aischoco-token" content="{side.web.token}">')
    assert await side.get("/a.js") == (200, "let a = '{{token}}';")


async def test_an_address_with_a_line_break_is_answered_as_any_other(side: Side) -> None:
    async with side.client.get(URL(side.web.url + "/%0a", encoded=True)) as reply:
        assert (reply.status, await reply.json()) == (404, {"error": "there is no such page"})
        assert "Content-Security-Policy" in reply.headers


async def test_a_folder_below_another_wins_and_its_short_address_leads_to_it(side: Side, folder: Path) -> None:
    side.web.folder("/", folder)
    below = side.web.folder("/stage", folder)
    async with side.client.get(side.web.url + "/stage?obs", allow_redirects=False) as reply:
        assert (reply.status, reply.headers["Location"]) == (308, "/stage/?obs")
    async with side.client.get(side.web.url + "/stage", allow_redirects=False) as reply:
        assert reply.headers["Location"] == "/stage/"
    broken = URL(side.web.url + "/stage?a=%0d%0aX:%20y", encoded=True)
    async with side.client.get(broken, allow_redirects=False) as reply:
        assert (reply.status, reply.headers["Location"]) == (308, "/stage/?a=%0d%0aX:%20y")
    assert (await side.get("/stage/a.js"))[0] == 200
    below.dispose()
    assert (await side.get("/stage/a.js"))[0] == 404


async def test_what_a_node_holds_is_served_by_its_name_beside_a_folder(side: Side, folder: Path) -> None:
    side.web.folder("/", folder)
    pictures = {"key": (b"picture", "image/png")}
    held = side.web.data("/emote", pictures.get)
    async with side.client.get(f"{side.web.url}/emote/key") as reply:
        assert (reply.status, await reply.read(), reply.content_type) == (200, b"picture", "image/png")
        assert reply.headers["Cache-Control"] == "max-age=86400, immutable"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/emote/other", "/emote/", "/emote/key/..", "/emote"):
        assert (await side.get(path))[0] == 404
    held.dispose()
    assert (await side.get("/emote/key"))[0] == 404


async def test_what_all_pages_use_is_there_without_any_node_and_what_a_node_serves_goes_first(
    side: Side, folder: Path
) -> None:
    assert (await side.get("/shared/link.js"))[0] == 200
    assert (await side.get("/"))[0] == 404
    side.web.folder("/", folder)
    assert (await side.get("/shared/link.js"))[0] == 200
    async with side.client.get(f"{side.web.url}/fonts/PretendardVariable.woff2") as reply:
        assert (reply.status, reply.content_type) == (200, "font/woff2")
    (folder / "shared").mkdir()
    (folder / "shared" / "link.js").write_text("mine", encoding="utf-8")
    assert await side.get("/shared/link.js") == (200, "mine")
    assert (await side.get("/shared/words.js"))[0] == 200


async def test_a_folder_that_is_not_there_is_named(side: Side) -> None:
    with pytest.raises(ValueError, match="폴더가 없어요: nowhere"):
        side.web.folder("/", Path("nowhere"))


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.js",
        "/%2e%2e/secret.js",
        "/..%2fsecret.js",
        "/..%5csecret.js",
        "//secret.js",
        "/link.js",
        "/.hidden.js",
        "/notes.txt",
        "/a.js%00",
        "/C:/a.js",
        "/missing.js",
        "/a.js/",
        "/%2e/a.js/../../secret.js",
    ],
)
async def test_nothing_but_the_folders_own_pages_is_served(side: Side, folder: Path, path: str) -> None:
    side.web.folder("/", folder)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(side.web.url.rpartition(":")[2]))
    host = side.web.url.removeprefix("http://")
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    reply = await reader.read()
    writer.close()
    assert reply.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400"))
    assert b"private" not in reply


# Which requests are answered.


async def test_every_answer_carries_the_security_headers(side: Side, folder: Path) -> None:
    side.web.folder("/", folder)
    for path, cache in (("/", "no-store"), ("/a.js", "no-cache"), ("/health", "no-cache"), ("/missing", "no-cache")):
        async with side.client.get(side.web.url + path) as reply:
            policy = reply.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'")
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
            assert reply.headers["Referrer-Policy"] == "no-referrer"
            assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert reply.headers["Cache-Control"] == cache
            assert not [name for name in reply.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "", "192.168.0.2:{port}"]
)
async def test_a_rebound_name_is_misdirected(side: Side, host: str) -> None:
    port = side.web.url.rpartition(":")[2]
    assert (await side.get("/health", Host=host.format(port=port)))[0] == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_the_names_of_this_machine_are_ours(side: Side, host: str) -> None:
    port = side.web.url.rpartition(":")[2]
    assert (await side.get("/health", Host=f"{host}:{port}"))[0] == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1"])
async def test_another_pages_socket_and_post_are_refused(side: Side, origin: str) -> None:
    side.channel()
    side.web.post("/api/say", lambda _: {})
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        await side.page(Origin=origin)
    assert (await side.post("/api/say", Origin=origin))[0] == 403
    assert (await side.post("/api/say", Origin=side.web.url))[0] == 200


@pytest.mark.parametrize("token", ["", "wrong", "틀림"])
async def test_a_post_without_the_token_is_refused(side: Side, token: str) -> None:
    side.web.post("/api/say", lambda _: {})
    assert (await side.post("/api/say", **{"X-Token": token}))[0] == 403


async def test_a_foreign_page_may_link_here_and_not_read(side: Side) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert (await side.get("/health", **foreign))[0] == 403
    assert (await side.get("/health", **{"Sec-Fetch-Site": "same-site"}))[0] == 403
    assert (await side.get("/health", **foreign, **{"Sec-Fetch-Mode": "navigate"}))[0] == 200
    assert (await side.get("/health", **{"Sec-Fetch-Site": "same-origin"}))[0] == 200


# Channels.


async def test_a_page_is_greeted_and_then_told_the_changes(side: Side) -> None:
    channel = side.channel(lambda: [{"hello": "안녕"}, b"\x00\x01"])
    channel.send({"nobody": "is there"})
    page = await side.page(Origin=side.web.url)
    assert await page.receive_json() == {"hello": "안녕"}
    assert await page.receive_bytes() == b"\x00\x01"
    assert channel.clients == 1
    channel.send({"change": 1})
    channel.send(b"pcm")
    assert await page.receive_json() == {"change": 1}
    assert await page.receive_bytes() == b"pcm"
    await page.close()
    await until(lambda: side.gone)
    assert channel.clients == 0


async def test_a_page_can_be_answered_alone(side: Side) -> None:
    channel = side.channel(list)
    one, two = await side.page(), await side.page()
    await one.send_json({"who": "one"})
    await until(lambda: side.received)
    client, said = side.received[0]
    assert said == {"who": "one"}
    channel.send_to("nobody", {"to": "nobody"})
    channel.send_to(client, {"to": "one"})
    channel.send({"to": "all"})
    assert [await one.receive_json(), await one.receive_json()] == [{"to": "one"}, {"to": "all"}]
    assert await two.receive_json() == {"to": "all"}
    await one.close()
    await until(lambda: side.gone == [client])


@pytest.mark.parametrize("said", ["no json", "[1]", b"binary", "[" * 3000])
async def test_a_page_that_says_anything_but_objects_is_let_go(side: Side, said: str | bytes) -> None:
    side.channel(list)
    page = await side.page()
    await (page.send_bytes(said) if isinstance(said, bytes) else page.send_str(said))
    assert (await page.receive()).type is WSMsgType.CLOSE
    assert page.close_code == 1003
    assert side.received == []


async def test_a_page_that_says_too_much_at_once_is_let_go(side: Side) -> None:
    side.channel(list)
    page = await side.page()
    await page.send_str(json.dumps({"text": "a" * 5000}))
    assert (await page.receive()).type is WSMsgType.CLOSE
    assert page.close_code == 1009


async def test_a_node_that_does_not_understand_a_page_goes_on(side: Side) -> None:
    def confused(_: str, said: Any) -> None:
        raise KeyError("type")

    channel = side.web.channel("/ws/x", hello=list, received=confused, gone=side.gone.append)
    page = await side.page()
    await page.send_json({})
    await until(lambda: side.log.lines)
    channel.send({"still": "here"})
    assert await page.receive_json() == {"still": "here"}


async def test_half_a_character_does_not_break_a_page(side: Side) -> None:
    side.channel(lambda: [{"text": "a\ud83d"}])
    assert await (await side.page()).receive_json() == {"text": "a?"}


@pytest.mark.parametrize(("message", "times"), [({"n": 1}, QUEUE_MESSAGES + 1), (b"\0" * 700_000, 4)])
async def test_a_page_that_cannot_keep_up_is_cut_off(side: Side, message: Any, times: int) -> None:
    channel = side.channel(list)
    page = await side.page()
    await until(lambda: channel.clients)
    for _ in range(times):
        channel.send(message)
    await until(lambda: side.gone)
    assert channel.clients == 0
    await page.close()


async def test_what_was_sent_before_dispose_arrives_and_the_address_is_free(side: Side) -> None:
    channel = side.channel(list)
    page = await side.page()
    await until(lambda: channel.clients)
    channel.send({"last": "words"})
    channel.dispose()
    channel.send({"never": "sent"})
    assert await page.receive_json() == {"last": "words"}
    assert (await page.receive()).type is WSMsgType.CLOSE
    side.channel()
    assert await (await side.page()).receive_json() == {"hello": 1}
    assert side.gone == []


async def test_only_so_many_pages_connect(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CLIENTS", 1)
    side.channel()
    page = await side.page()
    with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
        await side.page()
    await page.close()


async def test_a_plain_get_of_a_socket_is_told_so(side: Side) -> None:
    side.channel()
    assert (await side.get("/ws/x"))[0] == 426


# Life.


async def test_it_stops_at_once_with_pages_connected(side: Side) -> None:
    channel = side.channel()
    pages = [await side.page() for _ in range(3)]
    await until(lambda: channel.clients == 3)
    begin = asyncio.get_running_loop().time()
    await side.web.stop()
    assert asyncio.get_running_loop().time() - begin < 0.5
    assert len(side.gone) == 3
    for page in pages:
        assert (await page.receive_json()) == {"hello": 1}
        assert (await page.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
    await side.web.stop()


async def test_it_starts_again_on_its_port_with_its_routes(side: Side) -> None:
    url = side.web.url
    await side.web.start()
    await side.web.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await side.get("/health")
    await side.web.start()
    assert side.web.url == url
    assert (await side.get("/health"))[0] == 200


async def test_a_taken_port_is_named_with_its_remedy() -> None:
    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=rf"127\.0\.0\.1:{port} .*OVERLAY_PORT"):
            await LocalWeb("127.0.0.1", port, Lines()).start()


async def test_listening_for_other_machines_is_warned_of_and_knows_them_by_number() -> None:
    log = Lines()
    web = LocalWeb("0.0.0.0", 0, log)
    await web.start()
    port = web.url.rpartition(":")[2]
    assert web.url == f"http://127.0.0.1:{port}"
    async with ClientSession() as client:
        side = Side(web, client, log)
        assert (await side.get("/health", Host=f"192.168.0.2:{port}"))[0] == 200
        assert (await side.get("/health", Host=f"evil.example:{port}"))[0] == 421
    await web.stop()
    assert "OVERLAY_HOST" in log.lines[0]


async def test_from_another_machine_nothing_is_answered_without_the_key(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr("graphs.engine.web.access.is_loopback", lambda remote: False)
    web = LocalWeb("0.0.0.0", 0, Lines(), root=folder.parent, key="a key of the streamer")
    await web.start()
    bearer = {"Authorization": "Bearer a key of the streamer"}
    async with ClientSession() as stranger, ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as friend:
        side = Side(web, stranger, Lines())
        side.channel()
        web.folder("/", folder)
        web.post("/api/x", lambda said: {"ok": True})
        for path in ("/", "/health", "/api/x", "/?key=wrong"):
            assert (await side.get(path))[0] == 403
        assert (await side.post("/api/x"))[0] == 403, "the token alone is not enough"
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await side.page()
        assert refused.value.status == 403
        assert (await side.get("/health", **bearer))[0] == 200
        known = Side(web, friend, Lines())
        async with friend.get(f"{web.url}/?obs&key=a key of the streamer", allow_redirects=False) as led:
            assert (led.status, led.headers["Location"]) == (303, "/?obs=")
            assert "Content-Security-Policy" in led.headers
        assert (await known.get("/"))[0] == 200
        assert (await known.post("/api/x"))[0] == 200
        await (await known.page()).close()
    await web.stop()


async def test_where_only_this_machine_reaches_it_no_key_is_asked_for(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphs.engine.web.access.is_loopback", lambda remote: False)
    assert (await side.get("/health"))[0] == 200


async def test_a_url_with_a_number_of_the_new_kind_has_brackets() -> None:
    assert LocalWeb("::1", 8765, Lines()).url == "http://[::1]:8765"


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("192.168.0.7", False),
        ("pc", False),
    ],
)
async def test_it_knows_whether_only_this_machine_reaches_it(host: str, local: bool) -> None:
    assert LocalWeb(host, 8765, Lines()).local is local


@pytest.mark.parametrize("ticks", range(8))
async def test_a_start_that_is_broken_off_listens_to_nobody(ticks: int) -> None:
    web = LocalWeb("127.0.0.1", 0, Lines())
    starting = asyncio.ensure_future(web.start())
    for _ in range(ticks):
        await asyncio.sleep(0)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    if not starting.cancelled():
        await web.stop()
    assert not _listening()


def _listening() -> list[str]:
    """Addresses at which this process listens."""
    own = psutil.Process().net_connections("tcp")
    return [str(each.laddr) for each in own if each.status == psutil.CONN_LISTEN]


async def test_importing_it_does_not_import_the_server_library(loaded_at_a_start: frozenset[str]) -> None:
    assert "graphs.engine.web.server" in loaded_at_a_start
    assert "aiohttp" not in loaded_at_a_start


async def test_text_is_answered_as_it_is_with_its_type(side: Side) -> None:
    route = side.web.text("/metrics", "text/plain; version=0.0.4; charset=utf-8", lambda: "x 1\n")
    async with side.client.get(f"{side.web.url}/metrics") as reply:
        assert (await reply.text(), reply.headers["Content-Type"]) == (
            "x 1\n",
            "text/plain; version=0.0.4; charset=utf-8",
        )
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
    with pytest.raises(ValueError, match="/metrics"):
        side.web.get("/metrics", lambda _: {})
    route.dispose()
    assert (await side.get("/metrics"))[0] == 404


async def test_a_question_that_cannot_be_answered_says_why(side: Side) -> None:
    def answer(_: Any) -> Any:
        raise ValueError("give id")

    side.web.get("/api/why", answer)
    assert await side.get("/api/why") == (400, '{"error":"give id"}')


async def test_it_is_started_until_it_stops(side: Side) -> None:
    assert side.web.started
    await side.web.stop()
    assert not side.web.started
    await side.web.stop()


async def test_a_page_that_does_not_answer_the_end_is_cut_off_soon(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CLOSE_S", 0.01)
    channel = side.channel()
    page = await side.page()
    await until(lambda: channel.clients)
    await asyncio.wait_for(side.web.stop(), 5.0)
    assert not side.web.started
    await page.receive()
    assert (await page.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR)
    await page.close()


async def test_a_page_that_takes_nothing_any_more_holds_up_the_end_no_longer(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = side.channel()
    page = await side.page()
    await until(lambda: channel.clients)
    monkeypatch.setattr(module, "CLOSE_S", 0.01)
    transport = page._response.connection.transport  # type: ignore[union-attr]
    transport.pause_reading()
    (client,) = side.web._clients
    while not client._bytes:  # until the system holds no more between the two
        channel.send(bytes(1_000_000))
        await asyncio.sleep(0.01)
    await asyncio.wait_for(side.web.stop(), 5.0)
    assert not side.web._clients
    transport.abort()
