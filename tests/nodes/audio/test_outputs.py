import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.audio._outputs import AHEAD_S, DeviceOutput, NullOutput, PageOutput
from nodes.audio._shaper import FADE
from nodes.audio._watch import GRACE_S, SILENT_S
from tests.nodes.audio.fakes import RATE, FakeClock, FakeStream, frames, orders, tone
from tests.peers.pulse import match


def device(rate=RATE, prebuffer_ms=0, latency=0.0):
    output = DeviceOutput("x", rate, FakeClock(), prebuffer_ms)
    output.stream = FakeStream(output.fill, latency)
    return output


def page(prebuffer_ms=120):
    sent, clock = [], FakeClock()
    return PageOutput("p", 1, sent.append, clock, prebuffer_ms, 1.0), sent, clock


def test_nothing_plays_in_real_time_and_takes_two_seconds_ahead():
    clock = FakeClock(5.0)
    output = NullOutput(clock)
    assert output.write(tone(3.0)) == output.played() + AHEAD_S * RATE
    clock.at = 5.5
    assert output.played() == RATE / 2
    assert output.room == RATE / 2
    clock.at = 60.0
    assert output.played() == AHEAD_S * RATE
    output.set_gain(0.5)
    output.finish()
    assert output.healthy()


def test_time_in_which_nothing_was_written_is_not_played():
    clock = FakeClock()
    output = NullOutput(clock)
    clock.at = 10.0
    output.write(tone(1.0))
    assert output.played() == 0


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_sentence_at_the_rate_of_the_device_is_whole_when_it_ends(rate):
    import soxr

    output = device(rate)
    sound = tone(0.937) * np.linspace(0, 1, round(0.937 * RATE), dtype=np.float32)
    for begin in range(0, len(sound), 1920):
        output.write(sound[begin : begin + 1920])
    output.finish()
    heard = np.concatenate([output.stream.pull(512) for _ in range(rate // 512)])
    want = soxr.resample(sound, RATE, rate)
    ended = np.flatnonzero(heard)[-1] + 1
    assert ended == pytest.approx(len(sound) * rate / RATE, abs=len(FADE) + 2)
    heard[round(len(sound) * rate / RATE) :] = 0.0
    correlation, at = match(heard, want)
    assert correlation > 0.9999
    assert at == 0
    assert output.played() == len(sound)
    assert output.underruns == 0


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_second_sentence_begins_anew_after_the_first_was_flushed(rate):
    output = device(rate)
    for count in (1, 2):
        output.write(tone(0.25))
        output.finish()
        output.finish()
        for _ in range(40):
            output.stream.pull(rate // 100)
        assert output.played() == count * RATE // 4
    total = np.count_nonzero(np.abs(np.concatenate(output.stream.heard)) > 1e-7)
    assert total == pytest.approx(rate / 2, abs=2 * len(FADE) + 100)


def test_sound_waits_for_the_prebuffer_unless_there_is_no_more():
    output = device(prebuffer_ms=100)
    output.write(tone(0.09))
    assert not output.stream.pull(240).any()
    output.write(tone(0.02))
    assert output.stream.pull(240).any()
    short = device(prebuffer_ms=100)
    short.write(tone(0.05))
    short.finish()
    assert short.stream.pull(240).any()


def test_a_gap_is_one_underrun_and_fills_the_prebuffer_again():
    output = device(prebuffer_ms=100)
    output.write(tone(0.1))
    for _ in range(30):
        output.stream.pull(240)
    assert output.underruns == 1
    assert not output.stream.pull(240).any()
    output.write(tone(0.05))
    assert not output.stream.pull(240).any()
    output.finish()
    for _ in range(10):
        output.stream.pull(240)
    assert output.underruns == 1
    assert output.played() == round(0.15 * RATE)


def test_what_is_in_the_air_is_not_heard_yet():
    output = device(latency=0.1)
    output.write(tone(1.0))
    output.stream.pull(RATE // 5)
    assert output.played() == RATE // 10
    output.finish()
    output.stream.pull(RATE)
    assert output.played() == RATE


def test_the_end_is_heard_only_after_the_latency():
    output = device(latency=0.1)
    output.write(tone(0.5))
    output.finish()
    output.stream.pull(RATE // 2)
    assert output.played() == round(0.4 * RATE)
    output.stream.pull(RATE // 20)
    assert output.played() == round(0.45 * RATE)
    output.stream.pull(RATE // 20)
    assert output.played() == RATE // 2


def test_the_volume_changes_within_one_call_without_a_step():
    output = device()
    output.write(np.ones(RATE, np.float32))
    output.set_gain(0.25)
    assert np.abs(np.diff(output.stream.pull(240))).max() < 0.01
    assert set(output.stream.pull(240)) == {0.25}
    output.set_gain(0.0)
    assert np.abs(np.diff(output.stream.pull(240))).max() < 0.01
    assert set(output.stream.pull(240)) == {0.0}


def low_tone(seconds):
    """100 Hz at full scale: its own steps are below 0.03, so that any greater one is a click."""
    return np.sin(np.arange(round(seconds * RATE)) * 2 * np.pi * 100 / RATE).astype(np.float32)


@pytest.mark.parametrize("rate", [RATE, 44_100, 48_000])
def test_a_cut_is_silent_at_the_next_call_and_does_not_click(rate):
    output = device(rate)
    output.write(low_tone(1.0))
    output.stream.pull(rate // 3)
    output.cut()
    heard = output.played()
    assert output.room == 0
    after = output.stream.pull(rate // 2)
    assert not after[len(FADE) :].any()
    assert np.abs(np.diff(np.concatenate(output.stream.heard))).max() < 0.05
    assert output.played() == heard
    assert output.room == AHEAD_S * RATE
    assert output.underruns == 0
    output.write(low_tone(0.5))
    output.finish()
    output.stream.pull(rate)
    assert output.played() == heard + RATE // 2


def test_a_cut_forgets_what_is_in_the_air_and_waits():
    output = device(latency=0.1)
    output.write(tone(1.0))
    output.stream.pull(RATE // 2)
    output.cut()
    output.stream.pull(RATE // 2)
    assert output.played() == round(0.4 * RATE)
    nothing = NullOutput(FakeClock())
    nothing.write(tone(1.0))
    nothing.cut()
    assert nothing.room == AHEAD_S * RATE


@given(
    steps=st.lists(
        st.one_of(st.just("cut"), st.just("finish"), st.integers(120, 30_000), st.floats(0, 1.5)),
        min_size=1,
        max_size=40,
    )
)
def test_whatever_is_cut_or_turned_the_sound_never_steps(steps):
    output = device(48_000)
    for step in steps:
        if step == "cut":
            output.cut()
        elif step == "finish":
            output.finish()
        elif isinstance(step, float):
            output.set_gain(step)
        else:
            before = output.played()
            output.write(faded(low_tone(0.3)))
            output.stream.pull(step)
            assert output.played() >= before
    sound = np.concatenate([np.zeros(2, np.float32), *output.stream.heard])
    assert np.abs(np.diff(sound)).max() < 0.1


def faded(sound):
    sound[:120] *= np.linspace(0, 1, 120)
    sound[-120:] *= np.linspace(1, 0, 120)
    return sound


def test_a_device_that_calls_for_nothing_is_lost_after_a_second_and_has_longer_at_first():
    output = device()
    clock = output._watch._clock
    assert output.healthy()
    clock.at = GRACE_S - 0.1
    assert output.healthy()
    output.stream.pull(1)
    assert output.healthy()
    clock.at += SILENT_S
    assert output.healthy()
    clock.at += 0.1
    assert not output.healthy()
    output.stream.pull(1)
    assert output.healthy()
    output.stream.active = False
    assert not output.healthy()


def test_a_device_that_filled_its_buffer_at_once_may_still_be_late_to_begin():
    output = device()
    clock = output._watch._clock
    assert output.healthy()
    output.stream.pull(1)
    assert output.healthy()
    clock.at = GRACE_S - 0.1
    assert output.healthy()
    clock.at = GRACE_S + 0.1
    assert not output.healthy()


@given(st.lists(st.tuples(st.sampled_from(["write", "pull", "finish"]), st.integers(1, 9000)), max_size=40))
def test_what_was_heard_never_falls_and_never_passes_what_was_written(steps):
    output = device(48_000, prebuffer_ms=50, latency=0.02)
    written, heard = 0, 0
    for step, count in steps:
        if step == "write":
            written += output.write(np.ones(count, np.float32))
        elif step == "pull":
            output.stream.pull(count)
        else:
            output.finish()
        now = output.played()
        assert heard <= now <= written
        heard = now
    output.finish()
    for _ in range(30):
        output.stream.pull(9000)
    assert output.played() == written


def test_a_page_gets_s16_its_volume_and_the_end():
    output, sent, _ = page()
    assert sent == [{"type": "begin", "number": 1, "gain": 1.0, "prebuffer_ms": 120}]
    assert output.write(np.array([0.0, 0.5, 2.0, -1.0], np.float32)) == 4
    assert np.frombuffer(sent[1], "<i2").tolist() == [0, 16383, 32767, -32767]
    output.set_gain(1.0)
    output.set_gain(0.5)
    output.finish()
    output.finish()
    output.cut()
    assert orders(sent) == ["begin", "gain", "end", "clear"]
    assert output.write(tone(0.0)) == 0


def test_a_page_takes_two_seconds_ahead_and_its_reports_are_believed_within_reason():
    output, sent, _ = page()
    assert output.write(tone(3.0)) == AHEAD_S * RATE
    assert output.room == 0
    output.report(1, 1000, 2)
    output.report(1, 500, 2)
    output.report(0, 9000, 9)
    assert (output.played(), output.underruns, output.room) == (1000, 2, 1000)
    output.report(1, 10**9, 2)
    assert output.played() == frames(sent) == AHEAD_S * RATE


def test_a_page_that_owes_sound_and_makes_no_progress_is_lost():
    output, _, clock = page()
    output.write(tone(1.0))
    clock.at = 0.9
    output.report(1, 100, 0)
    clock.at = 0.89 + SILENT_S
    assert output.healthy()
    clock.at = 0.91 + SILENT_S
    assert not output.healthy()


def test_a_page_that_waits_for_its_prebuffer_is_not_lost():
    output, _, clock = page(prebuffer_ms=1000)
    output.write(tone(0.9))
    clock.at = 30.0
    assert output.healthy()
    output.write(tone(0.9))
    assert output.healthy()
    clock.at = 31.1
    assert not output.healthy()


def test_a_page_has_a_second_from_the_end_of_a_short_sentence():
    output, _, clock = page()
    output.write(tone(0.1))
    clock.at = 5.0
    output.finish()
    assert output.healthy()
    clock.at = 6.1
    assert not output.healthy()


def test_a_page_that_may_not_sound_any_more_is_lost_and_forgets_what_it_holds():
    output, sent, _ = page()
    output.write(tone(1.0))
    output.leave()
    assert not output.healthy()
    output.cut()
    assert orders(sent) == ["begin", "clear"]


def test_a_device_that_calls_in_time_is_steady():
    output = device()
    for _ in range(100):
        output._clock.at += 0.01
        output.stream.pull(RATE // 100)
        assert output.healthy()
    assert output.steady
