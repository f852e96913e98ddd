"""The node ``avatar.stage`` with its real server on the running loop, and plugins that talk to it."""

import asyncio
import json
import re
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import aiohttp
from reactivex.scheduler.eventloop import AsyncIOScheduler

from graphs.engine.flow.host import Keeping
from graphs.engine.flow.instance import Instance
from nodes import load_all
from nodes.services import Clock, Log, Web
from nodes.troubles import Troubles
from schemas.event import Event


class LoopClock:
    """The time of the loop."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()


class Stand(Troubles):
    """The engine around the node."""

    def __init__(self, web: Any, folder: Path, **settings: Any) -> None:
        self.log: list[str] = []
        self.failure: BaseException | None = None
        self.blocked, self.kept = 0, Keeping()
        given = {"port": 0, "broadcast": False, "token_file": folder / "tokens.json", **settings}
        spec = load_all()["avatar.stage"]
        lent: dict[type, Any] = {Clock: LoopClock(), Web: web, Log: self}
        self.node = Instance("stage", spec, spec.settings(**given), set(), lent, self)

    def emit(self, port: str, event: Event) -> None: ...
    def finished(self) -> None: ...
    def wake(self) -> None: ...
    def writable(self) -> Awaitable[None] | None: ...
    def failed(self, event: Event | None, error: BaseException) -> None:
        self.failure = error

    def info(self, text: str, **_: object) -> None:
        self.log.append(text)

    warning = info

    def hide(self, secret: str) -> None: ...

    async def start(self) -> str:
        """The address for plugins."""
        self.node.start(AsyncIOScheduler(asyncio.get_running_loop()))
        while True:
            found = re.search(r"ws://[\d.]+:\d+", "\n".join(self.log))
            if found:
                return found[0]
            assert self.failure is None, self.failure
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        await self.node.close()
        assert self.failure is None


class Plug:
    """A plugin on its own WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []
        self._number = 0

    async def send(self, kind: str, **data: Any) -> str:
        self._number += 1
        id_ = f"plug-{self._number}"
        envelope = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "requestID": id_}
        await self.socket.send_str(json.dumps({**envelope, "messageType": f"{kind}Request", "data": data}))
        return id_

    async def receive(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.socket.receive_json(), 10)

    async def ask(self, kind: str, **data: Any) -> dict[str, Any]:
        """The data of the answer; events that come before it are kept."""
        id_ = await self.send(kind, **data)
        while True:
            told = await self.receive()
            if told["requestID"] == id_:
                return told["data"]
            self.events.append(told)

    async def log_in(self, name: str = "Plug") -> str:
        """With a stage that allows everything."""
        who = {"pluginName": name, "pluginDeveloper": "tests"}
        token = (await self.ask("AuthenticationToken", **who))["authenticationToken"]
        assert (await self.ask("Authentication", authenticationToken=token, **who))["authenticated"]
        return token
