"""Hears that a person or the system asks a run to end."""

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any


def on_signals(ended: asyncio.Event) -> Callable[[], None]:
    """Let the first signal set ``ended``, for an orderly end, and the second one kill; return what undoes this."""
    loop = asyncio.get_running_loop()
    before: dict[signal.Signals, Any] = {}

    def stop(number: int, _: Any) -> None:
        if ended.is_set():
            os._exit(128 + number)
        loop.call_soon_threadsafe(ended.set)

    # signal.signal and not loop.add_signal_handler, which Windows does not have
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):  # the last two: terminal closed, Ctrl-Break
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            before[number] = signal.signal(number, stop)

    def undo() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    return undo
