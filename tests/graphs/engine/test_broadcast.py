import asyncio
import json
import logging
import urllib.request
from functools import partial
from pathlib import Path

import pytest

from graphs.engine.broadcast import on_air, watched
from graphs.engine.flow.instance import NotBuilt
from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.read import read_graph
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.web.server import LocalWeb

TYPED = """\
name: typed
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
"""
BROKEN = TYPED + "  batch: {type: chat.batch, in: parse}\n  reply: {type: reply.canned, in: batch, replies: no.txt}\n"
ENV = {"OVERLAY_PORT": "0"}


@pytest.fixture
def root(tmp_path, monkeypatch):
    (tmp_path / "no.txt").write_text("no rules", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    handlers = logging.getLogger("aischoco").handlers[:]
    yield tmp_path
    logging.getLogger("aischoco").handlers[:] = handlers


def airing(root: Path, text: str = TYPED, env=ENV, hang: Path | None = None):
    file = root / "typed.yaml"
    file.write_text(text, encoding="utf-8")
    read = partial(read_graph, root=root)
    journal = root / "journal" / "typed.jsonl"
    log = EngineLog(quiet=True)
    return on_air(read(file), file, read, root=root, env=env, log=log, journal=journal, hang=hang)


def others():
    """Tasks of the loop beside the one that asks."""
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


def asked(page: str, path: str):
    with urllib.request.urlopen(f"{page}{path}", timeout=5) as answer:
        return json.load(answer)


def test_a_graph_on_air_is_served_with_its_state_and_is_gone_afterwards(root):
    async def story():
        async with airing(root, hang=root / "history") as on:
            graph = await asyncio.to_thread(asked, on.page, "/api/graph")
            assert (graph["name"], graph["generation"]) == ("typed", 1)
            assert "lag_max_s" in graph["loop"]
            assert (await asyncio.to_thread(asked, on.page, "/api/reload"))["ok"]
            assert {**on.state(), "seconds": 0} == {
                "graph": "typed.yaml",
                "seconds": 0,
                "viewer_events": 0,
                "answered": 0,
            }
        assert on.page == ""
        assert others() == set()
        assert on.report()["graph"] == "typed"

    asyncio.run(story())
    assert (root / "history" / "logs" / "hang.log").is_file()


def test_a_start_that_fails_leaves_nothing_behind(root):
    async def story():
        with pytest.raises(NotBuilt, match="reply"):
            await airing(root, BROKEN).__aenter__()
        assert others() == set()
        async with airing(root) as on:  # the same journal, which nobody holds
            assert on.page

    asyncio.run(story())


def test_a_start_that_is_broken_off_leaves_nothing_behind(root, monkeypatch):
    served = []
    begin = LocalWeb.start

    async def begin_and_stay(web):
        await begin(web)
        served.append(web)
        await asyncio.Event().wait()

    monkeypatch.setattr(LocalWeb, "start", begin_and_stay)

    async def story():
        starting = asyncio.create_task(airing(root).__aenter__())
        while not served:
            await asyncio.sleep(0)
        assert served[0].started
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        assert not served[0].started
        assert others() == set()

    asyncio.run(story())


def test_what_fails_behind_the_start_of_the_graph_takes_the_graph_off_the_air_again(root, monkeypatch):
    served = []
    begin = Runtime.start

    async def begin_and_take_an_address(runtime):
        await begin(runtime)
        served.append(runtime.web)
        runtime.web.get("/api/graphs", lambda _: {})

    monkeypatch.setattr(Runtime, "start", begin_and_take_an_address)

    async def story():
        with pytest.raises(ValueError, match="/api/graphs"):
            await airing(root).__aenter__()
        assert not served[0].started
        assert others() == set()

    asyncio.run(story())


def test_a_port_that_is_not_one_starts_nothing(root):
    async def story():
        with pytest.raises(ValueError, match="OVERLAY_PORT"):
            await airing(root, env={"OVERLAY_PORT": "x"}).__aenter__()
        assert others() == set()

    asyncio.run(story())


def test_the_loop_is_watched_inside_of_the_block_alone(root):
    async def story():
        with watched(EngineLog(quiet=True), root) as watchdog:
            assert watchdog._thread.is_alive()
        watchdog._thread.join(5)
        assert not watchdog._thread.is_alive()

    asyncio.run(story())
