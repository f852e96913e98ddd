"""Keeps the memory of a run that lasts for hours small: garbage is freed soon, and without blocking the loop.

What a start reads stays, and looking for garbage in it takes a tenth of the start, so that is put off.

Python runs a full collection only once new objects amount to a quarter of the existing ones, and then scans them all.
With a voice and its model loaded that blocks the loop for 80 ms, five frames of the body, and until then the cycles
that nodes and pages leave behind pile up. So the objects that exist once a show has settled are frozen for good
(``gc.freeze``); the rest is small to scan: 3 to 6 ms.

Memory that Python frees stays in the C library of Linux, between blocks in use: sound of all lengths next to
long-lived blocks made a show grow by 30 MB an hour, all of it free. ``malloc_trim`` returns it to the system: 0.5 to
6 ms, in a thread.
Source: gc.freeze and gc.collect of the standard library; malloc_trim(3).
"""

import contextlib
import ctypes
import gc
import sys
from collections.abc import Awaitable, Callable
from typing import Any

SETTLED_S = (3.0, 30.0)
"""Seconds after the start: when the graph runs, and when its voice and its model are loaded."""
TRIM_S = 60.0
RARELY = 1_000_000
"""New objects until Python looks for garbage while a show starts."""
_USUAL = gc.get_threshold()

Sleep = Callable[[float], Awaitable[None]]


def put_off() -> None:
    """Look for garbage rarely until a show has settled, or a command is known that is none."""
    gc.set_threshold(RARELY, *_USUAL[1:])


def as_usual() -> None:
    """Look for garbage as often as Python does, if that was put off."""
    if gc.get_threshold()[0] == RARELY:
        gc.set_threshold(*_USUAL)


async def tidy(sleep: Sleep, thread: Callable[[Callable[[], object]], Awaitable[object]]) -> None:
    """Freeze what exists at both times, then trim every minute; ``take_back`` undoes the freezing."""
    passed = 0.0
    for at in SETTLED_S:
        await sleep(at - passed)
        passed = at
        gc.freeze()
        as_usual()
        gc.collect()  # almost nothing to scan; from now on Python goes by what is left
    trim = trimmer()
    while trim is not None:
        await sleep(TRIM_S)
        await thread(trim)


def take_back() -> None:
    """Let Python collect everything again."""
    as_usual()
    gc.unfreeze()


def trimmer(open_library: Callable[[None], Any] = ctypes.CDLL) -> Callable[[], object] | None:
    """Give the call that returns free memory to the system; None if the C library has none."""
    if not sys.platform.startswith("linux"):
        return None
    with contextlib.suppress(AttributeError, OSError):
        trim = open_library(None).malloc_trim
        return lambda: trim(0)
    return None
