"""What the model consists of, and a tint of its parts."""

from typing import Any

import pytest

from nodes.avatar._stage.parts import EXPRESSIONS, GESTURES, HOTKEYS, LIVE2D, MESHES, tint
from nodes.avatar._stage.wire import Error, Refused
from schemas.pose import VTS_INPUTS

RED = {"colorR": 255, "colorG": 0, "colorB": 0, "colorA": 255}


@pytest.mark.parametrize(
    ("matcher", "count"),
    [
        ({"tintAll": True}, len(MESHES)),
        ({"tintAll": False}, 0),
        ({"artMeshNumber": [0, 1, 99]}, 2),
        ({"nameExact": ["ArtMesh_Mouth", "Mouth"]}, 1),
        ({"nameContains": ["eye", ""]}, 2),
        ({"tagExact": ["x"]}, 0),
    ],
)
def test_a_tint_counts_the_parts_that_it_names(matcher: dict[str, Any], count: int) -> None:
    assert tint({"colorTint": RED, "artMeshMatcher": matcher}) == {"matchedArtMeshes": count}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"colorTint": RED}, Error.TINT_MISSING),
        ({"artMeshMatcher": {"tintAll": True}}, Error.TINT_MISSING),
        ({"colorTint": {**RED, "colorA": 256}, "artMeshMatcher": {"tintAll": True}}, Error.TINT_INVALID),
        ({"colorTint": {"colorR": 1}, "artMeshMatcher": {"tintAll": True}}, Error.TINT_INVALID),
        (
            {"colorTint": {**RED, "mixWithSceneLightingColor": 2}, "artMeshMatcher": {"tintAll": True}},
            Error.TINT_INVALID,
        ),
    ],
)
def test_a_wrong_tint_is_refused(data: dict[str, Any], error: Error) -> None:
    with pytest.raises(Refused) as caught:
        tint(data)
    assert caught.value.error is error


def test_every_output_is_moved_by_an_input_that_there_is() -> None:
    assert all(of in VTS_INPUTS and low < high and low <= rest <= high for of, low, high, rest in LIVE2D.values())


def test_a_hotkey_is_listed_under_the_names_of_the_api() -> None:
    assert len(HOTKEYS) == len(EXPRESSIONS) + len(GESTURES) + 1
    for id_, hotkey in HOTKEYS.items():
        listed = hotkey.listed()
        assert (listed["hotkeyID"], listed["name"], listed["type"]) == (id_, hotkey.name, hotkey.action)
    assert HOTKEYS["choco-plain"].listed()["file"] == ""
