import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.pose._motion import Glide, Line, Noise, Spring, limited, smooth

SECONDS = st.floats(0.05, 2.0)
VALUE = st.floats(-30.0, 30.0)


@given(VALUE, VALUE, SECONDS)
def test_a_spring_has_gone_95_percent_after_its_time_and_never_overshoots(start: float, goal: float, t: float) -> None:
    spring = Spring(start)
    passed = [spring.step(goal, t / 50, t) for _ in range(50)]
    assert abs(spring.value - goal) == pytest.approx(0.05 * abs(goal - start), rel=0.1, abs=1e-9)
    low, high = min(start, goal) - 1e-9, max(start, goal) + 1e-9
    assert all(low <= value <= high for value in passed)


@given(VALUE, VALUE, SECONDS, st.integers(1, 20))
def test_a_spring_does_not_depend_on_the_frame_rate(start: float, goal: float, t: float, parts: int) -> None:
    once, often = Spring(start), Spring(start)
    once.step(goal, 0.1, t)
    for _ in range(parts):
        often.step(goal, 0.1 / parts, t)
    assert often.value == pytest.approx(once.value, abs=1e-6)


def test_a_spring_whose_goal_changes_keeps_its_speed() -> None:
    spring = Spring(0.0)
    for _ in range(6):
        spring.step(1.0, 1 / 60, 0.5)
    before = spring.velocity
    spring.step(-1.0, 1e-6, 0.5)
    assert spring.velocity == pytest.approx(before, rel=1e-3)


@given(VALUE, VALUE, SECONDS)
def test_a_glide_is_there_when_its_time_is_over(start: float, goal: float, t: float) -> None:
    glide = Glide(start)
    passed = [start, *(glide.step(goal, t / 30, t) for _ in range(31))]
    assert glide.value == goal
    steps = [abs(b - a) for a, b in itertools.pairwise(passed)]
    assert max(steps) <= abs(goal - start) * 1.5 / 30 + 1e-9


def test_a_glide_that_is_sent_elsewhere_goes_on_from_where_it_is() -> None:
    glide = Glide(0.0)
    for _ in range(10):
        glide.step(1.0, 0.01, 0.2)
    middle = glide.value
    assert 0.3 < middle < 0.7
    assert abs(glide.step(-1.0, 0.01, 0.2) - middle) < 0.075
    assert glide.step(-1.0, 0.2, 0.2) == -1.0


def test_a_glide_that_is_sent_elsewhere_keeps_its_speed() -> None:
    glide = Glide(0.0)
    for _ in range(10):
        glide.step(1.0, 0.01, 0.2)
    before = glide.velocity
    assert before == pytest.approx(7.5, rel=0.01)
    turned = glide.step(-1.0, 1e-4, 0.2)
    assert turned - 0.5 == pytest.approx(before * 1e-4, rel=0.05)
    assert glide.step(-1.0, 0.2, 0.2) == -1.0
    assert glide.velocity == 0.0


@pytest.mark.parametrize("kind", [Glide, Line])
def test_a_move_whose_time_changes_goes_on_from_where_it_is(kind: type[Glide]) -> None:
    move = kind(0.0)
    for _ in range(6):
        move.step(1.0, 1 / 60, 0.2)
    before, speed = move.value, move.velocity
    assert move.step(1.0, 1 / 60, 2.0) == pytest.approx(before + speed / 60, abs=speed / 60)
    assert move.step(1.0, 2.0, 2.0) == 1.0
    assert move.step(1.0, 1 / 60, 0.1) == 1.0


@given(VALUE, VALUE, SECONDS)
def test_a_line_moves_at_an_even_speed_and_is_there_when_its_time_is_over(start: float, goal: float, t: float) -> None:
    line = Line(start)
    passed = [start, *(line.step(goal, t / 20, t) for _ in range(20))]
    assert passed == pytest.approx([start + (goal - start) * part / 20 for part in range(21)], abs=1e-9)
    line.step(goal, t / 20, t)
    assert line.value == goal


def test_a_glide_rests_where_it_was_put() -> None:
    assert Glide(0.3).step(0.3, 0.01, 0.2) == 0.3


@given(VALUE, VALUE, st.floats(0.0, 5.0))
def test_a_limited_value_is_never_further_than_allowed(value: float, before: float, most: float) -> None:
    got = limited(value, before, most)
    assert abs(got - before) <= most + 1e-9
    assert abs(got - value) <= abs(before - value) + 1e-9


def test_smooth_is_level_at_both_ends() -> None:
    assert [smooth(-1.0), smooth(0.0), smooth(0.5), smooth(1.0), smooth(2.0)] == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert smooth(0.01) < 0.001


def test_noise_stays_within_one_flows_and_is_the_same_for_the_same_chance() -> None:
    first, second, other = Noise(Random(1)), Noise(Random(1)), Noise(Random(2))
    curve = [first.at(step / 100) for step in range(60_000)]
    assert max(map(abs, curve)) <= 1.0
    assert max(curve) - min(curve) > 1.0
    assert max(abs(b - a) for a, b in itertools.pairwise(curve)) < 0.031
    assert curve[:500] == [second.at(step / 100) for step in range(500)]
    assert curve[:500] != [other.at(step / 100) for step in range(500)]
