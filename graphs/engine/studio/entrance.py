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
        self._why = ""
        self._news = asyncio.Event()
        self._given: asyncio.Queue[str] = asyncio.Queue(1)

    def told(self) -> Json:
        """Return how it is.

        While it waits: the ``page`` where the person agrees, and ``paste``, why the address of the page after that has
        to be pasted; empty if it comes back by itself. Then what became of it, as ``text``.
        """
        return {"state": self._state, "page": self._page, "text": self._text, "paste": self._why}

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
        self._state, self._page, self._text, self._why = "waiting", "", "", ""
        self._given, self._news = asyncio.Queue(1), asyncio.Event()
        self._task = self._runtime.spawn(self._visit(visit, dict(env)), "login")
        await self._news.wait()

    async def paste(self, address: str) -> None:
        """Take the address that a person pastes, and return when it is known what becomes of it.

        Raises:
            ValueError: no login waits for one.
        """
        if not self._why or self._given.full():
            raise ValueError(phrase("no login waits for an address"))
        self._news.clear()
        self._given.put_nowait(address)
        await self._news.wait()

    def warn(self, text: str, /) -> object:
        return self._runtime.log.warning(text)

    def show(self, page: str, why: str = "") -> None:
        self._page, self._why = page, why
        self._news.set()

    async def pasted(self) -> str:
        return await self._given.get()

    async def _visit(self, visit: Visit, env: dict[str, str]) -> None:
        try:
            self._text = await visit(env, self)
            self._state = "done"
        except ValueError as error:
            self._state, self._text = "failed", changed(said_by(error), self._runtime.log.redact.text)
        finally:
            self._page = self._why = ""
            self._news.set()
