"""Plugins that a person has allowed, and the file that remembers them; it contains tokens only as hashes."""

import contextlib
import hashlib
import json
import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Any, cast

from nodes.aside import unused
from nodes.avatar._stage.inputs import Plugin
from nodes.shared_file import replace

MOST, OF_ONE = 64, 8
"""Remember at most this many tokens, and of one plugin; those not used for longest are forgotten.

A plugin has several because programs of the same name, such as two shows, each ask for one of their own.
"""


class Grants:
    """Maps the hash of a token to the plugin that has it. ``load`` and ``save`` block, the rest does not."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._plugins: dict[str, Plugin] = {}
        self._unread = False
        self.unsaved = False

    def __len__(self) -> int:
        return len(set(self._plugins.values()))

    def grant(self, plugin: Plugin, in_use: Collection[str] = ()) -> str:
        """Return a new token for the plugin; its others stay good.

        Args:
            in_use: marks of tokens that are not forgotten for it.
        """
        own = [mark for mark, known in self._plugins.items() if known == plugin]
        gone = _oldest(own, OF_ONE, in_use)
        gone |= _oldest([mark for mark in self._plugins if mark not in gone], MOST, in_use)
        kept = {mark: known for mark, known in self._plugins.items() if mark not in gone}
        token = secrets.token_hex(32)
        self._plugins = {**kept, mark_of(token): plugin}  # a new one: a thread may be saving the old one
        self.unsaved = True
        return token

    def good(self, plugin: Plugin, token: str) -> bool:
        mark = mark_of(token)
        if self._plugins.get(mark) != plugin:
            return False
        if next(reversed(self._plugins)) != mark:
            self._plugins = {**{each: of for each, of in self._plugins.items() if each != mark}, mark: plugin}
            self.unsaved = True
        return True

    def load(self) -> bool:
        """Read the file; return whether it could be read or does not exist yet."""
        try:
            found: Any = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return True
        except (OSError, ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            self._unread = True
            return False
        for mark, plugin in cast(dict[str, Any], found).items():
            if isinstance(plugin, list) and [type(each) for each in cast(list[Any], plugin)] == [str, str]:
                self._plugins[mark] = plugin[0], plugin[1]
        return True

    def save(self) -> None:
        """Write the file.

        Raises:
            OSError: it could not be written; the changes are still unsaved.
        """
        self.unsaved = False
        try:
            self._write()
        except OSError:
            self.unsaved = True
            raise

    def _write(self) -> None:
        if self._unread:  # a person may still recover the allowed plugins from it by hand
            with contextlib.suppress(FileNotFoundError):
                self._path.replace(unused(self._path, "unreadable"))
            self._unread = False
        replace(self._path, json.dumps(self._plugins, indent=1).encode())


def _oldest(marks: list[str], most: int, in_use: Collection[str]) -> set[str]:
    """Return those of the marks, oldest first, that make room for one more."""
    return set([mark for mark in marks if mark not in in_use][: max(0, len(marks) + 1 - most)])


def mark_of(token: str) -> str:
    """Return the hash by which a token is known."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
