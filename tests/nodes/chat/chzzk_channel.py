"""The calls of CHZZK's API about one's own channel, with the refusals that SDK authors measured in 2026-07.

``Channel`` answers without I/O; ``ChannelApi`` serves it over HTTP, and ``Inside`` gives it to a node in virtual time.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from nodes.chat._chzzk.rest import ChzzkError, _error, seconds
from tests.nodes.chat.chzzk_api import ChzzkApi

NOTICE, SETTINGS, BLIND = "/open/v1/chats/notice", "/open/v1/chats/settings", "/open/v1/chats/blind-message"
RESTRICT = "/open/v1/temporary-restrict-channels"
SCOPES = {
    "GET /open/v1/lives/setting": "방송 설정 조회",
    "GET /open/v1/channels/followers": "채널 팔로워 조회",
    f"POST {NOTICE}": "채팅 공지 쓰기",
    f"GET {SETTINGS}": "채팅 설정 조회",
    f"PUT {SETTINGS}": "채팅 설정 변경",
    f"POST {BLIND}": "채팅 메시지 쓰기",
    f"POST {RESTRICT}": "활동제한 쓰기",
}
PATHS = {call.partition(" ")[2] for call in SCOPES}
SLOW = (0, 3, 5, 10, 30, 60, 120, 300)
FOLLOWER = (0, 5, 10, 30, 60, 1440, 10080, 43200, 86400, 129600, 172800, 216000, 259200)
GROUPS = ("ALL", "FOLLOWER", "MANAGER", "SUBSCRIBER")
LIVE = "/polling/v3.1/channels/"


class Channel:
    """One channel; the followers are newest first."""

    def __init__(self) -> None:
        self.scopes = set(SCOPES.values())
        self.title = "저녁 방송"
        self.category = "마인크래프트"
        self.followers: list[str] = []
        self.tells_total = True
        self.on_air = False
        self.settings: dict[str, Any] = {
            "chatAvailableCondition": "NONE",
            "chatAvailableGroup": "ALL",
            "minFollowerMinute": 0,
            "allowSubscriberInFollowerMode": True,
            "chatSlowModeSec": 0,
            "chatEmojiMode": False,
        }
        self.changes: list[dict[str, Any]] = []
        """Each accepted change of the settings."""
        self.notices: list[str] = []
        self.lines: set[tuple[str, int, str]] = set()
        """(chat, time in ms, author) of the lines that are there."""
        self.managers: set[str] = set()
        self.restricted: list[str] = []
        self.asked: list[str] = []
        self.instead: dict[str, deque[tuple[int, str]]] = {}
        """Path -> (status, Retry-After) of answers to give before the right one."""

    def follow(self, *names: str) -> None:
        for name in names:
            self.followers.insert(0, name)

    def answer(
        self, path: str, query: Mapping[str, str], method: str = "GET", body: Mapping[str, Any] | None = None
    ) -> tuple[int, Any, str]:
        """Return (status, content or message, Retry-After)."""
        self.asked.append(path)
        if self.instead.get(path):
            status, retry_after = self.instead[path].popleft()
            return status, "다음에 다시", retry_after
        if path.startswith(LIVE):
            return (
                200,
                {"status": "OPEN" if self.on_air else "CLOSE", "chatChannelId": "N1" if self.on_air else None},
                "",
            )
        if f"{method} {path}" not in SCOPES:
            return 404, "NOT_FOUND", ""
        if SCOPES[f"{method} {path}"] not in self.scopes:
            return 403, "FORBIDDEN", ""
        if path in (NOTICE, SETTINGS, BLIND, RESTRICT):
            return *self._chat(path, method, body or {}), ""
        if path.endswith("setting"):
            category = {"categoryType": "GAME", "categoryId": "x", "categoryValue": self.category}
            return 200, {"defaultLiveTitle": self.title, "category": category, "tags": []}, ""
        page, size = query.get("page", "0"), query.get("size", "30")
        if not page.isdecimal() or not size.isdecimal() or not 1 <= int(size) <= 50:
            return 400, "size는 1 이상 50 이하여야 합니다", ""
        first = int(page) * int(size)
        data = [
            {"channelId": f"id-{name}", "channelName": name, "createdDate": "2026-11-29 20:00:00"}
            for name in self.followers[first : first + int(size)]
        ]
        total = {
            "page": int(page),
            "totalCount": len(self.followers),
            "totalPages": -(-len(self.followers) // int(size)),
        }
        return 200, {"data": data, **(total if self.tells_total else {})}, ""

    def _chat(self, path: str, method: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        match path, method:
            case "/open/v1/chats/notice", _:
                if not body.get("message"):
                    return 400, "잘못된 값을 입력했습니다."
                self.notices.append(body["message"])
            case "/open/v1/chats/settings", "GET":
                return 200, self.settings
            case "/open/v1/chats/settings", _:
                fixed = (("chatSlowModeSec", SLOW), ("minFollowerMinute", FOLLOWER), ("chatAvailableGroup", GROUPS))
                for name, allowed in fixed:
                    if body.get(name, allowed[0]) not in allowed:
                        return 400, f"{name} 값이 올바르지 않습니다."
                self.settings = {**self.settings, **body}
                self.changes.append(dict(body))
            case "/open/v1/chats/blind-message", _:
                line: Any = body.get("chatChannelId"), body.get("messageTime"), body.get("senderChannelId")
                if line not in self.lines:
                    return 404, "NOT_FOUND"
                self.lines.remove(line)
            case _:
                target = body.get("targetChannelId", "")
                if target in self.managers or target in self.restricted or not body.get("chatChannelId"):
                    return 400, "BAD_REQUEST"
                self.restricted.append(target)
        return 200, None

    def count(self, path: str) -> int:
        return sum(path in asked for asked in self.asked)


class ChannelApi(ChzzkApi):
    """Serves a channel to whoever has a user's token."""

    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self.channel = channel

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        answer = await super()._answer(request)
        if answer.status != 200 or request.path not in PATHS:
            return answer
        asked = request.path, request.query, request.method, self.bodies[-1]
        status, content, retry_after = self.channel.answer(*asked)
        if isinstance(content, bytes):
            return web.Response(status=status, body=content)
        if status == 200:
            return self._yes(content)
        body = {"code": status, "message": content}
        return web.json_response(body, status=status, headers={"Retry-After": retry_after} if retry_after else {})


class Inside:
    """Stands in for an ``Account`` and for the public API, without a network."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.closed = 0

    async def call(self, method: str, path: str, **more: Any) -> Any:
        status, content, retry_after = self.channel.answer(path, more.get("query") or {}, method, more.get("body"))
        if status != 200:
            raise self.error(path, status, retry_after, method)
        return content or {}

    async def ask(self, method: str, path: str, **more: Any) -> Any:
        return await self.call(method, path, **more)

    def error(self, path: str, status: int, retry_after: str, method: str) -> ChzzkError:
        return _error(path, status, "", seconds(retry_after, 30.0), method)

    async def close(self) -> None:
        self.closed += 1
