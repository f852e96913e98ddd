import asyncio
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from graphs.engine.commands import _fleet_process
from graphs.engine.commands._fleet_file import Show
from graphs.engine.commands._fleet_process import Shows
from graphs.engine.flow.runtime import Runtime

TYPED = """\
name: typed
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
"""
PLACES = TYPED.replace("{type: chat.typed}", "{type: chat.typed, at: pc}").replace("in: typed}", "in: typed, at: gpu}")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "typed.yaml").write_text(TYPED, encoding="utf-8")
    (tmp_path / "places.yaml").write_text(PLACES, encoding="utf-8")
    monkeypatch.setattr(_fleet_process, "BACKOFF_S", (0.01, 0.02))
    monkeypatch.chdir(tmp_path)
    handlers = logging.getLogger("aischoco").handlers[:]
    yield tmp_path
    logging.getLogger("aischoco").handlers[:] = handlers


def show(name: str, graph: str = "typed.yaml", at: str | None = None, **env: str) -> Show:
    return Show(name, graph, at, env)


async def played(shows: Shows, *wanted: str) -> dict[str, Any]:
    """How they are once each is in the state that is wanted of it; then they are ended."""
    running = asyncio.get_running_loop().create_task(shows.run())
    try:
        async with asyncio.timeout(20):
            while True:
                told = await shows.state()
                if [each["state"] for each in told["shows"].values()] == list(wanted):
                    return told
                assert not running.done()
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def test_a_show_that_cannot_start_is_tried_again_and_leaves_its_neighbours_alone(root: Path) -> None:
    async def story() -> None:
        shows = Shows(str(root), "a+", [show("a"), show("b", "nowhere.yaml"), show("c")])
        told = await played(shows, "on air", "failed", "on air")
        a, b, c = told["shows"].values()
        assert "nowhere.yaml" in b["why"]
        assert a["page"] != c["page"]
        assert all(each["page"].startswith("http://127.0.0.1:") for each in (a, c))
        assert (a["starts"], a["viewer_events"], a["answered"]) == (1, 0, 0)
        (root / "nowhere.yaml").write_text(TYPED, encoding="utf-8")
        assert (await played(shows, "on air", "on air", "on air"))["shows"]["b"]["why"] == ""

    asyncio.run(story())
    log = root / "history" / "fleet" / "a" / "logs" / "app.log"
    end = time.monotonic() + 5.0  # it is written behind the program's back
    while log.read_text(encoding="utf-8").count("방송 중이에요") < 3 and time.monotonic() < end:
        time.sleep(0.02)
    assert log.read_text(encoding="utf-8").count("방송 중이에요") >= 3


def test_a_show_with_a_port_that_is_none_says_so_and_one_with_a_key_takes_it(root: Path) -> None:
    async def story() -> dict[str, Any]:
        keyed = {"OVERLAY_HOST": "0.0.0.0", "OVERLAY_KEY": "a key of the operator"}
        shows = Shows(str(root), "a", [show("a", OVERLAY_PORT="x"), show("b", **keyed)])
        told = (await played(shows, "failed", "on air"))["shows"]
        return told

    told = asyncio.run(story())
    assert "OVERLAY_PORT 'x'" in told["a"]["why"]


def test_only_the_place_of_a_show_runs_and_its_variables_come_before_those_of_the_project(root: Path) -> None:
    (root / ".env").write_text("OVERLAY_PORT=1\nNAME=project\n", encoding="utf-8")
    (root / "places.yaml").write_text(PLACES.replace("name: typed", 'name: "${NAME}"'), encoding="utf-8")
    one = _fleet_process._Show(show("a", "places.yaml", "gpu", NAME="mine"), root, root)
    graph = one._read(root / "places.yaml")
    assert "parse" in graph.nodes
    assert "typed" not in graph.nodes
    assert graph.name.startswith("mine")
    assert one._env()["OVERLAY_PORT"] == "0"


def test_where_it_runs_is_told_with_the_node_of_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    class Context:
        def get_node_id(self) -> str:
            return "0123456789"

    class Ray:
        def get_runtime_context(self) -> Context:
            return Context()

    monkeypatch.setattr(_fleet_process.socket, "gethostname", lambda: "box")
    monkeypatch.setitem(_fleet_process.sys.modules, "ray", Ray())  # type: ignore[arg-type]
    assert _fleet_process._node() == "box 012345"
    monkeypatch.delitem(_fleet_process.sys.modules, "ray")
    assert _fleet_process._node() == "box"


def test_a_process_that_cannot_begin_tells_why_and_begins_when_it_can(root: Path) -> None:
    async def story() -> None:
        (root / ".env").write_bytes(b"NAME=\xff\n")
        shows = Shows(str(root), "a", [show("a")])
        told = await played(shows, "failed")
        assert "UTF-8" in told["shows"]["a"]["why"]
        running = asyncio.get_running_loop().create_task(shows.run())
        (root / ".env").write_text("NAME=choco\n", encoding="utf-8")
        async with asyncio.timeout(20):
            while (await shows.state())["shows"]["a"]["state"] != "on air":
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())


def test_another_graph_can_be_chosen_for_one_show_while_its_neighbour_goes_on(root: Path) -> None:
    (root / "other.yaml").write_text(TYPED.replace("name: typed", "name: other"), encoding="utf-8")

    async def story() -> None:
        shows = Shows(str(root), "a+", [show("a"), show("b")])
        running = asyncio.get_running_loop().create_task(shows.run())

        async def until(*graphs: str) -> None:
            async with asyncio.timeout(20):
                while [(each["state"], each["graph"]) for each in (await shows.state())["shows"].values()] != [
                    ("on air", graph) for graph in graphs
                ]:
                    await asyncio.sleep(0.01)

        try:
            await until("typed.yaml", "typed.yaml")
            on = shows._shows[0]._on_air
            assert on is not None
            async with (
                aiohttp.ClientSession(headers={"X-Token": on.web.token}) as client,
                client.post(f"{on.web.url}/api/reload", json={"file": "other.yaml"}) as reply,
            ):
                assert (await reply.json())["accepted"]
            await until("other.yaml", "typed.yaml")
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())


def test_secrets_of_a_show_stand_neither_in_its_lines_nor_in_what_is_told_of_it(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise OSError("no room for a secret of the show")

    monkeypatch.setattr(Runtime, "make", fails)

    async def story() -> None:
        secret = "a secret of the show"
        told = await played(Shows(str(root), "a", [show("a", CHZZK_ACCESS_TOKEN=secret)]), "failed")
        assert told["shows"]["a"]["why"] == "no room for ***"
        assert secret not in capsys.readouterr().err

    asyncio.run(story())


def test_an_empty_port_of_a_show_is_any_free_one(root: Path) -> None:
    assert _fleet_process._Show(show("a", OVERLAY_PORT=""), root, root)._env()["OVERLAY_PORT"] == "0"
