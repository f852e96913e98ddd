"""Serves the page ``/settings`` and what it asks for under ``/api/settings``; what it changes goes to ``/api/edit``."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reactivex.abc import DisposableBase
from reactivex.disposable import CompositeDisposable

from graphs.engine.flow.runtime import Runtime
from graphs.engine.reload.choices import Choices, as_json
from graphs.engine.reload.desk import history
from graphs.engine.reload.editor import Editor
from graphs.engine.reload.live import Live
from graphs.engine.studio import drafts, obs, offered, texts, trials, variables
from graphs.engine.studio.copies import copied, shipped
from graphs.engine.studio.types import types_state
from graphs.engine.studio.written import written_state
from graphs.engine.web.server import LocalWeb
from nodes import exams, load_all, types
from nodes.phrases import phrase, reason_of
from nodes.refused import Refused
from nodes.services import Json
from schemas.graph import Graph, GraphError, NodeEntry

PAGE = Path(__file__).resolve().parents[3] / "assets" / "settings"


def serve(
    runtime: Runtime, live: Live, editor: Editor, web: LocalWeb, root: Path, read: Callable[[Path], Graph]
) -> DisposableBase:
    """Answer requests until disposed.

    ``GET /api/settings/types`` says what can be set (``types_state``), ``GET /api/settings/graph?file=NAME`` what a
    graph says (``written_state``; of the one that is followed, without a name), or that its text is the ``same`` as
    the one with the hash ``base``. A POST of ``{"file": NAME}`` to ``/api/settings/copy`` copies a shipped graph, and
    follows the copy if the shipped one was followed. The rest is that of ``drafts``, ``variables``, ``texts``,
    ``trials``, ``obs`` and ``offered``.

    Args:
        root: the project folder, absolute.
        read: reads and checks a file, in a thread; raises ``GraphError``.
    """
    shown = runtime.files.shown
    choices = Choices(root / "graphs", read, shown)

    def path(name: object) -> Path:
        if not isinstance(name, str):
            raise ValueError(phrase('"file" is the name of a graph, as /api/graphs tells it'))
        return choices.file(name, live.file) if name else live.file

    async def forms(_: Mapping[str, str]) -> Json:
        return await asyncio.to_thread(lambda: types_state(load_all()))

    async def graph(query: Mapping[str, str]) -> Json:
        file = path(query.get("file", ""))
        running: Mapping[str, NodeEntry] = runtime.graph.nodes if file == live.file else {}
        said: dict[str, Any] = {"file": shown(file), "running": file == live.file, "shipped": shipped(file, root)}
        try:
            text, base, kept = await editor.text(file)
            said |= {"base": base, "problems": as_json(live.problems) if file == live.file else [], **history(kept)}
            if query.get("base") == base:
                return {**said, "same": True}
            state = await asyncio.to_thread(written_state, text, shown(file), types, running, runtime.log.redact)
        except GraphError as error:
            return {**said, "problems": as_json(error.problems)}
        return {**said, **state, "checked": await asyncio.to_thread(_checked, state)}

    async def copy(said: Mapping[str, Any]) -> Json:
        file = path(said.get("file", ""))
        try:
            new = await asyncio.to_thread(copied, file, root, types)
        except GraphError as error:
            raise Refused(str(error), 422, problems=as_json(error.problems)) from None
        except OSError as error:
            raise ValueError(phrase("the copy cannot be written: {why}", why=reason_of(error))) from None
        runtime.log.info(phrase("{file} was copied to {copy} by a page", file=shown(file), copy=shown(new)))
        if file == live.file:
            live.switch(new)
            await live.decided(live.asked)
        return {"file": shown(new), "running": live.file == new}

    return CompositeDisposable(
        web.folder("/settings", PAGE),
        web.get("/api/settings/types", forms, may=web.private.desk),
        web.get("/api/settings/graph", graph, may=web.private.desk),
        web.post("/api/settings/copy", copy, may=web.private.desk),
        drafts.serve(runtime, live, editor, web, root, path),
        variables.serve(runtime, live, web, root),
        texts.serve(runtime, live, web, root),
        trials.serve(runtime, live, editor, web, root),
        obs.serve(runtime, web, root),
        offered.serve(runtime, live, editor, web, root),
    )


def _checked(state: Mapping[str, Any]) -> list[str]:
    """Return the nodes that ``/api/settings/check`` examines."""
    return [each["name"] for each in state["nodes"] if each["type"] and exams.of(each["type"]) is not None]
