import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.pose._mapping import RANGES, Move, parse
from schemas.reply import EMOTIONS
from tests.harness import ROOT

ORIGINAL = {
    "parameter_mapping": {"angle_x": "ParamAngleX", "eye_l_open": "ParamEyeLOpen"},
    "emotions": {
        "happy": {"angle_x": 5, "body_angle_z": 3, "mouth_open_y": 0.6, "eye_l_open": 0.9, "brow_l_y": 0.8, "Tail": 2},
        "angry": {"brow_l_angle": -0.5, "right_leg": 12, "TongueOut": 1},
    },
    "default": {"eye_l_open": 1.0, "eye_r_open": 0.95, "brow_l_y": 0.4, "breath": 0.5},
}


def read(root: Any) -> Any:
    return parse(json.dumps(root))


def wrong(text: str) -> str:
    with pytest.raises(ValueError, match=r"\d+번째 줄: ") as caught:
        parse(text)
    return str(caught.value)


def test_the_file_in_the_project_has_every_emotion_the_show_knows() -> None:
    poses = parse((ROOT / "config" / "pose_mapping.json").read_text(encoding="utf-8"))
    assert set(EMOTIONS) <= set(poses.poses)
    assert len({tuple(pose.items()) for pose in poses.poses.values()}) == len(poses.poses)
    assert poses.poses["happy"]["MouthSmile"] > poses.poses["sad"]["MouthSmile"]
    assert poses.poses["sad"]["FaceAngleY"] < 0 < poses.poses["happy"]["FaceAngleY"]


def test_a_file_in_the_original_form_moves_what_it_moved() -> None:
    poses = read(ORIGINAL)
    happy = poses.poses["happy"]
    assert happy["EyeOpenLeft"] == 0.9
    assert happy["EyeOpenRight"] == 0.95
    assert happy["BrowLeftY"] == 0.8
    assert happy["Tail"] == 2.0
    assert "FaceAngleX" not in happy
    assert "MousePositionX" not in happy
    assert "MouthOpen" not in happy
    assert poses.poses["angry"]["AIsChocoLegR"] == 12.0
    assert poses.poses["neutral"]["AIsChocoBrowLAngle"] == 0.0


def test_several_keys_of_one_input_give_their_mean() -> None:
    root = {"inputs": {"angle_x": "FaceAngleX", "body_angle_x": "FaceAngleX"}, "emotions": {}}
    root["emotions"] = {"happy": {"angle_x": 10, "body_angle_x": 20}}
    assert read(root).poses["happy"] == {"FaceAngleX": 15.0}


def test_every_pose_sets_every_input_so_that_none_is_left_over_from_the_one_before() -> None:
    poses = read(ORIGINAL).poses
    assert {frozenset(pose) for pose in poses.values()} == {frozenset(poses["neutral"])}


def test_what_a_pose_leaves_out_is_where_the_input_rests() -> None:
    poses = read({"emotions": {"happy": {"eye_l_open": 0.5, "FaceAngry": 0.5, "brow_l_y": 1}}}).poses
    assert poses["neutral"] == {"EyeOpenLeft": 1.0, "FaceAngry": 0.0, "BrowLeftY": 0.5}


def test_neutral_may_have_a_pose_of_its_own() -> None:
    poses = read({"default": {"FaceAngleX": 1}, "emotions": {"neutral": {"FaceAngleX": 2}, "sad": {}}}).poses
    assert (poses["neutral"]["FaceAngleX"], poses["sad"]["FaceAngleX"]) == (2.0, 1.0)


def test_values_stay_within_the_range_of_their_input() -> None:
    poses = read(
        {"ranges": {"FaceAngleZ": [-10, 10]}, "emotions": {"happy": {"FaceAngleZ": 50, "MouthSmile": 3, "Tail": 40}}}
    )
    assert poses.poses["happy"] == {"FaceAngleZ": 10.0, "MouthSmile": 1.0, "Tail": 40.0}
    assert poses.range("FaceAngleZ") == (-10.0, 10.0)
    assert poses.range("Tail") == (-1.0, 40.0)
    assert poses.range("MouthOpen") == RANGES["MouthOpen"]
    assert poses.range("NeverHeardOf") == (-1.0, 1.0)


def test_each_input_moves_in_its_own_way_and_the_star_is_for_the_rest() -> None:
    poses = read({"motion": {"*": {"lerp_s": 0.2}, "MouthSmile": {"spring_s": 0.1}}})
    assert poses.move("FaceAngleX") == Move("smooth", 0.2)
    assert poses.move("MouthSmile") == Move("spring", 0.1)
    assert read({}).move("FaceAngleX") == Move("smooth", 0.4)
    assert poses.speed("MouthSmile") == 20.0
    assert read({}).speed("FaceAngleX") == pytest.approx(60 * 2 / 0.4)


