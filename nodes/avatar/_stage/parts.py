"""Lists what the model of the stage consists of: expressions, gestures, hotkeys, parts; nothing here changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nodes.avatar._stage.wire import Data, Error, Refused, number, part, words

NAME, ID = "Choco", "5a1c0c0a15c40c0000000000c40c0000"
EXPRESSIONS = {"happy": "웃음", "sad": "눈물", "angry": "화남", "surprised": "놀람", "excited": "신남"}
GESTURES = {"nod": ("끄덕임", 0.8), "hop": ("폴짝", 0.7)}
"""Gesture -> (name of its hotkey, seconds)."""
MESHES = (
    "ArtMesh_Hair_Back", "ArtMesh_Body", "ArtMesh_Ribbon", "ArtMesh_Neck", "ArtMesh_Face", "ArtMesh_Cheek_L",
    "ArtMesh_Cheek_R", "ArtMesh_Eye_L", "ArtMesh_Eye_R", "ArtMesh_Brow_L", "ArtMesh_Brow_R", "ArtMesh_Mouth",
    "ArtMesh_Hair_Front", "ArtMesh_Hair_Side_L", "ArtMesh_Hair_Side_R", "ArtMesh_Chocolate",
)  # fmt: skip
LIVE2D: Mapping[str, tuple[str, float, float, float]] = {
    "ParamAngleX": ("FaceAngleX", -30.0, 30.0, 0.0),
    "ParamAngleY": ("FaceAngleY", -30.0, 30.0, 0.0),
    "ParamAngleZ": ("FaceAngleZ", -30.0, 30.0, 0.0),
    "ParamEyeLOpen": ("EyeOpenLeft", 0.0, 1.0, 1.0),
    "ParamEyeROpen": ("EyeOpenRight", 0.0, 1.0, 1.0),
    "ParamEyeBallX": ("EyeRightX", -1.0, 1.0, 0.0),
    "ParamEyeBallY": ("EyeRightY", -1.0, 1.0, 0.0),
    "ParamBrowLY": ("BrowLeftY", 0.0, 1.0, 0.5),
    "ParamBrowRY": ("BrowRightY", 0.0, 1.0, 0.5),
    "ParamMouthOpenY": ("MouthOpen", 0.0, 1.0, 0.0),
    "ParamMouthForm": ("MouthSmile", 0.0, 1.0, 0.5),
    "ParamCheek": ("CheekPuff", 0.0, 1.0, 0.0),
    "ParamBodyAngleX": ("FacePositionX", -15.0, 15.0, 0.0),
}
"""Output -> (the input that moves it, lowest, highest, default). A plugin can read an output but never set it."""


@dataclass(frozen=True, slots=True)
class Hotkey:
    """A hotkey of the model."""

    id: str
    name: str
    action: str
    file: str
    does: str

    def listed(self) -> Data:
        return {
            "name": self.name,
            "type": self.action,
            "description": self.does,
            "file": self.file,
            "hotkeyID": self.id,
            "keyCombination": [],
            "onScreenButtonID": -1,
        }


def _hotkeys() -> dict[str, Hotkey]:
    found = [
        Hotkey(f"choco-{key}", name, "ToggleExpression", f"{key}.exp3.json", "Toggles an expression")
        for key, name in EXPRESSIONS.items()
    ]
    found += [
        Hotkey(f"choco-{key}", name, "TriggerAnimation", f"{key}.motion3.json", "Plays a gesture")
        for key, (name, _) in GESTURES.items()
    ]
    found.append(Hotkey("choco-plain", "표정 지우기", "RemoveAllExpressions", "", "Switches all expressions off"))
    return {hotkey.id: hotkey for hotkey in found}


HOTKEYS = _hotkeys()
IDENTITY: Data = {"modelLoaded": True, "modelName": NAME, "modelID": ID}
NAMED: Data = {"modelName": NAME, "modelID": ID}


def tint(data: Data) -> Data:
    """Handle a ColorTintRequest: it is checked and counted, but the drawing keeps its colours.

    Raises:
        Refused: a colour or the matcher is wrong.
    """
    colour, matcher = part(data, "colorTint"), part(data, "artMeshMatcher")
    if not colour or not matcher:
        raise Refused(Error.TINT_MISSING, "colorTint and artMeshMatcher are needed")
    channels = [number(colour.get(f"color{each}"), 0, 255) for each in "RGBA"]
    mix = number(colour.get("mixWithSceneLightingColor", 1), 0, 1)
    if None in channels or mix is None:
        raise Refused(Error.TINT_INVALID, "colours must be 0 to 255, mixWithSceneLightingColor 0 to 1")
    return {"matchedArtMeshes": sum(_matches(matcher, index, mesh) for index, mesh in enumerate(MESHES))}


def _matches(matcher: Mapping[str, Any], index: int, mesh: str) -> bool:
    numbers: Any = matcher.get("artMeshNumber")
    return (
        matcher.get("tintAll") is True
        or (isinstance(numbers, list) and index in numbers)
        or mesh in words(matcher, "nameExact")
        or any(each and each.lower() in mesh.lower() for each in words(matcher, "nameContains"))
    )
