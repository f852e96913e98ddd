"""Reads the body of an HTTP response, bounded before and after decompression.

httpx decompresses whatever a server sends in pieces of any size: 600 kB of gzip become 600 MB in one step. Here a body
is decompressed in small steps, and reading ends at a limit. Requests ask for ``identity`` (``PLAIN``); a server that
compresses its answers anyway is understood if it uses gzip or deflate.
"""

import zlib
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, cast

from nodes.phrases import phrase

if TYPE_CHECKING:
    import httpx

PLAIN: Mapping[str, str] = {"Accept-Encoding": "identity"}
"""Headers for a request whose answer is read here."""
STEP = 64 * 1024
"""Decompress at most this many bytes at a time."""
_READ_ON = 16
"""Read at most this many times the number of bytes wanted."""
LARGE = 64 * 1024
"""JSON of more than this many characters is parsed off the loop."""


class BadBody(ValueError):
    """Raised when the body is too large, or compressed in a way that cannot be read."""


async def pieces(response: "httpx.Response", most: int) -> AsyncGenerator[bytes]:
    """Yield the decompressed body of a streamed response, piece by piece.

    Args:
        most: the limit in bytes, both compressed and decompressed.

    Raises:
        BadBody: it is larger, or cannot be decompressed.
    """
    if response.is_stream_consumed:  # it came complete and decompressed
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
        raise BadBody(phrase("it is larger than an answer can be"))
    return data


async def beginning(response: "httpx.Response", most: int) -> bytes:
    """Return the first bytes of a body, but read on for a while: the connection can be reused only after its end."""
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
        raise BadBody(phrase("packed as {names}, which was not asked for", names=", ".join(names)[:40]))
    return _Packed(deflate=names[0] == "deflate").unpacked


def _as_it_is(data: bytes) -> Iterator[bytes]:
    yield data


class _Packed:
    """Decompresses gzip with one or more members, and deflate with or without its header."""

    def __init__(self, *, deflate: bool) -> None:
        self._raw = deflate
        self._of = zlib.decompressobj(zlib.MAX_WBITS if deflate else zlib.MAX_WBITS | 16)
        self._between = False
        """Whether a gzip member has ended; anything that follows and is not another member is padding."""

    def unpacked(self, data: bytes) -> Iterator[bytes]:
        while data and not (self._between and data[:1] != b"\x1f"):
            try:
                part = self._of.decompress(data, STEP)
            except zlib.error as error:
                if not self._raw:
                    raise BadBody(phrase("it cannot be unpacked: {why}", why=error)) from None
                self._raw, self._of = False, zlib.decompressobj(-zlib.MAX_WBITS)
                continue
            self._raw = self._between = False
            if part:
                yield part
            data = self._of.unconsumed_tail
            if self._of.eof:
                data, self._of = self._of.unused_data, zlib.decompressobj(zlib.MAX_WBITS | 16)
                self._between = True
