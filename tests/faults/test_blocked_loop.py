"""A node that blocks everything for a second in the middle of a sentence is found and named, and is not heard."""

import asyncio
import time

import pytest
import soxr

from graphs.engine.observe.watchdog import Watchdog
from tests.e2e.conftest import figure
from tests.fakes import FakeWeb
from tests.nodes.audio.fakes import RATE
from tests.nodes.audio.stage import RealTime
from tests.nodes.audio.test_sound_server import playing, sounding, speechlike, steady
from tests.peers.pulse import RATE as SERVER_RATE
from tests.peers.pulse import match, pulse

__all__ = ["figure", "pulse"]

pytestmark = [pytest.mark.component, pytest.mark.alone, pytest.mark.timeout(120)]

HELD_S = 1.0
TRIES = 3
"""Other programs on the machine may stop the sound server itself, but not every time."""


class Told:
    """The log of the watchdog."""

    def __init__(self):
        self.warnings = []

    def info(self, text, **fields):
        pass

    def warning(self, text, **fields):
        self.warnings.append(fields)

    note = warning


def a_node_that_computes_for_long():
    end = time.perf_counter() + HELD_S
    while time.perf_counter() < end:
        time.sleep(0.01)


async def speak(pulse, dump):
    """Return (what was recorded, what the watchdog said)."""
    told = Told()
    watchdog = Watchdog(told, dump)
    voice = RealTime(FakeWeb(), device="CABLE Input")
    voice.start()
    watchdog.start()
    try:
        await playing(pulse)
        with pulse.record() as recording:
            await steady(pulse, recording)
            told.warnings.clear()
            await voice.say("t", speechlike())
            while not len(sounding(recording.samples)):
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.5)
            a_node_that_computes_for_long()
            await voice.over("t")
            await asyncio.sleep(0.5)
        await voice.complete()
    finally:
        watchdog.dispose()
        await voice.close()
    return recording.samples, told.warnings


def test_a_loop_that_is_held_for_a_second_is_named_and_the_voice_goes_on(pulse, tmp_path, figure):
    wanted = soxr.resample(speechlike(), RATE, SERVER_RATE)
    correlations = []
    for number in range(TRIES):
        recorded, warnings = asyncio.run(speak(pulse, tmp_path / f"{number}.log"))
        held = max(warnings, key=lambda one: one["seconds"])
        assert held["seconds"] >= HELD_S - 0.1
        assert "a_node_that_computes_for_long" in held["held_by"]
        correlations.append(match(recorded, wanted)[0])
        if correlations[-1] > 0.99:
            break
    figure(
        f"held for {held['seconds']:.2f} s by {held['held_by'].split(' < ')[0]}; a sentence of 3 s at the device is "
        f"as it was made: r = {', '.join(f'{one:.4f}' for one in correlations)}"
    )
    assert correlations[-1] > 0.99
