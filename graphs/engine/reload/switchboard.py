"""Serves the addresses at which a page sees and changes the graph on air: ``/api/reload`` and ``/api/graphs``."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reactivex.abc import DisposableBase
from reactivex.disposable import CompositeDisposable

from graphs.engine.flow.runtime import Runtime
from graphs.engine.reload.choices import Choices
from graphs.engine.reload.live import Live
from nodes.phrases import phrase
from nodes.services import Json, Web
from schemas.graph import Graph


def serve(runtime: Runtime, live: Live, web: Web, root: Path, read: Callable[[Path], Graph]) -> DisposableBase:
    """Answer requests until disposed.

    ``GET /api/reload`` returns ``Live.status``. A POST there reloads the file, undoes the last change (``{"undo":
    true}``) or switches to another file (``{"file": name}``, the name of the file alone or with its folder, as
    ``/api/graphs`` gives it); it is decided once ``done`` of the status has reached the ``asked`` of the answer.
    ``GET /api/graphs`` reads the files and returns the names of the graphs and what is wrong in each.

    Args:
        root: the project folder, absolute.
        read: reads and checks a file, in a thread; raises ``GraphError``.
    """
    choices = Choices(root / "graphs", read, runtime.files.shown)

    async def graphs(_: Mapping[str, str]) -> Json:
        return {"graphs": await choices.listed(live.file)}

    def reload(said: Mapping[str, Any]) -> Json:
        undo, name = said.get("undo", False), said.get("file", "")
        if not isinstance(undo, bool):
            raise ValueError(phrase('"undo" is true or false'))
        if not isinstance(name, str):
            raise ValueError(phrase('"file" is the name of a graph, as /api/graphs tells it'))
        if undo:
            live.undo()
        elif name:
            live.switch(choices.file(name, live.file))
        else:
            live.reload()
        return {"accepted": True, "generation": live.generation, "asked": live.asked}

    return CompositeDisposable(
        web.get("/api/reload", lambda _: live.status()),
        web.post("/api/reload", reload),
        web.get("/api/graphs", graphs),
    )
