"""Files that nodes read, and the folder of the run."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")


class Content(Generic[T]):
    """The ``WatchedText`` of nodes.services: the last good content of a file."""

    def __init__(self, path: Path, parse: Callable[[str], T]) -> None:
        self.path = path
        self._parse = parse
        self.value = self.read()

    def read(self) -> T:
        return self._parse(self.path.read_text(encoding="utf-8-sig"))


class ProjectFiles:
    """The ``Files`` service: paths are relative to the project folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._session: Path | None = None

    def watch(self, path: Path, parse: Callable[[str], T]) -> Content[T]:
        return Content(self._root / path, parse)

    def session(self) -> Path:
        if self._session is None:
            started = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
            folder = self._root / "history" / "sessions" / started
            number = 1
            while folder.exists():
                number += 1
                folder = folder.with_name(f"{started}_{number}")
            folder.mkdir(parents=True)
            self._session = folder
        return self._session
