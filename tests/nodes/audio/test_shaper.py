import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nodes.audio._shaper import FADE, RISE, Shaper


def shaped(blocks):
    """One stream of (length, sound in it, gain) at full scale."""
    shaper, out = Shaper(), []
    for length, count, gain in blocks:
        block = np.ones(length, np.float32)
        shaper.shape(block, min(length, count), gain)
        out.append(block)
    return np.concatenate(out)


def test_sound_rises_lasts_and_dies_away():
    sound = shaped([(1000, 1000, 1.0), (1000, 0, 1.0)])
    assert sound[0] == 0.0
    assert set(sound[len(RISE) : 1000]) == {1.0}
    assert not sound[1000 + len(FADE) :].any()
    assert np.abs(np.diff(sound)).max() < 0.03


def test_a_gain_is_reached_at_the_end_of_the_block():
    sound = shaped([(1000, 1000, 1.0), (1000, 1000, 0.5), (1000, 1000, 0.5)])
    assert sound[1999] == 0.5
    assert set(sound[2000:]) == {0.5}


@given(st.lists(st.tuples(st.integers(120, 2000), st.integers(0, 2000), st.floats(0, 1.5)), max_size=30))
def test_no_block_makes_the_sound_step(blocks):
    sound = shaped([(1, 0, 1.0), *blocks])
    assert np.abs(np.diff(np.append(0.0, sound))).max(initial=0.0) < 0.1
