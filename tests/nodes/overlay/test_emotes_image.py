"""What a picture is, by its first bytes."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.overlay._emotes_image import PIXELS, Kind, kind


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x06\0\0\0"


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0"


def jpeg(width: int, height: int) -> bytes:
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    huffman = b"\xff\xc4" + struct.pack(">H", 4) + b"\0\0"
    return b"\xff\xd8" + app + huffman + b"\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width) + bytes(10)


def webp(chunk: bytes, body: bytes) -> bytes:
    content = b"WEBP" + chunk + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(content)) + content


def extended(width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return webp(b"VP8X", b"\x10\0\0\0" + sides)


def lossless(width: int, height: int) -> bytes:
    return webp(b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + bytes(4))


def lossy(width: int, height: int) -> bytes:
    return webp(b"VP8 ", b"\x30\1\0\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(4))


FORMATS = [
    ("image/png", png),
    ("image/gif", gif),
    ("image/jpeg", jpeg),
    ("image/webp", extended),
    ("image/webp", lossless),
    ("image/webp", lossy),
]


@pytest.mark.parametrize(("type_", "make"), FORMATS)
def test_a_picture_is_known_with_its_size(type_: str, make: object) -> None:
    assert callable(make)
    assert kind(make(100, 60)) == Kind(type_, 100, 60)


@pytest.mark.parametrize(("type_", "make"), FORMATS)
def test_a_picture_that_fills_a_browsers_memory_is_none(type_: str, make: object) -> None:
    assert callable(make)
    assert kind(make(PIXELS, PIXELS)), type_
    assert kind(make(PIXELS + 1, 10)) is None
    assert kind(make(10, 16_000)) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><script>alert(1)</script>",
        b"GIF89a",
        png(0, 10),
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe0\0\x02\x11" + bytes(40),
        webp(b"ALPH", bytes(40)),
        extended(10, 10)[:26],
    ],
)
def test_anything_else_is_no_picture(data: bytes) -> None:
    assert kind(data) is None


@given(st.binary(max_size=64), st.sampled_from([make(100, 60) for _, make in FORMATS]), st.integers(0, 40))
def test_broken_bytes_are_no_picture_or_one_of_a_known_type(noise: bytes, picture: bytes, cut: int) -> None:
    for data in (noise, picture[:cut] + noise, picture[:cut]):
        found = kind(data)
        assert found is None or found.type in {type_ for type_, _ in FORMATS}
