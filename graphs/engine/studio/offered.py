"""Serves what nodes offer for a setting (``nodes.offers``): a list by names, each to be heard first, or a file."""

import asyncio
import base64
import binascii
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

from reactivex.abc import DisposableBase
from reactivex.disposable import CompositeDisposable

from graphs.engine.flow.runtime import Runtime
from graphs.engine.log.redact import secrets_in_settings
from graphs.engine.observe.examined import probing
from graphs.engine.reload.editor import Editor
from graphs.engine.reload.live import Live
from graphs.engine.studio.trials import edited_graph
from graphs.engine.web.server import LocalWeb
from nodes import load_all, offers
from nodes.offers import Ask, File, Offer, Offers
from nodes.phrases import changed, phrase, said_by
from nodes.refused import Refused
from nodes.services import Json
from schemas.graph import Graph

LOOK_S, HEAR_S, TAKE_S = 10.0, 60.0, 30.0
"""How long a list, a sound and a file may take."""
FILE_BYTES = 12 * 1024 * 1024
"""A file has at most this many bytes: 30 s of the largest usual WAV."""
BODY_BYTES = FILE_BYTES * 4 // 3 + 64 * 1024
"""As base64 in JSON it may be longer."""
NAME_LENGTH, TEXT_LENGTH = 120, 2000

T = TypeVar("T")


def serve(runtime: Runtime, live: Live, editor: Editor, web: LocalWeb, root: Path) -> DisposableBase:
    """Answer requests until disposed.

    Each asks about a ``setting`` of a ``node`` of the graph on air. ``GET /api/settings/offers`` lists what is offered.
    A POST to ``/api/settings/hear`` makes heard what is set after ``edits``, which are not written: it answers with a
    ``wav`` in base64 for the page to play, or without one if it sounded on this machine. A POST to
    ``/api/settings/file`` of a ``name``, ``data`` in base64 and ``text`` lets the node judge and keep a file.
    """
    busy = asyncio.Lock()

    async def asked(said: Mapping[str, Any], edits: object = ()) -> tuple[Graph, str, Offers]:
        node, setting = said.get("node"), said.get("setting")
        if not isinstance(node, str) or not isinstance(setting, str):
            raise ValueError(phrase('give "node" and "setting"'))
        graph = await edited_graph(editor, live, root, edits) if edits else runtime.graph
        entry = graph.nodes.get(node)
        if entry is None:
            raise ValueError(phrase("there is no node {name}", name=node))
        await asyncio.to_thread(load_all)
        found = offers.registered.get(f"{entry.type}.{setting}")
        if found is None:
            raise Refused(phrase("nothing is offered for this setting"), 404)
        return graph, node, found

    @asynccontextmanager
    async def alone() -> AsyncGenerator[None]:
        if busy.locked():
            raise Refused(phrase("another one is still being made; try again in a moment"), 429)
        async with busy:
            yield

    async def run(work: Callable[[Ask], Awaitable[T]], graph: Graph, node: str, inside: object, within_s: float) -> T:
        entry, redact = graph.nodes[node], runtime.log.redact
        redact.hide(secrets_in_settings(entry.settings))
        with probing(node, graph, redact) as probe:
            ask = Ask(entry.settings, _inside(inside), graph.character, probe)
            try:
                async with asyncio.timeout(within_s):
                    return await work(ask)
            except TimeoutError:
                raise Refused(phrase("it took longer than {seconds} s", seconds=f"{within_s:g}"), 504) from None
            except ValueError as error:
                raise ValueError(changed(said_by(error), redact.text)) from None
            except Exception as error:
                why = phrase("{name}: {why}", name=type(error).__name__, why=said_by(error))
                raise ValueError(changed(why, redact.text)) from error

    async def told(query: Mapping[str, str]) -> Json:
        graph, node, found = await asked(query)
        return {"offers": [_offer(each) for each in await run(found.look, graph, node, [], LOOK_S)]}

    async def hear(said: Mapping[str, Any]) -> Json:
        graph, node, found = await asked(said, said.get("edits", []))
        if found.hear is None:
            raise Refused(phrase("this cannot be heard"), 404)
        async with alone():
            wav = await run(found.hear, graph, node, said.get("inside", []), HEAR_S)
        return {"wav": base64.b64encode(wav).decode()} if wav else {}

    async def take(said: Mapping[str, Any]) -> Json:
        graph, node, found = await asked(said, said.get("edits", []))
        if (keep := found.take) is None:
            raise Refused(phrase("no file is taken here"), 404)
        file = await asyncio.to_thread(_file, said, found)
        async with alone():
            verdict = await run(lambda ask: keep(ask, file), graph, node, said.get("inside", []), TAKE_S)
        if verdict.kept:
            runtime.log.info(phrase("{file} was taken from a page", file=verdict.kept))
        return {"lines": list(verdict.lines), "offer": _offer(verdict.offer) if verdict.offer else None}

    return CompositeDisposable(
        web.get("/api/settings/offers", told, may=web.private.desk),
        web.post("/api/settings/hear", hear, may=web.private.desk),
        web.post("/api/settings/file", take, body_bytes=BODY_BYTES, may=web.private.desk),
    )


def _inside(value: object) -> tuple[str | int, ...]:
    if isinstance(value, list):
        path = tuple(each for each in cast(list[object], value) if isinstance(each, str | int))
        if len(path) == len(cast(list[object], value)):
            return path
    raise ValueError(phrase('"inside" is a list of keys and numbers'))


def _file(said: Mapping[str, Any], found: Offers) -> File:
    """Return what a page sent. Blocking, some milliseconds for a large file.

    Raises:
        ValueError: it is not what this setting takes.
    """
    name, data, text = said.get("name"), said.get("data"), said.get("text", "")
    if not isinstance(name, str) or not isinstance(data, str) or not isinstance(text, str):
        raise ValueError(phrase('give "name", "data" and "text"'))
    if len(name) > NAME_LENGTH or not name.lower().endswith(found.endings):
        raise ValueError(phrase("only files of these kinds are taken: {kinds}", kinds=", ".join(found.endings)))
    if len(text) > TEXT_LENGTH:
        raise ValueError(phrase("the text has more than {count} characters", count=TEXT_LENGTH))
    try:
        raw = base64.b64decode(data, validate=True)
    except (ValueError, binascii.Error):
        raise ValueError(phrase('"data" is not base64')) from None
    if len(raw) > FILE_BYTES:
        raise Refused(phrase("a file has at most {count} MB", count=FILE_BYTES >> 20), 413)
    return File(name, raw, text.strip())


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "value": offer.value,
        "name": offer.name,
        "about": offer.about,
        "inside": list(offer.inside),
        "group": offer.group,
        "usual": offer.usual,
        "remedy": offer.remedy,
        "audible": offer.audible,
        "takes": offer.takes,
    }
