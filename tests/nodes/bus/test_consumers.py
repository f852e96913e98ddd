import json
from contextlib import aclosing
from types import SimpleNamespace

import pytest

from nodes.bus._consumers import MADE_S
from nodes.bus._streams import PAID_IN_FLIGHT
from tests.nodes.bus.fake_server import WHERE, broken_off, in_front_of

nats = pytest.importorskip("nats")
errors = pytest.importorskip("nats.js.errors")


def names(*found, total=0):
    """The answer to the question which consumers there are."""
    return json.dumps({"consumers": found, "total": total or len(found)}).encode()


def done(number):
    """A consumer with this progress; None where nothing is known."""
    return SimpleNamespace(ack_floor=None if number is None else SimpleNamespace(stream_seq=number))


def patience(server, what):
    """The seconds that each try had."""
    return [seconds for call, seconds in server.given if call == what]


@pytest.mark.parametrize(("number", "first"), [(4, 5), (9, 10), (40, 1)])
def test_older_readers_of_the_name_go_and_it_begins_behind_what_they_did_of_this_stream(monkeypatch, number, first):
    async def story(line, server):
        server.says["names"] = [names("gpu_11111111", "tv_11111111", total=3), names("gpu_22222222", total=3)]
        server.says["info gpu_11111111"] = [done(number)]
        server.says["info gpu_22222222"] = [done(None)]
        server.says["delete_consumer"] = [errors.NotFoundError(), None]
        await broken_off(line, server)

    server = in_front_of(monkeypatch, story)
    ((config,),) = server.told("add_consumer")
    assert (config.opt_start_seq, config.max_ack_pending) == (first, PAID_IN_FLIGHT)
    assert server.told("delete_consumer") == [["gpu_11111111"], ["gpu_22222222"]]
    assert [json.loads(body) for (body,) in server.told("names")] == [{"offset": 0}, {"offset": 2}]


@pytest.mark.parametrize("trouble", [nats.errors.TimeoutError(), errors.NotFoundError()])
def test_an_older_reader_on_a_server_that_is_gone_is_not_waited_for_where_another_tells(monkeypatch, trouble):
    async def story(line, server):
        server.says["names"] = [names("gpu_11111111", "gpu_22222222")]
        server.says["info gpu_11111111"] = [trouble]
        server.says["info gpu_22222222"] = [done(6)]
        await broken_off(line, server)

    ((config,),) = in_front_of(monkeypatch, story).told("add_consumer")
    assert config.opt_start_seq == 7


def test_where_no_older_reader_tells_what_it_did_it_is_asked_again_and_nothing_is_made(monkeypatch):
    async def story(line, server):
        server.says["names"] = [names("gpu_11111111")]
        server.says["info gpu_11111111"] = [nats.errors.TimeoutError(), done(6)]
        for _ in range(2):
            await broken_off(line, server)

    ((config,),) = in_front_of(monkeypatch, story).told("add_consumer")
    assert config.opt_start_seq == 7


def test_a_stream_that_nobody_leads_is_away(monkeypatch):
    async def story(line, server):
        server.says["names"] = [b'{"error": {"code": 503, "err_code": 10008, "description": "no leader"}}']
        await broken_off(line, server)

    assert in_front_of(monkeypatch, story).told("add_consumer") == []


def test_a_reader_of_sound_goes_on_where_it_began_when_it_had_taken_nothing_before_the_line_broke(monkeypatch):
    async def story(line, server):
        for last in (9, 12):
            server.last = last
            async with aclosing(line.read(f"{WHERE}.block", "block", "gpu", None)) as coming:
                assert await anext(coming) is None

    server = in_front_of(monkeypatch, story)
    assert [config.opt_start_seq for (config,) in server.told("add_consumer")] == [10, 10]
    assert not [call for call, *_ in server.calls if call.startswith("info")]


def test_a_reader_that_is_not_made_in_time_is_given_twice_the_time_up_to_a_limit(monkeypatch):
    async def story(line, server):
        server.says["add_consumer"] = [nats.errors.TimeoutError()] * 5 + [SimpleNamespace(num_pending=0)]
        for _ in range(7):
            await broken_off(line, server)

    assert patience(in_front_of(monkeypatch, story), "add_consumer") == [1.0, 2.0, 4.0, 8.0, MADE_S, MADE_S, 1.0]


def test_several_servers_have_the_time_to_elect_a_leader_at_once(monkeypatch):
    async def story(line, server):
        await broken_off(line, server)

    server = in_front_of(monkeypatch, story, replicas=3)
    assert patience(server, "add_consumer") == patience(server, "add_stream") == [MADE_S]


def test_a_stream_that_is_not_made_in_time_is_given_twice_the_time(monkeypatch):
    async def story(line, server):
        server.says["add_stream"] = [nats.errors.TimeoutError(), None]
        for _ in range(2):
            await broken_off(line, server)

    assert patience(in_front_of(monkeypatch, story), "add_stream") == [1.0, 2.0]
