import asyncio

from nodes.audio._tape import Tape
from nodes.audio._track import Track
from schemas.playback import Heard, Speaking
from tests.nodes.audio.fakes import FakeClock, tone


class Recorder:
    def __init__(self):
        self.done = []

    def sound(self, samples):
        self.done.append(("sound", len(samples)))

    def pause(self, seconds):
        self.done.append(("pause", seconds))

    def begin(self, position):
        self.done.append(("begin", position))

    def end(self, position, text):
        self.done.append(("end", position, text))

    async def tend(self):
        self.done.append("tend")

    async def close(self):
        self.done.append("close")


def heard(fraction, *, ended=False):
    return Heard(turn="a", sentence=0, text="하나", fraction=fraction, ended=ended)


def tape():
    track, clock, recorder = Track(), FakeClock(), Recorder()
    track.append(tone(1.0))
    return Tape(recorder, track, clock), clock, recorder


def test_sound_pauses_and_captions_are_recorded_as_they_were_heard():
    tape_, clock, recorder = tape()
    tape_.told(0, Speaking(turn="a", speaking=True))
    tape_.told(0, heard(0.0))
    tape_.heard(0, 500)
    tape_.told(500, heard(0.5))
    tape_.heard(500, 500)
    tape_.told(600, heard(1.0, ended=True))
    tape_.idle()
    clock.at += 2.0
    tape_.heard(500, 700)
    tape_.heard(700, 800)
    sounds = [("sound", 500), ("end", 600, "하나"), ("pause", 2.0), ("sound", 200), ("sound", 100)]
    assert recorder.done == [("begin", 0), *sounds]


def test_the_caption_of_what_is_being_said_ends_with_the_files():
    tape_, _, recorder = tape()
    asyncio.run(tape_.tend())
    asyncio.run(tape_.close(300, "하나"))
    asyncio.run(tape_.close(300, None))
    assert recorder.done == ["tend", ("end", 300, "하나"), "close", "close"]


def test_without_a_recording_nothing_happens():
    tape_ = Tape(None, Track(), FakeClock())
    tape_.heard(0, 10)
    tape_.told(0, heard(0.0))
    asyncio.run(tape_.tend())
    asyncio.run(tape_.close(10, "하나"))
