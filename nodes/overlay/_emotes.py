"""Pictures of emotes and badges: fetched once, kept in memory within bounds, served from there.

A viewer's line names a picture by a key; only a key of a line that came can be asked for, so that this is no proxy for
everyone. A picture that is not there yet is fetched beside the show; until it came, or where it never does, the page
shows the emote's name.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from hashlib import blake2b
from urllib.parse import urlsplit

from nodes.loopback import is_loopback
from nodes.overlay._emotes_http import Get, Image
from nodes.services import Clock

MOST = 300
"""Pictures that are kept; CHZZK shows the same few hundred again and again."""
MOST_BYTES = 24 * 1024 * 1024
WAITING = 64
"""Pictures that wait to be fetched; beyond, the one that waited longest stays a name."""
AGAIN_S = 300.0
"""How long a picture that could not be had is not asked for again."""


def allowed(url: str, hosts: Iterable[str]) -> bool:
    """Whether a picture may be fetched from there: an allowed address, without a name or port hidden in it.

    Only https, but on this machine also http; ``hosts`` are names, ``*.pstatic.net`` stands for all below it.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.username is not None or not any(fnmatchcase(host, wanted.lower()) for wanted in hosts):
        return False
    return (parts.scheme == "https" and port in (None, 443)) or (
        parts.scheme in ("http", "https") and is_loopback(host)
    )


@dataclass(slots=True)
class Images:
    """The pictures of a run, by key; outlives a node that is replaced."""

    ready: OrderedDict[str, Image] = field(default_factory=OrderedDict[str, Image])
    """Least recently used first."""
    bytes: int = 0
    failed: OrderedDict[str, float] = field(default_factory=OrderedDict[str, float])
    """Key -> when it may be tried again."""
    waiting: OrderedDict[str, str] = field(default_factory=OrderedDict[str, str])
    """Key -> URL."""
    fetching: set[str] = field(default_factory=set[str])
    urls: OrderedDict[str, str] = field(default_factory=OrderedDict[str, str])
    """Key -> URL of all that were asked for lately."""
    wanted: asyncio.Event = field(default_factory=asyncio.Event)

    def want(self, url: str, hosts: Iterable[str], now: float) -> str | None:
        """The key of a picture, which is fetched unless it is there; None where it may not be fetched."""
        if not allowed(url, hosts):
            return None
        key = blake2b(url.encode("utf-8", "replace"), digest_size=12).hexdigest()
        self.urls[key] = url
        self.urls.move_to_end(key)
        while len(self.urls) > 2 * MOST:
            self.urls.popitem(last=False)
        if key in self.ready:
            self.ready.move_to_end(key)
        elif key not in self.fetching and self.failed.get(key, now) <= now:
            self.waiting[key] = url
            while len(self.waiting) > WAITING:
                self.waiting.popitem(last=False)
            self.wanted.set()
        return key

    def find(self, key: str) -> Image | None:
        """A picture that is there."""
        return self.ready.get(key)

    def came(self, key: str, image: Image) -> None:
        self.failed.pop(key, None)
        self.ready[key] = image
        self.bytes += len(image[0])
        while len(self.ready) > MOST or self.bytes > MOST_BYTES:
            _, (content, _) = self.ready.popitem(last=False)
            self.bytes -= len(content)

    def missed(self, key: str, now: float) -> None:
        self.failed[key] = now + AGAIN_S
        self.failed.move_to_end(key)
        while len(self.failed) > 2 * MOST:
            self.failed.popitem(last=False)

    async def fetch(self, get: Get, clock: Clock, tell: Callable[[str], object]) -> None:
        """Fetch what waits, for ever; ``tell`` hears the key of each picture that came."""
        while True:
            while self.waiting:
                key, url = self.waiting.popitem(last=False)
                self.fetching.add(key)
                try:
                    image = await get(url)
                finally:
                    self.fetching.discard(key)
                if image is None:
                    self.missed(key, clock.now())
                else:
                    self.came(key, image)
                    tell(key)
            self.wanted.clear()
            await self.wanted.wait()
