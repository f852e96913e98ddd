"""The line against a real server, and what it makes of a server that refuses, is silent or breaks off."""

import asyncio
import functools
import json
import sys
from contextlib import aclosing
from types import SimpleNamespace

import pytest

from graphs.engine.flow.jobs import InstanceJobs
from nodes.bus import _nats
from nodes.bus._errors import Away, Full
from nodes.bus._line import lend
from nodes.bus._nats import NatsLine
from nodes.bus._settings import Bus
from nodes.bus._streams import FRESH_S, IN_FLIGHT, ROOM
from tests.nodes.bus.fake_server import WHERE, broken_off, in_front_of
from tests.peers.nats_peer import NatsPeer, program
from tests.ports import free_port

nats = pytest.importorskip("nats")
errors = pytest.importorskip("nats.js.errors")


def with_server(test):
    """Mark what needs the server."""
    return pytest.mark.component(pytest.mark.skipif(program() is None, reason="nats-server is not installed")(test))


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    with NatsPeer(tmp_path_factory.mktemp("nats")) as server:
        yield server


def with_line(graph):
    """Run the test as a coroutine with a line of its own."""

    def decorate(test):
        @functools.wraps(test)
        def sync(peer):
            async def main():
                jobs = InstanceJobs("bus", None)  # type: ignore[arg-type] - no host: nothing is emitted
                line = NatsLine(Bus(graph=graph, place="pc", servers=peer.url), jobs)
                try:
                    await asyncio.wait_for(test(line, graph), 20)
                finally:
                    await line.close()
                    await jobs.close()

            asyncio.run(main())

        del sync.__wrapped__
        return with_server(sync)

    return decorate


def where(graph, kind):
    return f"aischoco.{graph}.pc.parse.chat.{kind}"


async def keep(line, graph, kind, *numbers):
    for number in numbers:
        while True:
            try:
                await line.keep(where(graph, kind), kind, str(number).encode(), {"Nats-Msg-Id": f"{kind} {number}"})
                break
            except Away:
                await asyncio.sleep(0.01)


async def take(line, graph, kind, count, reader="gpu", since=None, ack=True):
    found = []
    async with aclosing(line.read(where(graph, kind), kind, reader, since)) as letters:
        async for letter in letters:
            if letter is None:
                continue
            found.append((letter.body.decode(), letter.sequence))
            if ack:
                await letter.ack()
            if len(found) == count:
                break
    return found


@with_line("stored")
async def test_a_donation_is_stored_once_and_read_from_the_beginning(line, graph):
    await keep(line, graph, "sure", 1, 2, 2, 1, 3)
    assert [body for body, _ in await take(line, graph, "sure", 3)] == ["1", "2", "3"]


@with_line("again")
async def test_what_was_not_done_comes_again_at_once_and_in_order(line, graph):
    await keep(line, graph, "sure", 1, 2, 3)
    assert len(await take(line, graph, "sure", 3, ack=False)) == 3
    await keep(line, graph, "sure", 4)
    began = asyncio.get_running_loop().time()
    assert [body for body, _ in await take(line, graph, "sure", 4)] == ["1", "2", "3", "4"]
    assert asyncio.get_running_loop().time() - began < 5.0
    await keep(line, graph, "sure", 5)
    await asyncio.sleep(0.3)
    assert [body for body, _ in await take(line, graph, "sure", 1)] == ["5"]


@with_line("past")
async def test_a_reader_without_a_name_gets_all_and_hears_when_that_was_all(line, graph):
    await keep(line, graph, "sure", 1, 2)
    for _ in range(2):
        seen = []
        async with aclosing(line.read(where(graph, "sure"), "sure", "", None)) as letters:
            async for letter in letters:
                if letter is None:
                    break
                seen.append(letter.body)
        assert seen == [b"1", b"2"]


@with_line("block")
async def test_a_reader_that_does_not_read_stops_the_writer(line, graph):
    coming = line.read(where(graph, "block"), "block", "gpu", None)
    assert await anext(coming) is None
    for number in range(ROOM):
        await line.keep(where(graph, "block"), "block", b"x", {"Nats-Msg-Id": f"b{number}"})
    with pytest.raises(Full):
        await line.keep(where(graph, "block"), "block", b"x", {"Nats-Msg-Id": "one too many"})
    await coming.aclose()


@with_line("heard")
async def test_what_is_said_is_heard_by_who_listens(line, graph):
    coming = line.hear(where(graph, "latest"))
    next_ = asyncio.ensure_future(anext(coming))
    await asyncio.sleep(0.3)
    await line.say(where(graph, "latest"), b"1", {})
    assert (await next_).body == b"1"
    await coming.aclose()


