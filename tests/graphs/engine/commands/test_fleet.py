import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from graphs.engine.commands import fleet
from graphs.engine.commands._fleet_file import Entry, Fleet, processes
from tests.harness import ROOT


class Call:
    """A method of an actor."""

    def __init__(self, give: Callable[[], Any], told: list[Any]) -> None:
        self._give = give
        self._told = told

    def options(self, **options: Any) -> "Call":
        self._told.append(options)
        return self

    def remote(self) -> Any:
        return self._give()


class Actor:
    """As ``Shows`` in a process of its own; what it answers is given from outside."""

    def __init__(self, ray: "FakeRay", options: dict[str, Any], given: tuple[Any, ...]) -> None:
        self.asked, self.given = options, given
        self.run_options: list[Any] = []
        self.answer: Any = {"node": "box", "pid": 7, "since": 1.0, "shows": {}}
        self.run = Call(lambda: "running", self.run_options)
        self.state = Call(self._state, [])
        ray.actors.append(self)

    async def _state(self) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, float):
            await asyncio.sleep(self.answer)
        return self.answer


class FakeRay:
    """As much of the package as the driver uses."""

    def __init__(self) -> None:
        self.actors: list[Actor] = []
        self.killed: list[Actor] = []
        self.began: list[dict[str, Any]] = []
        self.ended = 0
        self.refuses: Exception | None = None

    def init(self, **options: Any) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.began.append(options)

    def shutdown(self) -> None:
        self.ended += 1

    def remote(self, _: type) -> Any:
        def options(**asked: Any) -> Any:
            return SimpleNamespace(remote=lambda *given: Actor(self, asked, given))

        return SimpleNamespace(options=options)

    def kill(self, actor: Actor) -> None:
        self.killed.append(actor)


def two() -> Fleet:
    light = Entry(graph=Path("graphs/demo.yaml"))
    return Fleet(shows={"a": light, "b": light, "voice": Entry(graph=Path("g.yaml"), at="gpu", on="box", gpus=0.5)})


def on_air(**more: Any) -> dict[str, Any]:
    return {"state": "on air", "why": "", "page": "http://127.0.0.1:9001", "starts": 1, **more}


def test_each_process_asks_for_its_shares_and_is_called_again_wherever_it_comes_up() -> None:
    ray = FakeRay()
    fleet.Driver(ray, two(), ROOT).start()
    light, voice = ray.actors
    assert light.asked == {
        "name": "aischoco a+",
        "num_cpus": 0.5,
        "num_gpus": 0.0,
        "resources": {},
        "max_restarts": -1,
        "scheduling_strategy": "SPREAD",
    }
    assert (voice.asked["num_gpus"], voice.asked["resources"]) == (0.5, {"box": 0.001})
    assert light.given[:2] == (str(ROOT), "a+")
    assert [show.name for show in light.given[2]] == ["a", "b"]
    assert light.run_options == [{"max_task_retries": -1}]


def test_what_the_processes_tell_becomes_a_line_for_each_show(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(fleet.time, "monotonic", lambda: now[0])
    ray = FakeRay()
    driver = fleet.Driver(ray, two(), ROOT)
    driver.start()
    light, voice = ray.actors
    voice.answer = RuntimeError("no machine\nhas a card")

    def lines() -> list[tuple[str, str, int, str]]:
        asyncio.run(driver.look())
        return [(line["show"], line["state"], line["moves"], line["why"]) for line in driver.state()]

    light.answer["shows"] = {"a": on_air(), "b": on_air(state="failed", why="g.yaml:1:1: ...")}
    assert lines() == [
        ("a", "on air", 0, ""),
        ("b", "failed", 0, "g.yaml:1:1: ..."),
        ("voice", "waiting for a machine", 0, "has a card"),
    ]
    light.answer = RuntimeError("the actor died")
    now[0] += fleet.LOST_S + 1
    assert lines()[0] == ("a", "lost", 0, "RuntimeError: the actor died")
    light.answer = {"node": "other", "pid": 8, "since": 2.0, "shows": {"a": on_air(), "b": on_air()}}
    assert lines()[:2] == [("a", "on air", 1, ""), ("b", "on air", 1, "")]
    assert driver.state()[0]["node"] == "other"
    driver.end()
    assert ray.killed == ray.actors


def test_a_process_that_does_not_answer_in_time_keeps_what_it_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "ANSWER_S", 0.01)
    ray = FakeRay()
    driver = fleet.Driver(ray, two(), ROOT)
    driver.start()
    for actor in ray.actors:
        actor.answer["shows"] = {"a": on_air()}
    asyncio.run(driver.look())
    for actor in ray.actors:
        actor.answer = 5.0
    asyncio.run(driver.look())
    assert driver.state()[0]["state"] == "on air"


