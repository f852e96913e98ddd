"""CHZZK's session service on virtual time: the account and the WebSocket that ``chat.chzzk`` asks for."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest

import nodes.chat.chzzk
from nodes.chat._chzzk.socket import Lost
from tests.harness import Ran, run

Behaviour = Literal["good", "hangs", "refuses", "closes before open", "opens nothing", "no system", "no key"]
HANDSHAKE = {"sid": "s", "upgrades": [], "pingInterval": 25000, "pingTimeout": 60000}


class Link:
    """One WebSocket."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()
        self.sent: list[tuple[float, str]] = []
        self.closed_at: float | None = None
        self.deaf = False

    async def receive(self) -> str:
        frame = await self._frames.get()
        if frame is None:
            raise Lost("the WebSocket was closed (1006)")
        return frame

    async def send(self, text: str) -> None:
        self.sent.append((now(), text))
        if not self.deaf:
            self.push("3")

    async def close(self) -> None:
        self.closed_at = now()

    def push(self, frame: str | None) -> None:
        """Give it a frame, or None for the end of the WebSocket."""
        self._frames.put_nowait(frame)

    def emit(self, event: str, payload: Any) -> None:
        self.push("42" + json.dumps([event, payload], ensure_ascii=False))

    def system(self, type_: str, **data: str) -> None:
        self.emit("SYSTEM", json.dumps({"type": type_, "data": data}))


class Service:
    """Does what CHZZK does unless a test tells it otherwise."""

    def __init__(self) -> None:
        self.links: list[Link] = []
        self.urls: list[tuple[float, str]] = []
        self.asked: list[tuple[float, str]] = []
        self.behaviours: deque[Behaviour] = deque()
        """What the next connections do; then ``good``."""
        self.url_errors: deque[Exception] = deque()
        self.subscribe_errors: dict[str, deque[Exception]] = {
            "chat": deque(),
            "donation": deque(),
            "subscription": deque(),
        }
        self.confirms = {"chat", "donation", "subscription"}
        self.logged_in = False
        """A person has logged in since the login was last looked at."""
        self.looks = 0
        self.subscribe_s = 0.0
        """How long the answer to a subscription takes."""
        self.closed = 0

    @property
    def link(self) -> Link:
        return self.links[-1]

    @asynccontextmanager
    async def websockets(self) -> AsyncIterator[Callable[[str], Awaitable[Link]]]:
        yield self.connect

    async def connect(self, url: str) -> Link:
        assert url == self.urls[-1][1], "a session URL was used again"
        behaviour = self.behaviours.popleft() if self.behaviours else "good"
        if behaviour == "hangs":
            await asyncio.sleep(1e6)
        if behaviour == "refuses":
            raise Lost("no WebSocket (HTTP 502)")
        link = Link(self)
        self.links.append(link)
        if behaviour == "closes before open":
            link.push(None)
        if behaviour in ("good", "no system", "no key"):
            link.push("0" + json.dumps(HANDSHAKE))
            link.push("40")
        if behaviour == "good":
            link.system("connected", sessionKey=f"key{len(self.links)}")
        if behaviour == "no key":
            link.system("connected")
        return link

    async def session_url(self) -> str:
        self.urls.append((now(), f"https://peer.test?auth=once{len(self.urls)}"))
        if self.url_errors:
            raise self.url_errors.popleft()
        return self.urls[-1][1]

    async def subscribe(self, event: str, session_key: str) -> None:
        assert session_key == f"key{len(self.links)}"
        self.asked.append((now(), event))
        if self.subscribe_s:
            await asyncio.sleep(self.subscribe_s)
        if self.subscribe_errors[event]:
            raise self.subscribe_errors[event].popleft()
        if event in self.confirms:
            self.link.system("subscribed", eventType=event.upper(), channelId="c")

    async def login_is_new(self) -> bool:
        self.looks += 1
        new, self.logged_in = self.logged_in, False
        return new

    async def close(self) -> None:
        self.closed += 1


class Longest:
    """Chance that always takes the longest time."""

    def uniform(self, _: float, longest: float) -> float:
        return longest


def now() -> float:
    return round(asyncio.get_running_loop().time(), 3)


class Stage:
    """Runs ``chat.chzzk`` against a service."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.service = Service()
        monkeypatch.setattr(nodes.chat.chzzk, "websockets", self.service.websockets)
        monkeypatch.setattr(nodes.chat.chzzk.Chzzk, "account", lambda _, log: self.service)
        monkeypatch.setattr(nodes.chat.chzzk, "Random", Longest)

    def play(self, *story: tuple[float, Callable[[], object]], until: float = 3600.0) -> Ran:
        """Run it for this many seconds; at each time of the story its call is made."""

        async def tell(_: object) -> None:
            for at, call in story:
                await asyncio.sleep(at - now())
                call()

        ran = run("chat.chzzk", {}, until=until, during=tell)
        assert ran.error is None, ran.error
        assert all(link.closed_at is not None for link in self.service.links), "a WebSocket was left open"
        assert self.service.closed == 1
        return ran
