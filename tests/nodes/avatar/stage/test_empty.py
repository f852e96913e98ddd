"""Answers about what the stage has none of."""

from typing import Any

import pytest

from nodes.avatar._stage.empty import ANSWERS
from nodes.avatar._stage.parts import MESHES
from nodes.avatar._stage.wire import Refused


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("VTSFolderInfo", {}, {"items": "Items"}),
        ("SceneColorOverlayInfo", {}, {"active": False, "colorAvgB": 0}),
        ("GetCurrentModelPhysics", {}, {"modelLoaded": True, "modelHasPhysics": False}),
        ("NDIConfig", {"setNewConfig": True}, {"setNewConfig": False, "ndiActive": False}),
        ("ItemList", {}, {"itemsInSceneCount": 0, "itemInstancesInScene": []}),
        ("ItemUnload", {}, {"unloadedItems": []}),
        ("ItemMove", {}, {"movedItems": []}),
        ("ItemMove", {"itemsToMove": 5}, {"movedItems": []}),
        (
            "ItemMove",
            {"itemsToMove": [{"itemInstanceID": "x"}, 1]},
            {"movedItems": [{"itemInstanceID": "x", "success": False, "errorID": 900}]},
        ),
        ("ArtMeshSelection", {"activeArtMeshes": [MESHES[0]]}, {"success": False, "activeArtMeshes": [MESHES[0]]}),
        ("PostProcessingList", {}, {"postProcessingSupported": False, "presetCount": 0}),
        ("PostProcessingUpdate", {}, {"postProcessingActive": False}),
        ("Permission", {}, {"grantSuccess": False, "requestedPermission": ""}),
    ],
)
def test_there_is_nothing(kind: str, data: dict[str, Any], expected: dict[str, Any]) -> None:
    answer = ANSWERS[kind](data)
    assert {name: answer[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("kind", "data", "error"),
    [
        ("SetCurrentModelPhysics", {}, 701),
        ("ItemLoad", {}, 750),
        ("ItemLoad", {"fileName": "x.png"}, 751),
        ("ItemAnimationControl", {}, 850),
        ("ItemSort", {}, 1250),
        ("ItemPin", {}, 1050),
        ("ArtMeshSelection", {"activeArtMeshes": ["no such mesh"]}, 1002),
        ("Permission", {"requestedPermission": "Everything"}, 1100),
    ],
)
def test_what_cannot_be_is_refused_with_its_official_error(kind: str, data: dict[str, Any], error: int) -> None:
    with pytest.raises(Refused) as caught:
        ANSWERS[kind](data)
    assert caught.value.error == error
