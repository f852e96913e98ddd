"""Garbage collection of a run that lasts for hours: short, and soon.

Python collects everything only once a quarter as much was made as there is, and then looks at all of it. With a voice
and its model loaded that holds the loop for 80 ms, five frames of the body, and until then what nodes and pages leave
behind in cycles piles up. So what is there once a show has settled is set aside for good (``gc.freeze``); what is left
to look at is small: 3 to 6 ms. Source: gc.freeze and gc.collect of the standard library.
"""

import gc
from collections.abc import Awaitable, Callable

SETTLED_S = (3.0, 30.0)
"""When the graph runs, and when its voice and its model are loaded; seconds after the start."""


async def set_aside(sleep: Callable[[float], Awaitable[None]]) -> None:
    """Set aside what is there, at both times; ``take_back`` ends it."""
    passed = 0.0
    for at in SETTLED_S:
        await sleep(at - passed)
        passed = at
        gc.freeze()
        gc.collect()  # of almost nothing; from now on Python measures by what is left


def take_back() -> None:
    """Collect everything again."""
    gc.unfreeze()
