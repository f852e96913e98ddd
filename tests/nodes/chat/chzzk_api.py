"""CHZZK's REST API in miniature: one-time codes and refresh tokens, the envelope, and whatever goes wrong on demand."""

import asyncio
import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aiohttp import web

CLIENT_ID, SECRET = "client-id-0", "MARK-client-secret"
ME = {"channelId": "c" * 32, "channelName": "하늘방송", "nickname": "하늘"}


class ChzzkApi:
    """``async with`` serves it on the loopback; ``in_thread`` does so beside code that has its own loop."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, str]] = []
        """(method, path) of each request."""
        self.bodies: list[dict[str, Any]] = []
        self.queries: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.codes = {"MARK-code": None}
        self.access: set[str] = set()
        self.refresh: set[str] = set()
        self.expires_in: Any = 86400
        self.instead: dict[str, deque[tuple[int, Any, Mapping[str, str]]]] = {}
        """Path -> answers to give before the right one."""
        self.hold: asyncio.Event | None = None
        """Token answers wait for it."""
        self.holding = asyncio.Event()
        self._pairs = 0

    def pair(self) -> tuple[str, str]:
        """A new access token and refresh token."""
        self._pairs += 1
        access, refresh = f"MARK-access-{self._pairs}", f"MARK-refresh-{self._pairs}"
        self.access.add(access)
        self.refresh.add(refresh)
        return access, refresh

    def next(self, path: str, status: int, message: Any = "안 됩니다", **headers: str) -> None:
        """Answer the next request to ``path`` so; a message that is not a text is the whole body.

        ``{echo}`` in a message becomes what the request carried.
        """
        body = {"code": status, "message": message} if isinstance(message, str) else message
        self.instead.setdefault(path, deque()).append((status, body, headers))

    def count(self, path: str) -> int:
        return sum(path == asked for _, asked in self.asked)

    async def __aenter__(self) -> "ChzzkApi":
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else {}
        self.asked.append((request.method, request.path))
        self.bodies.append(body)
        self.queries.append(dict(request.query))
        self.headers.append(dict(request.headers))
        if self.instead.get(request.path):
            status, instead, headers = self.instead[request.path].popleft()
            if isinstance(instead, bytes):
                return web.Response(status=status, body=instead, headers=headers)
            if isinstance(instead.get("message"), str):
                carried = [request.headers.get("Authorization", ""), *body.values(), *request.query.values()]
                instead["message"] = instead["message"].replace("{echo}", " ".join(carried).removeprefix("Bearer "))
            return web.json_response(instead, status=status, headers=headers)
        if request.path.startswith("/auth/"):
            if (body.get("clientId"), body.get("clientSecret")) != (CLIENT_ID, SECRET):
                return self._no(401, "INVALID_CLIENT")
            return await self._token(body) if request.path == "/auth/v1/token" else self._revoke(body)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.access:
            return self._no(401, f"INVALID_TOKEN {token}")
        return self._yes(
            {
                "/open/v1/users/me": ME,
                "/open/v1/sessions/auth": {"url": f"https://ssio08.nchat.naver.com:443?auth={'a' * 128}"},
                "/open/v1/chats/send": {"messageId": "m1"},
            }.get(request.path)
        )

    async def _token(self, body: Mapping[str, str]) -> web.Response:
        if self.hold is not None:
            self.holding.set()
            await self.hold.wait()
        if body["grantType"] == "authorization_code":
            if body["code"] not in self.codes:
                return self._no(401, f"INVALID_TOKEN {body['code']}")
            del self.codes[body["code"]]
        elif body["refreshToken"] in self.refresh:
            self.refresh.remove(body["refreshToken"])
            self.access.clear()
        else:
            return self._no(401, f"INVALID_TOKEN {body['refreshToken']}")
        access, refresh = self.pair()
        return self._yes(
            {"accessToken": access, "refreshToken": refresh, "tokenType": "Bearer", "expiresIn": self.expires_in}
        )

    def _revoke(self, body: Mapping[str, str]) -> web.Response:
        if body["token"] not in self.access | self.refresh:
            return self._no(401, "INVALID_TOKEN")
        self.access.clear()
        self.refresh.clear()
        return self._yes(None)

    def _yes(self, content: Any) -> web.Response:
        return web.json_response({"code": 200, "message": None, "content": content})

    def _no(self, status: int, message: str) -> web.Response:
        return web.json_response({"code": status, "message": message}, status=status)


class LiveApi(ChzzkApi):
    """With the session service: a WebSocket, and subscriptions that are confirmed on it."""

    def __init__(self) -> None:
        super().__init__()
        self.open: set[web.WebSocketResponse] = set()
        self.confirms = True
        self.chat = ""
        """What a viewer says before anything is confirmed."""

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/socket.io/":
            return await self._session(request)
        answer = await super()._answer(request)
        if answer.status == 200 and request.path == "/open/v1/sessions/auth":
            return self._yes({"url": f"{self.url}?auth=once"})
        if answer.status == 200 and "/subscribe/" in request.path and self.confirms:
            for socket in self.open:
                kind = request.path.rpartition("/")[2].upper()
                await self._system(socket, "subscribed", {"eventType": kind, "channelId": ME["channelId"]})
        return answer

    async def _session(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.open.add(socket)
        await socket.send_str('0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":60000}')
        await socket.send_str("40")
        await self._system(socket, "connected", {"sessionKey": "key"})
        if self.chat:
            await socket.send_str("42" + json.dumps(["CHAT", self.chat]))
        async for _ in socket:
            pass
        self.open.discard(socket)
        return socket

    async def _system(self, socket: web.WebSocketResponse, kind: str, data: Mapping[str, str]) -> None:
        await socket.send_str("42" + json.dumps(["SYSTEM", json.dumps({"type": kind, "data": data})]))


@contextmanager
def in_thread() -> Iterator[ChzzkApi]:
    """The service on a loop of its own."""
    api = ChzzkApi()
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    async def serve() -> None:
        async with api:
            ready.set()
            await ended.wait()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(10)
    try:
        yield api
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
