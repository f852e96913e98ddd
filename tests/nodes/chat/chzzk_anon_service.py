"""CHZZK's web chat on virtual time: the two requests and the WebSocket that ``chat.chzzk_anon`` asks for."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest

import nodes.chat.chzzk_anon as module
from nodes.chat._chzzk_anon.api import Live
from nodes.websocket import Lost
from tests.harness import Ran, run
from tests.nodes.chat.chzzk_service import Longest, now

CHANNEL = "c" * 32
TOKEN = "marked-token-0123456789"
Behaviour = Literal["good", "hangs", "refuses", "closes", "says nothing", "rejects"]


def message(name: str, text: str, at: int, **changed: Any) -> dict[str, Any]:
    """A live message as the web chat sends it."""
    return {
        "svcid": "game",
        "cid": "N1",
        "mbrCnt": 12,
        "uid": name * 32,
        "profile": json.dumps({"userIdHash": name * 32, "nickname": f"시청자 {name}", "userRoleCode": "common_user"}),
        "msg": text,
        "msgTypeCode": 1,
        "msgStatusType": "NORMAL",
        "extras": json.dumps({"chatType": "STREAMING", "emojis": ""}),
        "msgTime": at,
        **changed,
    }


def recent(name: str, text: str, at: int, **changed: Any) -> dict[str, Any]:
    """The same message in the list of recent ones."""
    return {
        "userId": name * 32,
        "profile": json.dumps({"nickname": f"시청자 {name}"}),
        "content": text,
        "messageTypeCode": 1,
        "messageStatusType": "NORMAL",
        "messageTime": at,
        **changed,
    }


def frame(command: int, body: Any, **more: Any) -> str:
    return json.dumps({"ver": "3", "cmd": command, "svcid": "game", "cid": "N1", "bdy": body, **more})


class Link:
    """One WebSocket; it answers pings until it is deaf."""

    def __init__(self, service: "Service", behaviour: Behaviour) -> None:
        self._service = service
        self._behaviour = behaviour
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()
        self.sent: list[tuple[float, int]] = []
        """(seconds, command)"""
        self.hello: Any = None
        self.closed_at: float | None = None
        self.deaf = False

    async def receive(self) -> str:
        got = await self._frames.get()
        if got is None:
            raise Lost("the WebSocket was closed (1006)")
        return got

    async def send(self, text: str) -> None:
        said = json.loads(text)
        self.sent.append((now(), said["cmd"]))
        if said["cmd"] == 100:
            self.hello = said
            if self._behaviour == "good":
                self.push(frame(10100, {"sid": "s1"}, retCode=0))
            elif self._behaviour == "rejects":
                self.push(frame(10100, {}, retCode=301))
        elif said["cmd"] == 5101:
            self.push(frame(15101, {"messageList": self._service.recent}))
        elif said["cmd"] == 0 and not self.deaf:
            self.push(json.dumps({"ver": "3", "cmd": 10000}))

    async def close(self) -> None:
        self.closed_at = now()

    def push(self, text: str | None) -> None:
        """Give it a frame, or None for the end of the WebSocket."""
        self._frames.put_nowait(text)

    def say(self, *messages: dict[str, Any]) -> None:
        self.push(frame(93101, list(messages)))


class Service:
    """Does what CHZZK does unless a test tells it otherwise."""

    def __init__(self) -> None:
        self.live_now = Live("N1", "open")
        self.recent: list[dict[str, Any]] = []
        self.behaviours: deque[Behaviour] = deque()
        """What the next connections do; then ``good``."""
        self.live_errors: deque[Exception] = deque()
        self.token_errors: deque[Exception] = deque()
        self.live_s = 0.0
        """How long the answer to ``live`` takes."""
        self.asked: list[float] = []
        self.tokens: list[tuple[float, str]] = []
        self.urls: list[str] = []
        self.links: list[Link] = []
        self.closed = 0

    @property
    def link(self) -> Link:
        return self.links[-1]

    async def live(self, channel_id: str) -> Live:
        assert channel_id == CHANNEL
        self.asked.append(now())
        await asyncio.sleep(self.live_s)
        if self.live_errors:
            raise self.live_errors.popleft()
        return self.live_now

    async def token(self, chat_id: str) -> str:
        self.tokens.append((now(), chat_id))
        if self.token_errors:
            raise self.token_errors.popleft()
        return TOKEN

    async def connect(self, url: str) -> Link:
        self.urls.append(url)
        behaviour: Behaviour = self.behaviours.popleft() if self.behaviours else "good"
        if behaviour == "hangs":
            await asyncio.sleep(1e6)
        if behaviour == "refuses":
            raise Lost("no WebSocket (HTTP 502)")
        self.links.append(Link(self, behaviour))
        if behaviour == "closes":
            self.link.push(None)
        return self.link

    @asynccontextmanager
    async def websockets(self, *_: Any) -> AsyncIterator[Any]:
        yield self.connect

    async def close(self) -> None:
        self.closed += 1


class Stage:
    """Runs ``chat.chzzk_anon`` against a service."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.service = Service()
        monkeypatch.setattr(module, "AnonApi", lambda *_: self.service)
        monkeypatch.setattr(module, "websockets", self.service.websockets)
        monkeypatch.setattr(module, "Random", Longest)

    def play(self, *story: tuple[float, Callable[[], object]], until: float) -> Ran:
        """Run it for this many seconds; at each time of the story its call is made."""

        async def tell(_: object) -> None:
            for at, call in story:
                await asyncio.sleep(at - now())
                call()

        ran = run("chat.chzzk_anon", {}, settings={"channel_id": CHANNEL}, until=until, during=tell)
        assert ran.error is None, ran.error
        assert ran.completed_at is None
        assert all(link.closed_at is not None for link in self.service.links), "a WebSocket was left open"
        assert self.service.closed == 1
        assert not any(TOKEN in line for line in ran.log)
        return ran
