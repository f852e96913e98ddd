"""Runs several shows in one process and one loop: each is started, followed and restarted on its own."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from graphs.engine.books.at_work import AtWork, acquit, noted
from graphs.engine.broadcast import Broadcast, on_air, watched
from graphs.engine.commands._fleet_file import Show
from graphs.engine.language.cut import bus_settings, cut
from graphs.engine.language.env import environment
from graphs.engine.language.read import read_graph
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.log.private import keep_private
from graphs.engine.log.redact import secrets_in_environment
from graphs.engine.log.run_log import RunLog
from nodes import types
from nodes.phrases import phrase
from schemas.graph import Graph

BACKOFF_S = (1.0, 30.0)
"""First and longest wait before a show that could not start is tried again."""


class Shows:
    """Runs in a process of a fleet. Its methods are called from other processes, so they return plain data."""

    def __init__(self, root: str, name: str, shows: Sequence[Show]) -> None:
        """
        Args:
            root: the project folder on this machine.
            name: the name of the process, and of its folder under history/fleet/.
        """
        self._root = Path(root)
        self._history = self._root / "history" / "fleet" / name.rstrip("+")
        self._shows = [_Show(show, self._root, self._history) for show in shows]
        self._born = time.time()

    async def run(self) -> None:
        """Keep the shows on air until cancelled."""
        while True:
            try:
                await self._keep()
            except Exception as error:  # no such folder on this machine, a wrong .env: Ray would not report it
                for show in self._shows:
                    show.fail(str(error))
            await asyncio.sleep(BACKOFF_S[1])

    async def _keep(self) -> None:
        os.chdir(self._root)
        await asyncio.to_thread(keep_private, self._history)
        log = EngineLog(history=self._history, env=environment(self._root))
        try:
            if len(self._shows) > 1:
                await asyncio.to_thread(self._note_who_is_at_work)
            with watched(log, self._history):
                async with asyncio.TaskGroup() as group:
                    for show in self._shows:
                        group.create_task(show.keep(log), name=show.name)
        finally:
            log.close()

    def _note_who_is_at_work(self) -> None:
        acquit(show.journal for show in self._shows)
        for show in self._shows:
            show.at_work = noted(show.journal)

    async def state(self) -> dict[str, Any]:
        """Report where it runs, since when, and how each of its shows is doing."""
        return {
            "node": _node(),
            "pid": os.getpid(),
            "since": self._born,
            "shows": {show.name: show.state() for show in self._shows},
        }


def _node() -> str:
    """Name the machine and the cluster node; a machine may have several."""
    ray = sys.modules.get("ray")
    name = socket.gethostname()
    return name if ray is None else f"{name} {ray.get_runtime_context().get_node_id()[:6]}"


class _Show:
    def __init__(self, show: Show, root: Path, history: Path) -> None:
        self.name = show.name
        self._show = show
        self._root = root
        self.journal = history / "journal" / f"{self.name}.jsonl"
        self.at_work = AtWork()
        self._doing = "starting"
        self._starts = 0
        self._why = ""
        self._on_air: Broadcast | None = None

    def state(self) -> dict[str, Any]:
        off = {"graph": self._show.graph, "seconds": 0.0, "viewer_events": 0, "answered": 0}
        return {
            "state": self._doing,
            "why": self._why,
            "page": self._on_air.page if self._on_air else "",
            "starts": self._starts,
            **(self._on_air.state() if self._on_air else off),
        }

    async def keep(self, log: EngineLog) -> None:
        """Start the show, and retry if that fails. Its nodes are restarted by the graph itself."""
        wait = BACKOFF_S[0]
        own = log.under(self.name)
        while True:
            self._starts += 1
            try:
                await self._play(own)
            except Exception as error:  # one show must not bring down its neighbours
                self.fail(own.redact.text(str(error)))
                own.warning(phrase("The show could not be started: {why}", why=self._why))
            await asyncio.sleep(wait)
            wait = min(BACKOFF_S[1], 2 * wait)

    def fail(self, why: str) -> None:
        """Report why it is not on air."""
        self._doing, self._why = "failed", why

    def _env(self) -> Mapping[str, str]:
        """Let ports that are not set be any free ones, since several shows run on one machine."""
        port = self._show.env.get("OVERLAY_PORT") or "0"
        return {**environment(self._root), **self._show.env, "OVERLAY_PORT": port}

    def _read(self, path: Path) -> Graph:
        env = self._env()
        graph = read_graph(path, self._root, env)
        return graph if self._show.at is None else cut(graph, self._show.at, types, bus_settings(env))

    async def _play(self, log: RunLog) -> None:
        """Until cancelled.

        Raises:
            Exception: the show cannot start.
        """
        file = self._root / self._show.graph
        graph = await asyncio.to_thread(self._read, file)
        env = self._env()
        log.redact.hide(secrets_in_environment(env))
        async with on_air(
            graph, file, self._read, root=self._root, env=env, log=log, journal=self.journal, at_work=self.at_work
        ) as on:
            self._doing, self._why, self._on_air = "on air", "", on
            log.info(phrase("The show is on air"))
            try:
                await asyncio.Event().wait()
            finally:
                self._on_air = None
