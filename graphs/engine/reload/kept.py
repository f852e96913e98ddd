"""Keeps every text of a graph that was saved from a page, and finds the way back and forth between them."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nodes.shared_file import replace

MOST = 200
"""At most this many texts of one graph are kept; the oldest goes first."""
INDEX = "texts.json"


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a graph that was in its file."""

    name: str
    """Its file in the folder: when it came, and which one it is."""
    base: str
    """SHA-256 of its bytes, hex."""
    time: str
    """Local time, ISO 8601."""
    what: Sequence[str]
    """What changed with it, without values; empty for one that was found in the file."""


class KeptTexts:
    """The texts of one graph. Blocking."""

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: of this graph alone; made when there is something to keep.
        """
        self._folder = folder
        self._texts: list[Text] = []
        self._steps: list[str] = []
        """The names of the texts that undo and redo walk along."""
        self._at = -1
        with suppress(OSError, ValueError, TypeError, KeyError):  # without its index the texts are still there to read
            self._restore(json.loads((folder / INDEX).read_text(encoding="utf-8")))

    def _restore(self, said: dict[str, Any]) -> None:
        texts = [Text(**each) for each in said["texts"]]
        names, steps, at = {each.name for each in texts}, list(said["steps"]), int(said["at"])
        if names.issuperset(steps) and -1 <= at < len(steps):
            self._texts, self._steps, self._at = texts, steps, at

    @property
    def texts(self) -> Sequence[Text]:
        """All that are kept, oldest first."""
        return tuple(self._texts)

    def found(self, raw: bytes) -> None:
        """Note what is in the file now; if it was changed by hand, that is a step too."""
        now = self.step(0)
        if now is None or base_of(raw) != now.base:
            self.add(raw, ())

    def add(self, raw: bytes, what: Sequence[str]) -> None:
        """Keep a text as the next step; steps that were undone are no longer redone, their texts stay.

        Raises:
            OSError: it cannot be written.
        """
        now = datetime.now()
        last = int(self._texts[-1].name[-9:-5]) if self._texts else 0
        text = Text(f"{now:%Y-%m-%d_%H-%M-%S}_{(last + 1) % 10_000:04}.yaml", base_of(raw), f"{now:%FT%T}", tuple(what))
        self._folder.mkdir(parents=True, exist_ok=True)
        replace(self._folder / text.name, raw)
        self._texts.append(text)
        self._steps[self._at + 1 :] = [text.name]
        self._at = len(self._steps) - 1
        for old in self._texts[:-MOST]:
            with suppress(OSError):
                (self._folder / old.name).unlink()
        self._texts = self._texts[-MOST:]
        names = {each.name for each in self._texts}
        gone = sum(each not in names for each in self._steps)
        self._steps, self._at = [each for each in self._steps if each in names], self._at - gone
        self._save()

    def went(self, by: int) -> None:
        """Note that the text so many steps away is in the file now."""
        self._at += by
        self._save()

    def undone(self, by: int) -> Text | None:
        """Return the text whose change a step takes back (-1) or makes again (1)."""
        return None if self.step(by) is None else self.step(0 if by < 0 else by)

    def raw(self, text: Text) -> bytes:
        """Return the bytes of a text.

        Raises:
            OSError: they cannot be read.
        """
        return (self._folder / text.name).read_bytes()

    def by_base(self, base: str) -> bytes | None:
        """Return the bytes with this hash, if they are kept."""
        with suppress(OSError):
            return next((self.raw(each) for each in reversed(self._texts) if each.base == base), None)
        return None

    def step(self, by: int) -> Text | None:
        """Return the text so many steps back (negative) or forth; None if there is none."""
        at = self._at + by
        if not 0 <= at < len(self._steps):
            return None
        return next(each for each in self._texts if each.name == self._steps[at])

    def _save(self) -> None:
        said = {"at": self._at, "steps": self._steps, "texts": [asdict(each) for each in self._texts]}
        replace(self._folder / INDEX, json.dumps(said, ensure_ascii=False, indent=1).encode())


def base_of(raw: bytes) -> str:
    """Return what names a text: the SHA-256 of its bytes, hex."""
    return hashlib.sha256(raw).hexdigest()
