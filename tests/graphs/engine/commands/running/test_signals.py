"""graphs/engine/commands/running/signals.py: the first signal asks for an end, the next one is not waited for."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from graphs.engine.commands.running.signals import on_signals
from tests.harness import ROOT

TWICE = """\
import asyncio, os, signal
from graphs.engine.commands.running.signals import on_signals

async def run():
    ended = asyncio.Event()
    on_signals(ended)
    os.kill(os.getpid(), signal.SIGTERM)
    await ended.wait()
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(10)

asyncio.run(run())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_for_an_end_and_the_handlers_are_given_back(number: signal.Signals) -> None:
    async def story() -> None:
        ended = asyncio.Event()
        undo = on_signals(ended)
        try:
            os.kill(os.getpid(), number)
            await asyncio.wait_for(ended.wait(), 5)
        finally:
            undo()

    outside = signal.signal(number, signal.SIG_DFL)  # it may be ignored: a script has started the tests with &
    try:
        asyncio.run(story())
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, outside)


def test_a_second_signal_ends_the_process_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", TWICE], cwd=ROOT, timeout=30, check=False)
    assert done.returncode == 128 + signal.SIGTERM


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    async def story() -> None:
        on_signals(asyncio.Event())()

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        asyncio.run(story())
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
