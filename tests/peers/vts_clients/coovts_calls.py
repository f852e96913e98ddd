"""Makes every call that coovts has, and reads every answer and event with its models in pydantic's strict mode.

``python coovts_calls.py URL [TOKEN]`` (Python 3.12 or later) prints the token that it received, one line of JSON a
call, and finally ``{"done": ..., "failed": n}``. Beta requests and events are refused, as VTube Studio without the beta
does.
"""

import asyncio
import json
import sys
from typing import Any

from coovts.errors import APIError
from coovts.plugin import Plugin
from coovts.types import api, event, get_api_response_model, get_event_name

PIN = {"angle": 0, "size": 0.3}
TINT = {"colorR": 255, "colorG": 150, "colorB": 0, "colorA": 255}
MOVE = {"itemInstanceID": "none", "timeInSeconds": 0.1}
ITEM = {"fileName": "no.png", "positionX": 0, "positionY": 0, "size": 0.3, "rotation": 0, "order": 1}
CUSTOM = {"parameterName": "CoovtsTest1", "explanation": "a test", "min": -1, "max": 1, "defaultValue": 0.5}
INJECTED = [{"id": "FaceAngleX", "value": 12.5}, {"id": "CoovtsTest1", "value": -1}]

CALLS: list[tuple[str, dict[str, Any], int | None]] = [
    ("APIState", {}, None),
    ("Statistics", {}, None),
    ("VTSFolderInfo", {}, None),
    ("CurrentModel", {}, None),
    ("AvailableModels", {}, None),
    ("ModelLoad", {"modelID": "no such model"}, 152),
    ("MoveModel", {"timeInSeconds": 0, "valuesAreRelativeToModel": False, "positionX": 0.2}, None),
    ("HotkeysInCurrentModel", {}, None),
    ("HotkeyTrigger", {"hotkeyID": "choco-nod"}, None),
    ("HotkeyTrigger", {"hotkeyID": "no such key"}, 202),
    ("ExpressionActivation", {"expressionFile": "happy.exp3.json", "active": True}, None),
    ("ExpressionState", {}, None),
    ("ExpressionState", {"details": False, "expressionFile": "sad.exp3.json"}, None),
    ("ArtMeshList", {}, None),
    ("ColorTint", {"colorTint": TINT, "artMeshMatcher": {"tintAll": True}}, None),
    ("ArtMeshSelection", {}, None),
    ("ArtMeshAtPosition", {"x": 0, "y": 0}, 7),
    ("SceneColorOverlayInfo", {}, None),
    ("FaceFound", {}, None),
    ("ParameterCreation", CUSTOM, None),
    ("InputParameterList", {}, None),
    ("InjectParameterData", {"faceFound": True, "parameterValues": INJECTED}, None),
    ("InjectParameterData", {"mode": "add", "parameterValues": INJECTED}, None),
    ("InjectParameterData", {"parameterValues": [{"id": "ParamMouthOpenY", "value": 1}]}, 453),
    ("ParameterValue", {"name": "FaceAngleX"}, None),
    ("ParameterValue", {"name": "NoSuchInput"}, 500),
    ("Live2DParameterList", {}, None),
    ("ParameterDeletion", {"parameterName": "CoovtsTest1"}, None),
    ("ParameterDeletion", {"parameterName": "CoovtsTest1"}, 401),
    ("GetCurrentModelPhysics", {}, None),
    ("SetCurrentModelPhysics", {}, 701),
    ("NDIConfig", {"setNewConfig": False}, None),
    ("ItemList", {"includeAvailableSpots": True, "includeItemInstancesInScene": True}, None),
    ("ItemLoad", ITEM, 751),
    ("ItemUnload", {"unloadAllInScene": True}, None),
    ("ItemMove", {"itemsToMove": [MOVE]}, None),
    ("ItemAnimationControl", {"itemInstanceID": "none"}, 850),
    ("ItemSort", {"itemInstanceID": "none", "setFrontOrder": "Unchanged"}, 1250),
    ("ItemPin", {"itemInstanceID": "none", "pin": True, "pinInfo": PIN}, 1050),
    ("PostProcessingList", {}, None),
    ("PostProcessingUpdate", {"postProcessingOn": True}, None),
    ("Permission", {}, None),
    ("Permission", {"requestedPermission": "LoadCustomImagesAsItems"}, None),
]
HAPPEN = ("TestEvent", "ModelLoadedEvent", "TrackingStatusChangedEvent", "HotkeyTriggeredEvent", "ModelMovedEvent")
HAPPEN += ("ModelOutlineEvent", "ModelAnimationEvent")
LOAD_PAUSE_S = 2.1
"""A model can be loaded only every 2 s, whichever plugin asks."""
BETA = {"ExpressionToggledEvent"}
CONFIGS: dict[str, dict[str, Any]] = {
    "ArtMeshTrackingEvent": {"frequency": 1, "trackingPoints": []},
    "ArtMeshOutlineEvent": {"frequency": 1, "artMeshes": []},
}
LOGIN = {"AuthenticationTokenRequest", "AuthenticationRequest"}
"""Made by ``Plugin.run``."""

