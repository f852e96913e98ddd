"""``avatar.stage``: the node with its pages, and its real server on the loopback."""

import asyncio
import json
import socket
import stat
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import ValidationError

from nodes.avatar._vts.find import instance
from nodes.avatar.stage import Stage
from nodes.services import Web
from tests.fakes import FakeWeb
from tests.harness import run
from tests.nodes.avatar.stage_stand import Plug, Stand

WHO = {"pluginName": "Plug", "pluginDeveloper": "tests"}


def values(page: list[Any]) -> dict[str, float]:
    """What the page draws now."""
    found: dict[str, float] = {}
    for told in page:
        if told["type"] == "hello":
            found = dict(told["values"])
        elif told["type"] == "values":
            found.update(told["values"])
            for name in told["free"]:
                del found[name]
    return found


async def until(true: Any) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


def test_an_empty_allow_is_no_and_a_one_is_yes() -> None:
    assert Stage(allow="").allow is False  # type: ignore[arg-type]
    assert Stage(allow="1").allow is True  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        Stage(allow="perhaps")  # type: ignore[arg-type]


def test_it_opens_its_pages_and_closes_them(tmp_path: Path) -> None:
    web = FakeWeb()
    settings = {"port": 0, "broadcast": False, "token_file": tmp_path / "tokens.json"}
    ran = run("avatar.stage", {}, settings=settings, services={Web: web}, until=1.0)
    assert ran.error is None
    assert web.ever == [("folder", "/stage"), ("post", "/api/stage/allow"), ("channel", "/ws/stage")]
    assert web.open == {}
    assert not (tmp_path / "tokens.json").exists()


def test_a_page_that_belongs_to_another_node_ends_it_and_leaves_nothing_open() -> None:
    web = FakeWeb()
    other = web.post("/api/stage/allow", lambda _: {})
    ran = run("avatar.stage", {}, settings={"port": 0, "broadcast": False}, services={Web: web}, until=1.0)
    assert isinstance(ran.error, ValueError)
    other.dispose()
    assert web.open == {}


