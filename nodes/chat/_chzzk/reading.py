"""Reads the events of CHZZK's sessions."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any, TypedDict, TypeGuard, cast

from nodes.chat._chzzk.wire import epoch_s, readable, whole, won
from schemas.chat import ChatMessage, Donation, RawPayload, Role, Subscription, ViewerEvent, Withdrawn

_TEXT_LIMIT = 2000
_NAME_LIMIT = 100
_PICTURES = ("https://", "/emotes/")
_URL_LIMIT = 2000
_EMOTES = 200
_BADGES = 20
_ANONYMOUS = "익명"
_ROLES: dict[str, Role] = {
    "streamer": "streamer",
    "streaming_channel_manager": "manager",
    "streaming_chat_manager": "manager",
}


class _Common(TypedDict):
    """The fields that all viewer events share."""

    id: str
    author: str
    author_id: str
    channel_id: str
    role: Role
    text: str
    emotes: Mapping[str, str]
    badges: tuple[str, ...]
    sent_at: float | None
    chat_channel_id: str
    received_at: float


def read(raw: RawPayload, now: float) -> ViewerEvent | Withdrawn | str | None:
    """Read what a payload says; a text is the reason why it cannot be read, None that there is nothing to know.

    Args:
        now: when it came, in seconds since the run started.
    """
    reader = _READERS.get(raw.event)
    if reader is None:
        return None if raw.event == "SYSTEM" else "event"
    fields = _fields(raw.payload)
    if fields is None:
        return "json"
    found = reader(fields, now) or "field"
    return replace(found, guest=True) if raw.guest and isinstance(found, ViewerEvent) else found


def _fields(payload: object) -> Mapping[str, Any] | None:
    if isinstance(payload, str):
        try:
            payload = json.loads(payload)
        except (ValueError, RecursionError):
            return None
    return cast(Mapping[str, Any], payload) if isinstance(payload, Mapping) else None


def _chat(fields: Mapping[str, Any], now: float) -> ViewerEvent | None:
    if not isinstance(fields.get("content"), str):
        return None
    profile = _mapping(fields.get("profile"))
    sender = readable(fields.get("senderChannelId"), _NAME_LIMIT)
    author = readable(profile.get("nickname"), _NAME_LIMIT).strip() or _ANONYMOUS
    return ChatMessage(**_common("CHAT", fields, profile, sender, author, "content", now))


def _donation(fields: Mapping[str, Any], now: float) -> ViewerEvent | None:
    amount = max(0, won(fields.get("payAmount")) or 0)
    sender = readable(fields.get("donatorChannelId"), _NAME_LIMIT)
    author = readable(fields.get("donatorNickname"), _NAME_LIMIT).strip()
    return Donation(
        **_common("DONATION", fields, {}, sender, author or _ANONYMOUS, "donationText", now, f"{amount}", paid=True),
        amount=amount,
        kind=readable(fields.get("donationType"), _NAME_LIMIT) or "CHAT",
        anonymous=not (author and sender),
    )


def _subscription(fields: Mapping[str, Any], now: float) -> ViewerEvent | None:
    sender = readable(fields.get("subscriberChannelId"), _NAME_LIMIT)
    author = readable(fields.get("subscriberNickname"), _NAME_LIMIT).strip()
    gifts = max(0, whole(fields.get("giftQuantity")) or 0)
    if not (author or sender or gifts):
        return None
    tier = max(1, whole(fields.get("tierNo")) or 1)
    months = max(1, whole(fields.get("month")) or 1)
    return Subscription(
        **_common(
            "SUBSCRIPTION",
            fields,
            {},
            sender,
            author or _ANONYMOUS,
            "",
            now,
            f"{tier} {months} {gifts or ''}".rstrip(),
            paid=gifts > 0,
        ),
        tier=tier,
        tier_name=readable(fields.get("tierName"), _NAME_LIMIT),
        months=months,
        gifts=gifts,
    )


def _blind(fields: Mapping[str, Any], now: float) -> Withdrawn | None:
    sender = readable(fields.get("senderChannelId"), _NAME_LIMIT)
    time = fields.get("messageTime")
    sent_at = epoch_s(time, None)
    if sent_at is None and (time is not None or not sender):  # anonymous donors share one sender: never all of it
        return None
    return Withdrawn(author_id=sender, sent_at=sent_at, received_at=now)


_Reader = Callable[[Mapping[str, Any], float], ViewerEvent | Withdrawn | None]
_READERS: dict[str, _Reader] = {
    "CHAT": _chat,
    "DONATION": _donation,
    "SUBSCRIPTION": _subscription,
    "BLIND": _blind,
}


def _common(
    kind: str,
    fields: Mapping[str, Any],
    profile: Mapping[str, Any],
    sender: str,
    author: str,
    text_field: str,
    now: float,
    told_apart_by: str = "",
    *,
    paid: bool = False,
) -> _Common:
    text = readable(fields.get(text_field), _TEXT_LIMIT)
    time = fields.get("messageTime"), fields.get("eventSentAt")
    sent_at = epoch_s(*time)
    stamp = whole(time[0]) or readable(time[1], 64)
    number = readable(fields.get("donationId") or fields.get("giftId"), 100)
    if paid and not (stamp or number):
        stamp = f"{now}"  # nothing distinguishes it from the previous one, so it counts as another
    known = "\x1f".join((kind, sender, str(stamp), told_apart_by, text, number))
    return _Common(
        id=blake2b(known.encode(), digest_size=8).hexdigest(),
        author=author,
        author_id=sender,
        channel_id=readable(fields.get("channelId"), _NAME_LIMIT),
        role=_role(fields, profile, sender),
        text=text,
        emotes=_emotes(fields.get("emojis")),
        badges=_badges(profile.get("badges")),
        sent_at=sent_at,
        chat_channel_id=readable(fields.get("chatChannelId"), _NAME_LIMIT) if sender and whole(time[0]) else "",
        received_at=now,
    )


def _role(fields: Mapping[str, Any], profile: Mapping[str, Any], sender: str) -> Role:
    if sender and sender == fields.get("channelId"):
        return "streamer"
    code = profile.get("userRoleCode") or fields.get("userRoleCode")
    return _ROLES.get(code, "viewer") if isinstance(code, str) else "viewer"


def _emotes(value: object) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, url in _mapping(value).items():
        name = readable(key, _NAME_LIMIT)
        if name and _is_url(url) and len(found) < _EMOTES:
            found[name] = url
    return found


def _badges(value: object) -> tuple[str, ...]:
    badges = cast(list[Any], value) if isinstance(value, list) else []
    urls = [_mapping(badge).get("imageUrl") for badge in badges[:_BADGES]]
    return tuple(url for url in urls if _is_url(url))


def _is_url(value: object) -> TypeGuard[str]:
    """Whether it is an address of a picture: on the net, or one that comes with the overlay's page."""
    return isinstance(value, str) and value.startswith(_PICTURES) and readable(value, _URL_LIMIT) == value


def _mapping(value: object) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}
