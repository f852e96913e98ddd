"""Models that are loaded in this process: one for all users of the same model, freed when the last of them is gone."""

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
    """Return the folders of the models that are in memory or being loaded."""
    with _lock:
        return [folder for folder, _ in _entries]


def lend(key: Key, load: Callable[[], Model]) -> Model:
    """Return the model of ``key``: the first caller loads it, others wait. Blocking, any thread; undo by ``give_back``.

    Raises:
        Exception: what ``load`` raised; the next caller tries again.
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
    """Count one user less; True when nobody uses the model any more and its memory can be freed."""
    with _lock:
        entry = _entries[key]
        entry.users -= 1
        if entry.users:
            return False
        del _entries[key]
        return True
