from types import SimpleNamespace

import numpy as np
import pytest

from nodes.audio._loudness import Loudness, level
from schemas.playback import Level
from tests.nodes.audio.fakes import FakeClock, tone


def test_an_alert_lowers_the_voice_from_its_delay_on_for_its_time():
    clock = FakeClock()
    loudness = Loudness(SimpleNamespace(volume=0.8, mute=False, duck_db=-20.0, duck_s=2.0, duck_delay_s=1.0), clock)
    loudness.alert()
    gains = {}
    for clock.at in (0.9, 1.0, 2.9, 3.0):
        gains[clock.at] = loudness.gain()
    assert gains == {0.9: 0.8, 1.0: pytest.approx(0.08), 2.9: pytest.approx(0.08), 3.0: 0.8}


def test_a_second_alert_does_not_lift_the_voice_in_the_middle_of_the_first():
    clock = FakeClock()
    loudness = Loudness(SimpleNamespace(volume=1.0, mute=False, duck_db=-20.0, duck_s=5.0, duck_delay_s=0.5), clock)
    gains = []
    for clock.at in (0.0, 3.0):
        loudness.alert()
    for clock.at in (3.2, 5.6, 8.4, 8.5):
        gains.append(loudness.gain())
    assert gains == [pytest.approx(0.1), pytest.approx(0.1), pytest.approx(0.1), 1.0]


def test_mute_is_silence():
    quiet = SimpleNamespace(volume=1.0, mute=True, duck_db=0.0, duck_s=0.0, duck_delay_s=0.0)
    assert Loudness(quiet, FakeClock()).gain() == 0.0


def test_an_operator_can_mute_and_take_it_back():
    loudness = Loudness(SimpleNamespace(volume=0.8, mute=False, duck_db=0.0, duck_s=0.0, duck_delay_s=0.0), FakeClock())
    loudness.mute(True)
    assert loudness.gain() == 0.0
    loudness.mute(False)
    assert loudness.gain() == 0.8


def test_a_level_knows_where_it_was_measured():
    sound = tone(0.1)
    found = level(sound, 0.5, ("t", 2, 1.5))
    assert found == Level(
        rms=pytest.approx(0.15 / 2**0.5, rel=0.01), peak=pytest.approx(0.15, rel=0.01), turn="t", sentence=2, at_s=1.5
    )
    assert level(sound * 10, 1.0, None).peak == 1.0
    assert level(np.zeros(0, np.float32), 1.0, None) == Level(rms=0.0)
