"""Engine.IO 3 and Socket.IO 2 as a client that only receives: what each text frame means and when to ping, without I/O.

A WebSocket text frame is one Engine.IO packet: a digit for its type, then its data. ``0`` open with a JSON handshake,
``1`` close, ``2`` ping, ``3`` pong, ``4`` message, ``6`` noop. The data of a message is a Socket.IO packet: ``0``
connect, ``1`` disconnect, ``2`` event, ``4`` error, then ``/namespace,`` unless it is the default one, an
acknowledgement id, and JSON. In version 3 the client sends the pings.

Packets are read and built by the classes of python-engineio 3.14.2 and python-socketio 4.6.1, the last versions that
speak these protocols. They trust their peer: 100,000 digits of an acknowledgement id take them 2.4 s, and other text
makes them raise IndexError, ValueError or RecursionError, or take it for another packet (a control character for a
binary one, a byte of a letter for a type). So they are given only what ``_PACKET`` recognizes.

Sources: the protocol documents of engine.io-protocol 3 and socket.io-protocol 4 (which Socket.IO 2.0.3 speaks), and
frames of a socket.io 2.0.3 server.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from nodes.phrases import phrase

OPEN_S = 10.0
"""The longest time from the WebSocket handshake to the open packet."""
PING_S = 25.0
"""The longest time between two pings; the server sends its own interval, 25 s at CHZZK."""
PONG_S = 15.0
"""The longest time without a frame after a ping: a dead peer is detected after ``PING_S + PONG_S`` = 40 s."""
LIBRARIES = ("engineio.packet", "socketio.packet")
"""What reads and builds packets; importing it takes some time."""

_OPEN, _CLOSE, _PING, _PONG, _MESSAGE, _NOOP = 0, 1, 2, 3, 4, 6
_CONNECT, _DISCONNECT, _EVENT, _ERROR = 0, 1, 2, 4
_PACKET = re.compile(r"(0|42\d{0,16}(?=\[))|[136]|4[0134]/?|42/", re.ASCII)
"""The beginning of a frame. Only of those with a group, the open packet and events, the rest is needed; of others the
type and whether they are for another namespace. The id of an acknowledgement is a counter of the server."""
_SHORTEST_MS, _LONGEST_MS = 50, 1e9
_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


@dataclass(frozen=True, slots=True)
class Told:
    """A Socket.IO event in the default namespace, with its first argument."""

    event: str
    payload: str | Mapping[str, Any]
    """An argument that is neither a string nor an object is kept as its JSON text."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A frame that is not valid in this protocol, or one that is not used here (binary events)."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The session has ended, whatever the state of the WebSocket."""

    reason: str


class EngineIo:
    """One session, starting at the WebSocket handshake. Times are seconds on one monotonic clock, whichever it is.

    Call ``receive`` with each frame, then ``due``; also call ``due`` at ``wake_at`` if no frame is waiting.
    """

    def __init__(self, now: float) -> None:
        self.opened = False
        self.wake_at = now + OPEN_S
        self._ping_s = PING_S
        self._pong_s = PONG_S
        self._pinged = False

    def receive(self, frame: str, now: float) -> Told | Unread | Ended | None:
        """Return what a frame means; None for frames that only keep the protocol running."""
        known = _PACKET.match(frame)
        kind = int(known[0][0]) if known else None
        if not self.opened:
            return self._open(_handshake(frame), now) if kind == _OPEN else Ended(phrase("no open packet"))
        if self._pinged:  # any frame shows that the peer is alive, not only a pong
            self._pinged = False
            self.wake_at = now + self._ping_s
        if known and kind == _MESSAGE:
            return _message((frame if known[1] else known[0])[1:])
        if kind == _CLOSE:
            return Ended(phrase("the server closed the session"))
        return None if kind in (_PONG, _NOOP) else Unread()

    def due(self, now: float) -> str | Ended | None:
        """Return the frame to send at ``now``, if any, or ``Ended`` if the peer has gone silent."""
        if now < self.wake_at:
            return None
        if not self.opened:
            return Ended(phrase("no open packet in {seconds} s", seconds=f"{OPEN_S:g}"))
        if self._pinged:
            return Ended(phrase("no answer to a ping in {seconds} s", seconds=f"{self._pong_s:g}"))
        self._pinged = True
        self.wake_at = now + self._pong_s
        return cast(str, _libraries()[0](_PING).encode(always_bytes=False))

    def _open(self, handshake: Any, now: float) -> Ended | None:
        if not isinstance(handshake, dict):
            return Ended(phrase("an unreadable open packet"))
        fields = cast(dict[str, Any], handshake)
        self._ping_s = _seconds(fields.get("pingInterval"), PING_S)
        self._pong_s = _seconds(fields.get("pingTimeout"), PONG_S)
        self.opened = True
        self.wake_at = now + self._ping_s
        return None


def websocket_url(url: str) -> str:
    """Return the WebSocket address for a session URL such as ``https://ssio08.nchat.naver.com:443?auth=...``.

    Raises:
        ValueError: it is not such a URL; the message does not repeat it.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts = host = None
    scheme = _SCHEMES.get(parts.scheme) if parts and host else None
    if parts is None or scheme is None:
        raise ValueError(phrase("not a session URL"))
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in ("EIO", "transport")]
    path = parts.path if parts.path.strip("/") else "/socket.io/"
    return urlunsplit((scheme, parts.netloc, path, urlencode([*query, ("EIO", "3"), ("transport", "websocket")]), ""))


@cache
def _libraries() -> tuple[type[Any], type[Any]]:
    """Return the packet classes of Engine.IO and of Socket.IO."""
    engine, socket = (import_module(name).Packet for name in LIBRARIES)
    return engine, socket


def _handshake(frame: str) -> Any:
    """Return what an open packet tells; None if it cannot be read."""
    try:
        return _libraries()[0](encoded_packet=frame).data
    except (ValueError, RecursionError):  # a lone surrogate, JSON that is nested too deeply
        return None


def _message(data: str) -> Told | Unread | Ended | None:
    try:
        data.encode()  # half a character cannot have been sent
        packet = _libraries()[1](encoded_packet=data)
        if packet.namespace is None and packet.packet_type == _EVENT:
            return _told(packet.data)
    except (ValueError, RecursionError):  # JSON that is broken, or nested too deeply
        return Unread()
    if packet.namespace is not None or packet.packet_type == _CONNECT:
        return None  # this client joins no other namespace
    if packet.packet_type == _DISCONNECT:
        return Ended(phrase("the server closed the namespace"))
    if packet.packet_type == _ERROR:
        return Ended(phrase("the server refused the session"))  # its text may repeat the one-time secret in the URL
    return Unread()


def _told(arguments: list[Any]) -> Told | Unread:
    event, *rest = arguments or [None]
    if not isinstance(event, str):
        return Unread()
    payload: Any = rest[0] if rest else ""
    if isinstance(payload, dict):
        return Told(event, cast(dict[str, Any], payload))
    return Told(event, payload if isinstance(payload, str) else json.dumps(payload))


def _seconds(milliseconds: Any, most: float) -> float:
    """Return a time from the handshake in seconds, at most ``most``; an invalid one also gives ``most``."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return most
    return min(most, milliseconds / 1000) if _SHORTEST_MS <= milliseconds <= _LONGEST_MS else most
