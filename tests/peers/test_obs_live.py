"""The client of OBS's websocket, and what puts sources there, against a real OBS.

The OBS of Debian has no browser source: that it says so is one test, and the others use a source that it has.
"""

from collections.abc import Iterator

import pytest

from graphs.engine.studio import obs_sources
from graphs.engine.studio.obs_sources import Source, put, scene_on_air
from nodes.obs_socket import Failed, PasswordRefused, connected
from nodes.refused import Refused
from tests.peers.obs import PASSWORD, RealObs, running, there

pytestmark = [
    pytest.mark.component,
    pytest.mark.asyncio,
    pytest.mark.skipif(not there(), reason="OBS or Xvfb is not installed"),
    pytest.mark.timeout(240),
    pytest.mark.usefixtures("english"),
]

COLOUR = "color_source_v3"
URL = "http://127.0.0.1:8765/?obs"


@pytest.fixture(scope="module")
def obs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealObs]:
    with running(tmp_path_factory.mktemp("obs")) as real:
        yield real


async def test_a_wrong_password_is_refused_and_the_right_one_is_not(obs: RealObs) -> None:
    for wrong in ("", "not-it"):
        with pytest.raises(PasswordRefused):
            async with connected("127.0.0.1", obs.port, wrong):
                pass
    async with connected("127.0.0.1", obs.port, PASSWORD) as there:
        assert await scene_on_air(there)
        with pytest.raises(Failed) as found:
            await there.ask("GetInputSettings", inputName="nobody")
        assert found.value.code == 600, "no such input"


async def test_a_source_is_made_kept_and_mended(obs: RealObs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(obs_sources, "KIND", COLOUR)
    source = Source("AIsChoco 방송 화면", URL, 1920, 1080)
    async with connected("127.0.0.1", obs.port, PASSWORD) as there:
        scene = await scene_on_air(there)
        await there.ask("CreateScene", sceneName="other")
        assert await put(there, scene, source) == (source.name, "made")
        assert await put(there, scene, source) == (source.name, "same")
        shown = {"sceneName": scene}
        item = (await there.ask("GetSceneItemId", **shown, sourceName=source.name))["sceneItemId"]
        await there.ask("SetSceneItemEnabled", **shown, sceneItemId=item, sceneItemEnabled=False)
        assert await put(there, scene, source) == (source.name, "mended"), "it was hidden"
        assert await put(there, "other", source) == (source.name, "mended"), "it was not in that scene"
        moved = Source(source.name, f"{URL}&theme=outline", 1080, 1920)
        assert await put(there, scene, moved) == (source.name, "mended")
        held = (await there.ask("GetInputSettings", inputName=source.name))["inputSettings"]
        assert {key: held[key] for key in moved.settings} == moved.settings
        items = (await there.ask("GetSceneItemList", sceneName=scene))["sceneItems"]
        assert [each["sourceName"] for each in items] == [source.name]


async def test_what_is_larger_than_the_picture_is_scaled_to_it(obs: RealObs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(obs_sources, "KIND", COLOUR)
    async with connected("127.0.0.1", obs.port, PASSWORD) as there:
        picture = await there.ask("GetVideoSettings")
        width, height = picture["baseWidth"], picture["baseHeight"]
        scene = await scene_on_air(there)
        await put(there, scene, Source("large", f"{URL}&layout=chat", width * 2, height * 2))
        item = (await there.ask("GetSceneItemId", sceneName=scene, sourceName="large"))["sceneItemId"]
        bounds = await there.ask("GetSceneItemTransform", sceneName=scene, sceneItemId=item)
        told = bounds["sceneItemTransform"]
        assert (told["boundsType"], told["boundsWidth"], told["boundsHeight"]) == (
            "OBS_BOUNDS_SCALE_INNER",
            width,
            height,
        )


async def test_a_kind_that_this_obs_lacks_and_a_name_that_is_taken_are_named(
    obs: RealObs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected("127.0.0.1", obs.port, PASSWORD) as there:
        scene = await scene_on_air(there)
        kinds = (await there.ask("GetInputKindList"))["inputKinds"]
        lacking = "browser_source" if "browser_source" not in kinds else "no_such_source"
        monkeypatch.setattr(obs_sources, "KIND", lacking)
        with pytest.raises(Refused, match="no browser source"):
            await put(there, scene, Source("AIsChoco stage", f"{URL}&layout=answer", 560, 640))
        monkeypatch.setattr(obs_sources, "KIND", COLOUR)
        with pytest.raises(Refused, match=f'something else in OBS is called "{scene}"'):
            await put(there, scene, Source(scene, f"{URL}&layout=wide", 560, 640))
