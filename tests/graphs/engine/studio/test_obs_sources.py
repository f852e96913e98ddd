"""graphs/engine/studio/obs_sources.py: a browser source is made once, and mended after that."""

import pytest

from graphs.engine.studio.obs_sources import Source, put, scene_on_air
from nodes.obs_socket import Failed, connected
from nodes.refused import Refused
from tests.peers.obs_peer import ObsPeer, serving

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("english")]

URL = "http://127.0.0.1:8765/?obs"
SCREEN = Source("AIsChoco screen", URL, 1920, 1080)


async def done(peer: ObsPeer, source: Source = SCREEN) -> tuple[str, str]:
    async with serving(peer), connected("127.0.0.1", peer.port, peer.password) as obs:
        peer.port = 0
        return await put(obs, await scene_on_air(obs), source)


async def test_it_is_made_in_the_scene_on_air_and_the_same_the_second_time() -> None:
    peer = ObsPeer(password="x")
    assert await done(peer) == ("AIsChoco screen", "made")
    assert peer.inputs == {"AIsChoco screen": ("browser_source", {"url": URL, "width": 1920, "height": 1080})}
    assert peer.items == [{"sceneItemId": 1, "sourceName": "AIsChoco screen", "sceneItemEnabled": True}]
    peer.asked.clear()
    assert await done(peer) == ("AIsChoco screen", "same")
    assert [each for each in peer.asked if not each.startswith("Get")] == [], "nothing is changed"
    assert len(peer.items) == 1


async def test_a_wrong_address_and_size_are_mended_and_the_rest_stays() -> None:
    settings = {"url": "http://127.0.0.1:9999/?obs", "width": 800, "css": "body {}", "is_local_file": True}
    peer = ObsPeer(inputs={"AIsChoco screen": ("browser_source", settings)})
    peer.add("AIsChoco screen", True)
    assert await done(peer) == ("AIsChoco screen", "mended")
    kept = {"css": "body {}", "is_local_file": False}
    assert peer.inputs["AIsChoco screen"][1] == kept | {"url": URL, "width": 1920, "height": 1080}
    assert len(peer.items) == 1


async def test_a_source_made_by_hand_for_the_same_page_is_mended_under_its_own_name() -> None:
    caption = f"{URL}&layout=caption"
    peer = ObsPeer(
        inputs={
            "자막": ("browser_source", {"url": f"{caption}&theme=pastel", "width": 1920, "height": 1080}),
            "화면": ("browser_source", {"url": URL, "width": 1920, "height": 1080}),
            "남의 것": ("browser_source", {"url": "http://[half", "width": 1, "height": 1}),
        }
    )
    for name in peer.inputs:
        peer.add(name, True)
    assert await done(peer, Source("AIsChoco caption", caption, 1920, 1080)) == ("자막", "mended")
    assert peer.inputs["자막"][1]["url"] == caption
    assert peer.inputs["화면"][1]["url"] == URL
    assert len(peer.inputs) == 3


@pytest.mark.parametrize("there", [True, False])
async def test_one_that_is_hidden_or_in_another_scene_is_shown_in_this_one(there: bool) -> None:
    peer = ObsPeer(inputs={"AIsChoco screen": ("browser_source", SCREEN.settings)})
    if there:
        peer.add("AIsChoco screen", False)
    assert await done(peer) == ("AIsChoco screen", "mended")
    assert peer.items == [{"sceneItemId": 1, "sourceName": "AIsChoco screen", "sceneItemEnabled": True}]


def inside(peer: ObsPeer, kind: str, *, shown: bool, around: bool) -> None:
    """Put the source into a group or another scene, and that into the scene on air."""
    peer.inputs["AIsChoco screen"] = ("browser_source", SCREEN.settings)
    place = peer.groups if kind == "group" else peer.scenes
    peer.add("AIsChoco screen", shown, place.setdefault("묶음", []))
    peer.add("묶음", around)


@pytest.mark.parametrize("kind", ["group", "scene"])
@pytest.mark.parametrize(("shown", "what"), [(True, "same"), (False, "mended")])
async def test_one_in_a_group_or_in_a_scene_within_this_one_is_shown_there_and_not_made_twice(
    kind: str, shown: bool, what: str
) -> None:
    peer = ObsPeer()
    inside(peer, kind, shown=shown, around=True)
    peer.groups["남의 묶음"] = []
    peer.add("남의 묶음", True)
    assert await done(peer) == ("AIsChoco screen", what)
    assert [each["sourceName"] for each in peer.items] == ["묶음", "남의 묶음"]
    assert (peer.groups | peer.scenes)["묶음"] == [
        {"sceneItemId": 1, "sourceName": "AIsChoco screen", "sceneItemEnabled": True}
    ]


async def test_a_hidden_group_is_named_and_stays_hidden() -> None:
    peer = ObsPeer()
    inside(peer, "group", shown=True, around=False)
    with pytest.raises(Refused, match=r"is in .묶음., which is hidden in OBS; show that there"):
        await done(peer)
    assert peer.items == [{"sceneItemId": 1, "sourceName": "묶음", "sceneItemEnabled": False}]
    peer.add("AIsChoco screen", True)
    assert await done(peer) == ("AIsChoco screen", "same"), "it is seen beside the group"


@pytest.mark.parametrize(("canvas", "scaled"), [((1280, 720), True), ((1920, 1080), False)])
async def test_what_is_larger_than_the_picture_is_scaled_to_it(canvas: tuple[int, int], scaled: bool) -> None:
    peer = ObsPeer(canvas=canvas)
    await done(peer)
    bounds = {"boundsType": "OBS_BOUNDS_SCALE_INNER", "boundsWidth": canvas[0], "boundsHeight": canvas[1]}
    assert peer.items[0].get("transform") == (bounds if scaled else None)


async def test_an_obs_without_browser_sources_is_named() -> None:
    with pytest.raises(Refused, match="no browser source; install OBS from"):
        await done(ObsPeer(kinds=("color_source_v3",)))


async def test_a_name_that_something_else_has_is_not_taken() -> None:
    peer = ObsPeer(inputs={"AIsChoco screen": ("color_source_v3", {})})
    with pytest.raises(Refused, match='something else in OBS is called "AIsChoco screen"'):
        await done(peer)
    assert peer.inputs == {"AIsChoco screen": ("color_source_v3", {})}


@pytest.mark.parametrize("request_", ["CreateInput", "GetVideoSettings"])
async def test_another_fault_keeps_its_code(request_: str) -> None:
    with pytest.raises(Failed, match=f"{request_}: 207"):
        await done(ObsPeer(failing={request_: 207}))


async def test_a_fault_while_it_is_looked_for_makes_no_second_one() -> None:
    peer = ObsPeer(inputs={"AIsChoco screen": ("browser_source", SCREEN.settings)}, failing={"GetSceneItemList": 207})
    with pytest.raises(Failed, match="GetSceneItemList: 207"):
        await done(peer)
    assert peer.items == []
