from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.pose._mouth import Mouth, opening

CONFIG = SimpleNamespace(attack_ms=25.0, release_ms=60.0, vowel_ms=35.0, floor_db=-42.0, ceil_db=-12.0)
STEP = 1 / 60


def test_the_opening_is_between_two_levels():
    assert opening(0.0, -40, -20) == 0.0
    assert opening(0.01, -40, -20) == pytest.approx(0.0)
    assert opening(10 ** (-30 / 20), -40, -20) == pytest.approx(0.5)
    assert opening(1.0, -40, -20) == 1.0


def test_it_opens_faster_than_it_closes():
    mouth = Mouth()
    opened = [mouth.move(CONFIG, 0.2, "A", STEP).open for _ in range(6)]
    closed = [mouth.move(CONFIG, 0.0, None, STEP).open for _ in range(6)]
    assert opened == sorted(opened)
    assert closed == sorted(closed, reverse=True)
    assert opened[2] / opened[-1] > 0.8
    assert closed[2] / opened[-1] > 0.3


def test_a_vowel_has_its_shape():
    shapes = {}
    for vowel in "AIUEO":
        mouth = Mouth()
        for _ in range(30):
            shapes[vowel] = mouth.move(CONFIG, 0.2, vowel, STEP)
    assert shapes["A"].open == max(shape.open for shape in shapes.values())
    assert shapes["I"].form > shapes["E"].form > shapes["O"].form > shapes["U"].form
    assert shapes["O"].o > 0.9
    assert shapes["O"].a == 0.0


def test_without_times_it_is_there_at_once():
    config = SimpleNamespace(attack_ms=0.0, release_ms=0.0, vowel_ms=0.0, floor_db=-42.0, ceil_db=-12.0)
    mouth = Mouth()
    assert mouth.move(config, 1.0, "A", STEP).open == 1.0
    assert mouth.move(config, 0.0, None, STEP).open == 0.0


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from([None, *"AIUEO"]), st.floats(0, 0.1)), max_size=60))
def test_a_mouth_stays_in_its_range_never_jumps_and_shuts_in_silence(steps):
    mouth, before = Mouth(), 0.0
    for rms, vowel, seconds in steps:
        shape = mouth.move(CONFIG, rms, vowel, seconds)
        inputs = shape.inputs()
        assert all(0.0 <= value <= 1.0 for value in inputs.values())
        assert sum(value for name, value in inputs.items() if name.startswith("Voice")) == pytest.approx(1.0)
        assert abs(shape.open - before) <= seconds / 0.025 + 1e-9
        before = shape.open
    for _ in range(40):
        shape = mouth.move(CONFIG, 0.0, None, STEP)
    assert shape.open == 0.0
    assert shape.inputs()["VoiceSilence"] == 1.0