@with_line("clock")
async def test_the_time_is_that_of_the_server(line, graph):
    from datetime import UTC, datetime

    assert abs(await line.now() - datetime.now(UTC).timestamp()) < 5.0


@with_server
def test_a_server_that_is_not_there_is_away_and_the_line_is_closed_behind_the_last_user():
    async def main():
        jobs = InstanceJobs("bus", None)  # type: ignore[arg-type]
        config = Bus(graph="show", place="pc", servers=f"nats://127.0.0.1:{free_port()}")
        async with lend(config, jobs) as one, lend(config, jobs) as two:
            assert one is two
            with pytest.raises(Away):
                await one.keep(f"{WHERE}.sure", "sure", b"", {})
            await one.say(f"{WHERE}.latest", b"", {})
        await jobs.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (errors.NoStreamResponseError(), Away),
        (errors.APIError(code=503, err_code=10077, description="limit"), Full),
        (errors.APIError(code=503, err_code=10047, description="storage"), Full),
        (errors.APIError(code=503, err_code=10, description="maximum messages per subject exceeded"), Full),
        (errors.APIError(code=500, err_code=10, description="raft"), Away),
        (nats.errors.ConnectionClosedError(), Away),
        (TimeoutError(), Away),
        (OSError(), Away),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else type(value).__name__,
)
def test_what_is_not_stored_is_away_or_full(monkeypatch, answer, error):
    async def story(line, server):
        server.says["store"] = [answer]
        with pytest.raises(error):
            await line.keep(f"{WHERE}.sure", "sure", b"", {})

    server = in_front_of(monkeypatch, story)
    makes = isinstance(answer, errors.NoStreamResponseError)
    assert server.told("add_stream") == [["aischoco_show_sure"]] * makes


def test_after_a_reconnection_nothing_is_given_to_readers_that_are_not_back_yet(monkeypatch):
    async def story(line, server):
        await line.keep(f"{WHERE}.block", "block", b"", {})
        await server.again()
        assert line.lives == 1
        with pytest.raises(Away, match="not settled"):
            await line.keep(f"{WHERE}.block", "block", b"", {})
        await line.keep(f"{WHERE}.sure", "sure", b"", {})
        await asyncio.sleep(_nats.SETTLE_S)
        await line.keep(f"{WHERE}.block", "block", b"", {})

    stored = [subject.rpartition(".")[2] for (subject,) in in_front_of(monkeypatch, story).told("store")]
    assert stored == ["block", "sure", "block"]


def test_what_is_said_while_nobody_can_hear_it_is_no_error(monkeypatch):
    async def story(line, server):
        await line.say(f"{WHERE}.latest", b"1", {})
        server.says["publish"] = [nats.errors.ConnectionClosedError()]
        await line.say(f"{WHERE}.latest", b"2", {})
        server.is_connected = False
        await line.say(f"{WHERE}.latest", b"3", {})

    assert [body for _, body in in_front_of(monkeypatch, story).told("publish")] == [b"1", b"2"]


def test_a_listener_that_is_slow_hears_the_newest(monkeypatch):
    async def story(line, server):
        async with aclosing(line.hear(f"{WHERE}.latest")) as coming:
            first = asyncio.ensure_future(anext(coming))
            await asyncio.sleep(0.1)
            for number in range(ROOM + 5):
                await server.send(f"{WHERE}.latest", number)
            assert int((await first).body) == 5
            assert [int((await anext(coming)).body) for _ in range(ROOM - 1)] == list(range(6, ROOM + 5))
        assert server.heard == {}
        server.says["subscribe"] = [nats.errors.ConnectionClosedError()]
        with pytest.raises(Away):
            await anext(line.hear(f"{WHERE}.latest"))

    in_front_of(monkeypatch, story)


def test_a_connection_that_was_closed_for_good_is_made_anew_and_listeners_ask_again(monkeypatch):
    async def story(line, server):
        coming = line.hear(f"{WHERE}.latest")
        first = asyncio.ensure_future(anext(coming))
        await asyncio.sleep(0.1)
        lives, made = line.lives, len(server.told("jetstream"))
        server.is_closed = True
        connect = _nats.connect

        async def opened(*given):
            server.is_closed = False
            return await connect(*given)

        monkeypatch.setattr(_nats, "connect", opened)
        await line.say(f"{WHERE}.latest", b"x", {})
        with pytest.raises(Away, match="replaced"):
            await first
        assert (line.lives, len(server.told("jetstream"))) == (lives + 1, made + 1)
        await line.say(f"{WHERE}.latest", b"y", {})
        assert len(server.told("jetstream")) == made + 1
        assert len(server.told("publish")) == 2

    in_front_of(monkeypatch, story)


