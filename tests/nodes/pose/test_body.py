import json
from collections.abc import Sequence
from random import Random
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.pose._body import LONGEST_S, Body, Idle
from nodes.pose._mapping import PoseMap, parse
from schemas.playback import Heard
from schemas.reply import EMOTIONS
from tests.harness import ROOT

ALL: tuple[Idle, ...] = get_args(Idle)
POSES = parse((ROOT / "config" / "pose_mapping.json").read_text(encoding="utf-8"))
WILD = parse(
    json.dumps(
        {
            "emotions": {"happy": {"FaceAngleX": 30, "EyeLeftX": 1}, "sad": {"FaceAngleX": -30, "EyeOpenLeft": 0}},
            "ranges": {"FaceAngleX": [-5, 40], "MouthSmile": [0.4, 0.6]},
            "motion": {"*": {"lerp_s": 0.1}, "FaceAngleY": {"spring_s": 0.02}},
        }
    )
)
DT = 1 / 60


def body(moves: Sequence[Idle] = (), poses: PoseMap = POSES) -> Body:
    return Body(1, poses, moves)


def steps(body: Body, seconds: float, begin: float = 0.0, decay_s: float = 2.0) -> list[dict[str, float]]:
    return [body.step(begin + frame * DT, decay_s) for frame in range(round(seconds / DT) + 1)]


def test_a_feeling_is_taken_up_within_half_a_second() -> None:
    it = body()
    it.feel("happy", 60.0, 0.0)
    (*_, last) = steps(it, 0.6)
    for name, value in POSES.poses["happy"].items():
        assert last[name] == pytest.approx(value, abs=0.05 * (POSES.range(name)[1] - POSES.range(name)[0]))


@pytest.mark.parametrize("before", EMOTIONS)
@pytest.mark.parametrize("after", EMOTIONS)
def test_every_input_has_gone_its_whole_way_within_half_a_second(before: str, after: str) -> None:
    it = body()
    it.feel(before, 60.0, 0.0)
    steps(it, 2.0)
    it.feel(after, 60.0, 2.0)
    last = steps(it, 0.5, begin=2.0)[-1]
    assert last == dict(POSES.poses[after])
    assert it.heading.interpolation_time <= 0.5
    assert it.heading.timestamp == 2.0


def test_an_input_that_is_linear_moves_at_an_even_speed() -> None:
    moves = {"*": {"curve": "linear", "seconds": 0.5}}
    it = body(poses=parse(json.dumps({"emotions": {"happy": {"MouthSmile": 1.0}}, "motion": moves})))
    it.step(0.0, 2.0)
    it.feel("happy", 60.0, 0.0)
    smiles = [each["MouthSmile"] for each in steps(it, 0.6)][1:]
    assert smiles[:30] == pytest.approx([frame / 30 for frame in range(1, 31)])
    assert smiles[30:] == [1.0] * len(smiles[30:])


def test_a_feeling_stays_if_it_must_not_fade() -> None:
    it = body()
    it.feel("sad", 1.0, 0.0)
    frames = [it.step(frame * DT, None) for frame in range(600)]
    assert frames[-1]["MouthSmile"] == POSES.poses["sad"]["MouthSmile"]
    assert it.heading.emotion == "sad"
    assert steps(it, 3.0, begin=10.0)[-1]["MouthSmile"] == POSES.poses["neutral"]["MouthSmile"]


def test_the_fade_to_neutral_takes_its_own_time_from_when_it_began() -> None:
    it = body()
    it.feel("sad", 1.0, 0.0)
    steps(it, 1.5, decay_s=2.0)
    assert it.heading.timestamp == pytest.approx(1.0, abs=DT)
    assert it.heading.interpolation_time == 2.0


def test_it_begins_to_move_in_the_first_frame_after_the_feeling() -> None:
    it = body()
    before = steps(it, 1.0)[-1]
    it.feel("surprised", 4.0, 0.0)
    after = it.step(1.0 + DT, 2.0)
    assert after["BrowLeftY"] > before["BrowLeftY"]
    assert after["FaceAngleY"] > before["FaceAngleY"]


