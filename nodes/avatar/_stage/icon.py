"""Checks the icon that a plugin may send when it asks to be allowed."""

import base64
import binascii
import struct
from typing import Any

LARGEST = 256 * 1024
"""At most this many characters of base64."""


def good_icon(given: Any) -> bool:
    """Whether it is a base64 PNG or JPG of exactly 128 x 128 pixels."""
    if not isinstance(given, str) or len(given) > LARGEST:
        return False
    try:
        data = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return False
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        return struct.unpack(">II", data[16:24]) == (128, 128)
    return data.startswith(b"\xff\xd8") and _jpeg_size(data) == (128, 128)


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return the width and height from the first frame header (SOF) among the segments."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        kind, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