def test_the_curve_of_an_input_can_be_chosen() -> None:
    poses = read(
        {"motion": {"*": {"curve": "linear", "seconds": 0.3}, "Tail": {"curve": "spring"}, "Ear": {"seconds": 1}}}
    )
    assert poses.move("FaceAngleX") == Move("linear", 0.3)
    assert poses.move("Tail") == Move("spring", 0.4)
    assert poses.move("Ear") == Move("smooth", 1.0)


def test_a_feeling_that_the_file_does_not_know_is_neutral() -> None:
    poses = read(ORIGINAL)
    assert poses.calculation("sleepy", 1.0).target == poses.calculation("neutral", 1.0).target


def test_a_calculation_says_when_it_began_and_how_long_it_takes() -> None:
    poses = read(
        {"emotions": {"happy": {"FaceAngleX": 9, "MouthSmile": 1}}, "motion": {"FaceAngleX": {"seconds": 0.45}}}
    )
    own, even = poses.calculation("happy", 7.5), poses.calculation("neutral", 8.0, 2.0)
    assert (own.timestamp, own.interpolation_time, own.together) == (7.5, 0.45, False)
    assert (even.timestamp, even.interpolation_time, even.together) == (8.0, 2.0, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n"emotions": {,}}', "2번째 줄: JSON이 아니에요: Expecting property name enclosed in double quotes"),
        ("[" * 100_000, "1번째 줄: 너무 깊이 겹쳐"),
        ("[]", "1번째 줄: 파일: {...} 모양이어야"),
        ('{\n"feelings": {}}', "2번째 줄: 'feelings': 모르는 이름이에요. 쓸 수 있는 것: "),
        ('{\n\n"emotions": []}', "3번째 줄: emotions: {...} 모양이어야"),
        ('{"emotions": {\n"happy": 3}}', "2번째 줄: happy: {...} 모양이어야"),
        ('{"emotions": {"happy": {\n"angle_z": 1,\n"MouthSmile": "wide"}}}', "3번째 줄: MouthSmile: 숫자여야"),
        ('{"emotions": {"happy": {\n"MouthSmile": true}}}', "2번째 줄: MouthSmile: 숫자여야"),
        ('{"emotions": {"happy": {"MouthSmile": NaN}}}', "1번째 줄: MouthSmile: 숫자여야"),
        (f'{{"emotions": {{"happy": {{"MouthSmile": {10**400}}}}}}}', "1번째 줄: MouthSmile: -1e+06에서"),
        ('{"default": {"FaceAngleX": 1e9}}', "1번째 줄: FaceAngleX: -1e+06에서 1e+06 사이"),
        ('{"inputs": {"angle_x": 3}}', "1번째 줄: angle_x의 입력은 FaceAngleX 같은 이름"),
        ('{"ranges": {\n"Tail": [1]}}', "2번째 줄: Tail의 범위는 [가장 작은 값, 가장 큰 값]"),
        ('{"ranges": {"Tail": 1}}', "1번째 줄: Tail의 범위는 [가장 작은 값, 가장 큰 값]"),
        ('{"ranges": {"Tail": [2, 1]}}', "1번째 줄: Tail의 범위는 작은 값에서 큰 값으로"),
        ('{"motion": {"Tail": {"ease_s": 1}}}', "1번째 줄: Tail의 움직임은"),
        ('{"motion": {"Tail": {"lerp_s": 1, "spring_s": 1}}}', "1번째 줄: Tail의 움직임은"),
        (
            '{"motion": {"Tail": {"curve": "wavy", "seconds": 1}}}',
            '1번째 줄: Tail의 움직임은 {"curve": ',
        ),
        ('{"motion": {"Tail": {"curve": ["linear"]}}}', "1번째 줄: Tail의 움직임은"),
        ('{"motion": {"Tail": {"curve": "linear", "lerp_s": 1}}}', "1번째 줄: Tail의 움직임은"),
        ('{"motion": {"Tail": {}}}', "1번째 줄: Tail의 움직임은"),
        ('{"motion": {"Tail": {"curve": "linear", "seconds": "slow"}}}', "1번째 줄: Tail: 숫자여야"),
        ('{"motion": {"Tail": {"lerp_s": 0}}}', "1번째 줄: Tail: 0.02에서 5 사이"),
        ('{"emotions": {"happy": {},\n"sad": {},\n"happy": {}}}', "3번째 줄: 'happy': 한 묶음에 두 번"),
    ],
)
def test_a_wrong_file_says_where_it_is_wrong(text: str, message: str) -> None:
    assert wrong(text).startswith(message)


def test_an_error_is_no_longer_than_a_person_reads() -> None:
    assert len(wrong(f'{{"{"x" * 5000}": 1}}')) <= 300


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.dictionaries(st.text(), x)))
def test_no_content_breaks_the_reader_in_any_other_way(root: Any) -> None:
    with contextlib.suppress(ValueError):
        assert "neutral" in parse(json.dumps({"emotions": root})).poses
