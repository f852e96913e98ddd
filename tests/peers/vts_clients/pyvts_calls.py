"""Sends every request that pyvts can build, with its own transport: ``python pyvts_calls.py PORT``."""

import asyncio
import sys
import types
from typing import Any

sys.modules.setdefault("cv2", types.ModuleType("cv2"))  # only its icon helper uses it

import pyvts  # noqa: E402  # pyright: ignore


async def main(port: int) -> None:
    plugin = {
        "plugin_name": "pyvts calls",
        "developer": "AIsChoco tests",
        "authentication_token_path": "./pyvts_token.txt",
    }
    api = {"version": "1.0", "name": "VTubeStudioPublicAPI", "port": port, "host": "127.0.0.1"}
    vts: Any = pyvts.vts(plugin_info=plugin, vts_api_info=api)
    build = vts.vts_request
    await vts.connect()
    await vts.request_authenticate_token()
    assert await vts.request_authenticate(), "not authenticated"
    count = 0

    async def ask(built: dict[str, Any], error: int | None = None) -> dict[str, Any]:
        nonlocal count
        answer = await vts.request(built)
        if error is None:
            assert answer["messageType"] == built["messageType"].replace("Request", "Response"), answer
        else:
            assert answer["data"]["errorID"] == error, answer
        count += 1
        return answer["data"]

    await ask(build.BaseRequest("APIStateRequest"))
    await ask(build.BaseRequest("CurrentModelRequest"))
    await ask(build.requestMoveModel(0.1, 0.2, rot=5, size=-3, relative=True, move_time=0.2))
    keys = await ask(build.requestHotKeyList())
    await ask(build.requestTriggerHotKey(keys["availableHotkeys"][0]["name"]))
    await ask(build.requestTriggerHotKey("no such key"), 202)
    found = await ask(build.requestTrackingParameterList())
    assert any(each["name"] == "FaceAngleX" for each in found["defaultParameters"])
    await ask(build.requestCustomParameter("PyvtsTest1", min=0, max=1, default_value=0, info="a test"))
    await ask(build.requestSetParameterValue("PyvtsTest1", 0.75, weight=1, face_found=True))
    assert (await ask(build.requestParameterValue("PyvtsTest1")))["value"] == 0.75
    await ask(build.requestSetMultiParameterValue(["FaceAngleX", "MouthOpen"], [10.0, 0.5]))
    assert (await ask(build.requestParameterValue("FaceAngleX")))["value"] == 10.0
    await ask(build.requestDeleteCustomParameter("PyvtsTest1"))
    await ask(build.ColorTintRequest(255, 100, 100, 255))
    await ask(build.eventSubscriptionModelLoaded())
    await ask(build.eventSubscriptionTrackingStatusChanged())
    await ask(build.eventSubscription("ModelAnimationEvent", True))
    await ask(build.eventSubscriptionTest("hello"))
    await ask(build.eventSubscription("TestEvent", False))
    await ask(build.eventSubscription("NoSuchEvent", True), 950)
    await vts.close()
    print(f"all {count} calls answered")


asyncio.run(main(int(sys.argv[1])))
