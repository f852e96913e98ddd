"""``chat.chzzk`` against a real socket.io 2.0.3 server that plays CHZZK: every fault ends in "receiving again" or in a
clear state. The times until then are printed at the end."""

import asyncio
import json
import signal
import sys
import time
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from reactivex.scheduler.eventloop import AsyncIOScheduler

from graphs.engine.flow.instance import Instance
from nodes import load_all
from nodes.chat._chzzk import tokens as _tokens
from nodes.chat._chzzk.tokens import Tokens, TokenStore, open_store
from nodes.services import Clock, Log, Verdicts
from tests.harness import ROOT, LoopClock, Ran, _Log, _Stand, _Verdicts
from tests.peers.chzzk_peer import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, Peer, install

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(300)]

AGAIN = "다시 받아요"
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
    """Records when each event came out, in milliseconds since the epoch like the server's times."""

    def __init__(self, ran: Ran) -> None:
        super().__init__(ran)
        self.arrived: list[float] = []
        self.take: Callable[[Any], None] | None = None
        """Takes the events instead of the list, if set."""

    def emit(self, port: str, event: Any) -> None:
        if self.take is not None:
            self.take(event)
            return
        self.arrived.append(time.time() * 1000)
        super().emit(port, event)


class Show:
    """Runs the node with the engine's own instance and jobs, in real time."""

    def __init__(self, peer: Peer, **settings: str) -> None:
        self.ran = Ran()
        self.peer = peer
        self.stand = stand = Stand(self.ran)
        self.arrived = stand.arrived
        spec = load_all()["chat.chzzk"]
        chosen = spec.settings(api_url=peer.url, **(settings or {"access_token": ACCESS_TOKEN}))
        lent: dict[type, Any] = {Clock: LoopClock(), Verdicts: _Verdicts(self.ran), Log: _Log(self.ran)}
        self.instance = Instance("chat.chzzk", spec, chosen, set(), lent, stand)
        stand.instance = self.instance

    def payloads(self) -> list[Any]:
        return [event.payload for event in self.ran.events()]

    async def do(self, what: str, **order: Any) -> dict[str, Any]:
        return await asyncio.to_thread(self.peer.do, what, **order)

    async def until(self, reached: Callable[[], bool], seconds: float = 60.0) -> None:
        async with asyncio.timeout(seconds):
            while not reached():
                assert self.ran.error is None, self.ran.error
                await asyncio.sleep(0.005)

    async def says(self, text: str, times: int = 1, seconds: float = 60.0) -> None:
        await self.until(lambda: sum(text in line for line in self.ran.log) >= times, seconds)

    async def hears(self, text: str) -> None:
        """Check that a message sent now arrives."""
        await self.do("emit", event="CHAT", payload=text)
        await self.until(lambda: text in self.payloads(), 5.0)


@asynccontextmanager
async def begun(peer: Peer, **settings: str) -> AsyncIterator[Show]:
    """Run the node from start to end; whatever happens, it says no secret and uses no session URL twice."""
    show = Show(peer, **settings)
    show.instance.start(AsyncIOScheduler(asyncio.get_running_loop()))
    try:
        yield show
        assert (await show.do("state"))["reused"] == 0
    finally:
        await show.instance.close()
    for secret in (ACCESS_TOKEN, "MARK", "auth="):
        assert secret not in repr(show.ran.log)


@asynccontextmanager
async def on_air(peer: Peer, **settings: str) -> AsyncIterator[Show]:
    async with begun(peer, **settings) as show:
        await show.says("치지직 채팅을 받아요")
        await all_subscribed(show)
        yield show


