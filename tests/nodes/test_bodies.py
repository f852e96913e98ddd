import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import httpx
import pytest

from nodes.bodies import STEP, BadBody, beginning, pieces

TEXT = b"hello " * 50_000


def deflate(data: bytes) -> bytes:
    raw = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return raw.compress(data) + raw.flush()


def answer(data: bytes, encoding: str = "", size: int = 1000) -> httpx.Response:
    async def stream() -> AsyncIterator[bytes]:
        for at in range(0, len(data), size):
            yield data[at : at + size]

    return httpx.Response(200, headers={"content-encoding": encoding} if encoding else {}, content=stream())


def read(response: httpx.Response, most: int = 1_000_000) -> list[bytes]:
    async def all_() -> list[bytes]:
        return [part async for part in pieces(response, most)]

    return asyncio.run(all_())


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT, ""),
        (TEXT, "identity"),
        (gzip.compress(TEXT), "gzip"),
        (gzip.compress(TEXT[:60]) + gzip.compress(TEXT[60:]) + bytes(20), "x-gzip"),
        (zlib.compress(TEXT), "deflate"),
        (deflate(TEXT), "Deflate"),
    ],
    ids=["", "identity", "gzip", "members", "zlib", "deflate"],
)
def test_a_body_is_unpacked_in_small_steps(data: bytes, encoding: str) -> None:
    parts = read(answer(data, encoding))
    assert b"".join(parts) == TEXT
    assert max(map(len, parts)) <= STEP


def test_a_bomb_is_stopped_at_the_limit_and_never_stands_in_memory() -> None:
    bomb = gzip.compress(bytes(200_000_000), 9)
    assert len(bomb) < 200_000
    got = 0

    async def read_on() -> None:
        nonlocal got
        async for part in pieces(answer(bomb, "gzip", len(bomb)), 1_000_000):
            got += len(part)

    with pytest.raises(BadBody, match="너무 커요"):
        asyncio.run(read_on())
    assert got <= 1_000_000


@pytest.mark.parametrize(
    ("data", "encoding"),
    [(TEXT, "gzip"), (TEXT, "br"), (gzip.compress(gzip.compress(TEXT)), "gzip, gzip"), (TEXT * 10, "")],
    ids=["not packed", "unknown", "twice", "large"],
)
def test_what_cannot_be_unpacked_or_is_too_large_is_refused(data: bytes, encoding: str) -> None:
    with pytest.raises(BadBody):
        read(answer(data, encoding))


def test_a_body_that_was_read_already_is_given_as_it_is() -> None:
    packed = httpx.Response(200, content=gzip.compress(b"x"), headers={"content-encoding": "gzip"})
    assert read(packed) == [b"x"]


def test_of_a_long_body_the_beginning_is_given() -> None:
    assert asyncio.run(beginning(answer(TEXT), 5)) == b"hello"
    assert asyncio.run(beginning(answer(TEXT, "br"), 5)) == b""
