"""The node ``chat.chzzk_anon`` as the graph sees it, and against a small server that plays CHZZK on this machine."""

import asyncio
import json
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import ValidationError

from nodes import load_all
from nodes.chat._chzzk.socket import websockets
from nodes.chat._chzzk_anon.api import AnonApi
from nodes.chat._chzzk_anon.session import AnonReception
from nodes.chat.chzzk_anon import ChzzkAnon
from nodes.troubles import Troubles
from schemas.chat import RawPayload
from tests.harness import ROOT, LoopClock
from tests.nodes.chat.chzzk_anon_service import CHANNEL, TOKEN, Stage, frame, message, recent


def test_it_gives_raw_payloads_and_two_generations_never_run_at_a_time() -> None:
    spec = load_all()["chat.chzzk_anon"]
    assert spec.inputs == ()
    assert [port.event for port in spec.outputs] == [RawPayload]
    assert spec.exclusive


def test_it_says_of_itself_that_it_is_unofficial_and_no_shipped_graph_uses_it() -> None:
    assert "unofficial" in load_all()["chat.chzzk_anon"].summary
    graphs = list(Path(ROOT / "graphs").glob("*.yaml"))
    assert graphs
    assert not any("chzzk_anon" in graph.read_text("utf-8") for graph in graphs)


def test_all_is_closed_when_it_is_told_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch)
    stage.play(until=5.0)
    assert stage.service.link.closed_at == 5.0
    assert stage.service.closed == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"channel_id": ""},
        {"channel_id": "https://chzzk.naver.com/" + CHANNEL},
        {"channel_id": "../" + "a" * 29},
        {"api_url": "http://example.com"},
        {"game_url": "http://example.com"},
        {"chat_url": "ws://example.com"},
    ],
)
def test_settings_that_lead_elsewhere_are_refused(changed: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        ChzzkAnon(**{"channel_id": CHANNEL, **changed})


class Peer:
    """Plays the three services; each connection first gets what ``scripts`` holds for it and is then closed."""

    def __init__(self, scripts: list[list[str]]) -> None:
        self.scripts = scripts
        self.hellos: list[Any] = []
        self.recent: list[Any] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get(f"/polling/v3.1/channels/{CHANNEL}/live-status", self._live)
        app.router.add_get("/nng_main/v1/chats/access-token", self._token)
        app.router.add_get("/chat", self._chat)
        return app

    async def _live(self, _: web.Request) -> web.Response:
        return web.json_response({"code": 200, "content": {"status": "OPEN", "chatChannelId": "N1", "adult": False}})

    async def _token(self, _: web.Request) -> web.Response:
        return web.json_response({"code": 200, "content": {"accessToken": TOKEN}})

    async def _chat(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        script = self.scripts.pop(0) if self.scripts else None
        self.hellos.append(json.loads(await socket.receive_str()))
        await socket.send_str(frame(10100, {"sid": "s"}, retCode=0))
        assert json.loads(await socket.receive_str())["cmd"] == 5101
        await socket.send_str(frame(15101, {"messageList": self.recent}))
        for text in script or []:
            await socket.send_str(text)
        if script is None:
            await socket.receive()
        await socket.close()
        return socket


class Quiet(Troubles):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, text: str, **_: object) -> None:
        self.lines.append(text)

    warning = info

    def hide(self, secret: str) -> None: ...
    def malformed(self, kind: str) -> None: ...


class Soon:
    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def uniform(self, _: float, __: float) -> float:
        return 0.01


def test_over_real_sockets_it_comes_back_after_a_loss_and_gives_nothing_twice() -> None:
    first = [frame(93101, [message("a", "하나", 1000)]), frame(93102, [message("b", "둘", 2000, msgTypeCode=10)])]
    second = [
        frame(93101, [message("a", "넷 👩‍👩‍👧‍👦", 4000)]),
        frame(94008, {"userId": "a" * 32, "messageTime": 1000}),
    ]
    peer = Peer([first, second])
    log = Quiet()

    async def main() -> list[Any]:
        async with TestServer(peer.app()) as server, websockets(str) as connect:
            url = str(server.make_url("")).rstrip("/")
            api = AnonApi(url, url)
            got: list[Any] = []
            reception = AnonReception(
                CHANNEL,
                url.replace("http://", "ws://") + "/chat",
                api,
                connect,
                jobs=Soon(),  # type: ignore[arg-type]
                clock=LoopClock(),
                verdicts=log,  # type: ignore[arg-type]
                log=log,
                chance=Soon(),  # type: ignore[arg-type]
            )
            async with asyncio.timeout(20), aclosing(reception.events()) as events:
                async for event in events:
                    got.append(event)
                    if len(got) == 2:
                        peer.recent = [recent("a", "하나", 1000), recent("c", "셋", 3000)]
                    if event.event == "BLIND":
                        break
            await api.close()
            return got

    got = asyncio.run(main())
    assert [event.payload.get("content", event.event) for event in got] == [
        "하나",
        "DONATION",
        "셋",
        "넷 👩‍👩‍👧‍👦",
        "BLIND",
    ]
    assert [hello["bdy"]["accTkn"] for hello in peer.hellos] == [TOKEN, TOKEN]
    assert not any(TOKEN in line for line in log.lines)


def test_what_the_chat_says_comes_out_under_the_names_of_the_open_api(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch)
    ran = stage.play((1.0, lambda: stage.service.link.say(message("a", "안녕", 1000))), until=5.0)
    [event] = ran.events()
    assert (event.event, event.payload["content"]) == ("CHAT", "안녕")
