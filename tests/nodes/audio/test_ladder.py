import asyncio
import itertools
import random
import sys
import threading

import numpy as np
import pytest

from nodes.audio import _ladder
from nodes.audio._outputs import DeviceOutput
from nodes.sound_devices import DeviceMissing
from schemas.playback import Heard, Level, Speaking, Stop
from tests.fakes import FakeWeb
from tests.nodes.audio.fakes import RATE, FakeMiniaudio, FakePortAudio, FakeStream, frames, sentence
from tests.nodes.audio.stage import TICK, ends, listen, play, times

CABLE = "CABLE Input"


class Machine:
    """The sound devices of a machine, the default one first; ``opened`` are those that the node opened."""

    def __init__(self):
        self.there, self.opened, self.tried = [], [], []
        self.loop = None

    def open_device(self, name, clock, prebuffer_ms):
        assert all(output.stream.closed for output in self.opened), "PortAudio ends what plays"
        self.tried.append(round(self.loop.now, 1) if self.loop else 0.0)
        if not self.there or name not in (None, *self.there):
            raise DeviceMissing("nothing there", self.there)
        output = DeviceOutput(name or self.there[0], RATE, clock, prebuffer_ms)
        output.stream = FakeStream(output.fill)
        self.opened.append(output)
        return output

    def exists(self, name):
        return name in self.there

    def unplug(self, name):
        self.there.remove(name)
        for output in self.opened:
            if output.name == name:
                output.stream.active = False

    def heard(self, name):
        """Seconds of sound that came out of a device."""
        blocks = [block for output in self.opened if output.name == name for block in output.stream.heard]
        return np.count_nonzero(np.abs(np.concatenate(blocks)) > 1e-6) / RATE if blocks else 0.0

    def runs(self, seconds, **changes):
        """The devices pull 10 ms every 10 ms; ``at_150=call`` happens after 150 of these steps."""

        async def during(instance):
            self.loop = asyncio.get_running_loop()
            for step in range(round(seconds * 100)):
                changes.pop(f"at_{step}", lambda: None)()
                for output in self.opened:
                    if output.stream.active:
                        output.stream.pull(RATE // 100)
                await instance.jobs.sleep(0.01)
            assert not changes

        return during


@pytest.fixture
def machine(monkeypatch):
    machine = Machine()
    monkeypatch.setattr(_ladder, "open_device", machine.open_device)
    monkeypatch.setattr(_ladder, "exists", machine.exists)
    return machine


def goes(ran):
    return [line.removeprefix("info 목소리가 나가는 곳: ") for line in ran.log if "나가는 곳: " in line]


def warnings(ran):
    return [line for line in ran.log if line.startswith("warning")]


def test_the_default_device_plays_and_is_the_clock(machine):
    machine.there = ["Speakers"]
    web = FakeWeb()
    ran = play(sentence(0.5, "a", 0, 1.0, last=True), web=web, device="auto", volume=0.5, during=machine.runs(3.0))
    loudest = max(np.abs(block).max() for block in machine.opened[0].stream.heard)
    assert loudest == pytest.approx(0.15, rel=0.01)
    assert machine.heard("Speakers") == pytest.approx(1.0, rel=0.01)
    assert 1.5 <= ends(ran)[0][0] <= 1.5 + 2 * TICK
    assert machine.opened[0].underruns == 0
    assert web.open == {}
    assert ("channel", "/ws/sound") in web.ever


def test_where_no_library_can_read_the_names_of_the_devices_the_voice_goes_on_without_and_it_is_told_once(monkeypatch):
    portaudio, miniaudio = FakePortAudio([("HDMI", "Odd", 2)]), FakeMiniaudio(["HDMI"])
    for library, call in ((portaudio, "query_hostapis"), (miniaudio, "Devices")):
        monkeypatch.setattr(library, call, lambda *_: b"\xbd\xba".decode())
    monkeypatch.setitem(sys.modules, "sounddevice", portaudio)
    monkeypatch.setitem(sys.modules, "miniaudio", miniaudio)
    ran = play(sentence(0.5, "a", 0, 1.0, last=True), device="auto", complete_at=60.0)
    assert len(ends(ran)) == 1
    assert sum("UnicodeDecodeError" in line for line in ran.log) == 1


def test_a_named_device_is_taken_before_the_default_one(machine):
    machine.there = ["Speakers", CABLE]
    ran = play(sentence(0.5, "a", 0, 1.0, last=True), device=CABLE, during=machine.runs(3.0))
    assert machine.heard(CABLE) == pytest.approx(1.0, rel=0.01)
    assert goes(ran) == [CABLE]
    assert warnings(ran) == []


def test_without_the_named_device_the_default_one_plays_and_one_line_names_what_there_is(machine):
    machine.there = ["Speakers", "HDMI"]
    ran = play(
        [*sentence(0.5, "a", 0, 1.0, last=True), *sentence(20.0, "b", 0, 1.0, last=True)],
        device=CABLE,
        during=machine.runs(22.0),
    )
    assert machine.heard("Speakers") == pytest.approx(2.0, abs=0.025)
    (line,) = warnings(ran)
    assert line.count("HDMI, Speakers") == 1
    assert "기본 장치에서" in line
    assert f'소리 장치 "{CABLE}"' in line
    assert (ran.conditions["voice"].state, ran.conditions["device"].state) == ("good", "bad")
    assert len(machine.opened) == 1  # looking for the named one does not disturb the one that plays


def test_the_named_device_is_taken_between_turns_when_it_comes(machine):
    machine.there = ["Speakers"]
    speech = [*sentence(0.5, "a", 0, 4.0, last=True), *sentence(12.0, "b", 0, 1.0, last=True)]
    ran = play(speech, device=CABLE, during=machine.runs(15.0, at_100=lambda: machine.there.append(CABLE)))
    assert machine.heard("Speakers") == pytest.approx(4.0, rel=0.01)
    assert machine.heard(CABLE) == pytest.approx(1.0, rel=0.01)
    assert goes(ran) == ["Speakers", CABLE]


def test_without_any_device_a_page_plays_and_then_nothing(machine):
    web, sent = FakeWeb(), []

    async def visit(instance):
        sent.extend(await listen(instance, web, "p", 2.0))

    ran = play(sentence(0.5, "a", 0, 3.0, last=True), web=web, device=CABLE, during=visit)
    assert goes(ran) == ["page p", "none"]
    assert frames(sent)
    assert 3.5 <= ends(ran)[0][0] <= 3.7
    (line,) = warnings(ran)
    assert "없음" in line
    assert "페이지에서" in line


def test_a_device_that_comes_while_a_page_plays_waits_for_the_end_of_the_sentence(machine):
    web = FakeWeb()
    ran = play(
        [*sentence(0.0, "a", 0, 3.0), *sentence(3.0, "a", 1, 1.0, last=True)],
        web=web,
        device="auto",
        during=both(machine.runs(6.0, at_100=lambda: machine.there.append("Speakers")), web),
    )
    assert goes(ran) == ["page p", "Speakers"]
    assert machine.heard("Speakers") == pytest.approx(1.0, abs=3 * TICK)


def both(first, web):
    async def during(instance):
        page = instance.jobs.start(listen(instance, web, "p", 5.0))
        await first(instance)
        await page

    return during


def test_without_any_device_auto_says_so_once_and_looks_again_ever_less_often(machine):
    ran = play(sentence(0.0, "a", 0, 1.0, last=True), device="auto", complete_at=30.0, during=machine.runs(30.0))
    assert len([line for line in ran.log if "소리 장치가 없어요" in line]) == 1
    gaps = [round(later - earlier, 1) for earlier, later in itertools.pairwise(machine.tried)]
    assert gaps[0] <= 1.0
    assert all(5.0 <= gap <= 5.5 for gap in gaps[-3:])
    assert 1.0 <= ends(ran)[0][0] <= 1.0 + TICK
    assert ran.conditions["voice"].state == "waiting", "nobody hears it"
    assert "소리 켜기" in ran.conditions["voice"].text


def test_a_device_that_is_plugged_in_later_is_found(machine):
    speech = [*sentence(0.0, "a", 0, 1.0, last=True), *sentence(8.0, "b", 0, 1.0, last=True)]
    ran = play(speech, device="auto", during=machine.runs(10.0, at_200=lambda: machine.there.append("Speakers")))
    assert goes(ran) == ["Speakers"]
    assert ran.conditions["voice"].state == "good"
    assert machine.heard("Speakers") == pytest.approx(1.0, rel=0.01)


def test_a_named_device_that_is_lost_mid_sentence_is_followed_by_the_default_one(machine):
    machine.there = ["Speakers", CABLE]
    ran = play(
        sentence(0.5, "a", 0, 4.0, last=True),
        device=CABLE,
        during=machine.runs(6.0, at_212=lambda: machine.unplug(CABLE)),
    )
    assert goes(ran) == [CABLE, "none", "Speakers"]
    assert machine.heard("Speakers") > 1.6
    assert 4.5 <= ends(ran)[0][0] <= 4.5 + 3 * TICK
    assert len(warnings(ran)) == 2
    assert "사라져서" in warnings(ran)[0]
    assert all(output.stream.closed for output in machine.opened)


def test_a_device_that_fills_its_buffer_and_sleeps_does_not_stop_the_time_of_a_sentence(machine):
    """Opened while nothing plays: it calls at once, and on after 1.5 s only."""

    async def during(instance):
        loop = asyncio.get_running_loop()
        while loop.time() < 6.0:
            if loop.time() >= 1.0 and not machine.there:
                machine.there.append("Speakers")
            for output in machine.opened:
                output.stream.born = getattr(output.stream, "born", loop.time())
                if output.stream.active and not 0.0 < loop.time() - output.stream.born < 1.5:
                    output.stream.pull(RATE // 100)
            await instance.jobs.sleep(0.01)

    ran = play(sentence(0.5, "a", 0, 4.0, last=True), device="auto", during=during)
    assert goes(ran) == ["Speakers"]
    assert 4.5 <= ends(ran)[0][0] <= 4.5 + 3 * TICK
    told = [at for at, _ in times(ran, Heard)]
    assert max(later - earlier for earlier, later in itertools.pairwise(told)) <= 0.15
    assert 0.5 < machine.heard("Speakers") < 2.5


def test_a_device_that_stops_calling_costs_a_moment_and_is_opened_again(machine):
    machine.there = [CABLE]

    def freeze():
        machine.opened[0].stream.pull = lambda count: None

    speech = [*sentence(2.5, "a", 0, 4.0), *sentence(12.0, "a", 1, 1.0, last=True)]
    ran = play(speech, device=CABLE, during=machine.runs(15.0, at_400=freeze))
    assert any("사라져서" in line for line in ran.log)
    assert 6.5 <= ends(ran)[0][0] <= 6.5 + 1.2
    assert len(machine.opened) == 2
    assert machine.heard(CABLE) > 3.0


def test_a_device_that_is_lost_while_nobody_speaks_is_there_again_for_the_next_turn(machine):
    machine.there = [CABLE]

    def blink():
        machine.unplug(CABLE)
        machine.there.append(CABLE)

    ran = play(sentence(4.0, "a", 0, 1.0, last=True), device=CABLE, during=machine.runs(6.0, at_200=blink))
    assert goes(ran) == [CABLE]
    assert machine.heard(CABLE) == pytest.approx(1.0, rel=0.01)


def test_a_voice_that_was_late_is_told_at_the_end(machine):
    machine.there = ["Speakers"]
    speech = sentence(0.5, "a", 0, 2.0, last=True, step=0.25)
    late = [(at if i < 4 else 3.0, event) for i, (at, event) in enumerate(speech)]
    ran = play(late, device="auto", during=machine.runs(6.0))
    assert any("늦게 나간 적이 1번" in line for line in ran.log)


def test_none_and_page_never_ask_for_a_device(machine):
    machine.there = ["Speakers"]
    for device in ("none", "page"):
        play(sentence(0.0, "a", 0, 1.0, last=True), device=device)
    assert machine.tried == []


def test_breaking_off_closes_the_device_and_the_channel(machine):
    machine.there = ["Speakers"]
    web = FakeWeb()
    play(sentence(0.0, "a", 0, 5.0), web=web, device="auto", until=1.0)
    assert machine.opened[0].stream.closed
    assert web.open == {}


@pytest.mark.component
@pytest.mark.timeout(120)
def test_a_thousand_sentences_with_random_stops_leave_no_click_no_open_mouth_and_no_thread(machine):
    """On virtual time: a fifth of the turns is stopped anywhere, before, in or after their sound."""
    machine.there = ["Speakers"]
    chance = random.Random(11)
    speech, stops = [], []
    for number in range(1000):
        at = 0.5 + number * 0.3
        speech += [(at, event) for _, event in sentence(at, f"t{number}", 0, chance.uniform(0.02, 0.29), last=True)]
        if chance.random() < 0.2:
            stops.append((at + chance.uniform(-0.1, 0.4), Stop(turn=f"t{number}")))
    threads = set(threading.enumerate())
    ran = play(speech, stop=sorted(stops, key=lambda one: one[0]), device="auto", during=machine.runs(305), until=400.0)
    sound = np.concatenate([block for output in machine.opened for block in output.stream.heard])
    own = np.abs(np.diff(sentence(0, "x", 0, 1.0)[1][1].samples)).max()
    assert np.abs(np.diff(sound)).max() < 1.5 * own, "a click"
    levels = [event for _, event in times(ran, Level)]
    assert len(levels) > 5000
    assert levels[-1].rms == 0.0
    ended = [event.turn for _, event in times(ran, Speaking) if not event.speaking]
    assert set(ended) == {f"t{number}" for number in range(1000)}
    assert not [line for line in ran.log if line.startswith("warning")]
    assert set(threading.enumerate()) <= threads


def test_a_turn_that_is_stopped_on_a_page_is_silent_there_and_the_next_one_is_heard(machine):
    web = FakeWeb()

    async def during(instance):
        await listen(instance, web, "p", 8.0)

    speech = [*sentence(0.5, "a", 0, 5.0, last=True), *sentence(2.0, "b", 0, 1.0, last=True)]
    ran = play(speech, web, during=during, device="page", stop=[(1.5, Stop(turn="a"))])
    assert [turn for _, turn, _ in ends(ran)] == ["a", "b"]
    (first, _, _), (second, _, _) = ends(ran)
    assert first < 1.8
    assert 2.9 < second < 4.0
