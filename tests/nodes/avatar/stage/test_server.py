"""The WebSocket for plugins, and the broadcast."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from nodes.avatar._stage import server as stage_server
from nodes.avatar._stage.api import Api
from nodes.avatar._stage.grants import Grants
from nodes.avatar._stage.server import MOST_WAITING, Broadcast, Line, Server
from tests.nodes.avatar.stage_stand import LoopClock, Plug

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def api(tmp_path: Path) -> Api:
    return Api(Grants(tmp_path / "tokens.json"), 0.0, allow=True)


def server(api: Api) -> Server:
    return Server(api, LoopClock(), lambda: None)


async def test_plugins_come_are_answered_and_leave(http: aiohttp.ClientSession, api: Api) -> None:
    async with server(api).listening("127.0.0.1", 0) as port:
        async with http.ws_connect(f"ws://127.0.0.1:{port}") as link:
            assert (await Plug(link).ask("APIState"))["active"] is True
            await link.send_bytes(b"{}")
            assert (await link.receive_json())["data"]["errorID"] == 3
            assert [guest.foreign for guest in api.guests] == [False]
        async with asyncio.timeout(10):
            while api.guests:
                await asyncio.sleep(0.01)
        async with http.ws_connect(f"ws://127.0.0.1:{port}", origin="http://evil.example") as link:
            await Plug(link).ask("APIState")
            assert [guest.foreign for guest in api.guests] == [True]
    assert api.guests == []


async def test_what_is_no_websocket_is_told_so_and_too_many_are_turned_away(
    http: aiohttp.ClientSession, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with server(api).listening("127.0.0.1", 0) as port:
        async with http.get(f"http://127.0.0.1:{port}/") as answer:
            assert answer.status == 426
        monkeypatch.setattr(stage_server, "MOST_GUESTS", 1)
        async with http.ws_connect(f"ws://127.0.0.1:{port}"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await http.ws_connect(f"ws://127.0.0.1:{port}")
            assert caught.value.status == 503


async def test_when_the_stage_ends_its_plugins_are_told(http: aiohttp.ClientSession, api: Api) -> None:
    async with server(api).listening("127.0.0.1", 0) as port:
        link = await http.ws_connect(f"ws://127.0.0.1:{port}")
        await Plug(link).ask("APIState")
    assert (await link.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    await link.close()


async def test_a_plugin_that_does_not_read_is_cut_off() -> None:
    cut: list[bool] = []
    line = Line(lambda: cut.append(True))
    for number in range(MOST_WAITING + 10):
        line.put({"number": number})
    assert cut == [True]


async def test_a_socket_that_breaks_while_sending_ends_the_line() -> None:
    class Broken:
        closed = False

        async def send_str(self, _: str) -> None:
            raise ConnectionResetError

        async def close(self, *, code: int) -> None:
            self.closed = True

    broken: Any = Broken()
    line = Line(lambda: None)
    line.put({})
    await line.send(broken)
    assert broken.closed


async def test_the_broadcast_is_heard_and_stays_on_this_machine() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.setblocking(False)
        pauses: list[float] = []

        async def sleep(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 2:
                raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await Broadcast("127.0.0.1", 8011, ear.getsockname()[1]).run(sleep)
        told = json.loads(await asyncio.wait_for(asyncio.get_running_loop().sock_recv(ear, 4096), 10))
    assert told["messageType"] == "VTubeStudioAPIStateBroadcast"
    assert {name: told["data"][name] for name in ("active", "port")} == {"active": True, "port": 8011}
    assert pauses == [2.0, 2.0]
    assert Broadcast("0.0.0.0", 8011)._to == ("255.255.255.255", 47779)


async def test_an_address_that_is_taken_is_named_with_a_remedy_and_the_first_one_serves_on(
    http: aiohttp.ClientSession, api: Api
) -> None:
    async with server(api).listening("127.0.0.1", 0) as port:
        with pytest.raises(OSError, match=rf"avatar.stage cannot listen on 127\.0\.0\.1:{port} .+another copy"):
            async with server(api).listening("127.0.0.1", port):
                pytest.fail("two servers listen on one port")
        async with http.ws_connect(f"ws://127.0.0.1:{port}") as link:
            assert (await Plug(link).ask("APIState"))["active"] is True