def test_the_page_shows_what_is_told_as_text() -> None:
    shown = fleet.page([{"show": "<b>", "state": "on air"}])
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown


def test_a_plan_is_told_in_words() -> None:
    assert fleet.told(processes(two())).splitlines() == [
        "a+: a, b (cpus 0.5, gpus 0)",
        "voice: voice (cpus 0.25, gpus 0.5, on box)",
    ]


# The command.


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "fleet.yaml"
    path.write_text("port: 0\nshows:\n  a: {graph: graphs/demo.yaml}\n", encoding="utf-8")
    return path


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> FakeRay:
    fake = FakeRay()
    monkeypatch.setitem(sys.modules, "ray", fake)  # type: ignore[arg-type]
    return fake


def test_a_plan_needs_no_ray_and_mistakes_are_told(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert fleet.main(["--plan", str(file)], ROOT) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "a+: a (cpus 0.25, gpus 0)"
    file.write_text("shows: {}\n", encoding="utf-8")
    assert fleet.main([str(file)], ROOT) == 2
    assert f"{file}:1:" in capsys.readouterr().out


def test_without_ray_or_a_cluster_the_remedy_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, file: Path, ray: FakeRay
) -> None:
    ray.refuses = ConnectionError("no cluster")
    assert fleet.main([str(file)], ROOT) == 1
    assert "ray start --head" in capsys.readouterr().out
    monkeypatch.setitem(sys.modules, "ray", None)  # type: ignore[arg-type]
    assert fleet.main([str(file)], ROOT) == 1
    assert "requirements-fleet.txt" in capsys.readouterr().out


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str], file: Path, ray: FakeRay) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        file.write_text(file.read_text(encoding="utf-8").replace("port: 0", f"port: {port}"), encoding="utf-8")
        assert fleet.main([str(file)], ROOT) == 1
    assert f"127.0.0.1:{port}" in capsys.readouterr().out
    assert (ray.actors, ray.ended) == ([], 1)


def test_the_fleet_is_shown_until_a_signal_ends_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, file: Path, ray: FakeRay
) -> None:
    shown: dict[str, Any] = {}
    serve = fleet.serve

    async def look(driver: fleet.Driver, port: int) -> Any:
        runner = await serve(driver, port)
        asyncio.get_running_loop().call_later(0.05, lambda: asyncio.ensure_future(read(runner.addresses[0][1])))
        return runner

    async def read(port: int) -> None:
        import aiohttp

        async with aiohttp.ClientSession() as client:
            async with client.get(f"http://127.0.0.1:{port}/api/fleet") as answer:
                shown["lines"] = json.loads(await answer.text())
            async with client.get(f"http://127.0.0.1:{port}/") as answer:
                shown["page"] = await answer.text()
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(fleet, "serve", look)
    monkeypatch.setattr(fleet, "LOOK_S", 0.01)
    begun = time.monotonic()
    assert fleet.main([str(file)], ROOT) == 0
    assert time.monotonic() - begun < 10
    assert ray.began == [{"address": "auto", "log_to_driver": False}]
    assert (ray.killed, ray.ended) == (ray.actors, 1)
    assert [line["show"] for line in shown["lines"]] == ["a"]
    assert "aischoco fleet" in shown["page"]
    assert "함대: http://127.0.0.1:" in capsys.readouterr().out
