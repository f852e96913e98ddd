"""VTube Studio on virtual time: a WebSocket of ``avatar.vts`` with a person in front of the window."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import nodes.avatar.vts
from nodes.services import Web
from nodes.websocket import Lost
from schemas.event import Event
from schemas.pose import PoseFrame
from tests.fakes import FakeWeb
from tests.harness import Ran, run

STANDARD = {
    "FaceAngleX": (-1000.0, 1000.0),
    "FaceAngleY": (-30.0, 30.0),
    "EyeOpenLeft": (0.0, 1.0),
    "MouthOpen": (0.0, 1.0),
    "MouthSmile": (0.0, 1.0),
}


def frame(at: float = 0.0, offsets: dict[str, float] | None = None, **values: float) -> PoseFrame:
    return PoseFrame(values=values, at=at, offsets=offsets or {})


def frames(seconds: float, begin: float = 0.0, hz: float = 60.0) -> list[tuple[float, Event]]:
    """A head that turns: FaceAngleX is the time."""
    times = [begin + number / hz for number in range(round(seconds * hz))]
    return [(at, frame(at, FaceAngleX=at)) for at in times]


def now() -> float:
    return asyncio.get_running_loop().time()


class Peer:
    """What VTube Studio does; a test changes its fields."""

    def __init__(self) -> None:
        self.up = True
        self.api = True
        self.links: list[Link] = []
        self.tried: list[tuple[float, int]] = []
        """(seconds, port) of each attempt to connect."""
        self.asked: list[tuple[float, str, dict[str, Any]]] = []
        """(seconds, request, data) of all but injections."""
        self.injected: list[tuple[float, dict[str, tuple[float, float]]]] = []
        """(seconds, input -> (value, weight)) of those that were accepted."""
        self.refused: list[tuple[float, int, list[str]]] = []
        """(seconds, error id, inputs) of those that were not."""
        self.tokens: list[str] = []
        """Tokens that are valid."""
        self.model = "somebody's model"
        self.prompt: list[int | float] = []
        """What the person does at each prompt: seconds until a click on Allow, or -(error id)."""
        self.inputs = dict(STANDARD)
        self.hotkeys: list[dict[str, Any]] = []
        self.held: set[str] = set()
        """Inputs that belong to another plugin."""
        self.errors: dict[str, list[int]] = {}
        """Request -> error ids that it gets, one after the other."""
        self.mute: set[str] = set()
        """Requests that get no answer."""
        self.delay_s = 0.0
        """Until an injection is answered."""

    @property
    def link(self) -> "Link":
        return self.links[-1]

    def names(self, kind: str) -> list[dict[str, Any]]:
        return [data for _, asked, data in self.asked if asked == kind]

    def value(self, name: str, at: float) -> float | None:
        """Of an input at a time: what was sent last, if that is less than a second ago."""
        sent = [(when, values[name][0]) for when, values in self.injected if when <= at and name in values]
        return sent[-1][1] if sent and at - sent[-1][0] <= 1.0 else None

    @asynccontextmanager
    async def websockets(self) -> AsyncIterator[Callable[[str, int], Awaitable["Link"]]]:
        yield self.connect

    async def connect(self, host: str, port: int) -> "Link":
        self.tried.append((now(), port))
        if not self.up:
            raise Lost("no WebSocket (ClientConnectorError)")
        self.links.append(Link(self))
        return self.link

    def die(self) -> None:
        """The window is closed."""
        self.up = False
        for link in self.links:
            link.push(None)

    def answer(self, kind: str, data: dict[str, Any]) -> tuple[float, dict[str, Any] | int]:
        """(seconds until it answers, data or error id)"""
        if not self.api:
            return 0.0, 1
        if self.errors.get(kind):
            return 0.0, self.errors[kind].pop(0)
        if kind == "AuthenticationToken":
            does = self.prompt.pop(0) if self.prompt else 0.5
            if does < 0:
                return 0.0, int(-does)
            self.tokens.append(f"token{len(self.tokens) + 1}")
            return float(does), {"authenticationToken": self.tokens[-1]}
        if kind == "Authentication":
            return 0.0, {"authenticated": data["authenticationToken"] in self.tokens, "reason": ""}
        if kind == "InputParameterList":
            listed = [{"name": name, "min": low, "max": high} for name, (low, high) in self.inputs.items()]
            return 0.0, {"defaultParameters": listed[:3], "customParameters": listed[3:]}
        if kind == "ParameterCreation":
            self.inputs[data["parameterName"]] = (data["min"], data["max"])
        if kind == "CurrentModel":
            return 0.0, {"modelLoaded": True, "modelName": "초코", "modelID": self.model}
        if kind == "HotkeysInCurrentModel":
            return 0.0, {"modelLoaded": True, "availableHotkeys": self.hotkeys}
        return 0.0, self.inject(data) if kind == "InjectParameterData" else {}

    def inject(self, data: dict[str, Any]) -> dict[str, Any] | int:
        given = {each["id"]: (each["value"], each.get("weight", 1.0)) for each in data["parameterValues"]}
        assert data["faceFound"] is True
        error = 453 if not given.keys() <= self.inputs.keys() else 454 if given.keys() & self.held else 0
        if error:
            self.refused.append((now(), error, list(given)))
            return error
        self.injected.append((now(), given))
        return {}


class Link:
    """One connection."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._messages: asyncio.Queue[str | None] = asyncio.Queue()
        self.closed_at: float | None = None
        self.authenticated = False

    async def receive(self) -> str:
        message = await self._messages.get()
        if message is None:
            self._messages.put_nowait(None)
            raise Lost("the WebSocket was closed (1006)")
        return message

    async def send(self, text: str) -> None:
        if self.closed_at is not None or not self._peer.up:
            raise Lost("the WebSocket was closed (ClientConnectionResetError)")
        message = json.loads(text)
        assert message["apiName"] == "VTubeStudioPublicAPI"
        assert 1 <= len(message["requestID"]) <= 64
        kind = message["messageType"].removesuffix("Request")
        if kind != "InjectParameterData":
            self._peer.asked.append((now(), kind, message["data"]))
        if kind in self._peer.mute:
            return
        if not self.authenticated and kind not in ("APIState", "AuthenticationToken", "Authentication"):
            delay, answer = 0.0, 8
        else:
            delay, answer = self._peer.answer(kind, message["data"])
        if kind == "Authentication" and isinstance(answer, dict):
            self.authenticated = answer["authenticated"]
        reply = {"requestID": message["requestID"], "messageType": f"{kind}Response", "data": answer}
        if isinstance(answer, int):
            reply |= {"messageType": "APIError", "data": {"errorID": answer, "message": "no"}}
        self.say(reply, max(delay, self._peer.delay_s if kind == "InjectParameterData" else 0.0))

    def say(self, message: object, delay: float = 0.0) -> None:
        self.push(message if isinstance(message, str) else json.dumps(message), delay)

    def push(self, text: str | None, delay: float = 0.0) -> None:
        loop = asyncio.get_running_loop()
        if delay:
            loop.call_later(delay, self._messages.put_nowait, text)
        else:
            self._messages.put_nowait(text)

    async def close(self) -> None:
        self.closed_at = self.closed_at or now()
        self.push(None)