def test_a_server_that_is_silent_for_longer_than_it_beats_is_left(monkeypatch):
    async def story(line, server):
        beats = [(0, {"Status": "100"})] * 5
        assert await broken_off(line, server, *beats, (1, {})) == ([None, 1], 0.6 + _nats.SILENCE_S)

    assert in_front_of(monkeypatch, story).told("unsubscribe") == [[]]


def test_a_question_that_ran_out_is_asked_again_and_a_refusal_ends_the_reader(monkeypatch):
    async def story(line, server):
        sent = [(1, {}), (0, {"Status": "408"}), (2, {}), (0, {"Status": "409", "Description": "gone"}), (3, {})]
        found, at = await broken_off(line, server, *sent[:4])
        assert (found, at) == ([None, 1, 2], 0.4)

    wishes = [json.loads(body) for _, body in in_front_of(monkeypatch, story).told("publish")]
    assert [wish["batch"] for wish in wishes] == [IN_FLIGHT] * 2
    assert {wish["expires"] for wish in wishes} == {FRESH_S * 1e9}


def test_a_reader_asks_for_more_when_half_of_what_it_asked_for_has_come(monkeypatch):
    half = IN_FLIGHT // 2

    async def story(line, server):
        server.says["add_consumer"] = [SimpleNamespace(num_pending=2)]
        found, _ = await broken_off(line, server, *[(number, {}) for number in range(1, half + 1)])
        assert found == [1, 2, None, *range(3, half + 1)]

    wishes = [json.loads(body) for _, body in in_front_of(monkeypatch, story).told("publish")]
    assert [wish["batch"] for wish in wishes] == [2 * half, half]


def test_a_reader_begins_anew_when_the_connection_came_back(monkeypatch):
    async def story(line, server):
        async def again():
            await asyncio.sleep(0.2)
            await server.again()

        (found, at), _ = await asyncio.gather(broken_off(line, server, (1, {})), again())
        assert (found, at) == ([None, 1], 0.2)

    in_front_of(monkeypatch, story)


@pytest.mark.parametrize("error", [nats.errors.ConnectionClosedError(), TimeoutError(), errors.ServerError(code=500)])
def test_a_stream_that_cannot_be_made_is_away_but_one_with_other_limits_is_used(monkeypatch, error):
    async def story(line, server):
        server.says["add_stream"] = [error, errors.BadRequestError(code=400)]
        with pytest.raises(Away):
            await anext(line.read(f"{WHERE}.sure", "sure", "gpu", None))
        async with aclosing(line.read(f"{WHERE}.sure", "sure", "gpu", None)) as coming:
            assert await anext(coming) is None

    in_front_of(monkeypatch, story)


def test_the_time_is_asked_for_once_a_connection_and_an_answer_without_it_is_away(monkeypatch):
    async def story(line, server):
        server.says["request"] = [b"{}", b'{"ts": "soon"}', b'{"ts": "1970-01-01T00:01:40.000000000Z"}']
        for _ in range(2):
            with pytest.raises(Away):
                await line.now()
        begun = asyncio.get_running_loop().time()
        assert await line.now() == 100.0
        await asyncio.sleep(7.0)
        assert await line.now() == pytest.approx(107.0)
        assert asyncio.get_running_loop().time() - begun == 7.0
        await server.again()
        assert await line.now() == pytest.approx(100.0)

    assert len(in_front_of(monkeypatch, story).told("request")) == 4


def test_without_its_package_the_remedy_is_told(monkeypatch):
    async def story(line, server):
        monkeypatch.setitem(sys.modules, "nats", None)
        with pytest.raises(ModuleNotFoundError, match=r"requirements-bus\.txt"):
            await line.now()

    in_front_of(monkeypatch, story)


def test_a_connection_that_does_not_close_holds_nobody(monkeypatch):
    async def story(line, server):
        await line.keep(f"{WHERE}.sure", "sure", b"", {})
        server.says["close"] = [nats.errors.ConnectionClosedError()]

    assert in_front_of(monkeypatch, story).told("close") == [[]]


def test_a_server_that_stood_still_while_a_reader_asked_for_it_gives_it_later(peer):
    @with_line("slow")
    async def slow(line, graph):
        await keep(line, graph, "sure", 1)
        with peer.paused(), pytest.raises(Away):
            await take(line, graph, "sure", 1)
        assert [body for body, _ in await take(line, graph, "sure", 1)] == ["1"]

    slow(peer)
