"""Puts a page into OBS as a browser source of the scene that is on air, or mends the one that is there."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from nodes.obs_socket import NO_SUCH_KIND, TAKEN, Failed, Obs
from nodes.phrases import phrase
from nodes.refused import Refused

KIND = "browser_source"
SCENE = "OBS_SOURCE_TYPE_SCENE"
"""The type of scenes and of groups, which OBS never lets contain themselves."""
Done = Literal["made", "mended", "same"]


@dataclass(frozen=True, slots=True)
class Source:
    """A browser source as it should be."""

    name: str
    url: str
    width: int
    height: int

    @property
    def settings(self) -> dict[str, Any]:
        return {"url": self.url, "width": self.width, "height": self.height}


async def scene_on_air(obs: Obs) -> str:
    """Return the name of the scene that viewers see."""
    return str((await obs.ask("GetCurrentProgramScene"))["currentProgramSceneName"])


async def put(obs: Obs, scene: str, source: Source) -> tuple[str, Done]:
    """Make the source, or mend the one of that name or of that page; where it lies in the picture stays as it is.

    Returns:
        Its name in OBS, and what was done.

    Raises:
        Refused: it cannot be made; the text names the remedy.
        Absent, Failed: as the connection raises them.
    """
    there = await _there(obs, source)
    if there is None:
        await _make(obs, scene, source)
        return source.name, "made"
    name, settings = there
    local = {"is_local_file": False} if settings.get("is_local_file") else {}
    wrong = bool(local) or any(settings.get(key) != value for key, value in source.settings.items())
    if wrong:
        await obs.ask("SetInputSettings", inputName=name, inputSettings=source.settings | local, overlay=True)
    shown = await _shown(obs, scene, name)
    return name, "mended" if wrong or not shown else "same"


async def _there(obs: Obs, source: Source) -> tuple[str, Mapping[str, Any]] | None:
    inputs = (await obs.ask("GetInputList", inputKind=KIND))["inputs"]
    found = {
        name: (await obs.ask("GetInputSettings", inputName=name))["inputSettings"]
        for name in (str(each["inputName"]) for each in inputs)
    }
    same = (name for name, settings in found.items() if _page(str(settings.get("url", ""))) == _page(source.url))
    name = source.name if source.name in found else next(same, None)
    return None if name is None else (name, found[name])


def _page(url: str) -> tuple[str, str, str]:
    """Return what of an address says which of our pages it is; its look may differ."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ("", "", "")
    (layout,) = parse_qs(parts.query).get("layout", [""])[:1]
    return parts.netloc, parts.path, layout


async def _make(obs: Obs, scene: str, source: Source) -> None:
    try:
        made = await obs.ask(
            "CreateInput",
            sceneName=scene,
            inputName=source.name,
            inputKind=KIND,
            inputSettings=source.settings,
            sceneItemEnabled=True,
        )
    except Failed as error:
        if error.code == NO_SUCH_KIND:
            text = phrase("this OBS has no browser source; install OBS from obsproject.com, which brings it")
            raise Refused(text) from None
        if error.code == TAKEN:
            text = phrase('something else in OBS is called "{name}"; give that another name in OBS', name=source.name)
            raise Refused(text) from None
        raise
    await _fit(obs, scene, int(made["sceneItemId"]), source)


async def _fit(obs: Obs, scene: str, item: int, source: Source) -> None:
    """Scale what is larger than the picture of OBS so that all of it is seen."""
    picture = await obs.ask("GetVideoSettings")
    width, height = int(picture["baseWidth"]), int(picture["baseHeight"])
    if source.width <= width and source.height <= height:
        return
    bounds = {"boundsType": "OBS_BOUNDS_SCALE_INNER", "boundsWidth": width, "boundsHeight": height}
    await obs.ask("SetSceneItemTransform", sceneName=scene, sceneItemId=item, sceneItemTransform=bounds)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a source stands."""

    within: str
    """The scene or group."""
    item: int
    enabled: bool
    hidden: str
    """The group or scene around it that is hidden; empty if none is."""


async def _shown(obs: Obs, scene: str, name: str) -> bool:
    """Show an input in the scene; return whether it was shown there already, be it in a group or a scene within it."""
    places = [each async for each in _places(obs, scene, name)]
    place = min(places, key=lambda each: (each.hidden != "", not each.enabled), default=None)
    if place is None:
        await obs.ask("CreateSceneItem", sceneName=scene, sourceName=name, sceneItemEnabled=True)
        return False
    if place.hidden:  # to show it could show what viewers are not to see
        text = phrase(
            '"{name}" is in "{group}", which is hidden in OBS; show that there', name=name, group=place.hidden
        )
        raise Refused(text)
    if not place.enabled:
        await obs.ask("SetSceneItemEnabled", sceneName=place.within, sceneItemId=place.item, sceneItemEnabled=True)
    return place.enabled


async def _places(
    obs: Obs, within: str, name: str, hidden: str = "", request: str = "GetSceneItemList"
) -> AsyncGenerator[_Place]:
    for each in (await obs.ask(request, sceneName=within))["sceneItems"]:
        source, enabled = str(each["sourceName"]), each["sceneItemEnabled"] is True
        if source == name:
            yield _Place(within, int(each["sceneItemId"]), enabled, hidden)
        elif each.get("sourceType") == SCENE:
            inner = "GetGroupSceneItemList" if each.get("isGroup") is True else "GetSceneItemList"
            async for place in _places(obs, source, name, hidden or ("" if enabled else source), inner):
                yield place