class Stage:
    """``avatar.vts`` in front of a ``Peer``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.peer = Peer()
        self.web = FakeWeb()
        self.tokens = folder / "config" / "vts_token.txt"
        monkeypatch.setattr(nodes.avatar.vts, "websockets", self.peer.websockets)

    def go(
        self,
        pose: Iterable[tuple[float, Event]],
        seconds: float,
        *,
        emotion: Iterable[tuple[float, Event]] | None = None,
        speaking: Iterable[tuple[float, Event]] | None = None,
        plan: dict[float, Callable[[], object]] | None = None,
        **settings: Any,
    ) -> Ran:
        """Run it for this long; ``plan`` is what happens to the peer at which second."""

        async def during(_: object) -> None:
            for at, act in sorted((plan or {}).items()):
                await asyncio.sleep(max(0.0, at - now()))
                act()

        wired = {"emotion": emotion, "speaking": speaking}
        given = {"pose": list(pose), **{port: list(events) for port, events in wired.items() if events is not None}}
        config = {"token_file": str(self.tokens), "discover": False, "custom": {}, **settings}
        ran = run(
            "avatar.vts",
            given,
            settings=config,
            complete_at=seconds,
            until=seconds + 60.0,
            during=during,
            services={Web: self.web},
        )
        assert not self.web.open
        assert ran.error is None
        assert ran.completed_at == seconds
        assert all(link.closed_at is not None for link in self.peer.links)
        return ran
