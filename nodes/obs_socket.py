"""A client of OBS's websocket: it logs in, and sends one request after another.

The protocol is obs-websocket 5, which OBS has since version 28:
https://github.com/obsproject/obs-websocket/blob/master/docs/generated/protocol.md
"""

# Our own, over aiohttp: obsws-python is GPL-3.0-only, and simpleobsws (MIT) would bring a second WebSocket library and
# msgpack for the few messages that are sent here.

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from aiohttp import ClientWebSocketResponse

PORT = 4455
OPEN_S = 2.0
ANSWER_S = 3.0
CLOSE_S = 0.5
RPC_VERSION = 1
HELLO, IDENTIFY, IDENTIFIED, REQUEST, RESPONSE = 0, 1, 2, 6, 7
WRONG_PASSWORD = 4009
"""Close code."""
TAKEN, NO_SUCH_KIND = 601, 605
"""Codes of requests that failed."""


class Absent(Exception):
    """Raised when nothing that speaks this protocol is there, or it went away."""


class PasswordRefused(Exception):
    """Raised when OBS wants a password and takes not this one."""


class Failed(Exception):
    """Raised when OBS does not do what it is asked to."""

    def __init__(self, request: str, code: int, comment: str) -> None:
        super().__init__(f"{request}: {code} {comment}".strip())
        self.code = code


class Obs:
    """One connection."""

    def __init__(self, socket: "ClientWebSocketResponse") -> None:
        self._socket = socket
        self._sent = 0

    async def log_in(self, password: str) -> None:
        """Say who we are, and want no events.

        Raises:
            Absent, PasswordRefused.
        """
        hello = await self._next(HELLO)
        said: dict[str, Any] = {"rpcVersion": RPC_VERSION, "eventSubscriptions": 0}
        if isinstance(asked := hello.get("authentication"), Mapping):
            wanted = cast(Mapping[str, object], asked)
            said["authentication"] = proof(password, str(wanted.get("salt")), str(wanted.get("challenge")))
        await self._send(IDENTIFY, said)
        await self._next(IDENTIFIED)

    async def ask(self, request: str, **data: object) -> Mapping[str, Any]:
        """Send a request and return its answer.

        Raises:
            Absent, Failed.
        """
        self._sent += 1
        await self._send(REQUEST, {"requestType": request, "requestId": str(self._sent), "requestData": data})
        while True:
            said = await self._next(RESPONSE)
            if said.get("requestId") == str(self._sent):
                break
        status = said.get("requestStatus")
        found: Mapping[str, Any] = cast(Mapping[str, Any], status) if isinstance(status, Mapping) else {}
        if found.get("result") is not True:
            raise Failed(request, int(found.get("code", 0)), str(found.get("comment", "")))
        return cast(Mapping[str, Any], said.get("responseData") or {})

    async def _send(self, op: int, data: Mapping[str, object]) -> None:
        from aiohttp import ClientError

        try:
            await self._socket.send_str(json.dumps({"op": op, "d": data}))
        except (OSError, ClientError) as error:
            raise Absent(type(error).__name__) from None

    async def _next(self, op: int) -> Mapping[str, Any]:
        """Return the data of the next message of this kind; others are of no interest."""
        from aiohttp import WSMsgType

        try:
            async with asyncio.timeout(ANSWER_S):
                while True:
                    message = await self._socket.receive()
                    if message.type is not WSMsgType.TEXT:
                        raise self._gone()
                    said: Any = json.loads(message.data)
                    if said["op"] == op:
                        return cast(Mapping[str, Any], dict(said["d"]))
        except TimeoutError:
            raise Absent("no answer") from None
        except (ValueError, TypeError, LookupError):
            raise Absent("another protocol") from None

    def _gone(self) -> Exception:
        code = self._socket.close_code
        return PasswordRefused() if code == WRONG_PASSWORD else Absent(f"closed ({code})")


def proof(password: str, salt: str, challenge: str) -> str:
    """Return what shows OBS that we know its password, without the password."""
    return _hashed(_hashed(password + salt) + challenge)


def _hashed(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@asynccontextmanager
async def connected(host: str, port: int, password: str) -> AsyncGenerator[Obs]:
    """Connect to OBS, and log in.

    Raises:
        Absent, PasswordRefused.
    """
    import aiohttp

    async with aiohttp.ClientSession(trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as http:
        try:
            async with asyncio.timeout(OPEN_S):
                socket = await http.ws_connect(
                    f"ws://{f'[{host}]' if ':' in host else host}:{port}",
                    protocols=("obswebsocket.json",),
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),  # pyright: ignore[reportCallIssue]
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Absent(type(error).__name__) from None
        try:
            obs = Obs(socket)
            await obs.log_in(password)
            yield obs
        finally:
            await socket.close()