def test_a_port_that_is_taken_ends_it_with_the_remedy(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = {"port": taken.getsockname()[1], "broadcast": False, "token_file": tmp_path / "tokens.json"}
        ran = run("avatar.stage", {}, settings=settings, services={Web: FakeWeb()}, until=1.0)
    assert isinstance(ran.error, OSError)
    assert "STAGE_PORT" in str(ran.error)


def test_tokens_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    file.write_text("[")
    settings = {"port": 0, "broadcast": False, "token_file": file, "host": "0.0.0.0"}
    ran = run("avatar.stage", {}, settings=settings, services={Web: FakeWeb()}, until=1.0)
    assert any(line.startswith("warning") and "tokens.json" in line for line in ran.log)
    assert any(line.startswith("warning") and "STAGE_HOST=0.0.0.0" in line for line in ran.log)


@pytest.mark.asyncio
async def test_what_a_plugin_sets_is_drawn_and_let_go_after_a_second(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    web = FakeWeb()
    stand = Stand(web, tmp_path, allow=True)
    async with http.ws_connect(await stand.start()) as link:
        page: list[Any] = web.opened("/ws/stage").connect()
        plug = Plug(link)
        await plug.log_in()
        await plug.ask("InjectParameterData", parameterValues=[{"id": "FaceAngleX", "value": 12.34567}])
        await until(lambda: values(page) == {"FaceAngleX": 12.3457})
        late: list[Any] = web.opened("/ws/stage").connect("late")
        assert values(late) == {"FaceAngleX": 12.3457}
        await until(lambda: values(page) == {})
        await plug.ask("HotkeyTrigger", hotkeyID="choco-happy")
        await until(lambda: page[-1] == {"type": "expressions", "expressions": ["happy"], "seconds": 0.25})
    await stand.stop()


@pytest.mark.asyncio
async def test_pages_are_told_at_most_60_times_a_second_and_the_newest_counts(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    web = FakeWeb()
    stand = Stand(web, tmp_path, allow=True)
    async with http.ws_connect(await stand.start()) as link:
        page: list[Any] = web.opened("/ws/stage").connect()
        plug = Plug(link)
        await plug.log_in()
        loop = asyncio.get_running_loop()
        begun, number = loop.time(), 0
        while loop.time() < begun + 0.4:
            number += 1
            await plug.ask("InjectParameterData", parameterValues=[{"id": "MouthOpen", "value": number}])
        took = loop.time() - begun
        await until(lambda: values(page) == {"MouthOpen": number})
        told = sum(each["type"] == "values" for each in page)
        assert told <= 60 * took + 3
        assert told < number
    await stand.stop()


@pytest.mark.asyncio
async def test_plugins_are_told_how_often_the_pages_draw(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    web = FakeWeb()
    stand = Stand(web, tmp_path, allow=True, fps=30)
    async with http.ws_connect(await stand.start()) as link:
        plug = Plug(link)
        await plug.log_in()

        async def drawn() -> int:
            return (await plug.ask("Statistics"))["framerate"]

        assert await drawn() == 60, "nobody has told yet"
        channel = web.opened("/ws/stage")
        (hello,) = channel.connect("obs")
        assert hello["fps"] == 30
        channel.received("obs", {"type": "pace", "hz": 30})
        assert await drawn() == 30
        channel.connect("own")
        assert await drawn() == 30, "it is asked when a page tells or leaves"
        channel.received("own", {"type": "pace", "hz": 0})
        assert await drawn() == 30
        for wrong in ({"type": "pace"}, {"type": "pace", "hz": -1}, {"type": "pace", "hz": "60"}, {"hz": 60}):
            channel.received("own", wrong)
        assert await drawn() == 30
        channel.received("obs", {"type": "pace", "hz": 0})
        assert await drawn() == 0, "every page is hidden"
    await stand.stop()


@pytest.mark.asyncio
async def test_a_person_allows_a_plugin_once_and_a_restart_asks_no_second_time(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    web = FakeWeb()
    stand = Stand(web, tmp_path)
    file = tmp_path / "tokens.json"
    async with http.ws_connect(await stand.start()) as link:
        page: list[Any] = web.opened("/ws/stage").connect()
        plug = Plug(link)
        await plug.send("AuthenticationToken", **WHO)
        await until(lambda: page[-1]["type"] == "prompt")
        prompt = page[-1]["prompt"]
        assert (prompt["name"], prompt["developer"]) == ("Plug", "tests")
        assert any("Plug" in line and "/stage" in line for line in stand.log)
        post = web.open["post", "/api/stage/allow"]
        with pytest.raises(ValueError, match="allow"):
            post({"id": prompt["id"]})
        assert post({"id": "another", "allow": True}) == {"ok": False}
        assert post({"id": prompt["id"], "allow": True}) == {"ok": True}
        token = (await plug.receive())["data"]["authenticationToken"]
        await until(lambda: page[-1] == {"type": "prompt", "prompt": None})
        await until(file.exists)
    await stand.stop()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert token not in file.read_text()
    again = Stand(FakeWeb(), tmp_path)
    async with http.ws_connect(await again.start()) as link:
        assert (await Plug(link).ask("Authentication", authenticationToken=token, **WHO))["authenticated"] is True
    await again.stop()


@pytest.mark.asyncio
async def test_a_permission_that_cannot_be_kept_holds_is_told_once_and_kept_when_it_can_be(
    http: aiohttp.ClientSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nodes.avatar.stage.SAVE_AGAIN_S", 0.05)
    blocked, file = tmp_path / "file", tmp_path / "file" / "tokens.json"
    blocked.write_text("")
    stand = Stand(FakeWeb(), tmp_path, allow=True, token_file=file)
    async with http.ws_connect(await stand.start()) as link:
        await Plug(link).log_in()
        await until(lambda: any("적어 두지 못해" in line for line in stand.log))
        await asyncio.sleep(0.15)
        blocked.unlink()
        await until(file.exists)
    await stand.stop()
    assert len([line for line in stand.log if "적어 두지 못해" in line]) == 1


@pytest.mark.asyncio
async def test_it_tells_on_udp_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.setblocking(False)
        defaults = ear.getsockname()[1]
        monkeypatch.setattr("nodes.avatar._stage.server.Broadcast.__init__.__defaults__", (defaults,))
        stand = Stand(FakeWeb(), tmp_path, broadcast=True)
        url = await stand.start()
        told = json.loads(await asyncio.wait_for(asyncio.get_running_loop().sock_recv(ear, 4096), 10))
        assert told["messageType"] == "VTubeStudioAPIStateBroadcast"
        assert told["data"]["active"] is True
        assert told["data"]["port"] == int(url.rpartition(":")[2])
        assert told["data"]["instanceID"] == instance(FakeWeb.url)
        await stand.stop()