failed = 0


def told(check: str, ok: bool, why: object = "") -> None:
    global failed
    failed += not ok
    line = {"check": check, "ok": ok, **({} if ok else {"why": str(why)})}
    print(json.dumps(line, ensure_ascii=False, separators=(",", ":")), flush=True)


async def call(plugin: Plugin, name: str, data: dict[str, Any], error: int | None) -> None:
    """Send the request as its model writes it; the answer must fit its model without any conversion."""
    request = getattr(api, f"{name}Request").model_validate(data)
    check = f"{name} {error or ''}".strip()
    try:
        answer = await plugin.call_api(request, response_model=None)
        model = get_api_response_model(request).model_validate(answer, strict=True)
        told(check, error is None and not model.model_extra, f"{answer} has more: {model.model_extra}")
    except APIError as refused:
        told(check, refused.data.error_id == error, refused)
    except Exception as wrong:
        told(check, False, wrong)


async def subscribe(plugin: Plugin, heard: dict[str, asyncio.Event]) -> None:
    """Subscribe to every event; each one that comes must fit its model."""
    models = [getattr(event, each) for each in dir(event) if each.endswith("EventData")]
    for model in models:
        name = get_event_name(model)

        async def hear(_: object, name: str = name) -> None:
            heard.setdefault(name, asyncio.Event()).set()

        registration = plugin.subscribe_event(model, CONFIGS.get(name))
        registration(hear)
        try:
            answer = await registration
            told(f"subscribe {name}", name in answer.subscribed_events and name not in BETA, answer)
        except APIError as refused:
            told(f"subscribe {name}", name in BETA and refused.data.error_id == 950, refused)


async def all_calls(plugin: Plugin) -> None:
    covered = {f"{name}Request" for name, _, _ in CALLS} | LOGIN | {"EventSubscriptionRequest"}
    known = {each for each in dir(api) if each.endswith("Request")}
    told("every request that there is", covered == known, known - covered)
    heard = {name: asyncio.Event() for name in HAPPEN}
    await subscribe(plugin, heard)
    for name, data, error in CALLS:
        await call(plugin, name, data, error)
    model = await plugin.call_api(api.CurrentModelRequest())
    await asyncio.sleep(LOAD_PAUSE_S)
    await call(plugin, "ModelLoad", {"modelID": model.model_id}, None)
    for name in HAPPEN:
        try:
            await asyncio.wait_for(heard[name].wait(), 15)
            told(f"{name} came", True)
        except TimeoutError:
            told(f"{name} came", False, "not within 15 s")
    await plugin.call_api(api.EventSubscriptionRequest(event_name=None, subscribe=False, config=None))


async def main(url: str, token: str | None) -> None:
    plugin = Plugin("Coovts Calls", "AIsChoco tests", authentication_token=token, endpoint=url, api_timeout=15)
    ready = asyncio.Event()

    @plugin.on_authentication_token_got
    async def got(given: str) -> None:
        print(json.dumps({"token": given}), flush=True)

    @plugin.on_authenticated
    async def authenticated() -> None:
        ready.set()

    @plugin.on_parse_data_error
    async def unread(raw: str | bytes, wrong: Exception) -> None:
        told("a message that coovts cannot read", False, f"{raw!r}: {wrong}")

    running = plugin.run()
    await asyncio.wait_for(ready.wait(), 30)
    await all_calls(plugin)
    await plugin.stop()
    running.cancel()
    print(json.dumps({"done": True, "failed": failed}), flush=True)
    sys.exit(1 if failed else 0)


asyncio.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
