"""The few file operations that the memory needs; each leaves the disk either as it was or as it should be."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from nodes.shared_file import sync_folder


class Disk:
    """Blocking; every method may raise OSError."""

    def folder(self, path: Path) -> None:
        """Make a folder and its parents; it may already exist."""
        path.mkdir(parents=True, exist_ok=True)

    def read(self, path: Path) -> bytes | None:
        """Read a whole file; None if there is none."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def write(self, path: Path, data: bytes) -> None:
        """Write a file with this content; it is on the disk when this returns."""
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def move(self, source: Path, target: Path) -> None:
        """Rename a file or folder; an existing file of the new name is replaced."""
        source.replace(target)
        sync_folder(target.parent)

    def remove(self, path: Path) -> None:
        """Remove a file, or a folder with everything in it; it need not exist."""
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def put(self, path: Path, data: bytes) -> None:
        """Replace a file: a reader finds either all of the old content or all of the new."""
        beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        self.write(beside, data)
        self.move(beside, path)

    def left(self, folder: Path) -> Iterator[Path]:
        """Yield what ``put`` left in a folder when the program was killed."""
        return folder.glob(".*.tmp")
