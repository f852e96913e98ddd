"""Answers requests about what the stage lacks: items, backgrounds, effects, NDI, adjustable physics."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from nodes.avatar._stage.parts import IDENTITY, MESHES
from nodes.avatar._stage.wire import Data, Error, Refused, word, words

_DARK = {"active": False, "colorR": 0, "colorG": 0, "colorB": 0}
_PERMISSION = "LoadCustomImagesAsItems"


def _folders(_: Data) -> Data:
    return {
        "models": "Live2DModels",
        "backgrounds": "Backgrounds",
        "items": "Items",
        "config": "Config",
        "logs": "Logs",
        "backup": "Backup",
    }


def _overlay(_: Data) -> Data:
    colours = [f"color{kind}{channel}" for kind in ("Overlay", "Avg") for channel in "RGB"]
    return {
        "active": False,
        "itemsIncluded": False,
        "isWindowCapture": False,
        "baseBrightness": 0,
        "colorBoost": 0,
        "smoothing": 0,
        **dict.fromkeys(colours, 0),
        **{f"{side}CapturePart": dict(_DARK) for side in ("left", "middle", "right")},
    }


def _physics(_: Data) -> Data:
    return {
        **IDENTITY,
        "modelHasPhysics": False,
        "physicsSwitchedOn": False,
        "usingLegacyPhysics": False,
        "physicsFPSSetting": -1,
        "baseStrength": 0,
        "baseWind": 0,
        "apiPhysicsOverrideActive": False,
        "apiPhysicsOverridePluginName": "",
        "physicsGroups": [],
    }


def _set_physics(_: Data) -> Data:
    raise Refused(Error.NO_PHYSICS, "the model has no physics that can be set")


def _ndi(_: Data) -> Data:
    off = dict.fromkeys(("setNewConfig", "ndiActive", "useNDI5", "useCustomResolution"), False)
    return {**off, "customWidthNDI": -1, "customHeightNDI": -1}


def _items(_: Data) -> Data:
    return {
        "itemsInSceneCount": 0,
        "totalItemsAllowedCount": 0,
        "canLoadItemsRightNow": False,
        "availableSpots": [],
        "itemInstancesInScene": [],
        "availableItemFiles": [],
    }


def _load_item(data: Data) -> Data:
    if not word(data, "fileName"):
        raise Refused(Error.ITEM_NAME_MISSING, "fileName is missing")
    raise Refused(Error.ITEM_NOT_FOUND, "there are no items on the stage")


def _unload_items(_: Data) -> Data:
    return {"unloadedItems": []}


def _move_items(data: Data) -> Data:
    given: Any = data.get("itemsToMove")
    listed = cast(list[Any], given) if isinstance(given, list) else []
    asked = [cast(Data, each) for each in listed if isinstance(each, dict)]
    return {
        "movedItems": [
            {
                "itemInstanceID": word(each, "itemInstanceID"),
                "success": False,
                "errorID": int(Error.ITEM_MOVE_NOT_FOUND),
            }
            for each in asked
        ]
    }


def _no_item(error: Error) -> Callable[[Data], Data]:
    def refuse(_: Data) -> Data:
        raise Refused(error, "there are no items on the stage")

    return refuse


def _select(data: Data) -> Data:
    active = words(data, "activeArtMeshes")
    if any(mesh not in MESHES for mesh in active):
        raise Refused(Error.MESHES_UNKNOWN, "the model has no such art mesh")
    return {
        "success": False,
        "activeArtMeshes": active,
        "inactiveArtMeshes": [mesh for mesh in MESHES if mesh not in active],
    }


def _effects(_: Data) -> Data:
    counts = ("presetCount", "activeEffectCount", "effectCountBeforeFilter", "configCountBeforeFilter")
    return {
        "postProcessingSupported": False,
        "postProcessingActive": False,
        "canSendPostProcessingUpdateRequestRightNow": False,
        "restrictedEffectsAllowed": False,
        "presetIsActive": False,
        "activePreset": "",
        **dict.fromkeys((*counts, "effectCountAfterFilter", "configCountAfterFilter"), 0),
        "postProcessingEffects": [],
        "postProcessingPresets": [],
    }


def _set_effects(_: Data) -> Data:
    return {"postProcessingActive": False, "presetIsActive": False, "activePreset": "", "activeEffectCount": 0}


def _permission(data: Data) -> Data:
    asked = word(data, "requestedPermission")
    if asked not in ("", _PERMISSION):
        raise Refused(Error.PERMISSION_UNKNOWN, f"there is no permission {asked[:64]}")
    granted = {"name": _PERMISSION, "granted": False}
    return {"grantSuccess": False, "requestedPermission": asked, "permissions": [granted]}


ANSWERS: Mapping[str, Callable[[Data], Data]] = {
    "VTSFolderInfo": _folders,
    "SceneColorOverlayInfo": _overlay,
    "GetCurrentModelPhysics": _physics,
    "SetCurrentModelPhysics": _set_physics,
    "NDIConfig": _ndi,
    "ItemList": _items,
    "ItemLoad": _load_item,
    "ItemUnload": _unload_items,
    "ItemMove": _move_items,
    "ItemAnimationControl": _no_item(Error.ITEM_ANIMATION_NOT_FOUND),
    "ItemSort": _no_item(Error.ITEM_SORT_NOT_FOUND),
    "ItemPin": _no_item(Error.ITEM_PIN_NOT_LOADED),
    "ArtMeshSelection": _select,
    "PostProcessingList": _effects,
    "PostProcessingUpdate": _set_effects,
    "Permission": _permission,
}
"""Request name, without the suffix ``Request`` -> its answer."""
