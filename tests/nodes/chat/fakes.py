"""Stand-ins for what the engine lends, and short ways to make events."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from reactivex.abc import DisposableBase
from reactivex.disposable import Disposable

from schemas.chat import ChatMessage, Donation, RawPayload, Subscription


class FakeWeb:
    """The ``Web`` of nodes.services as far as POST goes."""

    url = "http://127.0.0.1:8765"

    def __init__(self) -> None:
        self.routes: dict[str, Callable[[Mapping[str, Any]], Any]] = {}

    def post(self, path: str, take: Callable[[Mapping[str, Any]], Any]) -> DisposableBase:
        assert path not in self.routes
        self.routes[path] = take
        return Disposable(lambda: self.routes.pop(path))


def chat(id_: str, text: str = "안녕", author: str = "새벽고양이", **fields: Any) -> ChatMessage:
    return ChatMessage(id=id_, text=text, author=author, author_id=fields.pop("author_id", author), **fields)


def donation(id_: str, text: str = "응원해요", author: str = "치즈부자", amount: int = 1000) -> Donation:
    return Donation(id=id_, text=text, author=author, author_id=author, amount=amount)


def subscription(id_: str, author: str = "구독자") -> Subscription:
    return Subscription(id=id_, author=author, author_id=author)


def raw(event: str, payload: Any) -> RawPayload:
    return RawPayload(event=event, payload=json.dumps(payload, ensure_ascii=False))


CHAT: dict[str, Any] = {
    "channelId": "c" * 32,
    "senderChannelId": "a" * 32,
    "chatChannelId": "N2dODq",
    "profile": {
        "nickname": "새벽고양이",
        "badges": [{"imageUrl": "https://example.com/badge.png"}, {"imageUrl": "javascript:1"}, 7],
        "verifiedMark": False,
        "userRoleCode": "common_user",
    },
    "content": "안녕 {:d_56:}",
    "emojis": {"d_56": "https://example.com/d_56.png", "x": "http://example.com/x.png"},
    "messageTime": 1785003258629,
    "eventSentAt": "2026-07-26T03:14:18.629843820",
}
DONATION: dict[str, Any] = {
    "donationType": "CHAT",
    "channelId": "c" * 32,
    "donatorChannelId": "b" * 32,
    "donatorNickname": "치즈부자",
    "payAmount": 1000,
    "donationText": "응원해요",
    "emojis": {},
    "eventSentAt": "2026-07-26T03:14:18.629843820",
}
SUBSCRIPTION: dict[str, Any] = {
    "channelId": "c" * 32,
    "subscriberChannelId": "d" * 32,
    "subscriberNickname": "구독자",
    "tierNo": 2,
    "tierName": "치즈냥",
    "month": 13,
}
BLIND: dict[str, Any] = {
    "channelId": "c" * 32,
    "senderChannelId": "a" * 32,
    "chatChannelId": "N2dODq",
    "messageTime": 1785003258629,
}
