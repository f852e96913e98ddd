"""The few operations on files that the memory needs; each leaves the disk as it was or as it shall be."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

_POSIX = os.name == "posix"


class Disk:
    """Blocking; every method may raise OSError."""

    def folder(self, path: Path) -> None:
        """Make a folder, with those above it; it may be there."""
        path.mkdir(parents=True, exist_ok=True)

    def read(self, path: Path) -> bytes | None:
        """All of a file; None where there is none."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def write(self, path: Path, data: bytes) -> None:
        """A file with this content, on the disk when it returns."""
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def move(self, source: Path, target: Path) -> None:
        """Give a file or folder its new name; a file of that name is replaced."""
        source.replace(target)
        if _POSIX:  # the name is safe only with the folder that it stands in
            folder = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def remove(self, path: Path) -> None:
        """Remove a file, or a folder with all in it; it need not be there."""
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def put(self, path: Path, data: bytes) -> None:
        """Replace a file: whoever reads it finds all of the old content or all of the new."""
        beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        self.write(beside, data)
        self.move(beside, path)

    def left(self, folder: Path) -> Iterator[Path]:
        """What ``put`` left in a folder when the program was killed."""
        return folder.glob(".*.tmp")
