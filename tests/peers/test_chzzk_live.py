"""``chat.chzzk`` against a real socket.io 2.0.3 server that plays CHZZK: every fault ends in "receiving again" or in a
clear state. The times until then are printed at the end."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psutil
import pytest
from reactivex.scheduler.eventloop import AsyncIOScheduler

from graphs.engine.instance import Instance
from nodes import load_all
from nodes.services import Clock, Log, Verdicts
from tests.harness import LoopClock, Ran, _Log, _Stand, _Verdicts
from tests.peers.chzzk_peer import ACCESS_TOKEN, Peer, install

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(300)]

AGAIN = "receiving again"
SHORT_PING = (500, 500)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory):
    return install(tmp_path_factory.mktemp("chzzk"))


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[list[tuple[str, str]]]:
    rows: list[tuple[str, str]] = []
    yield rows
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print()
        for what, result in rows:
            print(f"| {what} | {result} |")


@pytest.fixture
def peer(folder, request: pytest.FixtureRequest) -> Iterator[Peer]:
    peer = Peer(folder, getattr(request, "param", (25_000, 60_000)))
    peer.start()
    yield peer
    peer.kill()


class Stand(_Stand):
    """Notes when each event came out, in milliseconds since the epoch as the server's times are."""

    def __init__(self, ran: Ran) -> None:
        super().__init__(ran)
        self.arrived: list[float] = []

    def emit(self, port: str, event: Any) -> None:
        self.arrived.append(time.time() * 1000)
        super().emit(port, event)


class Show:
    """The node at work, with the engine's own instance and jobs, in real time."""

    def __init__(self, peer: Peer) -> None:
        self.ran = Ran()
        self.peer = peer
        stand = Stand(self.ran)
        self.arrived = stand.arrived
        spec = load_all()["chat.chzzk"]
        settings = spec.settings(api_url=peer.url, access_token=ACCESS_TOKEN)
        lent: dict[type, Any] = {Clock: LoopClock(), Verdicts: _Verdicts(self.ran), Log: _Log(self.ran)}
        self.instance = Instance("chat.chzzk", spec, settings, set(), lent, stand)
        stand.instance = self.instance

    def payloads(self) -> list[Any]:
        return [event.payload for event in self.ran.events()]

    async def do(self, what: str, **order: Any) -> dict[str, int]:
        return await asyncio.to_thread(self.peer.do, what, **order)

    async def until(self, reached: Callable[[], bool], seconds: float = 60.0) -> None:
        async with asyncio.timeout(seconds):
            while not reached():
                assert self.ran.error is None, self.ran.error
                await asyncio.sleep(0.005)

    async def says(self, text: str, times: int = 1, seconds: float = 60.0) -> None:
        await self.until(lambda: sum(text in line for line in self.ran.log) >= times, seconds)

    async def hears(self, text: str) -> None:
        """A message that is sent now arrives."""
        await self.do("emit", event="CHAT", payload=text)
        await self.until(lambda: text in self.payloads(), 5.0)


@asynccontextmanager
async def on_air(peer: Peer) -> AsyncIterator[Show]:
    show = Show(peer)
    show.instance.start(AsyncIOScheduler(asyncio.get_running_loop()))
    try:
        await show.says("receiving CHZZK chat")
        await all_subscribed(show)
        yield show
    finally:
        await show.instance.close()
    assert ACCESS_TOKEN not in repr(show.ran.log)
    assert "auth=" not in repr(show.ran.log)


async def all_subscribed(show: Show) -> None:
    async with asyncio.timeout(10):
        while (await show.do("state"))["subscribed"] % 3:
            await asyncio.sleep(0.01)
    await show.hears(f"ready {time.monotonic()}")


async def recovers(
    show: Show, table: list[tuple[str, str]], what: str, fault: Callable[[], Awaitable[object]], most_s: float
) -> None:
    """The fault is followed by a message that arrives, and the session before it is closed."""
    before = sum(AGAIN in line for line in show.ran.log)
    began = time.monotonic()
    await fault()
    repaired = time.monotonic()
    await show.says(AGAIN, before + 1)
    ended = time.monotonic()
    await show.hears(f"after {what}")
    assert (await show.do("state"))["open"] == 1
    assert ended - repaired < most_s
    table.append(
        (what, f"receiving again {ended - began:.1f} s after it began, {ended - repaired:.1f} s after it ended")
    )


