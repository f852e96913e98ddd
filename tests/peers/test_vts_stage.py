"""``avatar.vts`` against ``avatar.stage`` in its own process: real sockets, a person at the page, faults."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.nodes.avatar.stage_stand import Plug
from tests.peers.body import Server, Show, on_air, rate

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(240)]

US = "AIsChoco"


class Stage(Server):
    """The process and what it recorded."""

    def __init__(self, folder: Path) -> None:
        self.kept, self.token = folder / "kept.json", folder / "token.txt"
        super().__init__(folder, module="tests.peers.stage_process")
        self.person("--allow", US)

    def person(self, *answers: str) -> None:
        """Set how the person answers from the next start on."""
        self.arguments = (str(self.kept), *answers)

    def told(self, suffix: str) -> list[tuple[float, Any]]:
        path = Path(f"{self.log}{suffix}")
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [(at, what) for at, what in map(json.loads, lines)]

    def asked(self) -> list[str]:
        """Return the plugins that the person was asked about."""
        return [name for _, name in self.told(".asked")]

    def values(self) -> dict[str, float]:
        """Return what the page shows, without released inputs."""
        changes = [(at, 0, values) for at, values in self.injections()] + [
            (at, 1, dict.fromkeys(names)) for at, names in self.told(".free")
        ]
        shown: dict[str, Any] = {}
        for _, _, change in sorted(changes, key=lambda each: each[:2]):
            shown.update(change)
        return {name: value for name, value in shown.items() if value is not None}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    stage.start()
    yield stage
    stage.kill()


async def until(holds: Callable[[], object], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)


def waiting(show: Show) -> int:
    """Count the events that are waiting anywhere in the graph."""
    assert show.runtime is not None
    return sum(len(edge) for edge in show.runtime.edges.values())


async def moved(show: Show, least_hz: float = 30.0) -> None:
    """Check that the avatar is moved all the time, by the latest feeling."""
    since = show.feel("happy")
    at, _ = await show.moves(since, smile=0.5)
    await asyncio.sleep(1.5)
    assert rate([each for each in show.server.injections() if each[0] >= at + 0.5]) > least_hz


@pytest.mark.parametrize("away_s", [6.0, pytest.param(60.0, marks=pytest.mark.slow)])
async def test_a_stage_that_was_killed_is_moved_again_within_three_seconds_and_asks_nobody(
    stage: Stage, away_s: float, capsys: pytest.CaptureFixture[str]
) -> None:
    async with on_air(stage, "sway") as show:
        token = stage.token.read_text()
        await asyncio.to_thread(stage.kill)
        most = 0
        for _ in range(round(away_s / 0.1)):
            await asyncio.sleep(0.1)
            most = max(most, waiting(show))
        await asyncio.to_thread(stage.start)
        begin = time.monotonic()
        back, _ = await show.moves(begin)
        await moved(show)
    with capsys.disabled():
        print(f"\nstage killed for {away_s:g} s: moved {back - begin:.2f} s after it listens, at most {most} waited")
    assert back - begin < 3.0
    assert most <= 4
    assert stage.asked() == [US]
    assert stage.token.read_text() == token
    assert stage.values()["MouthSmile"] > 0.8


async def test_what_it_held_is_let_go_when_it_ends(stage: Stage) -> None:
    async with on_air(stage, "sway"):
        await until(lambda: len(stage.values()) > 10)
    await until(lambda: not stage.values(), 5.0)


async def test_a_no_is_a_no_until_the_stage_was_closed(stage: Stage) -> None:
    stage.kill()
    stage.person("--deny", US)
    stage.start()
    async with on_air(stage, "sway", wait=False) as show:
        await until(stage.asked)
        await asyncio.sleep(4.0)
        assert stage.asked() == [US]
        assert not stage.injections()
        assert waiting(show) <= 4
        await asyncio.to_thread(stage.kill)
        stage.person("--allow", US)
        await asyncio.to_thread(stage.start)
        await show.moves(0.0)
        await moved(show)
    assert stage.asked() == [US, US]


async def test_a_permission_that_was_taken_back_is_asked_for_once(stage: Stage) -> None:
    async with on_air(stage, "sway") as show:
        token = stage.token.read_text()
        await asyncio.to_thread(stage.kill)
        stage.kept.unlink()
        await asyncio.to_thread(stage.start)
        await show.moves(time.monotonic())
        await moved(show)
    assert stage.asked() == [US, US]
    assert stage.token.read_text() != token


async def test_the_prompt_of_another_plugin_is_waited_for(stage: Stage) -> None:
    url = f"ws://127.0.0.1:{stage.port}"
    async with aiohttp.ClientSession(trust_env=False) as http, http.ws_connect(url) as socket:
        await Plug(socket).send("AuthenticationToken", pluginName="Someone", pluginDeveloper="else")
        await until(lambda: stage.asked() == ["Someone"])
        async with on_air(stage, "sway", wait=False) as show:
            await asyncio.sleep(2.0)
            assert stage.asked() == ["Someone"]
            await socket.close()
            await show.moves(0.0)
            await moved(show)
    assert stage.asked() == ["Someone", US]


async def hold(url: str, name: str, value: float) -> None:
    """Act as another plugin that sets an input until this is cancelled."""
    async with aiohttp.ClientSession(trust_env=False) as http, http.ws_connect(url) as socket:
        other, who = Plug(socket), {"pluginName": "Someone", "pluginDeveloper": "else"}
        token = (await other.ask("AuthenticationToken", **who))["authenticationToken"]
        await other.ask("Authentication", authenticationToken=token, **who)
        while True:
            await other.ask("InjectParameterData", faceFound=True, parameterValues=[{"id": name, "value": value}])
            await asyncio.sleep(0.2)


async def test_an_input_that_another_plugin_holds_is_left_to_it_and_taken_back_when_it_is_free(stage: Stage) -> None:
    stage.kill()
    stage.person("--allow", US, "--allow", "Someone")
    stage.start()
    other = asyncio.ensure_future(hold(f"ws://127.0.0.1:{stage.port}", "MouthSmile", 0.125))
    try:
        await until(lambda: stage.values().get("MouthSmile") == 0.125)
        async with on_air(stage, "sway", wait=False) as show:
            show.feel("happy")
            await until(lambda: len(stage.values()) > 10)
            begin = time.monotonic()
            await asyncio.sleep(2.0)
            assert stage.values()["MouthSmile"] == 0.125
            assert rate([each for each in stage.injections() if each[0] > begin]) > 30.0
            other.cancel()
            await show.moves(begin, smile=0.8)
    finally:
        other.cancel()
    assert [at for at, freed in stage.told(".free") if freed != ["MouthSmile"] and at < begin + 2.0] == []