async def all_subscribed(show: Show) -> None:
    async with asyncio.timeout(10):
        while (await show.do("state"))["subscribed"] % 3:
            await asyncio.sleep(0.01)
    await show.hears(f"ready {time.monotonic()}")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TokenStore:
    """Keep the user's login in a folder of this test."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(_tokens, "system_vault", lambda: None)
    return open_store()


def log_in(peer: Peer, store: TokenStore) -> Tokens:
    """Store what ``aischoco.py login`` leaves behind."""
    given = peer.do("login")
    tokens = Tokens(given["access"], given["refresh"], time.time(), 86400.0)
    store.save(tokens)
    return tokens


LOGIN = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
"""Settings of a node that uses the stored login."""


async def recovers(
    show: Show, table: list[tuple[str, str]], what: str, fault: Callable[[], Awaitable[object]], most_s: float
) -> None:
    """Check that a message arrives after the fault, and that the previous session is closed."""
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


@pytest.mark.parametrize(("gone_s", "most_s"), [(4, 17.0), (10, 31.0)])
async def test_the_server_is_killed_and_comes_back(peer: Peer, table, gone_s: int, most_s: float) -> None:
    async def fault() -> None:
        await asyncio.to_thread(peer.kill)
        await asyncio.sleep(gone_s)
        await asyncio.to_thread(peer.start)

    async with on_air(peer) as show:
        await recovers(show, table, f"server killed for {gone_s} s", fault, most_s)


async def test_an_access_token_that_ended_in_mid_session_is_renewed_once(peer: Peer, table, store: TokenStore) -> None:
    old = log_in(peer, store)
    async with on_air(peer, **LOGIN) as show:
        await show.do("expire")
        await show.hears("the session itself goes on")
        await recovers(show, table, "access token ended, connection lost", lambda: show.do("drop"), 3.0)
        assert (await show.do("state"))["refreshes"] == 1
        fresh = store.load()
        assert fresh is not None
        assert fresh.access != old.access
        assert {old.access, old.refresh, fresh.access, fresh.refresh} <= set(show.ran.hidden)


async def test_an_access_token_that_ends_while_a_revoked_chat_is_asked_for_is_renewed(
    peer: Peer, table, store: TokenStore
) -> None:
    log_in(peer, store)
    async with on_air(peer, **LOGIN) as show:
        await show.do("expire")
        await recovers(show, table, "access token ended, chat revoked", lambda: show.do("revoke", event="CHAT"), 1.0)
        state = await show.do("state")
        assert (state["refreshes"], state["urls"]) == (1, 1)


async def test_a_token_of_a_short_life_is_renewed_before_it_ends(peer: Peer, store: TokenStore) -> None:
    given = (await asyncio.to_thread(peer.do, "login"))["refresh"]
    await asyncio.to_thread(peer.do, "life", seconds=2)
    store.save(Tokens("MARK-ended", given, time.time() - 90_000, 86400.0))
    async with on_air(peer, **LOGIN) as show:
        await asyncio.sleep(2.5)
        await show.do("drop")
        await show.says(AGAIN)
        assert (await show.do("state"))["refreshes"] == 2
        assert not any("aischoco.py login" in line for line in show.ran.log)


async def test_two_nodes_with_one_login_renew_it_once(peer: Peer, table, store: TokenStore) -> None:
    log_in(peer, store)
    async with on_air(peer, **LOGIN) as first, on_air(peer, **LOGIN) as second:
        await first.do("expire")
        began = time.monotonic()
        await first.do("drop")
        await asyncio.gather(first.says(AGAIN), second.says(AGAIN))
        table.append(("token ended for two nodes", f"both receiving again after {time.monotonic() - began:.1f} s"))
        await first.do("emit", event="CHAT", payload="both")
        await first.until(lambda: "both" in first.payloads())
        await second.until(lambda: "both" in second.payloads())
        assert (await first.do("state"))["refreshes"] == 1


ASK = """
import asyncio, sys
from nodes.chat._chzzk.account import Account
from nodes.chat._chzzk.tokens import open_store

async def ask():
    account = Account(*sys.argv[1:], store=open_store())
    sys.stdin.readline()  # all begin at one time
    print((await account.me())[0])
    await account.close()