async def test_korean_emoji_long_texts_texts_and_objects_arrive_unchanged(peer: Peer) -> None:
    odd = ["안녕하세요", "👩‍👩‍👧‍👦 🇰🇷 👍🏽", "{:d_56:} \"'\\ \u0000 \u2028 <script>", "가" * 10_000, "a" * 10_240]
    texts = [json.dumps({"content": text}, ensure_ascii=ascii_only) for text in odd for ascii_only in (True, False)]
    objects = [{"content": text, "emojis": {}} for text in odd]
    async with on_air(peer) as show:
        had = len(show.ran.out)
        for event in ("CHAT", "DONATION", "SUBSCRIPTION"):
            for payload in [*texts, *objects]:
                await show.do("emit", event=event, payload=payload)
        await show.until(lambda: len(show.ran.out) == had + 3 * (len(texts) + len(objects)))
        got = [(event.event, event.payload) for event in show.ran.events()[had:]]
    assert got == [(event, payload) for event in ("CHAT", "DONATION", "SUBSCRIPTION") for payload in [*texts, *objects]]
    assert show.ran.malformed == []


async def test_the_server_is_killed_and_comes_back(peer: Peer, table) -> None:
    async def fault() -> None:
        await asyncio.to_thread(peer.kill)
        await asyncio.sleep(4.0)
        await asyncio.to_thread(peer.start)

    async with on_air(peer) as show:
        await recovers(show, table, "server killed for 4 s", fault, 17.0)


async def test_only_the_namespace_is_closed(peer: Peer, table) -> None:
    async with on_air(peer) as show:
        for time_ in ("first", "second"):
            await recovers(show, table, f"namespace closed, {time_} time", lambda: show.do("leave"), 3.0)


async def test_the_connection_is_closed(peer: Peer, table) -> None:
    async with on_air(peer) as show:
        await recovers(show, table, "connection closed by the server", lambda: show.do("drop"), 3.0)


async def test_session_urls_have_expired(peer: Peer, table) -> None:
    async with on_air(peer) as show:

        async def fault() -> None:
            await show.do("mode", mode="expired")
            await show.do("drop")
            await asyncio.sleep(4.0)
            await show.do("mode", mode="good")

        await recovers(show, table, "WebSockets closed before the open packet for 4 s", fault, 17.0)


async def test_a_peer_accepts_and_says_nothing(peer: Peer, table) -> None:
    async with on_air(peer) as show:

        async def fault() -> None:
            await show.do("mode", mode="silent")
            await show.do("drop")
            await asyncio.sleep(4.0)
            await show.do("mode", mode="good")

        await recovers(show, table, "WebSockets accepted in silence for 4 s", fault, 15.0)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process cannot be stopped here")
@pytest.mark.parametrize("peer", [SHORT_PING], indirect=True)
async def test_a_stopped_server_is_noticed_and_received_again(peer: Peer, table) -> None:
    async with on_air(peer) as show:

        async def fault() -> None:
            began = time.monotonic()
            peer.signal(signal.SIGSTOP)
            await show.says("no answer to a ping", seconds=2.0)
            table.append(
                ("server stopped, ping 0.5 s, answer within 0.5 s", f"noticed {time.monotonic() - began:.1f} s")
            )
            await asyncio.sleep(3.0)
            peer.signal(signal.SIGCONT)

        await recovers(show, table, "server stopped for 4 s, ping 0.5 s", fault, 15.0)


@pytest.mark.slow
@pytest.mark.parametrize("stopped_s", [60, 400])
@pytest.mark.timeout(600)
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process cannot be stopped here")
async def test_a_server_that_is_stopped_for_minutes_is_received_again(peer: Peer, table, stopped_s: int) -> None:
    async with on_air(peer) as show:

        async def fault() -> None:
            began = time.monotonic()
            peer.signal(signal.SIGSTOP)
            await show.says("no answer to a ping", seconds=45.0)
            noticed = time.monotonic() - began
            table.append(("server stopped, ping 25 s as CHZZK's", f"noticed {noticed:.1f} s"))
            await asyncio.sleep(stopped_s - noticed)
            peer.signal(signal.SIGCONT)

        await recovers(show, table, f"server stopped for {stopped_s} s, ping 25 s", fault, 45.0)


