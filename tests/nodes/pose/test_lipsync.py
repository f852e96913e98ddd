import numpy as np
import pytest

from schemas.playback import Level
from schemas.speech import SpeechChunk, SpeechEnded, SpeechStarted
from tests.harness import run

RATE = 24_000
STEP = 1 / 60


def levels(begin, seconds, rms=0.2, turn="t", sentence=0):
    return [
        (begin + number * STEP, Level(rms=rms, turn=turn, sentence=sentence, at_s=(number + 1) * STEP))
        for number in range(round(seconds / STEP))
    ]


def said(text, seconds, at=0.0, sentence=0):
    sound = np.full(round(seconds * RATE), 0.3, np.float32)
    return [
        (at, SpeechStarted(turn="t", sentence=sentence, text=text, spoken=text)),
        (at, SpeechChunk(turn="t", sentence=sentence, samples=sound, rate=RATE)),
        (at, SpeechEnded(turn="t", sentence=sentence, last=bool(sentence))),
    ]


def mouth(given, **options):
    ran = run("pose.lipsync", given, **options)
    assert ran.error is None, ran.error
    return [(at, frame) for at, _, frame in ran.out], ran


def strongest(frame):
    vowels = {name: value for name, value in frame.values.items() if name.startswith("Voice")}
    return max(vowels, key=vowels.__getitem__)


def test_each_level_gives_a_frame_and_the_mouth_closes_within_a_third_of_a_second():
    frames, _ = mouth({"level": [*levels(0.0, 1.0), (1.0, Level(rms=0.0))]}, complete_at=5.0)
    talking = [frame for at, frame in frames if at < 1.0]
    assert len(talking) == 60
    assert min(frame.values["MouthOpen"] for frame in talking[10:]) > 0.5
    end, last = frames[-1]
    assert last.values["MouthOpen"] == 0.0
    assert 1.0 < end < 1.4
    gaps = np.diff([at for at, _ in frames])
    assert gaps.max() < 0.02


def test_the_mouth_shapes_the_vowels_of_the_text():
    frames, _ = mouth({"level": levels(0.0, 2.0), "speech": said("아이우에오", 2.0)})
    shapes = {round(at, 1): strongest(frame) for at, frame in frames}
    assert [shapes[at] for at in (0.3, 0.7, 1.1, 1.5, 1.9)] == ["VoiceA", "VoiceI", "VoiceU", "VoiceE", "VoiceO"]
    widths = {round(at, 1): frame.offsets["MouthSmile"] for at, frame in frames}
    assert widths[0.7] > 0.1 > -0.1 > widths[1.1]


def test_a_gap_in_an_answer_takes_nothing_of_what_follows():
    heard = [*levels(0.0, 0.5), (0.6, Level(rms=0.0)), *levels(1.0, 1.0, sentence=1)]
    frames, _ = mouth({"level": heard, "speech": [*said("아", 0.5), *said("이우", 1.0, sentence=1)]})
    shapes = {round(at, 1): strongest(frame) for at, frame in frames}
    assert [shapes[at] for at in (1.4, 1.9)] == ["VoiceI", "VoiceU"]


def test_without_vowels_only_the_opening_moves():
    for given, config in (
        ({"level": levels(0.0, 1.0)}, {}),
        ({"level": levels(0.0, 1.0), "speech": said("아", 1.0)}, {"vowels": False}),
    ):
        frames, _ = mouth(given, settings=config)
        assert {frame.values["VoiceA"] for _, frame in frames} == {0.0}
        assert max(frame.values["MouthOpen"] for _, frame in frames) > 0.5


def test_a_voice_that_falls_silent_without_a_word_does_not_leave_the_mouth_open():
    frames, _ = mouth({"level": levels(0.0, 0.5)}, complete_at=5.0)
    assert frames[-1][1].values["MouthOpen"] == 0.0
    assert frames[-1][0] < 1.2


def test_a_show_that_ends_in_mid_word_leaves_a_closed_mouth():
    frames, ran = mouth({"level": levels(0.0, 0.5)}, complete_at=0.5)
    assert frames[-1][1].values["MouthOpen"] == 0.0
    assert ran.completed_at == pytest.approx(0.5, abs=0.01)


def test_a_mouth_left_to_vtube_studio_sends_nothing():
    frames, ran = mouth({"level": levels(0.0, 0.5), "speech": said("아", 0.5)}, settings={"lipsync": "vts"})
    assert frames == []
    assert ran.completed_at is not None


def test_the_opening_follows_the_loudness_that_is_heard():
    """Correlation over delays of up to 45 ms: the best one is high, and lies within them."""
    at = np.arange(0, 10, STEP)
    rms = np.clip(0.25 * np.abs(np.sin(2 * np.pi * 2.3 * at)) * np.abs(np.sin(2 * np.pi * 0.31 * at)), 0, 1)
    given = [(time, Level(rms=float(level), turn="t", at_s=time + STEP)) for time, level in zip(at, rms, strict=True)]
    frames, _ = mouth({"level": given})
    opened = np.array([frame.values["MouthOpen"] for _, frame in frames][: len(rms)])
    loud = np.clip((20 * np.log10(np.maximum(rms, 1e-6)) + 42) / 30, 0, 1)
    by_delay = {late: np.corrcoef(loud[: len(loud) - late or None], opened[late:])[0, 1] for late in range(6)}
    best = max(by_delay, key=by_delay.__getitem__)
    assert by_delay[best] > 0.9
    assert best * STEP <= 0.045


def test_a_pause_within_a_sentence_closes_the_mouth_as_fast_as_silence_does():
    """The first level after a word is silence: what was to look for a lost voice later must not delay it."""
    frames, _ = mouth({"level": [*levels(0.0, 0.5), (0.5, Level(rms=0.0, turn="t"))]}, complete_at=2.0)
    end, last = frames[-1]
    assert last.values["MouthOpen"] == 0.0
    assert end < 0.9
    assert np.diff([at for at, _ in frames if at > 0.45]).max() < 0.02


def test_a_voice_that_goes_on_after_a_gap_is_not_closed_in_the_middle():
    frames, _ = mouth({"level": [*levels(0.0, 0.5), *levels(0.7, 0.5)]}, complete_at=0.9)
    assert [frame for at, frame in frames if 0.5 < at < 0.69] == []
