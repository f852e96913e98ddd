"""Keeps a Windows console from freezing the show or killing it without warning.

A click into a console selects text and blocks everything that writes to it until Enter (QuickEdit), so QuickEdit is
switched off for the show. When its window is closed, Windows kills the program after five seconds, so a stop is
requested as by Ctrl-C and the window waits for it.

Sources: SetConsoleMode, SetConsoleCtrlHandler and HandlerRoutine in Microsoft's documentation of Windows.
"""

import contextlib
import ctypes
import signal
import sys
import threading
from collections.abc import Callable, Generator
from typing import Any

WAIT_S = 4.5
"""Windows kills the process after five seconds."""
_INPUT = -10
"""STD_INPUT_HANDLE."""
_QUICK_EDIT, _EXTENDED = 0x40, 0x80
_CLOSED = (2, 5, 6)
"""CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT."""

Library = Callable[[str], Any]
"""Opens a system library by its name, as ``ctypes.WinDLL`` does."""


@contextlib.contextmanager
def awake(
    platform: str = sys.platform,
    open_library: Library | None = None,
    routine: Callable[[Callable[[int], bool]], Any] | None = None,
    ask: Callable[[int], object] = signal.raise_signal,
) -> Generator[None]:
    """While this context is open, a click does not block the console, and closing its window stops the show in order.

    Args:
        routine: turns a function into one that Windows can call.
        ask: sends this process a signal.
    """
    if platform != "win32":
        yield
        return
    ended = threading.Event()

    def closed(kind: int) -> bool:
        if kind not in _CLOSED:
            return False
        ask(signal.SIGINT)
        ended.wait(WAIT_S)
        return True

    make = routine or getattr(ctypes, "WINFUNCTYPE")(ctypes.c_int, ctypes.c_uint32)  # noqa: B009 - other systems have none
    handler = make(closed)
    library, mode = None, None
    with contextlib.suppress(OSError, AttributeError):
        library = (open_library or getattr(ctypes, "WinDLL"))("kernel32")  # noqa: B009
        mode = _without_quick_edit(library)
        library.SetConsoleCtrlHandler(handler, True)
    try:
        yield
    finally:
        ended.set()
        with contextlib.suppress(OSError, AttributeError):
            if library is not None:
                library.SetConsoleCtrlHandler(handler, False)
                if mode is not None:
                    library.SetConsoleMode(ctypes.c_void_p(library.GetStdHandle(_INPUT)), mode | _EXTENDED)


def _without_quick_edit(library: Any) -> int | None:
    """Switch QuickEdit off; gives the previous mode, or None if there is no console."""
    library.GetStdHandle.restype = ctypes.c_void_p
    handle, mode = ctypes.c_void_p(library.GetStdHandle(_INPUT)), ctypes.c_uint32()
    if not library.GetConsoleMode(handle, ctypes.byref(mode)):
        return None
    library.SetConsoleMode(handle, (mode.value & ~_QUICK_EDIT) | _EXTENDED)
    return mode.value
