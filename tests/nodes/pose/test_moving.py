import json
from typing import Any

import pytest

from nodes.pose._mapping import parse
from nodes.pose.moving import pose_mapping
from tests.harness import ROOT


def taken(emotions: Any, here: str = "", **more: Any) -> tuple[dict[str, Any], str]:
    made = pose_mapping(json.dumps({"emotions": emotions, **more}, ensure_ascii=False), here)
    parse(made.text)
    return json.loads(made.text), "\n".join(made.lines)


def test_a_file_whose_values_are_good_is_taken_without_a_word() -> None:
    emotions = {"happy": {"eye_l_open": 0.9, "brow_l_angle": -0.5}, "sad": {}}
    made, told = taken(emotions, default={"breath": 0.5}, parameter_mapping={"x": "ParamX"})
    assert made == {"emotions": emotions, "default": {"breath": 0.5}, "parameter_mapping": {"x": "ParamX"}}
    assert told == ""


def test_each_value_that_cannot_be_used_is_named_and_the_others_stay() -> None:
    pose = {"eye_l_open": "0.9", "eye_r_open": None, "brow_l_y": [1], "breath": True, "smile": "nan", "brow_r_y": -0.3}
    made, told = taken({"Happy": pose, "happy": {}, "sad": 5})
    assert made["emotions"] == {"happy": {"eye_l_open": 0.9, "brow_r_y": -0.3}, "sad": {}}
    for line in (
        "Happy.eye_r_open: 숫자가 아니어서 옮기지 못했어요(null).",
        "Happy.brow_l_y: 숫자가 아니어서",
        "Happy.breath: 숫자가 아니어서",
        "Happy.smile: 숫자가 아니어서",
        "Happy.brow_r_y: -0.3은 0~1 밖이라",
        "happy: 같은 감정이 이미 있어",
        "sad: 자세",
    ):
        assert line in told


def test_names_that_a_feeling_does_not_move_and_unknown_ones_are_told_once() -> None:
    made, told = taken({"happy": {"angle_x": 0.2, "my_own": 0.5}, "sad": {"my_own": 0.1}}, notes="mine")
    assert made["emotions"]["happy"] == {"angle_x": 0.2, "my_own": 0.5}
    assert made["_notes"] == "mine"
    assert told.count("my_own") == 1
    assert "angle_x: 감정이 아니라" in told
    assert "notes: 이 프로그램에 없는 칸" in told


def test_how_a_pose_is_reached_stays_as_it_is_here() -> None:
    here = (ROOT / "config" / "pose_mapping.json").read_text("utf-8")
    made, _ = taken({"happy": {}}, here)
    assert (made["motion"], made["energy"]) == (json.loads(here)["motion"], json.loads(here)["energy"])
    assert "inputs" not in made
    assert "motion" not in taken({"happy": {}}, "no JSON")[0]


@pytest.mark.parametrize("text", ["[]", "{}", '{"motion": {}}', "{", '{"emotions": {}, "ranges": 5}'])
def test_what_is_no_such_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expecting|ranges"):
        pose_mapping(text, "")
