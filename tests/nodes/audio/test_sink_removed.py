"""A sink that is unplugged from a real sound server in mid sentence and plugged in again."""

import asyncio
import itertools

import pytest
import soxr

from schemas.playback import Heard
from tests.fakes import FakeWeb
from tests.nodes.audio.fakes import RATE, tone
from tests.nodes.audio.stage import RealTime
from tests.nodes.audio.test_sound_server import playing, sounding, speechlike, steady
from tests.peers.pulse import RATE as SERVER_RATE
from tests.peers.pulse import SINK, match, pulse

__all__ = ["pulse"]

pytestmark = [pytest.mark.component, pytest.mark.alone, pytest.mark.timeout(120)]

NOTICED_S = 1.0
BUSY_S = 0.3
"""How late a busy machine may make the test's own look at the clock."""


class Show(RealTime):
    """The node, with the time of each line that it logged."""

    def __init__(self, pulse):
        super().__init__(FakeWeb(), device="CABLE Input")
        self.pulse, self.told = pulse, []

    def info(self, text, **_):
        self.lines.append(text)
        self.told.append((asyncio.get_running_loop().time(), text))

    warning = info

    async def says(self, part, since=0.0, seconds=20.0):
        """When it first logged a line with this in it."""
        async with asyncio.timeout(seconds):
            while not (found := [at for at, text in self.told if at >= since and part in text]):
                await asyncio.sleep(0.01)
        return found[0]

    def still(self, turn):
        """The longest time in which nothing of a turn was heard further."""
        marks = [at for at, event in self.out if isinstance(event, Heard) and event.turn == turn]
        return max(later - earlier for earlier, later in itertools.pairwise(marks))

    async def is_heard_at(self, sink):
        """A turn is said; how well it is found in what is recorded at the sink."""
        with self.pulse.record(sink) as recording:
            await steady(self.pulse, recording)
            await self.say(f"at {sink}", speechlike())
            await self.over(f"at {sink}")
            await asyncio.sleep(0.5)
        return match(recording.samples, soxr.resample(speechlike(), RATE, SERVER_RATE))[0]

    async def is_unplugged(self):
        """In the middle of turn a; (seconds until it was noticed, seconds that the turn lasted)."""
        with self.pulse.record() as recording:
            await steady(self.pulse, recording)
            begun = await self.say("a", tone(6.0)[: 3 * RATE])
            async with asyncio.timeout(10):
                while not len(sounding(recording.samples)):
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.5)
            unplugged = await asyncio.to_thread(self.pulse.remove, SINK)
        assert SINK not in self.pulse.sinks()
        noticed = await self.says("소리 장치가 사라져서", unplugged) - unplugged
        return noticed, await self.over("a") - begun


def plays(story, pulse):
    async def with_show():
        show = Show(pulse)
        show.start()
        try:
            await playing(pulse)
            figures = await story(show)
            await show.complete()
        finally:
            await show.close()
        return figures

    return asyncio.run(with_show())


def test_a_sink_that_is_unplugged_and_the_only_one_is_found_again_by_its_name(pulse, capsys):
    async def story(show):
        pulse.nowhere_else()
        noticed, lasted = await show.is_unplugged()
        assert pulse.sinks() == []
        await asyncio.to_thread(pulse.add, SINK)
        added = asyncio.get_running_loop().time()
        async with asyncio.timeout(15):
            while not pulse.streams():
                await asyncio.sleep(0.05)
        back = asyncio.get_running_loop().time() - added
        return noticed, lasted, show.still("a"), back, await show.is_heard_at(SINK), show.lines

    noticed, lasted, still, back, fits, lines = plays(story, pulse)
    with capsys.disabled():
        print(
            f"\nonly sink unplugged: noticed after {noticed:.2f} s, no mark for {still:.2f} s, a turn of 3 s took "
            f"{lasted:.2f} s; opened {back:.2f} s after it was back, r = {fits:.4f}"
        )
    assert noticed <= NOTICED_S + BUSY_S
    assert still <= noticed + 0.5 + BUSY_S
    assert 2.9 <= lasted <= 3.0 + 1.5 + BUSY_S
    goes = [line for line in lines if line.startswith("목소리가 나가는 곳: ")]
    assert goes == [f"목소리가 나가는 곳: {sink}" for sink in (SINK, "none", SINK)]
    assert back <= 5.0 + 1.0
    assert fits > 0.99


def test_a_sink_that_is_unplugged_is_followed_by_another_one_until_it_is_back(pulse, capsys):
    async def story(show):
        pulse.add("HDMI")
        noticed, lasted = await show.is_unplugged()
        there = await show.is_heard_at("HDMI")
        await asyncio.to_thread(pulse.add, SINK)
        added = asyncio.get_running_loop().time()
        async with asyncio.timeout(30):
            turn = 0
            while show.lines[-1] != f"목소리가 나가는 곳: {SINK}":
                turn += 1
                await asyncio.sleep(1.0)
                await show.say(f"b{turn}", tone(0.2))
                await show.over(f"b{turn}")
        back = asyncio.get_running_loop().time() - added
        return noticed, lasted, show.still("a"), there, back, await show.is_heard_at(SINK), show.lines

    noticed, lasted, still, there, back, fits, lines = plays(story, pulse)
    with capsys.disabled():
        print(
            f"\nunplugged beside another sink: noticed after {noticed:.2f} s, no mark for {still:.2f} s, a turn of 3 s "
            f"took {lasted:.2f} s; at the other one r = {there:.4f}; {back:.2f} s after it was back, r = {fits:.4f}"
        )
    assert noticed <= NOTICED_S + BUSY_S
    assert still <= noticed + 0.5 + BUSY_S
    assert 2.9 <= lasted <= 3.0 + 1.5 + BUSY_S
    assert any("기본 장치" in line for line in lines)
    assert there > 0.99
    assert back <= 5.0 + 2.0 + BUSY_S
    assert fits > 0.99
