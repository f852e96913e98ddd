"""The line against a real server."""

import asyncio
import functools
from contextlib import aclosing

import pytest

from graphs.engine.jobs import InstanceJobs
from nodes.bus._errors import Away, Full
from nodes.bus._line import lend
from nodes.bus._nats import NatsLine
from nodes.bus._settings import Bus
from nodes.bus._streams import ROOM
from tests.peers.nats_peer import NatsPeer, free_port, program

pytest.importorskip("nats")
pytestmark = [
    pytest.mark.component,
    pytest.mark.skipif(program() is None, reason="nats-server is not installed"),
]
WHERE = "aischoco.show.pc.parse.chat"


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
        return sync

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
