import wave

import numpy as np
import pytest

from nodes.audio._recorder import HELD_S, LONGEST_GAP_S, RETRY_S, Recorder
from nodes.troubles import Troubles
from tests.nodes.audio.fakes import FakeClock, tone

RATE = 24_000
BEGINS_S = 2.0


class Inline:
    """A worker whose thread is this one."""

    async def thread(self, call, *arguments):
        return call(*arguments)


class Told(Troubles):
    def __init__(self):
        self.lines = []

    def warning(self, text, **_):
        self.lines.append(text)

    info = warning


class Stand:
    """A recorder whose disk can be taken away."""

    def __init__(self, folder):
        self.path = folder
        self.clock, self.log = FakeClock(), Told()
        self.recorder = Recorder(lambda: folder, RATE, self.clock, Inline(), self.log)
        session = self.recorder._session
        self._add = session.add
        session.add = self.add
        self.full = False
        self.tries = 0

    def add(self, sound, cues):
        self.tries += 1
        if self.full:
            raise OSError("no space")
        self._add(sound, cues)

    def write(self):
        run(self.recorder.tend())

    def close(self):
        run(self.recorder.close())

    @property
    def frames(self):
        with wave.open(str(self.path / "session.wav")) as file:
            return np.frombuffer(file.readframes(file.getnframes()), "<i2")

    @property
    def captions(self):
        return (self.path / "session.srt").read_text(encoding="utf-8")


def run(work):
    """A coroutine that waits for nothing."""
    with pytest.raises(StopIteration):
        work.send(None)


@pytest.fixture
def stand(tmp_path):
    return Stand(tmp_path)


def test_what_is_played_is_in_the_file(stand):
    sound = tone(0.5)
    for count in (1, 2, 3):
        stand.recorder.sound(sound)
        stand.write()
        assert len(stand.frames) == count * len(sound)
    assert np.abs(stand.frames[: len(sound)] / 32767 - sound).max() < 1e-4
    stand.close()


def test_a_long_pause_is_short_in_the_file_and_captions_still_fit_it(stand):
    recorder = stand.recorder
    recorder.begin(0)
    recorder.sound(tone(1.0))
    recorder.end(RATE, "첫  문장\n이다")
    recorder.pause(600.0)
    recorder.begin(RATE)
    recorder.sound(tone(0.25))
    recorder.end(RATE + RATE // 4, "둘째")
    stand.close()
    assert len(stand.frames) == int(2.75 * RATE)
    assert stand.captions == (
        "1\n00:00:00,000 --> 00:00:01,000\n첫 문장 이다\n\n2\n00:00:02,500 --> 00:00:02,750\n둘째\n\n"
    )


def test_nothing_is_made_when_nothing_was_played(stand):
    stand.recorder.sound(np.zeros(0, np.float32))
    stand.write()
    stand.close()
    assert list(stand.path.iterdir()) == []


def test_a_disk_that_is_full_for_a_moment_costs_nothing_and_is_told_once(stand):
    recorder = stand.recorder
    recorder.sound(tone(1.0))
    stand.write()
    stand.full = True
    recorder.begin(RATE)
    for second in range(1, 11):
        recorder.sound(tone(1.0))
        stand.clock.at = second
        stand.write()
    recorder.end(11 * RATE, "그동안")
    assert stand.tries == 1 + 1 + 9 // RETRY_S
    assert len(stand.frames) == RATE
    stand.full = False
    recorder.sound(tone(1.0))
    stand.clock.at += RETRY_S
    stand.write()
    recorder.sound(tone(1.0))
    stand.write()
    stand.close()
    assert len(stand.frames) == 13 * RATE
    assert stand.captions == "1\n00:00:01,000 --> 00:00:11,000\n그동안\n\n"
    assert ["다시 녹음해요" in line for line in stand.log.lines] == [False, True]
    assert "no space" in stand.log.lines[0]


def test_of_a_long_time_without_a_disk_only_the_beginning_is_held_and_captions_fit_what_comes_behind(stand):
    recorder, played = stand.recorder, 0
    stand.full = True
    for second in range(int(HELD_S) + 60):
        recorder.begin(played)
        recorder.sound(tone(1.0))
        played += RATE
        recorder.end(played, str(second))
        recorder.pause(0.0)
        stand.clock.at = second
        stand.write()
    recorder.pause(9.0)
    assert sum(map(len, recorder._sound)) <= (HELD_S + LONGEST_GAP_S) * RATE
    stand.full = False
    stand.clock.at += RETRY_S
    stand.write()
    recorder.begin(played)
    recorder.sound(tone(BEGINS_S))
    recorder.end(played + int(BEGINS_S * RATE), "다시")
    stand.close()
    assert len(stand.frames) == (HELD_S + BEGINS_S) * RATE
    assert stand.captions.endswith("\n00:00:30,000 --> 00:00:32,000\n다시\n\n")
    assert stand.captions.count("-->") == HELD_S


def test_what_is_held_at_the_end_is_tried_once_more(stand):
    stand.full = True
    stand.recorder.sound(tone(1.0))
    stand.write()
    stand.full = False
    stand.close()
    assert len(stand.frames) == RATE
