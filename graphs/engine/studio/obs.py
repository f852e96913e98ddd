"""Lets a page put its addresses into OBS, over OBS's websocket; nothing is sent there unless a person presses a button.

OBS is at OBS_HOST:OBS_PORT (127.0.0.1:4455) with the password OBS_PASSWORD, as ``.env`` or the process has them.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from reactivex.abc import DisposableBase

from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.env import environment
from graphs.engine.studio.obs_sources import Source, put, scene_on_air
from graphs.engine.web.server import LocalWeb
from nodes.loopback import is_loopback
from nodes.obs_socket import PORT, Absent, Failed, PasswordRefused, connected
from nodes.phrases import phrase
from nodes.refused import Refused
from nodes.services import Json
from schemas.graph import GraphError

HOST_VARIABLE, PORT_VARIABLE, PASSWORD_VARIABLE = "OBS_HOST", "OBS_PORT", "OBS_PASSWORD"
WITHIN_S = 12.0
"""Everything together takes at most this long."""
_Pixels = Annotated[int, Field(strict=True, ge=16, le=8192)]


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    name: str = Field(min_length=1, max_length=100)
    path: str = Field(pattern=r"^/(?:[!-.0-~][!-~]*)?$", max_length=500)
    width: _Pixels
    height: _Pixels


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    sources: tuple[_Wanted, ...] = Field(max_length=8)


def serve(runtime: Runtime, web: LocalWeb, root: Path) -> DisposableBase:
    """Answer requests until disposed.

    A POST of ``{"sources": [{"name": ..., "path": "/?obs", "width": 1920, "height": 1080}]}`` to ``/api/settings/obs``
    puts these pages of ours into the scene that OBS shows, or mends them there. It answers with the ``scene`` and with
    the ``sources``: the ``name`` in OBS, and what was ``done``: ``made``, ``mended``, or the ``same`` as before.
    Without sources it only asks for the scene.
    """
    busy = asyncio.Lock()

    async def take(said: Mapping[str, Any]) -> Json:
        sources = _sources(said, web)
        host, port, password = await asyncio.to_thread(_place, root)
        if sources and not is_loopback(host):
            raise Refused(phrase("OBS runs on another machine ({host}): copy the address there by hand", host=host))
        if busy.locked():
            raise Refused(phrase("OBS is being asked already; try again when it is done"), 429)
        runtime.log.redact.hide([password])
        async with busy:
            answer = await _told(host, port, password, sources)
        for each in answer["sources"]:
            if each["done"] != "same":
                text = phrase('"{name}" was put into OBS by a page ({scene})', name=each["name"], scene=answer["scene"])
                runtime.log.info(text)
        return answer

    return web.post("/api/settings/obs", take, may=web.private.desk)


def _sources(said: Mapping[str, Any], web: LocalWeb) -> list[Source]:
    try:
        wanted = _Asked.model_validate(said).sources
    except ValidationError:
        raise ValueError(phrase('give "sources", each with "name", "path", "width" and "height"')) from None
    for each in wanted:
        if urlsplit(each.path).path not in web.pages:
            raise ValueError(phrase("this graph has no page {path}", path=each.path))
    return [Source(each.name, web.url + each.path, each.width, each.height) for each in wanted]


def _place(root: Path) -> tuple[str, int, str]:
    """Return where OBS is, and its password; blocking."""
    try:
        env = environment(root)
    except GraphError as error:
        raise ValueError(error.problems[0].message) from None
    port = env.get(PORT_VARIABLE, "").strip() or str(PORT)
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(phrase("{name} in .env is not the number of a port", name=PORT_VARIABLE))
    return env.get(HOST_VARIABLE, "").strip() or "127.0.0.1", int(port), env.get(PASSWORD_VARIABLE, "")


async def _told(host: str, port: int, password: str, sources: list[Source]) -> dict[str, Any]:
    try:
        async with asyncio.timeout(WITHIN_S), connected(host, port, password) as obs:
            scene = await scene_on_air(obs)
            done = [await put(obs, scene, each) for each in sources]
    except PasswordRefused:
        raise Refused(_wrong_password(password)) from None
    except (Absent, TimeoutError):
        text = phrase(
            "OBS does not answer at {host}:{port}: start OBS, and switch on Tools > WebSocket Server Settings > Enable "
            "WebSocket server",
            host=host,
            port=port,
        )
        raise Refused(text, 503) from None
    except Failed as error:
        raise Refused(phrase("OBS did not do it ({why}); try again in a moment", why=str(error))) from None
    return {"scene": scene, "sources": [{"name": name, "done": what} for name, what in done]}


def _wrong_password(given: str) -> str:
    if not given:
        return phrase(
            "OBS wants its password: enter here the one under Tools > WebSocket Server Settings > Show Connect Info"
        )
    return phrase(
        "the password of OBS is a different one: enter here the one under Tools > WebSocket Server Settings > Show "
        "Connect Info"
    )
