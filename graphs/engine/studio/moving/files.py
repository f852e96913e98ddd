"""Writes files so that nothing that was there is lost, and no secret can be read by others."""

from pathlib import Path

from nodes.aside import unused
from nodes.phrases import phrase
from nodes.shared_file import replace


def put(path: Path, data: bytes, *, private: bool = False) -> str:
    """Write a file in place of another, which is kept as ``NAME.before``; return what became of it.

    Args:
        private: nobody else may read it, nor what is kept of it.

    Raises:
        OSError: it cannot be written.
    """
    old = path.read_bytes() if path.is_file() else None
    if old == data:
        return phrase("It is the same already.")
    write = replace if private else _put
    path.parent.mkdir(parents=True, exist_ok=True)
    if old is None:
        write(path, data)
        return phrase("Moved.")
    kept = unused(path, "before")
    write(kept, old)
    write(path, data)
    return phrase("Moved. What was there is kept as {file}.", file=kept.name)


def _put(path: Path, data: bytes) -> None:
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(data)
    new.replace(path)
