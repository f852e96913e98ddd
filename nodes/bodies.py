"""The body of an answer over HTTP, bounded before and after it is unpacked.

httpx unpacks whatever a server sends in pieces of any size: 600 kB of gzip become 600 MB in one step. Here a body is
unpacked in small steps, and reading ends at a limit. Requests ask for ``identity`` (``PLAIN``); a server that packs its
answers all the same is understood if it uses gzip or deflate.
"""

import zlib
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import httpx

PLAIN: Mapping[str, str] = {"Accept-Encoding": "identity"}
"""Headers of a request whose answer is read here."""
STEP = 64 * 1024
"""Bytes that are unpacked at a time."""
_READ_ON = 16
"""Times as many bytes as are wanted are read."""
LARGE = 64 * 1024
"""Characters of JSON from which it is parsed off the loop."""


class BadBody(ValueError):
    """The body is too large, or packed in a way that cannot be read."""


async def pieces(response: "httpx.Response", most: int) -> AsyncGenerator[bytes]:
    """The body of a streamed answer, unpacked, piece by piece.

    Args:
        most: bytes, packed and unpacked.

    Raises:
        BadBody: it is larger, or cannot be unpacked.
    """
    if response.is_stream_consumed:  # it came whole, and unpacked
        yield _within(response.content, most)
        return
    unpack = _unpacker(response.headers.get("content-encoding", ""))
    packed = unpacked = 0
    async with aclosing(cast(AsyncGenerator[bytes], response.aiter_raw())) as raw:
        async for data in raw:
            packed += len(data)
            for part in unpack(data):
                unpacked += len(part)
                if unpacked > most:
                    yield part[: most - unpacked]
                yield _within(part, most - unpacked + len(part))
            _within(b"", most - packed)


def _within(data: bytes, room: int) -> bytes:
    if len(data) > room:
        raise BadBody("it is larger than an answer can be")
    return data


async def beginning(response: "httpx.Response", most: int) -> bytes:
    """The first bytes of a body, which is read on for a while: only at its end can the connection be used again."""
    found = b""
    with suppress(BadBody):
        async with aclosing(pieces(response, _READ_ON * most)) as parts:
            async for part in parts:
                found += part[: most - len(found)]
    return found


def _unpacker(encoding: str) -> Callable[[bytes], Iterator[bytes]]:
    names = [name for name in (each.strip().lower() for each in encoding.split(",")) if name not in ("", "identity")]
    if not names:
        return _as_it_is
    if len(names) > 1 or names[0] not in ("gzip", "x-gzip", "deflate"):
        raise BadBody(f"packed as {', '.join(names)[:40]}, which was not asked for")
    return _Packed(deflate=names[0] == "deflate").unpacked


def _as_it_is(data: bytes) -> Iterator[bytes]:
    yield data


class _Packed:
    """Unpacks gzip, of one or more members, and deflate with or without its header."""

    def __init__(self, *, deflate: bool) -> None:
        self._raw = deflate
        self._of = zlib.decompressobj(zlib.MAX_WBITS if deflate else zlib.MAX_WBITS | 16)
        self._between = False
        """A member of gzip has ended; what follows that is not another one is padding."""

    def unpacked(self, data: bytes) -> Iterator[bytes]:
        while data and not (self._between and data[:1] != b"\x1f"):
            try:
                part = self._of.decompress(data, STEP)
            except zlib.error as error:
                if not self._raw:
                    raise BadBody(f"it cannot be unpacked: {error}") from None
                self._raw, self._of = False, zlib.decompressobj(-zlib.MAX_WBITS)
                continue
            self._raw = self._between = False
            if part:
                yield part
            data = self._of.unconsumed_tail
            if self._of.eof:
                data, self._of = self._of.unused_data, zlib.decompressobj(zlib.MAX_WBITS | 16)
                self._between = True
