"""Logs in to a service for a page: the person agrees on the service's own page, and the answer comes back here."""

import asyncio
from pathlib import Path
from typing import Literal

from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.env import environment
from nodes import load_all
from nodes.commands import Visit, visits
from nodes.phrases import changed, phrase, said_by
from nodes.services import Json
from schemas.graph import GraphError

State = Literal["", "waiting", "done", "failed"]


class Entrance:
    """The login to one service; beginning another one ends that which waits."""

    def __init__(self, runtime: Runtime, root: Path, service: str) -> None:
        self._runtime = runtime
        self._root = root
        self._service = service
        self._task: asyncio.Task[None] | None = None
        self._state: State = ""
        self._page = ""
        self._text = ""

    def told(self) -> Json:
        """Return how it is: while it waits, with the ``page`` where the person agrees, else with what became of it."""
        return {"state": self._state, "page": self._page, "text": self._text}

    async def begin(self) -> None:
        """Begin it, and return when there is a page to open, or a reason why there is none.

        Raises:
            ValueError: the environment cannot be read, or the program cannot log in there.
        """
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])
        try:
            env = await asyncio.to_thread(environment, self._root)
        except GraphError as error:
            raise ValueError(error.problems[0].message) from None
        await asyncio.to_thread(load_all)
        if (visit := visits.get(self._service)) is None:
            raise ValueError(phrase("there is no login to {service}", service=self._service))
        shown = asyncio.Event()
        self._state, self._page, self._text = "waiting", "", ""
        self._task = self._runtime.spawn(self._visit(visit, dict(env), shown), "login")
        await shown.wait()

    async def _visit(self, visit: Visit, env: dict[str, str], shown: asyncio.Event) -> None:
        def show(page: str) -> None:
            self._page = page
            shown.set()

        try:
            self._text = await visit(env, self._runtime.log.warning, show)
            self._state = "done"
        except ValueError as error:
            self._state, self._text = "failed", changed(said_by(error), self._runtime.log.redact.text)
        finally:
            self._page = ""
            shown.set()
