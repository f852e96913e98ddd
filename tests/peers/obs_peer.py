"""Stands in for OBS's websocket (obs-websocket 5), strictly: what the protocol forbids closes the connection.

https://github.com/obsproject/obs-websocket/blob/master/docs/generated/protocol.md
"""

import base64
import hashlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

SALT, CHALLENGE = "lM1GncleQOaCu9lT1yeUZhFYnqhsLLP1G5lAGo3ixaI=", "+IxH4CnCiqpX1rM9scsNynZzbOe4KhDeYcTNS3PDaeY="
"""As the example of the protocol has them."""
DECODE, UNKNOWN_OP, NOT_IDENTIFIED, ALREADY, AUTH_FAILED, RPC = 4002, 4006, 4007, 4008, 4009, 4010


class Status(Exception):
    """A request that fails, with its code."""


@dataclass
class ObsPeer:
    """An OBS with one scene in its program."""

    password: str = ""
    kinds: tuple[str, ...] = ("browser_source", "color_source_v3")
    canvas: tuple[int, int] = (1920, 1080)
    inputs: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict[str, tuple[str, dict[str, Any]]])
    """Input -> its kind and settings."""
    items: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Of the scene that is on air."""
    groups: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    """Group -> its items."""
    scenes: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    """Other scene -> its items."""
    scene: str = "장면"
    asked: list[str] = field(default_factory=list[str])
    connections: int = 0
    failing: dict[str, int] = field(default_factory=dict[str, int])
    """Request -> the code with which it fails."""
    port: int = 0

    async def talk(self, request: web.Request) -> web.StreamResponse:
        self.connections += 1
        if "obswebsocket.json" not in request.headers.get("Sec-WebSocket-Protocol", ""):
            return web.Response(status=400)
        socket = web.WebSocketResponse(protocols=("obswebsocket.json",))
        await socket.prepare(request)
        hello: dict[str, Any] = {"obsWebSocketVersion": "5.5.0", "rpcVersion": 1}
        if self.password:
            hello["authentication"] = {"challenge": CHALLENGE, "salt": SALT}
        await socket.send_str(json.dumps({"op": 0, "d": hello}))
        known = False
        async for message in socket:
            code = DECODE
            if message.type is WSMsgType.TEXT:
                try:
                    said = json.loads(message.data)
                    op, data = said["op"], said["d"]
                    code, known = await self._took(socket, op, data, known)
                except (ValueError, LookupError, TypeError):
                    code = DECODE
            if code:
                await socket.close(code=code)
        return socket

    async def _took(self, socket: web.WebSocketResponse, op: int, data: Any, known: bool) -> tuple[int, bool]:
        if op not in (1, 6):
            return UNKNOWN_OP, known
        if op == 6 and not known:
            return NOT_IDENTIFIED, known
        if op == 1 and known:
            return ALREADY, known
        if op == 1:
            if data["rpcVersion"] != 1:
                return RPC, known
            if self.password and data.get("authentication") != proof(self.password):
                return AUTH_FAILED, known
            await socket.send_str(json.dumps({"op": 2, "d": {"negotiatedRpcVersion": 1}}))
            return 0, True
        await socket.send_str(json.dumps({"op": 5, "d": {"eventType": "Vendor", "eventIntent": 1}}))
        await socket.send_str(json.dumps({"op": 7, "d": self._answer(data)}))
        return 0, True

    def _answer(self, data: Mapping[str, Any]) -> dict[str, Any]:
        name = data["requestType"]
        self.asked.append(name)
        said: dict[str, Any] = {"requestType": name, "requestId": data["requestId"]}
        try:
            if name in self.failing:
                raise Status(self.failing[name], "as the test wants it")
            if name not in REQUESTS:
                raise Status(204, "unknown request")
            given: Mapping[str, Any] = data.get("requestData") or {}
            needed, do = REQUESTS[name]
            for key in needed:
                if key not in given:
                    raise Status(300, f"missing {key}")
            answer = do(self, given)
        except Status as error:
            code, comment = error.args
            return said | {"requestStatus": {"result": False, "code": code, "comment": comment}}
        return said | {"requestStatus": {"result": True, "code": 100}} | ({"responseData": answer} if answer else {})

    # What a request does.

    def the_scene(self, given: Mapping[str, Any], *, group: bool = False) -> list[dict[str, Any]]:
        name = given["sceneName"]
        scenes = {self.scene: self.items, **self.scenes}
        if name in (scenes if group else self.groups):
            raise Status(602, "a scene, not a group" if group else "a group, not a scene")
        if name not in (self.groups if group else scenes):
            raise Status(600, "no such scene")
        return (self.groups if group else scenes)[name]

    def around(self, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        return self.the_scene(given, group=given["sceneName"] in self.groups)

    def input(self, name: str) -> tuple[str, dict[str, Any]]:
        if name not in self.inputs:
            raise Status(600, "no such input")
        return self.inputs[name]

    def item(self, given: Mapping[str, Any]) -> dict[str, Any]:
        for each in self.around(given):
            if each["sceneItemId"] == given["sceneItemId"]:
                return each
        raise Status(600, "no such item")

    def add(self, name: str, shown: bool, to: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        items = self.items if to is None else to
        number = 1 + max((each["sceneItemId"] for each in items), default=0)
        items.append({"sceneItemId": number, "sourceName": name, "sceneItemEnabled": shown})
        return {"sceneItemId": number}

    def create(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self.the_scene(given)
        if given["inputName"] in self.inputs or given["inputName"] == self.scene:
            raise Status(601, "a source of that name is there")
        if given["inputKind"] not in self.kinds:
            raise Status(605, "no such kind")
        self.inputs[given["inputName"]] = (given["inputKind"], dict(given.get("inputSettings", {})))
        return self.add(given["inputName"], given.get("sceneItemEnabled", True))

    def listed(self, given: Mapping[str, Any]) -> dict[str, Any]:
        wanted = given.get("inputKind")
        found = [
            {"inputName": name, "inputKind": kind, "unversionedInputKind": kind}
            for name, (kind, _) in self.inputs.items()
            if wanted in (None, kind)
        ]
        return {"inputs": found}

    def change(self, given: Mapping[str, Any]) -> None:
        kind, settings = self.input(given["inputName"])
        before = settings if given.get("overlay", True) else {}
        self.inputs[given["inputName"]] = (kind, before | given["inputSettings"])

    def in_scene(self, given: Mapping[str, Any], *, group: bool = False) -> dict[str, Any]:
        return {"sceneItems": [each | self.kind_of(each) for each in self.the_scene(given, group=group)]}

    def in_group(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return self.in_scene(given, group=True)

    def kind_of(self, item: Mapping[str, Any]) -> dict[str, Any]:
        name = item["sourceName"]
        if name in self.groups or name in self.scenes:
            return {"sourceType": "OBS_SOURCE_TYPE_SCENE", "isGroup": name in self.groups}
        return {"sourceType": "OBS_SOURCE_TYPE_INPUT", "isGroup": None}

    def again(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self.the_scene(given)
        self.input(given["sourceName"])
        return self.add(given["sourceName"], given.get("sceneItemEnabled", True))

    def settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        kind, settings = self.input(given["inputName"])
        return {"inputKind": kind, "inputSettings": settings}

    def enable(self, given: Mapping[str, Any]) -> None:
        self.item(given)["sceneItemEnabled"] = given["sceneItemEnabled"]

    def transform(self, given: Mapping[str, Any]) -> None:
        bounds = given["sceneItemTransform"]
        if bounds.get("boundsType") == "OBS_BOUNDS_NONE" or bounds.get("boundsWidth", 1) < 1:
            raise Status(402, "out of range")
        self.item(given)["transform"] = bounds

    def video(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"baseWidth": self.canvas[0], "baseHeight": self.canvas[1]}

    def program(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"currentProgramSceneName": self.scene, "sceneName": self.scene}


Talk = Callable[[web.Request], Awaitable[web.StreamResponse]]
Do = Callable[[ObsPeer, Mapping[str, Any]], dict[str, Any] | None]
ITEM = ("sceneName", "sceneItemId")
REQUESTS: Mapping[str, tuple[tuple[str, ...], Do]] = {
    "GetCurrentProgramScene": ((), ObsPeer.program),
    "GetVideoSettings": ((), ObsPeer.video),
    "GetInputList": ((), ObsPeer.listed),
    "GetInputSettings": (("inputName",), ObsPeer.settings),
    "SetInputSettings": (("inputName", "inputSettings"), ObsPeer.change),
    "CreateInput": (("sceneName", "inputName", "inputKind"), ObsPeer.create),
    "CreateSceneItem": (("sceneName", "sourceName"), ObsPeer.again),
    "GetSceneItemList": (("sceneName",), ObsPeer.in_scene),
    "GetGroupSceneItemList": (("sceneName",), ObsPeer.in_group),
    "SetSceneItemEnabled": ((*ITEM, "sceneItemEnabled"), ObsPeer.enable),
    "SetSceneItemTransform": ((*ITEM, "sceneItemTransform"), ObsPeer.transform),
}
"""Request -> what it needs, and what it does."""


def proof(password: str) -> str:
    secret = base64.b64encode(hashlib.sha256((password + SALT).encode()).digest())
    return base64.b64encode(hashlib.sha256(secret + CHALLENGE.encode()).digest()).decode()


@asynccontextmanager
async def listening(talk: Talk, port: int = 0) -> AsyncGenerator[int]:
    """Let a handler answer on loopback; give the port."""
    app = web.Application()
    app.router.add_get("/", talk)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serving(peer: ObsPeer) -> AsyncGenerator[ObsPeer]:
    """Let clients reach ``peer`` on loopback, at ``peer.port``."""
    async with listening(peer.talk, peer.port) as peer.port:
        yield peer
