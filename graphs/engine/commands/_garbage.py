"""The memory of a run that lasts for hours: what is left behind goes soon, and without holding the loop.

Python collects everything only once a quarter as much was made as there is, and then looks at all of it. With a voice
and its model loaded that holds the loop for 80 ms, five frames of the body, and until then what nodes and pages leave
behind in cycles piles up. So what is there once a show has settled is set aside for good (``gc.freeze``); what is left
to look at is small: 3 to 6 ms.

What Python gives back, the C library of Linux keeps between blocks in use: sound of all lengths beside what stays made
a show grow by 30 MB an hour, all of it free. ``malloc_trim`` hands it to the system: 0.5 to 6 ms, in a thread.
Source: gc.freeze and gc.collect of the standard library; malloc_trim(3).
"""

import contextlib
import ctypes
import gc
import sys
from collections.abc import Awaitable, Callable
from typing import Any

SETTLED_S = (3.0, 30.0)
"""When the graph runs, and when its voice and its model are loaded; seconds after the start."""
TRIM_S = 60.0

Sleep = Callable[[float], Awaitable[None]]


async def tidy(sleep: Sleep, thread: Callable[[Callable[[], object]], Awaitable[object]]) -> None:
    """Set aside what is there, at both times, then trim every minute; ``take_back`` ends it."""
    passed = 0.0
    for at in SETTLED_S:
        await sleep(at - passed)
        passed = at
        gc.freeze()
        gc.collect()  # of almost nothing; from now on Python measures by what is left
    trim = trimmer()
    while trim is not None:
        await sleep(TRIM_S)
        await thread(trim)


def take_back() -> None:
    """Collect everything again."""
    gc.unfreeze()


def trimmer(open_library: Callable[[None], Any] = ctypes.CDLL) -> Callable[[], object] | None:
    """What hands free memory to the system; None where the C library has no such thing."""
    if not sys.platform.startswith("linux"):
        return None
    with contextlib.suppress(AttributeError, OSError):
        trim = open_library(None).malloc_trim
        return lambda: trim(0)
    return None
