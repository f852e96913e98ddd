import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nodes.speech._speaking.sound import RATE, amplified, begins_still, ends_still, faded, silence, trimmed

SAMPLES = arrays.arrays(np.float32, st.integers(0, 1000), elements=st.floats(-4, 4, width=32))


def test_silence_lasts_as_long_as_told() -> None:
    assert len(silence(0.25)) == RATE // 4
    assert not silence(0.25).any()


def test_silence_at_both_ends_is_trimmed_to_thirty_milliseconds() -> None:
    tone = np.full(RATE // 10, 0.5, np.float32)
    assert len(trimmed(np.concatenate((silence(1.0), tone, silence(1.0))))) == len(tone) + 2 * round(0.03 * RATE)


def test_what_is_only_silence_is_trimmed_to_nothing() -> None:
    assert len(trimmed(silence(1.0))) == 0
    assert len(trimmed(silence(0.0))) == 0


@given(SAMPLES)
def test_a_joint_of_faded_pieces_makes_no_step(samples: np.ndarray) -> None:
    both = np.concatenate((faded(samples), faded(samples)))
    if len(samples) > 1:
        assert abs(both[len(samples)] - both[len(samples) - 1]) <= 4 / 100
    assert len(both) == 2 * len(samples)


def test_a_fade_takes_five_milliseconds_and_leaves_the_rest() -> None:
    piece = np.ones(RATE // 10, np.float32)
    out = faded(piece)
    assert out[0] == out[-1] == 0
    assert (np.diff(out[:120]) > 0).all()
    assert (out[120:-120] == 1).all()
    assert piece.all(), "the input is not touched"


@given(SAMPLES, st.floats(-40, 20))
def test_nothing_clips(samples: np.ndarray, gain_db: float) -> None:
    out = amplified(samples, gain_db)
    assert out.dtype == np.float32
    assert (np.abs(out) < 1).all()
    assert (np.sign(out) * np.sign(samples) >= 0).all()


def test_the_limit_bends_without_a_step_and_keeps_order() -> None:
    ramp = np.linspace(-2, 2, 10_001, dtype=np.float32)
    out = np.diff(amplified(ramp, 0.0))
    assert (out >= 0).all()
    assert out.max() < 0.0005


def test_below_the_knee_the_gain_is_exact() -> None:
    assert amplified(np.array([0.1, -0.1], np.float32), 6.0) == pytest.approx([0.19953, -0.19953], abs=1e-4)


@pytest.mark.parametrize(
    ("samples", "begins", "ends"),
    [([], True, True), ([0.0, 0.5, 0.0], True, True), ([0.5, 0.0], False, True), ([0.0, -0.5], True, False)],
)
def test_a_sound_is_still_at_an_end_where_it_is_near_zero(samples: list[float], begins: bool, ends: bool) -> None:
    sound = np.array(samples, np.float32)
    assert (begins_still(sound), ends_still(sound)) == (begins, ends)
