"""Reads the kind of a picture and the size at which it is drawn from its first bytes alone.

Formats: PNG (RFC 2083 11.2.2), GIF89a 18, JPEG (ITU T.81 B.2.2), WebP (RFC 9649 2.5-2.7). Nothing is decoded here.
"""

import struct
from typing import NamedTuple

PIXELS = 1024
"""The longest side allowed: a small file can hold a picture that fills a browser's memory."""

_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""JPEG markers of a frame header."""


class Kind(NamedTuple):
    type: str
    """Content-Type."""
    width: int
    height: int


def kind(data: bytes) -> Kind | None:
    """Return the kind, or None if it is not a picture in one of these formats; SVG never is: it may hold scripts."""
    try:
        found = _kind(data)
    except (struct.error, IndexError):
        return None
    return found if found and 0 < found.width <= PIXELS and 0 < found.height <= PIXELS else None


def _kind(data: bytes) -> Kind | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return Kind("image/png", *struct.unpack_from(">II", data, 16))
    if data.startswith((b"GIF87a", b"GIF89a")):
        return Kind("image/gif", *struct.unpack_from("<HH", data, 6))
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp(data)
    return None


def _jpeg(data: bytes) -> Kind | None:
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return Kind("image/jpeg", width, height)
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None


def _webp(data: bytes) -> Kind | None:
    chunk = data[12:16]
    if chunk == b"VP8X":
        sides = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif chunk == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        sides = ((bits >> shift & 0x3FFF) + 1 for shift in (0, 14))
    elif chunk == b"VP8 ":
        sides = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        return None
    return Kind("image/webp", *sides) if len(data) >= 30 or chunk == b"VP8L" else None
