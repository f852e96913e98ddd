"""Serves the address at which a page edits the graphs of the project: ``/api/edit``."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reactivex.abc import DisposableBase
from reactivex.disposable import CompositeDisposable

from graphs.engine.editing.edits import edits_of
from graphs.engine.reload.choices import Choices, as_json
from graphs.engine.reload.editor import Answer, Editor
from graphs.engine.reload.kept import KeptTexts
from graphs.engine.reload.live import Live
from graphs.engine.web.server import LocalWeb
from nodes.phrases import phrase
from nodes.services import Json
from schemas.graph import Graph, GraphError

MOST_BYTES = 1 << 20
"""A graph has 256 kB at most; as JSON it may be longer."""
LATELY = 20
"""So many of the kept texts are listed, newest first."""


def serve(
    live: Live,
    editor: Editor,
    web: LocalWeb,
    root: Path,
    read: Callable[[Path], Graph],
    shown: Callable[[Path], str],
) -> DisposableBase:
    """Answer requests until disposed.

    ``GET /api/edit?file=NAME`` returns the text of a graph (of the one that is followed, without a name), its hash
    ``base``, what can be undone and redone, and the last kept texts. A POST there takes ``base`` and one of ``edits``
    (see graphs.engine.editing.edits), ``text``, ``undo`` or ``redo``; with ``"file"``, of that graph. It answers when
    the change is on air, or why it is not.

    Args:
        root: the project folder, absolute.
    """
    choices = Choices(root / "graphs", read, shown)

    def path(name: object) -> Path:
        if not isinstance(name, str):
            raise ValueError(phrase('"file" is the name of a graph, as /api/graphs tells it'))
        return choices.file(name, live.file) if name else live.file

    async def told(query: Mapping[str, str]) -> Json:
        file = path(query.get("file", ""))
        try:
            text, base, kept = await editor.text(file)
        except GraphError as error:
            return {"file": shown(file), "problems": as_json(error.problems)}
        return {"file": shown(file), "text": text, "base": base, "problems": [], **history(kept)}

    async def change(said: Mapping[str, Any]) -> Json:
        file, base = path(said.get("file", "")), said.get("base")
        given = [each for each in ("edits", "text", "undo", "redo") if each in said]
        if not isinstance(base, str) or len(given) != 1:
            raise ValueError(phrase('give "base", and one of "edits", "text", "undo" and "redo"'))
        value = said[given[0]]
        if given == ["edits"]:
            answer = await editor.edit(file, base, edits_of(value))
        elif given == ["text"]:
            if not isinstance(value, str):
                raise ValueError(phrase('"text" is the whole text of the graph'))
            answer = await editor.write(file, base, value)
        elif value is not True:
            raise ValueError(phrase('"{name}" must be true', name=given[0]))
        else:
            answer = await editor.step(file, base, -1 if given == ["undo"] else 1)
        return _report(answer)

    return CompositeDisposable(
        web.get("/api/edit", told, may=web.private.desk),
        web.post("/api/edit", change, body_bytes=MOST_BYTES, may=web.private.desk),
    )


def _report(answer: Answer) -> dict[str, Any]:
    said: dict[str, Any] = {"status": answer.status, "base": answer.base, "changed": list(answer.changed)}
    said |= {"on_air": answer.on_air, "problems": as_json(answer.problems)}
    return said | ({"theirs": answer.theirs, "mine": answer.mine} if answer.status == "conflict" else {})


def history(kept: KeptTexts) -> dict[str, Any]:
    """Return what can be undone and redone, and the last kept texts."""
    back, forth = kept.undone(-1), kept.undone(1)
    return {
        "undo": list(back.what) if back is not None else None,
        "redo": list(forth.what) if forth is not None else None,
        "kept": [
            {"name": each.name, "time": each.time, "what": list(each.what)} for each in reversed(kept.texts[-LATELY:])
        ],
    }
