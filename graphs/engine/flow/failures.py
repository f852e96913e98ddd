"""Defines what counts as a failure of a node: whatever its code raises, an attempt to end the program too.

Packages raise more than an ``Exception``: a panic of one that is written in Rust is a ``BaseException``, and to wait
for a task that somebody else cancelled raises a ``CancelledError``.
"""

import asyncio

from nodes.phrases import phrase, said_by


def failure(error: BaseException) -> Exception:
    """Turn what a node raised into an ordinary failure: a node that tries to end the program only fails itself."""
    if isinstance(error, Exception):
        return error
    if isinstance(error, SystemExit | KeyboardInterrupt):
        text = phrase("it tried to end the program: {why}", why=repr(error))
    else:
        text = phrase("{name}: {why}", name=type(error).__name__, why=said_by(error))
    return RuntimeError(text).with_traceback(error.__traceback__)


def is_an_end(error: BaseException) -> bool:
    """Whether it ends the coroutine that runs now because it was asked to, and is no failure of what it does."""
    task = asyncio.current_task()
    cancelled = isinstance(error, asyncio.CancelledError) and (task is None or task.cancelling() > 0)
    return cancelled or isinstance(error, GeneratorExit)
