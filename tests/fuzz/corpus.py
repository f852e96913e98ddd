"""Keeps the inputs of a target: written by a person, found by fuzzing, or reaching code that no other input does."""

import hashlib
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from tests.fuzz.targets import Check
from tests.harness import ROOT

FOLDER = Path(__file__).resolve().parent / "corpus"
_OURS = tuple(str(ROOT / name) for name in ("nodes", "graphs", "schemas"))
Arc = tuple[str, int, int]
"""A file, and two of its lines that run one after the other."""


def kept(target: str) -> list[Path]:
    """Return the files of a target, sorted by name."""
    return sorted(path for path in (FOLDER / target).iterdir() if path.is_file())


def cpu_s(check: Check, data: bytes, enough: float = 0.0, tries: int = 3) -> float:
    """Measure the CPU seconds of a check: the fewest of some tries, because garbage collection is not the input's cost.

    Args:
        enough: a try that takes less is the last one.
    """
    best = float("inf")
    for _ in range(tries):
        if best < enough:
            break
        begun = time.thread_time()
        check(data)
        best = min(best, time.thread_time() - begun)
    return best


def reached(check: Check, data: bytes) -> set[Arc]:
    """Return the arcs of our own code that an input runs through, whatever the outcome."""
    found: set[Arc] = set()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        file = frame.f_code.co_filename
        if not file.startswith(_OURS):
            return None
        last = -1

        def line(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal last
            if event == "line":
                found.add((file, last, frame.f_lineno))
                last = frame.f_lineno
            return line

        return line

    sys.settrace(trace)
    try:
        check(data)
    except Exception:  # its findings are reported elsewhere
        pass
    finally:
        sys.settrace(None)
    return found


def worth(check: Check, have: Iterable[bytes], new: Iterable[bytes]) -> Iterator[bytes]:
    """Return those of the new inputs that reach code no input before them reaches; short ones first."""
    known: set[Arc] = set()
    for data in have:
        known |= reached(check, data)
    for data in sorted(set(new), key=lambda data: (len(data), data)):
        more = reached(check, data) - known
        if more:
            known |= more
            yield data


def keep(target: str, data: bytes, why: str = "reached") -> Path:
    """Write an input to a file named after the reason and its hash."""
    path = FOLDER / target / f"{why}-{hashlib.blake2b(data, digest_size=4).hexdigest()}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