@pytest.mark.parametrize("peer", [SHORT_PING], indirect=True)
async def test_a_quiet_channel_stays_connected_by_pings(peer: Peer) -> None:
    async with on_air(peer) as show:
        await asyncio.sleep(3.0)
        state = await show.do("state")
    assert state["pings"] >= 5
    assert state["urls"] == 1


async def test_a_revoked_chat_is_asked_for_again(peer: Peer, table) -> None:
    async with on_air(peer) as show:
        await recovers(show, table, "chat revoked once", lambda: show.do("revoke", event="CHAT"), 1.0)
        assert (await show.do("state"))["urls"] == 1


async def test_a_chat_that_stays_revoked_asks_for_a_login_and_the_node_lives(peer: Peer, table) -> None:
    async with on_air(peer) as show:
        began = time.monotonic()
        await show.do("revoke", event="CHAT", subscribe=False)
        await show.says("python aischoco.py login", seconds=15.0)
        table.append(("chat revoked for good", f"asks for a login after {time.monotonic() - began:.1f} s, node alive"))
        assert not show.instance.ended
        assert (await show.do("state"))["open"] == 0


@pytest.mark.parametrize(("status", "said"), [(500, "approved"), (429, "too many requests"), (503, "503")])
async def test_a_session_url_that_is_refused_is_said_and_asked_for_again(peer: Peer, table, status, said) -> None:
    peer.do("fail", path="/open/v1/sessions/auth", status=status)
    show = Show(peer)
    began = time.monotonic()
    show.instance.start(AsyncIOScheduler(asyncio.get_running_loop()))
    try:
        await show.says(said)
        await show.says(AGAIN)
        table.append((f"session URL answered {status} once", f"receiving {time.monotonic() - began:.1f} s later"))
    finally:
        await show.instance.close()


async def test_chat_goes_on_without_a_right_to_donations(peer: Peer) -> None:
    peer.do("fail", path="/open/v1/sessions/events/subscribe/donation", status=403)
    show = Show(peer)
    show.instance.start(AsyncIOScheduler(asyncio.get_running_loop()))
    try:
        await show.says("receiving CHZZK chat")
        await show.says("후원(donation): 지금 받지 못합니다")
        await show.hears("chat")
    finally:
        await show.instance.close()


async def test_the_end_closes_the_session_within_half_a_second(peer: Peer, table) -> None:
    async with on_air(peer) as show:
        began = time.monotonic()
        show.instance.complete()
        await show.until(lambda: show.instance.ended, 2.0)
        took = time.monotonic() - began
        await asyncio.sleep(0.05)
        assert (await show.do("state"))["open"] == 0
    assert took < 0.5
    table.append(("told to end", f"session closed in {took * 1000:.0f} ms"))


async def test_200_messages_a_second_for_20_seconds_lose_none_and_keep_their_order(peer: Peer, table) -> None:
    count = 4000
    async with on_air(peer) as show:
        had, process = len(show.ran.out), psutil.Process()
        rss, cpu = process.memory_info().rss, process.cpu_times()
        await show.do("rate", per_s=200, count=count)
        await show.until(lambda: len(show.ran.out) >= had + count, 40.0)
        used = process.cpu_times()
        grown = process.memory_info().rss - rss
        messages = [json.loads(payload) for payload in show.payloads()[had:]]
        delays = sorted(at - message["messageTime"] for at, message in zip(show.arrived[had:], messages, strict=True))
    assert [message["number"] for message in messages] == list(range(count))
    cpu_us = (used.user + used.system - cpu.user - cpu.system) / count * 1e6
    table.append(
        (
            "200 messages/s for 20 s",
            f"{count} of {count} in order, delay p50 {delays[count // 2]:.1f} ms, "
            f"p99 {delays[count * 99 // 100]:.1f} ms, "
            f"CPU {cpu_us:.0f} us a message, RSS +{grown / 1e6:.1f} MB (the test keeps them all)",
        )
    )


async def test_a_burst_of_20000_loses_none_and_keeps_its_order(peer: Peer, table) -> None:
    count = 20_000
    async with on_air(peer) as show:
        had = len(show.ran.out)
        began = time.monotonic()
        await show.do("burst", count=count)
        await show.until(lambda: len(show.ran.out) >= had + count, 60.0)
        took = time.monotonic() - began
        numbers = [json.loads(payload)["number"] for payload in show.payloads()[had:]]
    assert numbers == list(range(count))
    table.append((f"burst of {count} messages", f"all in order in {took:.1f} s"))
