"""Icons of plugins: their size is read from their first bytes."""

import base64
import struct

import pytest

from nodes.avatar._stage.icon import LARGEST, good_icon


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x06\0\0\0"


def jpeg(width: int, height: int) -> bytes:
    start = b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    return start + b"\xff\xc0" + struct.pack(">HBHH", 17, 8, height, width) + bytes(10)


@pytest.mark.parametrize(
    ("data", "good"),
    [
        (png(128, 128), True),
        (png(128, 64), False),
        (jpeg(128, 128), True),
        (jpeg(64, 128), False),
        (jpeg(128, 128)[:18], False),
        (b"\xff\xd8\xff\xe0\0", False),
        (b"GIF89a", False),
        (b"", False),
    ],
)
def test_only_a_png_or_jpg_of_128_by_128_is_good(data: bytes, good: bool) -> None:
    assert good_icon(base64.b64encode(data).decode()) is good


@pytest.mark.parametrize("given", [1, None, "not base64!", "ü", "A" * (LARGEST + 4)])
def test_what_is_no_base64_is_not_good(given: object) -> None:
    assert good_icon(given) is False
