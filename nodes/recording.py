"""Reads a line of a recorded chat: what ``aischoco.py record`` writes and ``chat.replay`` plays.

Payloads are recorded as on the wire. Events already parsed from them (``record parse.chat``) are converted back to
CHZZK's wire format, so that they go through a graph like any chat. Source of the fields: CHZZK session messages.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from nodes.phrases import phrase
from schemas.chat import RawPayload

_ROLES = {"streamer": "streamer", "manager": "streaming_channel_manager"}
_LATEST_S = 1e9
"""Times in a recording are below this many seconds."""
_END_OF_TIME_S = 1e11
"""The time of a message is below this many seconds."""

Fields = Mapping[str, Any]


def read_line(line: bytes) -> tuple[float, RawPayload]:
    """Read (seconds since the beginning of the recording, payload) from a line.

    The line is ``{"t": seconds, "event": "CHAT", "payload": "<JSON in a string>" or an object}``, or
    ``{"t": seconds, "type": "ChatMessage", "data": {...}}`` with a viewer event (or ``Withdrawn``) and its fields.

    Raises:
        ValueError: the line is neither; the text says what is wrong with it.
        RecursionError: the line is nested too deeply.
    """
    try:
        record = json.loads(line)
    except ValueError:  # also bytes that are no text
        raise ValueError(phrase("not JSON")) from None
    if not isinstance(record, dict):
        raise ValueError(phrase("not a JSON object"))
    fields = cast(Fields, record)
    at, event, payload = fields.get("t"), fields.get("event"), fields.get("payload")
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < _LATEST_S:
        raise ValueError(phrase('"t" is not a number of seconds'))
    if "type" in fields and "event" not in fields:
        return float(at), _sent_again(fields["type"], fields.get("data"))
    if not isinstance(event, str):
        raise ValueError(phrase('"event" is not a text'))
    if not isinstance(payload, str | dict):
        raise ValueError(phrase('"payload" is neither a text nor an object'))
    return float(at), RawPayload(event=event, payload=cast("str | dict[str, Any]", payload))


def _sent_again(kind: object, data: object) -> RawPayload:
    if not isinstance(kind, str) or kind not in _WIRE:
        kinds = ", ".join(_WIRE)
        raise ValueError(phrase("not of a chat: record an edge behind chat.chzzk or chat.parse ({kinds})", kinds=kinds))
    if not isinstance(data, dict):
        raise ValueError(phrase('"data" is not an object'))
    event, write = _WIRE[kind]
    fields = cast(Fields, data)
    channel = {"channelId": fields["channel_id"]} if fields.get("channel_id") else {}
    payload = {
        **write(fields),
        **channel,
        "emojis": fields.get("emotes"),
        "userRoleCode": _role(fields),
        **_time(fields),
    }
    return RawPayload(event=event, payload=payload)


def _chat(fields: Fields) -> dict[str, Any]:
    badges = fields.get("badges")
    urls = cast("list[Any]", badges) if isinstance(badges, list) else []
    profile = {"nickname": fields.get("author"), "badges": [{"imageUrl": url} for url in urls]}
    return {
        "senderChannelId": fields.get("author_id"),
        "chatChannelId": fields.get("chat_channel_id"),
        "profile": profile,
        "content": fields.get("text"),
    }


def _donation(fields: Fields) -> dict[str, Any]:
    known = {} if fields.get("anonymous") is True else {"donatorNickname": fields.get("author")}
    return {
        **known,
        "donatorChannelId": fields.get("author_id"),
        "donationType": fields.get("kind"),
        "payAmount": fields.get("amount"),
        "donationText": fields.get("text"),
    }


def _subscription(fields: Fields) -> dict[str, Any]:
    return {
        "subscriberChannelId": fields.get("author_id"),
        "subscriberNickname": fields.get("author"),
        "tierNo": fields.get("tier"),
        "tierName": fields.get("tier_name"),
        "month": fields.get("months"),
    }


def _withdrawn(fields: Fields) -> dict[str, Any]:
    return {"senderChannelId": fields.get("author_id")}


def _role(fields: Fields) -> str:
    role = fields.get("role")
    return _ROLES.get(role, "common_user") if isinstance(role, str) else "common_user"


def _time(fields: Fields) -> dict[str, Any]:
    at = fields.get("sent_at")
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 < at < _END_OF_TIME_S:
        return {}
    return {"messageTime": round(1000 * at)}


_WIRE: Mapping[str, tuple[str, Callable[[Fields], dict[str, Any]]]] = {
    "ChatMessage": ("CHAT", _chat),
    "Donation": ("DONATION", _donation),
    "Subscription": ("SUBSCRIPTION", _subscription),
    "Withdrawn": ("BLIND", _withdrawn),
}
"""Class of the event -> kind on the wire, and the function that writes its specific fields."""
