"""The kept inputs of a target: what a person wrote, what was found, and what reaches code that no other input does."""

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
"""A file, and two lines of it that are run one after the other."""


def kept(target: str) -> list[Path]:
    """The files of a target, by name."""
    return sorted(path for path in (FOLDER / target).iterdir() if path.is_file())


def cpu_s(check: Check, data: bytes, enough: float = 0.0, tries: int = 3) -> float:
    """CPU seconds that a check takes: the fewest of some tries, for a collection of garbage is not the input's.

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
    """The arcs of our own code that an input runs through, whatever comes of it."""
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
    except Exception:  # what it finds is reported elsewhere
        pass
    finally:
        sys.settrace(None)
    return found


def worth(check: Check, have: Iterable[bytes], new: Iterable[bytes]) -> Iterator[bytes]:
    """Of the new inputs those that reach what nothing before them does; short ones first."""
    known: set[Arc] = set()
    for data in have:
        known |= reached(check, data)
    for data in sorted(set(new), key=lambda data: (len(data), data)):
        more = reached(check, data) - known
        if more:
            known |= more
            yield data


def keep(target: str, data: bytes, why: str = "reached") -> Path:
    """Write an input down, under the reason and its hash."""
    path = FOLDER / target / f"{why}-{hashlib.blake2b(data, digest_size=4).hexdigest()}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