def test_a_feeling_fades_to_neutral_when_its_time_is_over() -> None:
    it = body()
    it.feel("sad", 3.0, 0.0)
    frames = steps(it, 8.0)
    sad, neutral = POSES.poses["sad"], POSES.poses["neutral"]
    assert frames[170]["MouthSmile"] == pytest.approx(sad["MouthSmile"], abs=0.01)
    assert it.heading.emotion == "neutral"
    half_way = frames[round(4.0 / DT)]["MouthSmile"]
    assert sad["MouthSmile"] + 0.05 < half_way < neutral["MouthSmile"] - 0.05
    assert frames[-1]["MouthSmile"] == pytest.approx(neutral["MouthSmile"], abs=0.01)


def test_a_feeling_stays_as_long_as_it_speaks_and_a_while_longer() -> None:
    it = body()
    it.feel("angry", 2.0, 0.0)
    it.speak(True, 2.0)
    steps(it, 10.0)
    assert it.heading.emotion == "angry"
    it.speak(False, 2.0)
    steps(it, 1.9, begin=10.0)
    assert it.heading.emotion == "angry"
    steps(it, 0.2, begin=11.9)
    assert it.heading.emotion == "neutral"


def test_the_last_of_two_feelings_counts() -> None:
    it = body()
    it.feel("happy", 9.0, 0.0)
    steps(it, 0.1)
    it.feel("sad", 9.0, 0.0)
    assert steps(it, 1.0, begin=0.1)[-1]["MouthSmile"] == pytest.approx(0.08, abs=0.01)


def test_an_unknown_feeling_is_neutral_and_the_body_says_so() -> None:
    it = body()
    assert not it.knows("sleepy")
    assert it.knows("happy")
    it.feel("sleepy", 1.0, 0.0)
    assert it.heading.target == POSES.calculation("neutral", 0.0).target


def test_idle_motions_move_only_what_is_theirs() -> None:
    assert set(body().step(0.0, 1.0)) == set(POSES.poses["neutral"])
    assert "EyeLeftX" in body(["gaze"]).step(0.0, 1.0)
    assert "MousePositionX" not in body(["gaze", "sway", "breath", "blink"]).step(0.0, 1.0)
    assert "MousePositionX" in body(["mouse"]).step(0.0, 1.0)


def test_the_same_seed_gives_the_same_life_and_another_one_another() -> None:
    first, second, other = Body(7, POSES, ALL), Body(7, POSES, ALL), Body(8, POSES, ALL)
    assert steps(first, 5.0) == steps(second, 5.0)
    assert steps(first, 1.0, begin=5.0) != steps(other, 1.0, begin=5.0)


def test_one_motion_does_not_change_the_chances_of_another() -> None:
    alone, together = steps(body(["legs"]), 20.0), steps(body(ALL), 20.0)
    assert [each["AIsChocoLegL"] for each in alone] == [each["AIsChocoLegL"] for each in together]


def test_it_looks_at_the_chat_before_it_speaks_and_not_while_speaking() -> None:
    def looked(speaking: bool) -> float:
        it = body(["gaze"])
        it.speak(speaking, 1.0)
        it.read_chat(0.9, 0.0, 1.0)
        return steps(it, 0.4)[-1]["EyeLeftX"]

    assert looked(False) > 0.7
    assert looked(True) < 0.5
    body().read_chat(0.9, 0.0, 1.0)


@pytest.mark.parametrize(("moves", "name", "there"), [("gaze", "EyeLeftX", 0.5), ("mouse", "MousePositionX", 0.6)])
def test_it_looks_at_the_chat_until_the_answer_is_heard_and_looks_up_while_speaking(
    moves: Idle, name: str, there: float
) -> None:
    it = body([moves])
    steps(it, 1.0)
    it.read_chat(0.8, -0.2, 1.0)
    thinking = [each[name] for each in steps(it, 3.0, begin=1.0)]
    assert min(thinking[40:]) > there
    it.speak(True, 1.0)
    speaking = [each[name] for each in steps(it, 1.5, begin=4.0)]
    assert min(speaking[:25]) > there
    assert abs(speaking[-1]) < 0.1


@pytest.mark.parametrize(("moves", "name"), [("gaze", "EyeLeftX"), ("mouse", "MousePositionX")])
def test_it_does_not_wait_for_ever_for_a_sound_that_does_not_come(moves: Idle, name: str) -> None:
    it = body([moves])
    it.read_chat(-0.8, -0.2, 1.0)
    frames = [each[name] for each in steps(it, 10.0)]
    assert max(frames[60 : round(8.0 / DT) - 2]) < -0.5
    assert max(frames) > -0.1


