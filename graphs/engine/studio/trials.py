"""Tries out one node for a page as the doctor does, with the settings that the page shows, saved or not."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

from reactivex.abc import DisposableBase
from reactivex.disposable import CompositeDisposable

from graphs.engine.editing.edits import edited, edits_of
from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.check import check
from graphs.engine.language.env import environment
from graphs.engine.log.redact import secrets_in_settings
from graphs.engine.observe.examined import examined
from graphs.engine.reload.choices import as_json
from graphs.engine.reload.editor import Editor
from graphs.engine.reload.live import Live
from graphs.engine.studio.bench import tried
from graphs.engine.web.server import LocalWeb
from nodes import exams, types
from nodes.exams import Finding
from nodes.phrases import changed, phrase, reason_of
from nodes.refused import Refused
from nodes.services import Json
from schemas.graph import Graph, GraphError

HEAVY = "speech"
"""The family whose exam loads a second model and computes with it: never beside a show."""


def serve(runtime: Runtime, live: Live, editor: Editor, web: LocalWeb, root: Path) -> DisposableBase:
    """Answer requests until disposed.

    A POST of ``{"node": NAME, "edits": [...]}`` to ``/api/settings/check`` examines a node of the graph on air as it
    would be after these edits, which are not written. It answers with ``lines``: ``ok``, ``what``, ``remedy``. One is
    examined at a time. A POST to ``/api/settings/trial`` of a ``node`` and a ``text`` for it, with ``edits`` and with
    ``texts`` (path -> what the file would hold), answers what would become of the text (``bench.tried``).
    """
    busy = asyncio.Lock()

    async def take(said: Mapping[str, Any]) -> Json:
        node, edits = said.get("node"), said.get("edits", [])
        if not isinstance(node, str):
            raise ValueError(phrase('"node" is the name of a node'))
        if busy.locked():
            raise Refused(phrase("another check is still running; try again when it is done"), 429)
        async with busy:
            graph = await edited_graph(editor, live, root, edits)
            return {"lines": [_line(each, runtime) for each in await _look(runtime, graph, node)]}

    async def trial(said: Mapping[str, Any]) -> Json:
        node, text, texts = said.get("node"), said.get("text"), said.get("texts", {})
        if not isinstance(node, str) or not isinstance(text, str) or not isinstance(texts, dict):
            raise ValueError(phrase('give "node" and "text"'))
        graph = await edited_graph(editor, live, root, said.get("edits", []))
        entry = graph.nodes.get(node)
        if entry is None:
            raise ValueError(phrase("there is no node {name}", name=node))
        work = partial(
            tried,
            types[entry.type],
            entry,
            text,
            root=root,
            texts={str(path): str(held) for path, held in cast(dict[object, object], texts).items()},
            character=graph.character,
            language=graph.languages.get(node),
            told_by=runtime.log.redact.told_by,
        )
        try:
            return await asyncio.to_thread(work)
        except OSError as error:
            raise ValueError(phrase("cannot be read: {why}", why=reason_of(error))) from None

    return CompositeDisposable(
        web.post("/api/settings/check", take, may=web.private.desk),
        web.post("/api/settings/trial", trial, body_bytes=1 << 20, may=web.private.desk),
    )


async def edited_graph(editor: Editor, live: Live, root: Path, edits: object) -> Graph:
    """Return the graph on air as its file would be after these edits, which are not written.

    Raises:
        Refused: it would not be right.
    """
    text, _, _ = await editor.text(live.file)
    try:
        return await asyncio.to_thread(_graph, text, edits, live.file.name, root)
    except GraphError as error:
        raise Refused(phrase("the settings are not right yet"), 422, problems=as_json(error.problems)) from None


def _graph(text: str, edits: object, file: str, root: Path) -> Graph:
    new = edited(text, file, edits_of(edits), types) if edits else text
    return check(new, file, types, environment(root), root)


async def _look(runtime: Runtime, graph: Graph, node: str) -> list[Finding]:
    entry = graph.nodes.get(node)
    if entry is None:
        raise ValueError(phrase("there is no node {name}", name=node))
    redact = runtime.log.redact
    redact.hide(secrets_in_settings(entry.settings))
    station = runtime.stations.get(node)
    if station is not None and station.spec.family == HEAVY:
        well = station.state == "running"
        what = phrase("the voice runs") if well else phrase("the voice does not run: {why}", why=station.last_error)
        return [
            Finding(well, what, "" if well else phrase("look at the lights above; the doctor says more before a show"))
        ]
    exam = await asyncio.to_thread(exams.of, entry.type)
    if exam is None:
        return [Finding(True, phrase("there is nothing to check here"))]
    return list(await examined(exam, entry, graph, redact, within_s=exam.within_s))


def _line(finding: Finding, runtime: Runtime) -> dict[str, Any]:
    redact = runtime.log.redact.text
    return {"ok": finding.ok, "what": changed(finding.what, redact), "remedy": changed(finding.remedy, redact)}
