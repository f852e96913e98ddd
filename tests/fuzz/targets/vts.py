"""Fuzzes a whole connection to VTube Studio, played from a script of one message a line.

``+{...}`` is the right answer to the oldest open request, with these fields in it; ``-{...}`` refuses that request;
``!1.5`` lets 1.5 seconds pass; anything else is sent as it is, with the id of the newest request in place of ``$``.
"""

import asyncio
import json
import tempfile
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from graphs.engine.offline.stand_ins import OfflineLoop
from nodes.avatar._vts.faces import Faces
from nodes.avatar._vts.feed import Feed
from nodes.avatar._vts.session import Custom, Denied, Plugin, Session
from nodes.avatar._vts.tokens import TokenFile
from nodes.troubles import Troubles
from nodes.websocket import Lost
from schemas.pose import PoseFrame
from tests.fuzz.targets._laws import must, seconds, wire, writable

_FRAME = PoseFrame(at=0.0, values={"FaceAngleX": 3.0, "MouthOpen": 0.5, "Ours1": 1.0}, offsets={"FaceAngleX": 0.1})
_FEELINGS = ("happy", "sad", "angry")
_HOST = "127.0.0.1:8001"
_MOST_SENT = 64
"""The most requests between two messages: the session's own, and the movements and faces that are due."""
_ANSWERS: dict[str, dict[str, Any]] = {
    "APIState": {"active": True, "currentSessionAuthenticated": False},
    "AuthenticationToken": {"authenticationToken": "abc"},
    "Authentication": {"authenticated": True},
    "InputParameterList": {"defaultParameters": [{"name": "FaceAngleX", "min": -30, "max": 30}]},
    "HotkeysInCurrentModel": {
        "availableHotkeys": [{"name": "choco-sad", "type": "ToggleExpression", "file": "a.exp3.json", "hotkeyID": "1"}]
    },
    "CurrentModel": {"modelLoaded": True, "modelName": "Choco"},
}


class _Clock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()


class _Jobs:
    async def thread(self, call: Callable[..., Any], *args: Any) -> Any:
        return call(*args)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the session asks for {name}")


class _Said(Troubles):
    """A log; each line can be written to a file."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, text: str, **_: object) -> None:
        self.lines.append(text)

    warning = info

    def hide(self, secret: str) -> None:
        pass


class _Script:
    """The link; its other end sends the lines."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = deque(lines)
        self._open: deque[tuple[str, str]] = deque()
        self._newest = ""
        self._sent = 0
        self._closed = False
        self.between: Callable[[], Awaitable[None]] | None = None

    async def receive(self) -> str:
        if self.between is not None:
            await self.between()
        self._sent = 0
        while self._lines and not self._closed:
            line = self._lines[0]
            if line.startswith("!"):
                await asyncio.sleep(seconds(line[1:]))  # may be cancelled: then the wait starts again
                self._lines.popleft()
                if self.between is not None:
                    await self.between()
                continue
            return self._told(self._lines.popleft())
        raise Lost("the script is over")

    async def send(self, text: str) -> None:
        if self._closed:
            raise Lost("closed")
        must(len(writable(text)) < 1 << 20, "a message of more than 1 MB")
        message = json.loads(text)
        wire(message)
        self._sent += 1
        must(self._sent < _MOST_SENT, "it sends without end")
        self._newest = message["requestID"]
        self._open.append((self._newest, message["messageType"].removesuffix("Request")))

    async def close(self) -> None:
        self._closed = True

    def _told(self, line: str) -> str:
        if line[:1] not in ("+", "-") or not self._open:
            return line.replace("$", self._newest)
        id_, kind = self._open.popleft()
        given = line[1:].strip() or "{}"
        if line[0] == "-":
            return f'{{"requestID":"{id_}","messageType":"APIError","data":{given}}}'
        if given == "{}":
            given = json.dumps(_ANSWERS.get(kind, {}))
        return f'{{"requestID":"{id_}","messageType":"{kind}Response","data":{given}}}'


def check(data: bytes) -> None:
    said = _Said()
    with tempfile.TemporaryDirectory(prefix="fuzz-vts-") as folder:
        file = Path(folder) / "token.txt"
        loop = OfflineLoop()
        try:
            loop.run_until_complete(_session(data.decode("utf-8", "replace").split("\n")[:64], TokenFile(file), said))
            must(not asyncio.all_tasks(loop), "it left a task behind")
        finally:
            loop.close()
        token = TokenFile(file).get(_HOST)
        must(token is None or token.split() == [token], "no token:", token)
    must(len(said.lines) < 200, len(said.lines), "lines in the log")


async def _session(lines: list[str], tokens: TokenFile, said: _Said) -> None:
    script, feed = _Script(lines), Feed(said.warning)
    faces = Faces({"happy": "웃음", "sad": "choco-sad"}, {"angry": "angry.exp3.json"}, 0.2, said.warning)
    plugin = Plugin("Fuzz", "Fuzz", {"Ours1": Custom("ours", -1.0, 1.0, 0.0)})
    session = Session(
        script, _HOST, plugin, feed, faces, tokens, jobs=_Jobs(), clock=_Clock(), log=said
    )  # fmt: skip
    turn = 0

    async def between() -> None:
        nonlocal turn
        turn += 1
        feed.take(_FRAME, _Clock().now())
        faces.feel(_FEELINGS[turn % 3])
        if session.ready:
            with suppress(Lost):
                await session.send()

    script.between = between
    try:
        await session.run()
    except Denied:
        with suppress(Lost):
            await session.linger()
    except Lost as lost:
        must(str(lost), "it does not say why")
    else:
        raise AssertionError("it ended without a word")
    must(not session.ready, "it takes movements after its end")
