"""The model as the runtime has prepared it, on the disk: it is loaded in half the time.

The name of the file holds all that it depends on, and the CRC-32 of its content: one that is damaged, or that another
version of the runtime wrote, is made again. It is written beside its place and moved there.
"""

import contextlib
import platform
import shutil
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

from nodes.speech._onnx import session

_SUFFIX = ".onnx"
_BEGUN = "begun-"
"""Folders in which a file is being written; one that a program was ended in is removed by the next."""
_BLOCK = 1 << 20


def read(onnx: Any, folder: Path, model: str, threads: int) -> Any | None:
    """Return a session of the model of this hash from ``folder``; None if it must be made. Blocking."""
    for path in _files(onnx, folder, model):
        with contextlib.suppress(Exception):  # the runtime has errors of its own for each way a file can be broken
            if _check(path) == path.stem.rpartition("-")[2]:
                return session(onnx, path, threads, onnx.GraphOptimizationLevel.ORT_DISABLE_ALL)
        with contextlib.suppress(OSError):
            path.unlink()
    return None


def make(onnx: Any, path: Path, folder: Path | None, model: str, threads: int) -> Any:
    """Return a session of the model at ``path``, and keep it as it was prepared in ``folder``. Blocking.

    A folder that cannot be written to only costs the time.
    """
    if folder is not None:
        with contextlib.suppress(Exception):  # the runtime has errors of its own for a file that it cannot write
            return _made_and_kept(onnx, path, folder, model, threads)
    return session(onnx, path, threads, onnx.GraphOptimizationLevel.ORT_ENABLE_EXTENDED)


def _made_and_kept(onnx: Any, path: Path, folder: Path, model: str, threads: int) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{_BEGUN}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_BEGUN, dir=folder, ignore_cleanup_errors=True) as begun:
        # a higher level would depend on the processor of this machine; it makes nothing of this model faster
        written = Path(begun) / f"model{_SUFFIX}"
        made = session(onnx, path, threads, onnx.GraphOptimizationLevel.ORT_ENABLE_EXTENDED, written)
        with contextlib.suppress(OSError):
            for old in folder.glob(f"*{_SUFFIX}"):
                old.unlink()
            written.replace(folder / f"{_name(onnx, model)}-{_check(written)}{_SUFFIX}")
    return made


def _files(onnx: Any, folder: Path, model: str) -> list[Path]:
    return sorted(folder.glob(f"{_name(onnx, model)}-*{_SUFFIX}"))


def _name(onnx: Any, model: str) -> str:
    return f"{model[:16]}-{onnx.__version__}-{sys.platform}-{platform.machine().lower()}"


def _check(path: Path) -> str:
    check = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            check = zlib.crc32(block, check)
    return f"{check:08x}"
