"""Pictures of emotes and badges: fetched once, kept in memory within bounds, served from there.

A viewer's line names a picture by a key; only the key of a line that came can be requested, so that this is not an open
proxy. A missing picture is fetched beside the show; until it arrives, or if it never does, the page shows the emote's
name.
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
"""How many pictures are kept; CHZZK shows the same few hundred again and again."""
MOST_BYTES = 24 * 1024 * 1024
WAITING = 64
"""How many pictures may wait to be fetched; beyond that, the one that waited longest stays a name."""
AGAIN_S = 300.0
"""How long a picture that could not be fetched is not requested again."""


def allowed(url: str, hosts: Iterable[str]) -> bool:
    """Return whether a picture may be fetched from this URL: an allowed address with no hidden user name or port.

    Only https, or http on this machine; ``hosts`` are names, and ``*.pstatic.net`` stands for all names below it.
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
    """The pictures of a run, by key; they outlive a replaced node."""

    ready: OrderedDict[str, Image] = field(default_factory=OrderedDict[str, Image])
    """Least recently used first."""
    bytes: int = 0
    failed: OrderedDict[str, float] = field(default_factory=OrderedDict[str, float])
    """Key -> when it may be tried again."""
    waiting: OrderedDict[str, str] = field(default_factory=OrderedDict[str, str])
    """Key -> URL."""
    fetching: set[str] = field(default_factory=set[str])
    urls: OrderedDict[str, str] = field(default_factory=OrderedDict[str, str])
    """Key -> URL of all pictures requested recently."""
    wanted: asyncio.Event = field(default_factory=asyncio.Event)

    def want(self, url: str, hosts: Iterable[str], now: float) -> str | None:
        """Return the key of a picture, and fetch it unless it is there; None if it may not be fetched."""
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
        """Return a picture if it is there."""
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
        """Fetch waiting pictures forever; ``tell`` is called with the key of each one that arrives."""
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
