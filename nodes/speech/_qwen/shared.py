"""Models that are loaded in this process: one for all who use the same, gone when the last of them is."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from nodes.speech._qwen.model import Model

Key = tuple[Path, str]
"""Folder and device."""


@dataclass(slots=True)
class _Entry:
    model: Future[Model] = field(default_factory=lambda: Future[Model]())
    users: int = 0


_entries: dict[Key, _Entry] = {}
_lock = threading.Lock()


def loaded() -> list[Path]:
    """Folders of the models that are in memory or on their way there."""
    with _lock:
        return [folder for folder, _ in _entries]


def lend(key: Key, load: Callable[[], Model]) -> Model:
    """The model of ``key``: who asks first loads it, others wait. Blocking, from any thread; answered by ``give_back``.

    Raises:
        Exception: what ``load`` raised; the next one who asks tries again.
    """
    with _lock:
        mine = key not in _entries
        entry = _entries.setdefault(key, _Entry())
        entry.users += 1
    if mine:
        try:
            entry.model.set_result(load())
        except BaseException as error:
            with _lock:
                _entries.pop(key)
            entry.model.set_exception(error)
    return entry.model.result()


def give_back(key: Key) -> bool:
    """One user less; True when nobody uses it any more and its memory can be freed."""
    with _lock:
        entry = _entries[key]
        entry.users -= 1
        if entry.users:
            return False
        del _entries[key]
        return True
