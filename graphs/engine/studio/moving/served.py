"""Lets the page ``/start`` move in a folder of the original AIsChoco, while the demonstration is on air."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from reactivex.abc import DisposableBase

from graphs.engine.flow.runtime import Runtime
from graphs.engine.reload.live import Live
from graphs.engine.web.server import LocalWeb
from nodes.phrases import phrase, said_by
from nodes.refused import Refused
from nodes.services import Json

REMEMBERS = "llm.reply"
"""A node of this type writes ``history/summary.json`` again from what it remembers, over the one that is moved in."""


def serve(runtime: Runtime, live: Live, web: LocalWeb, root: Path) -> DisposableBase:
    """Answer requests until disposed.

    A POST of ``{"folder": PATH}`` to ``/api/start/moving`` copies what this program reads of that folder, only for
    this machine. It answers with ``lines``, ``ok`` and ``text`` each, when the graph on air has read what is new.

    Args:
        root: the project folder, absolute.
    """
    one = asyncio.Lock()

    async def take(said: Mapping[str, Any]) -> Json:
        folder = said.get("folder")
        named = folder.strip().strip("\"'") if isinstance(folder, str) else ""
        if not named:
            raise ValueError(phrase("write the folder of the other AIsChoco"))
        if any(entry.type == REMEMBERS for entry in runtime.graph.nodes.values()):
            text = phrase(
                "the show on air would write over the memories; at the dock, under graph, put demo on air first"
            )
            raise Refused(text, 409)
        from graphs.engine.studio.moving import folder as other  # a start does not wait for what few ever ask for

        async with one:
            try:
                lines = await asyncio.to_thread(lambda: list(other.move_in(_meant(named), root, on_air=True)))
            except other.Refused as refused:
                raise ValueError(said_by(refused)) from None
        runtime.log.info(phrase("{folder} was moved in by a page", folder=named))
        live.reload()
        await live.decided(live.asked)
        return {"lines": [{"ok": ok, "text": text} for ok, text in lines]}

    return web.post("/api/start/moving", take, may=web.private.here)


def _meant(named: str) -> Path:
    with suppress(RuntimeError):  # ~ of somebody who is not here
        return Path(named).expanduser()
    return Path(named)
