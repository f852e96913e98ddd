"""Serves the files that a person writes for the graph on air: the persona, banned words, prepared answers and so on.

Only files that a node reads live can be read and written here, and only inside the project folder.
"""

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from reactivex.abc import DisposableBase
from reactivex.disposable import CompositeDisposable

from graphs.engine.editing.script import Script
from graphs.engine.flow.runtime import Runtime
from graphs.engine.reload.choices import as_json
from graphs.engine.reload.editor import beside, over
from graphs.engine.reload.kept import KeptTexts, base_of
from graphs.engine.reload.live import Live
from graphs.engine.web.server import LocalWeb
from nodes.phrases import phrase, reason_of
from nodes.refused import Refused
from nodes.services import Json
from nodes.written import contents
from schemas.graph import GraphError, NodeEntry, Problem
from schemas.settings import Watched, fields_with

MOST_BYTES = 256 * 1024
"""A text has at most this many bytes."""
BODY_BYTES = 1 << 20
"""As JSON it may be longer."""


def serve(runtime: Runtime, live: Live, web: LocalWeb, root: Path) -> DisposableBase:
    """Answer requests until disposed.

    ``GET /api/settings/text?path=config/character.txt`` returns the text and its hash ``base``. A POST there of
    ``path``, ``base`` and ``text`` writes it: ``status`` is ``applied``, ``refused`` (with ``problems``: a node could
    not use it) or ``conflict`` (somebody else has changed it: ``theirs`` and its ``base``).
    """
    locks: dict[Path, asyncio.Lock] = {}

    def file(name: object) -> Path:
        found = texts(runtime.graph.nodes.values(), root).get(name) if isinstance(name, str) else None
        if found is None:
            raise Refused(phrase("the graph on air has no text of that name"), 404)
        return found

    async def told(query: Mapping[str, str]) -> Json:
        path = file(query.get("path", ""))
        raw, script = await asyncio.to_thread(_read, path)
        return {"path": query["path"], "text": script.text, "base": base_of(raw)}

    async def take(said: Mapping[str, Any]) -> Json:
        path, base, text = file(said.get("path")), said.get("base"), said.get("text")
        if not isinstance(base, str) or not isinstance(text, str):
            raise ValueError(phrase('give "path", "base" and "text"'))
        if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
            raise Refused(phrase("a text has at most {count} kB", count=MOST_BYTES // 1024), 413)
        async with locks.setdefault(path, asyncio.Lock()):
            answer = await asyncio.to_thread(_write, runtime, path, base, text, root / "history" / "texts")
        if answer["status"] == "applied":
            runtime.log.info(phrase("{file}: changed by a page", file=said["path"]))
            live.watcher.look()
        return answer

    return CompositeDisposable(
        web.get("/api/settings/text", told, may=web.private.desk),
        web.post("/api/settings/text", take, body_bytes=BODY_BYTES, may=web.private.desk),
    )


def texts(entries: Iterable[NodeEntry], root: Path) -> dict[str, Path]:
    """Map the texts that nodes read live, as the graph names them, to their paths; none outside of the project."""
    found: dict[str, Path] = {}
    for entry in entries:
        for name in sorted(fields_with(type(entry.settings), Watched)):
            value = cast(object, getattr(entry.settings, name))
            for path in cast(Iterable[object], value) if isinstance(value, tuple | list) else (value,):
                if isinstance(path, Path) and (root / path).resolve().is_relative_to(root.resolve()):
                    found[path.as_posix()] = root / path
    return found


def _read(path: Path) -> tuple[bytes, Script]:
    try:
        raw = contents(path)
        return raw, Script(raw, path.name)
    except GraphError as error:
        raise ValueError(error.problems[0].message) from None
    except OSError as error:
        raise ValueError(phrase("cannot be read: {why}", why=reason_of(error))) from None


def _write(runtime: Runtime, path: Path, base: str, text: str, history: Path) -> dict[str, Any]:
    raw, script = _read(path)
    if base_of(raw) != base:
        return {"status": "conflict", "base": base_of(raw), "theirs": script.text}
    try:
        made = script.bytes(text)
        if problems := runtime.files.tried(path, made):
            return {"status": "refused", "base": base, "problems": as_json(problems)}
        kept = KeptTexts(history / path.name)
        kept.found(raw)
        with beside(path, made) as new:
            if contents(path) != raw:
                raw, script = _read(path)
                return {"status": "conflict", "base": base_of(raw), "theirs": script.text}
            kept.add(made, ())
            over(new, path)
    except GraphError as error:
        return {"status": "refused", "base": base, "problems": as_json(error.problems)}
    except OSError as error:
        problem = Problem(path.name, 1, 1, phrase("cannot be written: {why}", why=reason_of(error)))
        return {"status": "refused", "base": base, "problems": as_json([problem])}
    return {"status": "applied", "base": base_of(made)}
