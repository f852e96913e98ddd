"""Serves which variables of a graph are set, and lets a page set one in ``.env``; never what they hold."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reactivex.abc import DisposableBase
from reactivex.disposable import CompositeDisposable

from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.env import PLACE, env_of
from graphs.engine.reload.choices import as_json
from graphs.engine.reload.live import Live
from graphs.engine.studio.env_file import keep, put
from graphs.engine.studio.obs import PASSWORD_VARIABLE
from graphs.engine.studio.types import suggested
from graphs.engine.studio.written import VARIABLE
from graphs.engine.web.server import LocalWeb
from nodes import load_all
from nodes.phrases import phrase, reason_of
from nodes.services import Json
from nodes.vault import system_vault
from nodes.written import NotText, contents

OWN = {PASSWORD_VARIABLE}
"""Secrets that the pages use, and no setting."""


def serve(
    runtime: Runtime, live: Live, web: LocalWeb, root: Path, process: Mapping[str, str] = os.environ
) -> DisposableBase:
    """Answer requests until disposed.

    ``GET /api/settings/env`` lists the variables that the graph on air reads, those that settings suggest and ``OWN``,
    each with where it is set: ``process``, ``file``, ``keyring`` or nowhere. A POST there of ``{"name": ..., "value":
    ...}`` sets one of them, a secret in the keyring if there is one, all else in ``.env``, and answers when the graph
    has read it; only from this machine.

    Args:
        process: the variables of the process, which win over those of the file.
    """
    env = root / ".env"
    lock = asyncio.Lock()

    def known() -> set[str]:
        return set(VARIABLE.findall(runtime.graph.text)) | suggested(load_all()) | OWN

    def state() -> dict[str, Any]:
        file = _in_file(env)
        return {"variables": {name: _where(name, process, file) for name in sorted(known())}}

    async def told(_: Mapping[str, str]) -> Json:
        return await asyncio.to_thread(state)

    async def take(said: Mapping[str, Any]) -> Json:
        name, value = said.get("name"), said.get("value")
        if not isinstance(name, str) or not isinstance(value, str):
            raise ValueError(phrase('give "name" and "value", both as text'))
        if name not in await asyncio.to_thread(known):
            raise ValueError(phrase("no setting of this graph reads a variable of that name"))
        secret = name in suggested(load_all(), secret=True) | OWN  # an address or a device may be read in the log
        if secret:
            runtime.log.redact.hide([value])
        async with lock:
            try:
                if secret:
                    await asyncio.to_thread(lambda: keep(env, name, value, system_vault()))
                else:
                    await asyncio.to_thread(put, env, name, value)
            except OSError as error:
                raise ValueError(phrase(".env cannot be written: {why}", why=reason_of(error))) from None
        done = phrase("{name} in .env was set by a page", name=name)
        runtime.log.info(done if value else phrase("{name} in .env was emptied by a page", name=name))
        live.reload()
        await live.decided(live.asked)
        answer = await asyncio.to_thread(state)
        return {**answer, "shadowed": name in process, "problems": as_json(live.problems)}

    return CompositeDisposable(
        web.get("/api/settings/env", told, may=web.private.desk),
        web.post("/api/settings/env", take, may=web.private.here),
    )


def _where(name: str, process: Mapping[str, str], file: Mapping[str, str]) -> str:
    if name in process:
        return "process" if process[name] else ""
    value = file.get(name, "")
    return "keyring" if PLACE.fullmatch(value) else "file" if value else ""


def _in_file(env: Path) -> Mapping[str, str]:
    try:
        return env_of(contents(env))
    except (OSError, NotText):  # the check of the graph says what is wrong with it
        return {}
