"""The WebSocket for plugins, and the broadcast."""

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from nodes.avatar._stage import seats, strangers
from nodes.avatar._stage.api import Api
from nodes.avatar._stage.grants import Grants
from nodes.avatar._stage.server import MOST_WAITING, Broadcast, Line, Server
from tests.nodes.avatar.stage_stand import LoopClock, Plug

pytestmark = pytest.mark.asyncio


@pytest.fixture
def api(tmp_path: Path) -> Api:
    return Api(Grants(tmp_path / "tokens.json"), 0.0, allow=True)


def server(api: Api, shut_out: Callable[[str], object] = lambda _: None) -> Server:
    return Server(api, LoopClock(), lambda: None, sleep=asyncio.sleep, shut_out=shut_out)


async def test_plugins_come_are_answered_and_leave(http: aiohttp.ClientSession, api: Api) -> None:
    async with server(api).listening("127.0.0.1", 0) as port:
        async with http.ws_connect(f"ws://127.0.0.1:{port}") as link:
            assert (await Plug(link).ask("APIState"))["active"] is True
            await link.send_bytes(b"{}")
            assert (await link.receive_json())["data"]["errorID"] == 3
            assert [(guest.page, guest.near) for guest in api.guests] == [("", True)]
        async with asyncio.timeout(10):
            while api.guests:
                await asyncio.sleep(0.01)
        async with http.ws_connect(f"ws://127.0.0.1:{port}", origin="http://evil.example") as link:
            await Plug(link).ask("APIState")
            assert [guest.page for guest in api.guests] == ["http://evil.example"]
    assert api.guests == []


async def test_what_is_no_websocket_is_told_so(http: aiohttp.ClientSession, api: Api) -> None:
    async with server(api).listening("127.0.0.1", 0) as port, http.get(f"http://127.0.0.1:{port}/") as answer:
        assert answer.status == 426


async def test_a_page_takes_no_more_than_its_seats_and_programs_come_in_all_the_same(
    http: aiohttp.ClientSession, api: Api
) -> None:
    shut_out: list[str] = []
    async with server(api, shut_out.append).listening("127.0.0.1", 0) as port:
        url = f"ws://127.0.0.1:{port}"
        held = [await http.ws_connect(url, origin="http://evil.example") for _ in range(seats.PAGES_OF_ONE)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await http.ws_connect(url, origin="http://evil.example")
        assert caught.value.status == 503
        assert shut_out == ["http://evil.example"]
        await Plug(await http.ws_connect(url)).log_in()
        assert not any(link.closed for link in held)


async def test_strangers_who_hold_connections_do_not_keep_a_plugin_out(http: aiohttp.ClientSession, api: Api) -> None:
    async with server(api).listening("127.0.0.1", 0) as port:
        url = f"ws://127.0.0.1:{port}"
        first = Plug(await http.ws_connect(url))
        await first.log_in("First")
        idle = [await http.ws_connect(url) for _ in range(3 * seats.STRANGERS)]
        plug = Plug(await http.ws_connect(url))
        await plug.log_in("Late")
        assert (await first.ask("APIState"))["currentSessionAuthenticated"] is True
        assert (await idle[0].receive(10)).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
        assert (await Plug(idle[-1]).ask("APIState"))["active"] is True
        assert len(api.guests) <= seats.STRANGERS + 2


async def test_a_plugin_that_took_all_seats_makes_room_for_another(
    http: aiohttp.ClientSession, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "MEMBERS", 2)
    async with server(api).listening("127.0.0.1", 0) as port:
        url = f"ws://127.0.0.1:{port}"
        greedy = [Plug(await http.ws_connect(url)) for _ in range(2)]
        token = await greedy[0].log_in("Greedy")
        who = {"pluginName": "Greedy", "pluginDeveloper": "tests"}
        assert (await greedy[1].ask("Authentication", authenticationToken=token, **who))["authenticated"]
        plug = Plug(await http.ws_connect(url))
        await plug.log_in("Other")
        assert (await greedy[0].socket.receive(10)).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
        assert (await greedy[1].ask("APIState"))["currentSessionAuthenticated"] is True


async def test_a_long_message_of_a_stranger_is_not_read_and_one_of_a_plugin_is(
    http: aiohttp.ClientSession, api: Api
) -> None:
    shut_out: list[str] = []
    async with server(api, shut_out.append).listening("127.0.0.1", 0) as port:
        url, long = f"ws://127.0.0.1:{port}", "[" + "0," * 40_000 + "0]"
        for origin in (None, "http://evil.example"):
            link = await http.ws_connect(url, origin=origin)
            await link.send_str(long)
            told = await link.receive(10)
            assert (told.type, told.data) == (aiohttp.WSMsgType.CLOSE, 1009)
        async with asyncio.timeout(10):
            while not shut_out:
                await asyncio.sleep(0.01)
        assert shut_out == ["http://evil.example"]
        plug = Plug(await http.ws_connect(url))
        await plug.log_in()
        await plug.socket.send_str(long)
        assert (await plug.receive())["data"]["errorID"] == 2


async def test_a_stranger_is_read_a_few_times_a_second_and_a_plugin_at_its_own_pace(
    http: aiohttp.ClientSession, api: Api
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    serving = Server(api, LoopClock(), lambda: None, sleep=sleep, shut_out=lambda _: None)
    async with serving.listening("127.0.0.1", 0) as port:
        plug = Plug(await http.ws_connect(f"ws://127.0.0.1:{port}"))
        for _ in range(strangers.AT_ONCE + 12):
            await plug.ask("APIState")
        assert waited[: strangers.AT_ONCE] == [0.0] * strangers.AT_ONCE
        assert waited[-1] > 2.0
        await plug.log_in()
        count = len(waited)
        for _ in range(20):
            await plug.ask("APIState")
        assert len(waited) == count


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
            await Broadcast("127.0.0.1", 8011, "own", ear.getsockname()[1]).run(sleep)
        told = json.loads(await asyncio.wait_for(asyncio.get_running_loop().sock_recv(ear, 4096), 10))
    assert told["messageType"] == "VTubeStudioAPIStateBroadcast"
    assert {name: told["data"][name] for name in ("active", "port", "instanceID")} == {
        "active": True,
        "port": 8011,
        "instanceID": "own",
    }
    assert pauses == [2.0, 2.0]
    assert Broadcast("0.0.0.0", 8011, "own")._to == ("255.255.255.255", 47779)


async def test_an_address_that_is_taken_is_named_with_a_remedy_and_the_first_one_serves_on(
    http: aiohttp.ClientSession, api: Api
) -> None:
    async with server(api).listening("127.0.0.1", 0) as port:
        with pytest.raises(OSError, match=rf"avatar.stage가 127\.0\.0\.1:{port} 주소를 열지 못했어요 .+STAGE_PORT"):
            async with server(api).listening("127.0.0.1", port):
                pytest.fail("two servers listen on one port")
        async with http.ws_connect(f"ws://127.0.0.1:{port}") as link:
            assert (await Plug(link).ask("APIState"))["active"] is True
