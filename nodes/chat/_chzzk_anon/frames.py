"""CHZZK's web chat as a client that only reads: what each frame means and when to ping, without I/O.

A text frame is ``{"ver", "cmd", "svcid", "cid", "tid", "bdy"}``. The client sends 100 (connect, with an access token
that needs no login) and gets 10100; sends 5101 and gets the recent messages with 15101; 0 is a ping and 10000 its
answer, in both directions. 93101 carries chat, 93102 donations, 94008 a message that was hidden or deleted. Source: as
in ``_chzzk_anon.items``.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from nodes.chat._chzzk.wire import readable, whole
from nodes.chat._chzzk_anon.items import DONATION, SYSTEM, TEXT, Item, blind, mapping
from nodes.phrases import phrase
from schemas.chat import RawPayload

PING_S = 20.0
"""The ping interval: the service drops a quiet channel if the client sends no frame for a minute."""
SILENCE_S = 40.0
"""The longest time without any frame: the service answers pings, so a longer silence means a dead connection."""
ACCEPT_S = 10.0
RECENT = 50
"""How many recent messages are requested after connecting."""
RECENT_S = 120.0
"""A recent message is passed on only if it is at most this much older than the newest."""

_PING, _PONG, _CONNECT, _CONNECTED, _ASK_RECENT, _RECENT = 0, 10000, 100, 10100, 5101, 15101
_CHAT, _DONATION, _BLIND = 93101, 93102, 94008
_SILENT = frozenset({_PONG, 93006, 94005, 94006, 94010, 94015})
"""Answers to pings, events for the page, kicks, blocks, notices, penalties: none of them is passed to a graph."""
_REMEMBERED = 2000


class Seen:
    """The messages passed on over all connections, so that none is passed on twice."""

    def __init__(self) -> None:
        self._keys: dict[int, None] = {}
        self.primed = False
        """Whether the messages from before the start are known; those are not passed on."""

    def add(self, key: int) -> bool:
        """Remember a message; False if it was already known."""
        if key in self._keys:
            return False
        self._keys[key] = None
        if len(self._keys) > _REMEMBERED:
            del self._keys[next(iter(self._keys))]
        return True


@dataclass(slots=True)
class Took:
    """What the client must do because of a frame or the time."""

    events: list[RawPayload] = field(default_factory=list[RawPayload])
    malformed: list[str] = field(default_factory=list[str])
    send: str = ""
    accepted: bool = False
    ended: str = ""
    """Why the connection is no longer usable; empty if it still is."""


class ChatWire:
    """One connection to the chat of one broadcast, starting at the WebSocket handshake.

    Call ``receive`` with each frame, then ``due``; also call ``due`` at ``wake_at`` if no frame is waiting.
    """

    def __init__(self, channel_id: str, chat_id: str, token: str, seen: Seen, now: float) -> None:
        self._channel_id = channel_id
        self._chat_id = chat_id
        self._token = token
        self._seen = seen
        self._heard_at = self._began = now
        self._ping_at = now + PING_S
        self._accepted = False

    def hello(self) -> str:
        """Return the first frame to send."""
        return self._frame(_CONNECT, tid=1, bdy={"uid": None, "devType": 2001, "accTkn": self._token, "auth": "READ"})

    @property
    def wake_at(self) -> float:
        ends = self._heard_at + SILENCE_S if self._accepted else self._began + ACCEPT_S
        return min(self._ping_at, ends)

    def due(self, now: float) -> Took:
        """Return what is due at ``now``: an end, a ping or nothing."""
        if not self._accepted and now >= self._began + ACCEPT_S:
            return Took(ended=phrase("no answer to the connect frame in {seconds} s", seconds=f"{ACCEPT_S:g}"))
        if now >= self._heard_at + SILENCE_S:
            return Took(ended=phrase("nothing came for {seconds} s", seconds=f"{SILENCE_S:g}"))
        if now >= self._ping_at:
            self._ping_at = now + PING_S
            return Took(send=_plain(_PING))
        return Took()

    def receive(self, frame: str, now: float) -> Took:
        """Handle a text frame."""
        self._heard_at = now
        fields = mapping(frame)
        command = whole(fields.get("cmd"))
        if not fields:
            return Took(malformed=["frame"])
        if command == _PING:
            self._ping_at = now + PING_S
            return Took(send=_plain(_PONG))
        if command == _CONNECTED:
            return self._connected(fields)
        if command in (_CHAT, _DONATION):
            return self._live(fields.get("bdy"), TEXT if command == _CHAT else DONATION)
        if command == _RECENT:
            return self._recent(mapping(fields.get("bdy")).get("messageList"))
        if command == _BLIND:
            return self._blind(fields.get("bdy"))
        return Took() if command in _SILENT else Took(malformed=["event"])

    def _connected(self, fields: Mapping[str, Any]) -> Took:
        if whole(fields.get("retCode")) not in (0, None):
            return Took(ended=phrase("the chat does not let us in ({code})", code=whole(fields.get("retCode"))))
        session = readable(mapping(fields.get("bdy")).get("sid"), 200)
        self._accepted = True
        return Took(
            accepted=True, send=self._frame(_ASK_RECENT, tid=2, sid=session, bdy={"recentMessageCount": RECENT})
        )

    def _live(self, body: Any, usual: int) -> Took:
        took = Took()
        for item in _items(body, usual, took):
            self._give(item, took)
        return took

    def _recent(self, body: Any) -> Took:
        """Pass on what was missed while disconnected; nothing from before the first connection is passed on."""
        took = Took()
        items = sorted(_items(body, TEXT, took), key=_milliseconds)
        since = max(map(_milliseconds, items), default=0) - RECENT_S * 1000
        for item in items:
            if self._seen.primed and _milliseconds(item) >= since:
                self._give(item, took)
            else:
                self._seen.add(item.key)
        self._seen.primed = True
        return took

    def _give(self, item: Item, took: Took) -> None:
        new = self._seen.add(item.key)
        if item.hidden:
            if self._seen.add(hash((item.key, "hidden"))):
                took.events.append(blind(self._channel_id, self._chat_id, item.sender, item.time))
        elif new and (event := item.official(self._channel_id, self._chat_id)) is not None:
            took.events.append(event)
        elif new and item.kind != SYSTEM and not item.received:
            took.malformed.append("event")

    def _blind(self, body: Any) -> Took:
        took = Took()
        for item in _items(body, TEXT, took):
            took.events.append(blind(self._channel_id, self._chat_id, item.sender, item.time))
        return took

    def _frame(self, command: int, **more: Any) -> str:
        return json.dumps({"ver": "3", "cmd": command, "svcid": "game", "cid": self._chat_id, **more})


def _plain(command: int) -> str:
    return json.dumps({"ver": "3", "cmd": command})


def _items(body: Any, usual: int, took: Took) -> Iterator[Item]:
    """Yield the messages in a body: a list, a single one, or a list under ``messageList``; the rest is malformed."""
    if isinstance(body, Mapping):
        inside = cast(Mapping[str, Any], body)
        body = inside.get("messageList") or [inside]
    for fields in cast(list[Any], body) if isinstance(body, list) else [None]:
        if isinstance(fields, Mapping) and fields:
            yield Item(cast(Mapping[str, Any], fields), usual)
        else:
            took.malformed.append("field")


def _milliseconds(item: Item) -> int:
    return whole(item.time) or 0
