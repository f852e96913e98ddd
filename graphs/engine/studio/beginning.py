"""Serves ``/start``, where a person talks to the character and makes a graph of their own on cards, and ``/help``."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from reactivex.abc import DisposableBase
from reactivex.disposable import CompositeDisposable

from graphs.engine.editing.first import GRAPH, PRACTICE, QUESTIONS, answers_of, graph_of, with_answers, wrong
from graphs.engine.flow.runtime import Runtime
from graphs.engine.reload.choices import as_json
from graphs.engine.reload.editor import Editor
from graphs.engine.reload.live import Live
from graphs.engine.studio.copies import shipped
from graphs.engine.studio.entrance import Entrance
from graphs.engine.studio.moving import served as moving
from graphs.engine.studio.rehearsal import Rehearsal
from graphs.engine.web.server import LocalWeb
from nodes.phrases import described, phrase, reason_of
from nodes.services import Json
from schemas.graph import Graph, GraphError, Problem

PAGE = Path(__file__).resolve().parents[3] / "assets" / "start"
HELP = PAGE.parent / "help"
AGAIN = 3
"""A file that somebody else saved meanwhile is read again this many times."""


def serve(
    runtime: Runtime, live: Live, editor: Editor, web: LocalWeb, root: Path, read: Callable[[Path], Graph]
) -> DisposableBase:
    """Answer requests until disposed.

    ``GET /api/start`` tells the questions of ``init`` with what the graph answers now, whether it is the person's
    ``own`` one, the file with the character's text, and how the rehearsal is. A POST there of ``{"answers": {...}}``
    writes them into ``graphs/my.yaml``, which is made if need be and followed from then on; what they do not concern
    stays as it is. ``/api/start/rehearsal`` takes ``{}``, or ``{"stop": true}``; ``/api/start/login`` begins the login
    to CHZZK, only for this machine; ``{"pasted": ADDRESS}`` goes on with one that waits for that. The rest
    is that of ``moving``.

    Args:
        root: the project folder, absolute.
        read: reads and checks a file, in a thread; raises ``GraphError``.
    """
    rehearsal = Rehearsal(runtime, live, editor, root)
    entrance = Entrance(runtime, root, "chzzk")
    first = _First(runtime, live, editor, root, read, rehearsal)

    async def told(_: Mapping[str, str]) -> Json:
        return {**await first.told(), "rehearsal": rehearsal.told(), "login": entrance.told()}

    async def take(said: Mapping[str, Any]) -> Json:
        return await first.take(said.get("answers", {}))

    async def rehearse(said: Mapping[str, Any]) -> Json:
        await (rehearsal.stop() if said.get("stop") is True else rehearsal.begin())
        return {"rehearsal": rehearsal.told()}

    async def enter(said: Mapping[str, Any]) -> Json:
        pasted = said.get("pasted")
        await (entrance.paste(pasted) if isinstance(pasted, str) else entrance.begin())
        return {"login": entrance.told()}

    return CompositeDisposable(
        web.folder("/start", PAGE),
        web.folder("/help", HELP),
        web.get("/api/start", told, may=web.private.desk),
        web.post("/api/start", take, may=web.private.desk),
        web.post("/api/start/rehearsal", rehearse, may=web.private.desk),
        web.post("/api/start/login", enter, may=web.private.here),
        moving.serve(runtime, live, web, root),
    )


class _First:
    """The first graph of a person."""

    def __init__(
        self,
        runtime: Runtime,
        live: Live,
        editor: Editor,
        root: Path,
        read: Callable[[Path], Graph],
        rehearsal: Rehearsal,
    ) -> None:
        self._runtime = runtime
        self._live = live
        self._editor = editor
        self._root = root
        self._read = read
        self._rehearsal = rehearsal
        self._one = asyncio.Lock()

    async def told(self) -> dict[str, Any]:
        followed = self._rehearsal.of
        own = self._own(followed)
        answers = {"name": self._runtime.graph.character, **PRACTICE}
        with suppress(GraphError):
            if own:
                answers = answers_of((await self._editor.text(followed))[0])
        return {
            "own": own,
            "there": (self._root / GRAPH).exists(),
            "file": self._runtime.files.shown(followed),
            "character": self._runtime.graph.character,
            "persona": self._persona(),
            "answers": answers,
            "questions": [
                {
                    "key": question.key,
                    "text": described(question.text),
                    "choices": [
                        {"value": each.value, "text": described(each.text), "about": described(each.about)}
                        for each in question.choices
                    ],
                }
                for question in QUESTIONS
            ],
        }

    async def take(self, answers: object) -> Json:
        """Write answers into the person's graph, and put it on air."""
        given = _given(answers)
        async with self._one:
            followed = self._rehearsal.of
            file = followed if self._own(followed) else self._root / GRAPH
            problems = await (self._change(file, given) if file.exists() else self._make(file, given))
            if not problems and self._live.file != file:
                self._live.switch(file)
                await self._live.decided(self._live.asked)
                problems = list(self._live.problems)
        return {**await self.told(), "ok": not problems, "problems": as_json(problems)}

    async def _make(self, file: Path, answers: Mapping[str, str]) -> list[Problem]:
        def make() -> list[Problem]:
            with file.open("x", encoding="utf-8", newline="\n") as new:
                new.write(graph_of({"name": self._runtime.graph.character, **PRACTICE, **answers}, self._root))
            try:
                self._read(file)
            except GraphError as error:
                file.unlink()
                return list(error.problems)
            return []

        try:
            problems = await asyncio.to_thread(make)
        except OSError as error:
            raise ValueError(phrase("the graph cannot be written: {why}", why=reason_of(error))) from None
        if not problems:
            self._runtime.log.info(phrase("{file} was made by a page", file=self._runtime.files.shown(file)))
        return problems

    async def _change(self, file: Path, answers: Mapping[str, str]) -> list[Problem]:
        problems: list[Problem] = []
        for _ in range(AGAIN):
            try:
                text, base, _ = await self._editor.text(file)
            except GraphError as error:
                return list(error.problems)
            new = await asyncio.to_thread(with_answers, text, answers, self._root)
            answer = await self._editor.write(file, base, new)
            problems = list(answer.problems)
            if answer.status != "conflict":
                break
        return problems

    def _own(self, file: Path) -> bool:
        return not shipped(file, self._root)

    def _persona(self) -> str:
        found = (cast(object, getattr(each.settings, "persona", None)) for each in self._runtime.graph.nodes.values())
        return next((each.as_posix() for each in found if isinstance(each, Path)), "")


def _given(answers: object) -> dict[str, str]:
    questions = {question.key: question for question in QUESTIONS}
    if not isinstance(answers, dict):
        raise ValueError(phrase('"answers" has an answer for each question'))
    given: dict[str, str] = {}
    for key, said in cast(dict[object, object], answers).items():
        if not isinstance(key, str) or key not in questions or not isinstance(said, str):
            raise ValueError(phrase('"answers" has an answer for each question'))
        if problem := wrong(questions[key], said):
            raise ValueError(problem)
        given[key] = said
    return given