asyncio.run(ask())
"""


async def test_programs_that_renew_one_login_at_one_time_send_the_refresh_token_once(
    peer: Peer, table, store: TokenStore
) -> None:
    old = log_in(peer, store)
    peer.do("expire")
    command = [sys.executable, "-c", ASK, peer.url, CLIENT_ID, CLIENT_SECRET]
    pipe = asyncio.subprocess.PIPE
    programs = [
        await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) for _ in range(3)
    ]
    said = await asyncio.wait_for(asyncio.gather(*[program.communicate(b"\n") for program in programs]), 60)
    assert [(out.decode().strip(), error.decode()) for out, error in said] == [("c", "")] * 3
    assert peer.do("state")["refreshes"] == 1
    kept = store.load()
    assert kept is not None
    assert kept.refresh != old.refresh
    table.append(("token ended for 3 programs at once", "1 refresh, all 3 go on"))


async def test_a_consent_that_was_taken_back_asks_for_a_login_and_the_login_is_noticed_at_once(
    peer: Peer, table, store: TokenStore
) -> None:
    log_in(peer, store)
    async with on_air(peer, **LOGIN) as show:
        await show.do("withdraw")
        began = time.monotonic()
        await show.do("drop")
        await show.says("python aischoco.py login", seconds=10.0)
        table.append(
            ("consent taken back, connection lost", f"asks for a login after {time.monotonic() - began:.1f} s")
        )
        await asyncio.sleep(2.5)
        assert not show.instance.ended
        assert (await show.do("state"))["open"] == 0
        await asyncio.to_thread(log_in, peer, store)
        began = time.monotonic()
        await show.says(AGAIN, seconds=10.0)
        took = time.monotonic() - began
        await show.hears("after the login")
    assert took < 5.0
    table.append(("login in another program", f"receiving again {took:.1f} s after it"))


async def test_a_right_that_is_missing_is_named_and_the_node_lives(peer: Peer, table) -> None:
    peer.do("fail", path="/open/v1/sessions/events/subscribe/chat", status=403)
    async with begun(peer) as show:
        await show.says("채팅 메시지 조회", seconds=10.0)
        await asyncio.sleep(1.5)
        assert not show.instance.ended
        state = await show.do("state")
        assert (state["open"], state["urls"]) == (0, 1)
    table.append(("chat subscription answered 403", "names the scope, is not asked again in a loop, node alive"))


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
            await show.says("확인(ping)에 대답이 없음", seconds=2.0)
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
            await show.says("확인(ping)에 대답이 없음", seconds=45.0)
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


@pytest.mark.parametrize(("status", "said"), [(500, "승인"), (429, "요청이 너무 많았어요"), (503, "503")])
async def test_a_session_url_that_is_refused_is_said_and_asked_for_again(peer: Peer, table, status, said) -> None:
    peer.do("fail", path="/open/v1/sessions/auth", status=status, retry_after=4)
    began = time.monotonic()
    async with begun(peer) as show:
        await show.says(said)
        await show.says(AGAIN)
        took = time.monotonic() - began
    assert status != 429 or took >= 4.0, "the service said how long to wait"
    table.append((f"session URL answered {status} once", f"receiving {took:.1f} s later"))


async def test_chat_goes_on_without_a_right_to_donations(peer: Peer) -> None:
    peer.do("fail", path="/open/v1/sessions/events/subscribe/donation", status=403)
    async with begun(peer) as show:
        await show.says("치지직 채팅을 받아요")
        await show.says("후원: 지금 받지 못해요")
        await show.hears("chat")


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


class Count:
    """Takes what comes out and keeps none of it, so that order, delays and the program's memory show clearly."""

    def __init__(self, show: Show) -> None:
        self.count = 0
        self.disordered = 0
        self.delays_ms = array("d")
        show.stand.take = self.take

    def take(self, event: Any) -> None:
        message = json.loads(event.payload)
        self.disordered += message["number"] != self.count
        self.count += 1
        self.delays_ms.append(time.time() * 1000 - message["messageTime"])


@pytest.mark.alone
@pytest.mark.parametrize(
    "seconds", [20, pytest.param(300, marks=[pytest.mark.slow, pytest.mark.timeout(500)])], ids=lambda s: f"{s}s"
)
async def test_200_messages_a_second_lose_none_and_keep_their_order(peer: Peer, table, seconds: int) -> None:
    count = 200 * seconds
    async with on_air(peer) as show:
        process, counted = psutil.Process(), Count(show)
        await show.do("rate", per_s=200, count=200)  # things loaded or made only once are not counted
        await show.until(lambda: counted.count == 200)
        counted.__init__(show)
        rss, cpu = process.memory_info().rss, process.cpu_times()
        await show.do("rate", per_s=200, count=count)
        async with asyncio.timeout(seconds + 30):
            while counted.count < count:
                await asyncio.sleep(0.5)
        used, rss_after = process.cpu_times(), process.memory_info().rss
    assert (counted.count, counted.disordered) == (count, 0)
    delays = sorted(counted.delays_ms)
    cpu_us = (used.user + used.system - cpu.user - cpu.system) / count * 1e6
    table.append(
        (
            f"200 messages/s for {seconds} s",
            f"{count} of {count} in order, delay p50 {delays[count // 2]:.1f} ms, "
            f"p99 {delays[count * 99 // 100]:.1f} ms, max {delays[-1]:.0f} ms, CPU {cpu_us:.0f} us a message, "
            f"RSS {rss / 1e6:.1f} -> {rss_after / 1e6:.1f} MB",
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
