"""A show whose settings are changed: a small graph on air, with a client that asks as its pages do."""

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aiohttp import ClientSession

from graphs.engine.broadcast import on_air
from graphs.engine.language.read import read_graph
from graphs.engine.log.engine_log import EngineLog

TYPED = """\
name: demo
about: a show
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  filter: {type: chat.filter, in: parse, min_length: 2}
"""


class Studio(SimpleNamespace):
    """The show, and what a page may ask."""

    on: Any
    get: Any
    post: Any
    client: ClientSession
    lines: list[str]


@asynccontextmanager
async def airing(root: Path, env: Mapping[str, str]):
    file, read = root / "graphs" / "demo.yaml", partial(read_graph, root=root)
    log, journal = EngineLog(history=root / "history", quiet=True), root / "journal.jsonl"
    given = {"OVERLAY_PORT": "0", **env}
    show = on_air(read(file), file, read, root=root, env=given, log=log, journal=journal)
    try:
        async with show as on, ClientSession() as client:
            token = {"X-Token": on.web.token}

            async def get(path: str, /, **headers: str) -> Any:
                async with client.get(on.web.url + path, headers=token | headers) as reply:
                    return SimpleNamespace(status=reply.status, said=await reply.json(content_type=None))

            async def post(path: str, /, **body: Any) -> Any:
                headers = token | {"Content-Type": "application/json"}
                async with client.post(on.web.url + path, data=json.dumps(body), headers=headers) as reply:
                    return SimpleNamespace(status=reply.status, said=await reply.json())

            yield Studio(get=get, post=post, on=on, client=client)
    finally:
        log.close()


def told(root: Path, story: Callable[[Studio], Awaitable[object]], graph: str = TYPED, **env: str) -> None:
    """Run a story with a show in ``root``."""
    (root / "graphs").mkdir(exist_ok=True)
    (root / "graphs" / "demo.yaml").write_text(graph, encoding="utf-8")
    handlers, before = logging.getLogger("aischoco").handlers[:], Path.cwd()

    async def run() -> None:
        async with airing(root, env) as show:
            await story(show)

    os.chdir(root)
    try:
        asyncio.run(run())
    finally:
        os.chdir(before)
        logging.getLogger("aischoco").handlers[:] = handlers


def logged(root: Path) -> str:
    """Return everything that the show has written below ``history/``."""
    return "\n".join(each.read_text("utf-8") for each in (root / "history").rglob("*") if each.is_file())
