import itertools
from collections.abc import Callable
from random import Random

import pytest

from nodes.pose._idle import Breath, LegSweep, MouseSweep, Sway
from nodes.pose._motion import Layer, Mood

DT = 1 / 60


def frames(layer: Layer, seconds: float, speaking: Callable[[float], bool] = lambda _: False) -> list[dict[str, float]]:
    found: list[dict[str, float]] = []
    for frame in range(round(seconds / DT)):
        now = frame * DT
        values = dict.fromkeys(layer.inputs, 0.0)
        talks = speaking(now)
        layer.apply(values, Mood(now=now, dt=DT, speaking=talks, idle=0.0 if talks else 1.0, energy=1.0))
        assert set(values) == set(layer.inputs)
        found.append(values)
    return found


def curve(layer: Layer, name: str, seconds: float, speaking: Callable[[float], bool] = lambda _: False) -> list[float]:
    return [each[name] for each in frames(layer, seconds, speaking)]


def width(curve: list[float]) -> float:
    return max(curve) - min(curve)


def test_breath_comes_and_goes_every_three_seconds() -> None:
    breath = curve(Breath(), "AIsChocoBreath", 32.345)
    assert width(breath) == pytest.approx(0.9, abs=0.01)
    assert sum(a <= 0 < b for a, b in itertools.pairwise(breath)) == 10


def test_the_head_sways_and_steps_back_for_speech() -> None:
    quiet, talking = (frames(Sway(Random(1)), 60.0, lambda _, each=each: each) for each in (False, True))
    for name in ("FaceAngleX", "FaceAngleY", "FaceAngleZ"):
        idle = [each[name] for each in quiet]
        assert 2.0 < width(idle) < 8.0
        assert max(abs(b - a) for a, b in itertools.pairwise(idle)) < 0.15
    assert width([each["FacePositionX"] for each in talking]) < 0.4 * width([each["FacePositionX"] for each in quiet])


def test_the_head_is_quicker_while_speaking() -> None:
    def turns(speaking: bool) -> int:
        y = curve(Sway(Random(2)), "FaceAngleY", 60.0, lambda _: speaking)
        return sum((b - a) * (c - b) < 0 for a, b, c in zip(y, y[1:], y[2:], strict=False))

    assert turns(True) > 1.5 * turns(False)


def test_the_mouse_looks_from_side_to_side_and_rests() -> None:
    swept = frames(MouseSweep(Random(1)), 120.0)
    x = [each["MousePositionX"] for each in swept]
    assert max(x) == pytest.approx(0.25, abs=0.02)
    assert min(x) == pytest.approx(-0.25, abs=0.02)
    assert min(each["MousePositionY"] for each in swept) == pytest.approx(-0.65, abs=0.06)
    assert sum(abs(each) < 0.01 for each in x) * DT > 40.0


def test_the_mouse_turns_away_to_speak_then_looks_into_the_camera_and_stays() -> None:
    x = curve(MouseSweep(Random(1)), "MousePositionX", 60.0, lambda now: 20.0 <= now < 40.0)
    assert max(x[20 * 60 : 21 * 60]) > 0.6
    assert max(map(abs, x[22 * 60 : 40 * 60])) < 0.01
    assert width(x[45 * 60 :]) > 0.2 or width(x[:1200]) > 0.2


def test_legs_find_another_place_now_and_then_and_not_while_speaking() -> None:
    left = curve(LegSweep(Random(1)), "AIsChocoLegL", 120.0)
    assert width(left) > 10.0
    assert max(map(abs, left)) <= 20.0
    assert curve(LegSweep(Random(1)), "AIsChocoLegR", 120.0, lambda _: True) == [0.0] * 7200
