import numpy as np
import pytest

from nodes.audio._rate import Rate
from tests.nodes.audio.fakes import RATE, tone


def test_sound_of_the_right_rate_is_left_alone():
    rate, sound = Rate(RATE), tone(0.1)
    assert rate.take(sound, RATE) is sound
    assert len(rate.rest()) == 0


@pytest.mark.parametrize("other", [16_000, 44_100, 48_000])
def test_parts_at_another_rate_are_the_whole_again_at_the_right_one(other):
    rate, sound = Rate(RATE), tone(1.0, other)
    for _ in range(2):
        parts = [rate.take(sound[at : at + 3000], other) for at in range(0, len(sound), 3000)]
        heard = np.concatenate([*parts, rate.rest()])
        assert len(heard) == pytest.approx(RATE, abs=2)
        assert np.abs(heard[500:-500] - tone(1.0)[500 : len(heard) - 500]).max() < 0.01


def test_what_is_dropped_does_not_come_later():
    rate = Rate(RATE)
    rate.take(tone(0.3, 44_100), 44_100)
    rate.drop()
    assert len(rate.rest()) == 0