def test_with_no_time_for_the_chat_it_does_not_look_there() -> None:
    it = body(["mouse"])
    it.read_chat(0.8, -0.2, 0.0)
    assert max(each["MousePositionX"] for each in steps(it, 1.0)) < 0.5


def test_what_is_heard_moves_it_if_it_gestures() -> None:
    heard = Heard(turn="t", sentence=0, text="와!", fraction=0.0)
    moved = []
    for moves in ((), ("gestures",)):
        it = body(moves)
        it.heard(heard)
        moved.append(steps(it, 0.25)[-1]["BrowLeftY"])
    assert moved[1] > moved[0] + 0.1


def test_another_file_in_mid_motion_goes_on_from_where_it_is() -> None:
    it = body(ALL)
    it.feel("excited", 60.0, 0.0)
    before = steps(it, 0.2)[-1]
    it.shape(WILD, ALL)
    after = it.step(0.2 + DT, 2.0)
    for name in before.keys() & after.keys():
        assert abs(after[name] - before[name]) <= WILD.speed(name) * DT + 1e-9
    assert it.heading.emotion == "excited"
    it.shape(POSES, ["breath"])
    assert set(it.step(0.2 + 2 * DT, 2.0)) == {*POSES.poses["neutral"], "AIsChocoBreath", "FacePositionY"}


def test_a_stall_is_a_pause_and_no_jump() -> None:
    it = body()
    it.feel("happy", 60.0, 0.0)
    before = steps(it, 0.1)[-1]
    after = it.step(30.0, 2.0)
    expected = body()
    expected.feel("happy", 60.0, 0.0)
    steps(expected, 0.1)
    assert after == expected.step(0.1 + LONGEST_S, 2.0)
    assert after != before


EVENT = st.one_of(
    st.tuples(st.just("feel"), st.sampled_from([*EMOTIONS, "unknown"])),
    st.tuples(st.just("speak"), st.booleans()),
    st.tuples(st.just("chat"), st.floats(-1, 1)),
    st.tuples(st.just("heard"), st.sampled_from(["와!", "뭐?", "네."])),
    st.tuples(st.just("map"), st.booleans()),
    st.tuples(st.just("moves"), st.sets(st.sampled_from(ALL))),
    st.tuples(st.just("wait"), st.floats(0.0, 0.5)),
)


def act(it: Body, kind: str, what: Any, number: int) -> None:
    if kind == "feel":
        it.feel(what, 0.3, 0.0)
    elif kind == "speak":
        it.speak(what, 0.2)
    elif kind == "chat":
        it.read_chat(what, what, 0.5)
    elif kind == "heard":
        it.heard(Heard(turn="t", sentence=number, text=what, fraction=1.0, ended=number % 2 == 0))
    elif kind == "map":
        it.shape(WILD if what else POSES, it._moves)
    elif kind == "moves":
        it.shape(it._map, tuple(what))


@given(st.lists(EVENT, max_size=12), st.randoms(use_true_random=False))
def test_nothing_ever_jumps_whatever_happens(events: list[tuple[str, Any]], chance: Random) -> None:
    it = body(ALL)
    now, before = 0.0, it.step(0.0, 1.0)
    for number, (kind, what) in enumerate(events):
        act(it, kind, what, number)
        for _ in range(round(what / DT) if kind == "wait" else 4):
            dt = chance.choice((DT, DT, 0.004, 0.03, 0.4))
            now += dt
            values = it.step(now, 1.0)
            for name in values.keys() & before.keys():
                most = it._map.speed(name) * min(dt, LONGEST_S)
                assert abs(values[name] - before[name]) <= most + 1e-9, name
            before = values


@given(st.lists(st.sampled_from(EMOTIONS), min_size=1, max_size=8))
def test_every_value_is_within_its_range(emotions: list[str]) -> None:
    it = body(ALL)
    now = 0.0
    for emotion in emotions:
        it.feel(emotion, 0.2, 0.0)
        for _ in range(20):
            now += DT
            for name, value in it.step(now, 1.0).items():
                low, high = POSES.range(name)
                assert low - 1e-9 <= value <= high + 1e-9, name
