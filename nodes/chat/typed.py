"""``chat.typed``: takes what a person types in the page."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from pydantic import Field
from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase

from nodes import node
from nodes.chat._chzzk.reading import read
from nodes.chat._chzzk.wire import kst, readable
from nodes.phrases import phrase
from nodes.services import Json, Web
from schemas.chat import NO_CHANNEL, RawPayload, ViewerEvent
from schemas.settings import Settings

_TEXT_LIMIT = 500
_NAME_LIMIT = 40
_KINDS = ("chat", "donation", "subscription")


class Typed(Settings):
    """Settings of ``chat.typed``."""

    guest: bool = Field(
        default=False,
        title="Typed chat goes first",
        description="What is typed is answered before all else that waits, as soon as a sentence is over: for a show "
        "that somebody tries out. On air leave it off, so that it does not go before viewers.",
    )


@node("chat.typed", exclusive=True, once=True)
def typed(config: Typed, *, web: Web) -> Observable[RawPayload]:
    """Chat, donations and subscriptions that a person types in the page, as if they came from CHZZK.

    ``POST /api/say`` takes ``{"text": 1..500 characters, "name": "나", "kind": "chat" | "donation" | "subscription",
    "amount": won, "months": months, "channel": id}`` and answers ``{"ok": true, "id": id}``; ``GET /api/why?id=`` tells
    what becomes of it. With ``channel`` it comes through that channel, to try out a show with several; else through
    none. A donation may have no text; a subscription has none on the wire, so its text is not passed on. Each name has
    its own sender id; no two events have the same time.
    """

    def subscribe(observer: ObserverBase[RawPayload], _: SchedulerBase | None = None) -> DisposableBase:
        latest = 0

        def take(body: Mapping[str, Any]) -> Json:
            nonlocal latest
            # CHZZK's times are wall-clock time, which the run's clock does not give; no decision depends on it.
            at = max(latest + 1, int(datetime.now(UTC).timestamp() * 1000))
            event = _wire(body, at, guest=config.guest)
            latest = at
            found = read(event, 0.0)
            observer.on_next(event)
            return {"ok": True, "id": found.id if isinstance(found, ViewerEvent) else None}

        return web.post("/api/say", take)

    return Observable(subscribe)


def _wire(body: Mapping[str, Any], at: int, *, guest: bool) -> RawPayload:
    kind = body.get("kind", "chat")
    if kind not in _KINDS:
        raise ValueError(phrase("kind must be one of {kinds}.", kinds=", ".join(_KINDS)))
    text = _text(body, "text", "", _TEXT_LIMIT)
    name = _text(body, "name", "나", _NAME_LIMIT) or "나"
    if kind == "chat" and not text:
        raise ValueError(phrase("text: write at least 1 letter."))
    channel = _text(body, "channel", "", _NAME_LIMIT) or NO_CHANNEL
    sender = blake2b(f"typed {name}".encode(), digest_size=16).hexdigest()
    if kind == "chat":
        payload: dict[str, Any] = {
            "channelId": channel,
            "senderChannelId": sender,
            "chatChannelId": "typed",
            "profile": {"nickname": name, "badges": [], "verifiedMark": False, "userRoleCode": "common_user"},
            "content": text,
            "emojis": {},
            "messageTime": at,
        }
    elif kind == "donation":
        payload = {
            "donationType": "CHAT",
            "channelId": channel,
            "donatorChannelId": sender,
            "donatorNickname": name,
            "payAmount": _number(body, "amount", 1000, 100_000_000),
            "donationText": text,
            "emojis": {},
        }
    else:
        payload = {
            "channelId": channel,
            "subscriberChannelId": sender,
            "subscriberNickname": name,
            "tierNo": 1,
            "tierName": "티어 1",
            "month": _number(body, "months", 1, 1200),
        }
    payload["eventSentAt"] = kst(at)
    return RawPayload(event=str(kind).upper(), payload=json.dumps(payload, ensure_ascii=False), guest=guest)


def _text(body: Mapping[str, Any], field: str, default: str, limit: int) -> str:
    value = body.get(field, default)
    if not isinstance(value, str):
        raise ValueError(phrase("{field}: it must be text.", field=field))
    text = readable(value, limit + 1).strip()
    if len(text) > limit:
        raise ValueError(phrase("{field}: at most {limit} letters.", field=field, limit=limit))
    return text


def _number(body: Mapping[str, Any], field: str, default: int, most: int) -> int:
    value = body.get(field, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise ValueError(phrase("{field}: it must be a whole number from 1 to {most}.", field=field, most=most))
    return value
