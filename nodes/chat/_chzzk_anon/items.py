"""Converts the contents of a CHZZK web chat frame to the form in which the official API sends them.

One message has ``uid`` (32 hexadecimal digits, ``anonymous`` for an anonymous donor), ``profile`` and ``extras`` (JSON
in a string), ``msg``, ``msgTypeCode``, ``msgStatusType`` and ``msgTime`` (ms); in the list of recent messages they are
``userId``, ``content``, ``messageTypeCode``, ``messageStatusType`` and ``messageTime``. Source: the web page's own
traffic, as several open-source readers describe it; nobody guarantees that it will not change.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

from nodes.chat._chzzk.wire import readable, whole
from schemas.chat import RawPayload

TEXT, DONATION, SUBSCRIPTION, GIFT, SYSTEM = 1, 10, 11, 12, 30
_ANONYMOUS = "anonymous"
_NUMBERS = ("donationId", "missionDonationId", "giftId")


class Item:
    """One message, in either of its two forms."""

    def __init__(self, fields: Mapping[str, Any], usual: int) -> None:
        """
        Args:
            usual: the kind of message, if the item does not state it.
        """
        self._fields = fields
        self.extras = mapping(fields.get("extras"))
        self.profile = mapping(fields.get("profile"))
        self.kind = whole(self._any("msgTypeCode", "messageTypeCode")) or usual
        self.text: Any = self._any("msg", "content")
        self.time: Any = self._any("msgTime", "messageTime", "ctime")
        self.hidden = self._any("msgStatusType", "messageStatusType") not in (None, "", "NORMAL")
        sender = readable(self._any("uid", "userId"), 100)
        self.anonymous = sender == _ANONYMOUS or self.extras.get("isAnonymous") is True
        self.sender = "" if sender == _ANONYMOUS else sender

    @property
    def key(self) -> int:
        """A hash of the message; equal for the same message in either form."""
        number = next((text for name in _NUMBERS if (text := readable(self.extras.get(name), 100))), "")
        if number:
            return hash((number, self.received))
        paid = repr(self.extras.get("payAmount"))[:100]
        return hash((self.kind, self.sender, whole(self.time), readable(self.text, 500), paid))

    @property
    def received(self) -> bool:
        """Whether it only names a recipient of one of the gift subscriptions that another message announces."""
        return self.kind == GIFT and self.extras.get("giftType") == "SUBSCRIPTION_GIFT_RECEIVER"

    def official(self, channel_id: str, chat_id: str) -> RawPayload | None:
        """Return the message as the official API sends it; None for a kind that the API does not have."""
        fields: dict[str, Any] = {
            "channelId": channel_id,
            "chatChannelId": chat_id,
            "messageTime": self.time,
            "emojis": self.extras.get("emojis"),
        }
        if self.kind == TEXT:
            return RawPayload(event="CHAT", payload=fields | self._chat())
        if self.kind == DONATION:
            return RawPayload(event="DONATION", payload=fields | self._donation())
        if self.kind == SUBSCRIPTION:
            return RawPayload(event="SUBSCRIPTION", payload=fields | self._subscription())
        if self.kind == GIFT and not self.received:
            return RawPayload(event="SUBSCRIPTION", payload=fields | self._gift())
        return None

    def _chat(self) -> dict[str, Any]:
        return {
            "senderChannelId": self.sender,
            "profile": {
                "nickname": self.profile.get("nickname"),
                "verifiedMark": self.profile.get("verifiedMark"),
                "userRoleCode": self.profile.get("userRoleCode"),
                "badges": _badges(self.profile),
            },
            "content": self.text,
        }

    def _donation(self) -> dict[str, Any]:
        name = self.profile.get("nickname") or self.extras.get("nickname")
        return {
            "donationType": self.extras.get("donationType"),
            "donatorChannelId": "" if self.anonymous else self.sender,
            "donatorNickname": "" if self.anonymous else name,
            "payAmount": self.extras.get("payAmount"),
            "donationText": self.text or self.extras.get("missionText"),
            "donationId": self.extras.get("donationId"),
        }

    def _subscription(self) -> dict[str, Any]:
        return {
            "subscriberChannelId": self.sender,
            "subscriberNickname": self.profile.get("nickname") or self.extras.get("nickname"),
            "tierNo": self.extras.get("tierNo"),
            "tierName": self.extras.get("tierName"),
            "month": self.extras.get("month"),
        }

    def _gift(self) -> dict[str, Any]:
        """Return a subscription with ``giftQuantity``; the official API has no event for gifts."""
        refunded = whole(self.extras.get("partialRefundedQuantity")) or 0
        name = self.profile.get("nickname") or self.extras.get("nickname")
        return {
            "subscriberChannelId": "" if self.anonymous else self.sender,
            "subscriberNickname": "" if self.anonymous else name,
            "tierNo": self.extras.get("giftTierNo") or self.extras.get("tierNo"),
            "tierName": self.extras.get("giftTierName") or self.extras.get("tierName"),
            "giftQuantity": max(1, (whole(self.extras.get("quantity")) or 1) - refunded),
            "giftId": self.extras.get("giftId"),
        }

    def _any(self, *names: str) -> Any:
        return next((value for name in names if (value := self._fields.get(name)) is not None), None)


def blind(channel_id: str, chat_id: str, sender: str, time: Any) -> RawPayload:
    """Report a hidden or deleted message; the official API has no event for that, only the request that does it."""
    fields = {"channelId": channel_id, "chatChannelId": chat_id, "senderChannelId": sender, "messageTime": time}
    return RawPayload(event="BLIND", payload=fields)


def mapping(value: object) -> Mapping[str, Any]:
    """Return a JSON object, which may be inside a string; empty for anything else."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}


def _badges(profile: Mapping[str, Any]) -> list[Any]:
    more = profile.get("activityBadges")
    badges: list[Any] = [profile.get("badge"), *(cast(list[Any], more) if isinstance(more, list) else [])]
    subscription = mapping(mapping(profile.get("streamingProperty")).get("subscription"))
    return [badge for badge in [*badges, subscription.get("badge")] if badge]
