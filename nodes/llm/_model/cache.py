"""Answers that can be given again when no model answers."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import TTLCache

from nodes.text import clean
from schemas.chat import PAID, ChatBatch, ViewerEvent, Withdrawn

ENTRIES = 256


@dataclass(frozen=True, slots=True)
class Cached:
    """A whole answer, and what it answered."""

    text: str
    emotion: str
    events: tuple[ViewerEvent, ...]


class Cache:
    """Whole answers by persona and by what was written, regardless of who wrote it.

    Only for chat without a donation or subscription in it, and only if the answer addresses nobody in the batch by
    name: it may be given to somebody else.

    Args:
        keep_s: seconds that an answer is kept; 0 for none at all.
    """

    def __init__(self, keep_s: float, now: Callable[[], float]) -> None:
        self._entries: TTLCache[str, Cached] = TTLCache(ENTRIES if keep_s > 0 else 0, keep_s, timer=now)

    def put(self, persona: str, batch: ChatBatch, text: str, emotion: str) -> None:
        names = [name for event in batch.events if (name := clean(event.author))]
        key = _key(persona, batch)
        if key and self._entries.maxsize and not any(name in text for name in names):
            self._entries[key] = Cached(text, emotion, batch.events)

    def get(self, persona: str, batch: ChatBatch) -> Cached | None:
        key = _key(persona, batch)
        return self._entries.get(key) if key else None

    def withdraw(self, withdrawn: Withdrawn) -> None:
        """Forget every answer to a withdrawn message."""
        found = [key for key, entry in self._entries.items() if any(map(withdrawn.covers, entry.events))]
        for key in found:
            self._entries.pop(key, None)


def _key(persona: str, batch: ChatBatch) -> str:
    """Return the key; empty if an answer is not for others."""
    if batch.notes or any(event.lane in ("host", *PAID) for event in batch.events):
        return ""
    lines = sorted({" ".join(clean(event.text).lower().split()).rstrip(" .!?~…ㅋㅎㅠㅜ") for event in batch.events})
    return hashlib.sha256("\n".join([persona, *lines]).encode("utf-8", "replace")).hexdigest() if any(lines) else ""
