"""Makes timers punctual on Windows, where they have steps of 15.6 ms by default: as long as a frame of the body.

Four things make a timer late there. Waits of a process end at a tick of 15.6 ms (``timeBeginPeriod``). Since Windows 11
that request is ignored, and the process may be slowed down, while its window is covered by a game
(``SetProcessInformation``). The loop runs after the game's threads (``SetThreadPriority``; the loop is idle nine
tenths of the time). Before Python 3.13 the clock of the loop itself has steps of 15.6 ms. If the system refuses one of
these calls, the others still apply.

Sources: those functions in Microsoft's documentation of Windows; github.com/python/cpython issue 88494 for the clock.
"""

import asyncio
import contextlib
import ctypes
import sys
import time
from collections.abc import Callable, Generator
from typing import Any

PERIOD_MS = 1
_POWER_THROTTLING = 4
"""ProcessPowerThrottling in PROCESS_INFORMATION_CLASS."""
_NEITHER_SLOWED_NOR_COARSE = 0x1 | 0x4
"""PROCESS_POWER_THROTTLING_EXECUTION_SPEED and _IGNORE_TIMER_RESOLUTION."""
_ABOVE_NORMAL = 1
"""THREAD_PRIORITY_ABOVE_NORMAL."""

Library = Callable[[str], Any]
"""Opens a system library by its name, as ``ctypes.WinDLL`` does."""


class PowerThrottling(ctypes.Structure):
    """PROCESS_POWER_THROTTLING_STATE: ``control`` selects flags; a selected flag is off unless ``state`` has it too."""

    _fields_ = (("version", ctypes.c_uint32), ("control", ctypes.c_uint32), ("state", ctypes.c_uint32))


class FineLoop(asyncio.SelectorEventLoop if sys.platform != "win32" else asyncio.ProactorEventLoop):
    """The platform's event loop on the performance counter, which is fine-grained on every system."""

    def __init__(self) -> None:
        super().__init__()
        # timers due within one clock step run at once: with the other clock's steps that is 15.6 ms early
        self._clock_resolution = time.get_clock_info("perf_counter").resolution

    def time(self) -> float:
        return time.perf_counter()


def new_loop(
    platform: str = sys.platform, version: tuple[int, int] = sys.version_info[:2]
) -> asyncio.AbstractEventLoop:
    """Make a loop whose clock is fine-grained."""
    return FineLoop() if platform == "win32" and version < (3, 13) else asyncio.new_event_loop()


@contextlib.contextmanager
def on_time(platform: str = sys.platform, open_library: Library | None = None) -> Generator[None]:
    """While this context is open, timers are punctual in this process; open it in the thread of the loop."""
    if platform != "win32":
        yield
        return
    library = open_library or getattr(ctypes, "WinDLL")  # noqa: B009 - other systems have none
    asked = False
    with contextlib.suppress(OSError, AttributeError):
        asked = library("winmm").timeBeginPeriod(PERIOD_MS) == 0
    with contextlib.suppress(OSError, AttributeError):
        _never_slowed(library("kernel32"))
    try:
        yield
    finally:
        if asked:
            library("winmm").timeEndPeriod(PERIOD_MS)


def _never_slowed(kernel: Any) -> None:
    kernel.GetCurrentThread.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.SetThreadPriority(ctypes.c_void_p(kernel.GetCurrentThread()), _ABOVE_NORMAL)
    wish = PowerThrottling(1, _NEITHER_SLOWED_NOR_COARSE, 0)
    process = ctypes.c_void_p(kernel.GetCurrentProcess())
    kernel.SetProcessInformation(process, _POWER_THROTTLING, ctypes.byref(wish), ctypes.sizeof(wish))
