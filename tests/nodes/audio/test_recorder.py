import wave

import numpy as np
import pytest

from nodes.audio._recorder import Recorder
from tests.nodes.audio.fakes import tone

RATE = 24_000


def write(recorder):
    batch = recorder.take()
    assert batch is not None
    recorder.write(batch)


def frames(path):
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def test_the_wav_is_valid_after_every_write_without_closing(tmp_path):
    recorder = Recorder(lambda: tmp_path, RATE)
    sound = tone(0.5)
    for count in (1, 2, 3):
        recorder.sound(sound)
        write(recorder)
        assert len(frames(tmp_path / "session.wav")) == count * len(sound)
    assert np.abs(frames(tmp_path / "session.wav")[: len(sound)] / 32767 - sound).max() < 1e-4
    recorder.close()


def test_a_long_pause_is_short_in_the_file_and_captions_still_fit_it(tmp_path):
    recorder = Recorder(lambda: tmp_path, RATE)
    recorder.begin(0)
    recorder.sound(tone(1.0))
    recorder.end(RATE, "첫  문장\n이다")
    recorder.pause(600.0)
    recorder.begin(RATE)
    recorder.sound(tone(0.25))
    recorder.end(RATE + RATE // 4, "둘째")
    write(recorder)
    recorder.close()
    assert len(frames(tmp_path / "session.wav")) == int(2.75 * RATE)
    assert (tmp_path / "session.srt").read_text(encoding="utf-8") == (
        "1\n00:00:00,000 --> 00:00:01,000\n첫 문장 이다\n\n2\n00:00:02,500 --> 00:00:02,750\n둘째\n\n"
    )


def test_a_second_player_of_the_same_run_does_not_overwrite_the_first(tmp_path):
    for name in ("session", "session_2", "session_3"):
        recorder = Recorder(lambda: tmp_path, RATE)
        recorder.sound(tone(0.1))
        write(recorder)
        recorder.close()
        assert (tmp_path / f"{name}.wav").exists()
        assert (tmp_path / f"{name}.srt").exists()


def test_nothing_is_made_when_nothing_was_played(tmp_path):
    recorder = Recorder(lambda: tmp_path, RATE)
    recorder.sound(np.zeros(0, np.float32))
    assert recorder.take() is None
    recorder.close()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_once_and_then_nothing_is_collected(tmp_path):
    def folder():
        raise OSError("no space")

    recorder = Recorder(folder, RATE)
    recorder.sound(tone(0.1))
    batch = recorder.take()
    with pytest.raises(OSError, match="no space"):
        recorder.write(batch)
    recorder.sound(tone(0.1))
    recorder.end(10, "x")
    assert recorder.broken
    assert recorder.take() is None
    recorder.write(batch)
    recorder.close()
