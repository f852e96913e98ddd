import itertools
from random import Random
from statistics import mean

import pytest

from nodes.pose._eyes import Blink, Gaze
from nodes.pose._motion import Mood

DT = 1 / 60


Place = tuple[float, float] | None


def mood(now: float, *, speaking: bool = False, chat: Place = None) -> Mood:
    return Mood(now=now, dt=DT, speaking=speaking, idle=0.0 if speaking else 1.0, energy=1.0, chat=chat)


def lids(blink: Blink, seconds: float, *, speaking: bool = False, begin: float = 0.0) -> list[float]:
    curve: list[float] = []
    for frame in range(round(seconds / DT)):
        values = {"EyeOpenLeft": 0.8, "EyeOpenRight": 0.8}
        blink.apply(values, mood(begin + frame * DT, speaking=speaking))
        assert values["EyeOpenLeft"] == values["EyeOpenRight"]
        curve.append(values["EyeOpenLeft"])
    return curve


def blinks(curve: list[float]) -> list[int]:
    """Frames at which lids begin to close."""
    return [frame for frame in range(1, len(curve)) if curve[frame - 1] == 0.8 and curve[frame] < 0.8]


def test_a_blink_shuts_the_eyes_and_gives_them_back_within_a_third_of_a_second() -> None:
    curve = lids(Blink(Random(3)), 20.0)
    (first, *_) = blinks(curve)
    shut = curve[first : first + 20]
    assert min(shut) == 0.0
    assert shut[-1] == 0.8
    assert max(abs(b - a) for a, b in itertools.pairwise(curve)) < 0.8 * 0.27


def test_it_blinks_more_often_while_speaking() -> None:
    quiet, talking = (len(blinks(lids(Blink(Random(1)), 360.0, speaking=each))) / 6 for each in (False, True))
    assert 9 < quiet < 20
    assert 15 < talking < 32
    assert talking > 1.2 * quiet


def test_it_can_be_asked_to_blink_but_not_within_a_blink() -> None:
    blink = Blink(Random(5))
    blink.soon(0.0)
    begun = blinks([0.8, *lids(blink, 0.5)])
    assert begun
    blink.soon(0.3)
    assert blinks(lids(blink, 0.3, begin=0.5)) == []


def gazes(
    gaze: Gaze, seconds: float, *, speaking: bool = False, begin: float = 0.0, chat: Place = None
) -> list[dict[str, float]]:
    frames: list[dict[str, float]] = []
    for frame in range(round(seconds / DT)):
        values = dict.fromkeys(gaze.inputs, 0.0)
        gaze.apply(values, mood(begin + frame * DT, speaking=speaking, chat=chat))
        frames.append(values)
    return frames


def test_both_eyes_look_the_same_way_and_jump_between_rests() -> None:
    frames = gazes(Gaze(Random(1), None), 60.0)
    assert all(each["EyeLeftX"] == each["EyeRightX"] and each["EyeLeftY"] == each["EyeRightY"] for each in frames)
    x = [each["EyeLeftX"] for each in frames]
    assert max(x) - min(x) > 0.4
    steps = sorted(abs(b - a) for a, b in itertools.pairwise(x))
    assert steps[len(steps) // 2] < 0.002
    assert 0.05 < steps[-1] < 0.4


def test_the_head_follows_later_and_less_far() -> None:
    gaze = Gaze(Random(2), None)
    frames = gazes(gaze, 2.0, chat=(1.0, 0.0))
    eyes = next(frame for frame, each in enumerate(frames) if each["EyeLeftX"] > 0.5)
    head = next(frame for frame, each in enumerate(frames) if each["FaceAngleX"] > 4.5)
    assert eyes * DT < 0.12
    assert eyes + 6 < head
    assert frames[-1]["FaceAngleX"] == pytest.approx(9.0, abs=1.5)


def test_speaking_it_looks_into_the_camera_most_of_the_time() -> None:
    def at_camera(speaking: bool) -> float:
        frames = gazes(Gaze(Random(4), None), 200.0, speaking=speaking)[::6]
        return mean(abs(each["EyeLeftX"]) < 0.06 and abs(each["EyeLeftY"]) < 0.06 for each in frames)

    talking, quiet = at_camera(True), at_camera(False)
    assert talking > 0.55
    assert talking > quiet + 0.05


def test_it_reads_the_chat_for_a_while_and_looks_up_again() -> None:
    gaze = Gaze(Random(1), None)
    gazes(gaze, 2.0)
    frames = [*gazes(gaze, 1.5, begin=2.0, chat=(0.6, -0.2)), *gazes(gaze, 3.5, begin=3.5)]
    reading = [each["EyeLeftX"] for each in frames[12:88]]
    assert min(reading) > 0.4
    assert max(reading) < 0.8
    assert max(reading) - min(reading) > 0.03
    assert min(abs(each["EyeLeftX"]) for each in frames[95:]) < 0.1


def test_a_look_to_another_side_often_comes_with_a_blink() -> None:
    blinked = 0
    for seed in range(40):
        blink = Blink(Random(seed + 100))
        gaze = Gaze(Random(seed), blink)
        gazes(gaze, DT, chat=(1.0, 0.0))
        blinked += min(lids(blink, 0.3, begin=DT)) < 0.1
    assert 15 <= blinked <= 32
