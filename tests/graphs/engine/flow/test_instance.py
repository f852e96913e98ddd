import asyncio
import dataclasses

import pytest
import reactivex
from reactivex.scheduler.eventloop import AsyncIOScheduler

from graphs.engine.flow.edge import Edge
from graphs.engine.flow.instance import Instance, NotBuilt
from nodes.services import Clock
from nodes.streams import together
from schemas.chat import ChatBatch, ChatMessage
from schemas.graph import Policy
from tests.graphs.engine.flow.test_jobs import Host, chat
from tests.graphs.engine.stage import REGISTRY, SEEN, graph_of
from tests.harness import on_virtual_time


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (ValueError("no page"), "'c' 노드(page.see): no page"),
        (NotImplementedError(), "'c' 노드(page.see): NotImplementedError"),
    ],
)
def test_a_node_that_cannot_be_built_is_told_with_its_name_its_type_and_why(cause, told):
    assert str(NotBuilt("c", "page.see", cause)) == told


class PortHost(Host):
    """Which also notes the port."""

    def emit(self, port, event):
        self.out.append((port, event))


def build(type_, host, *, wired=None, services=None, **settings):
    entry = graph_of({"n": (type_, settings)}).nodes["n"]
    spec = REGISTRY[type_]
    ports = {port.name for port in spec.inputs} if wired is None else wired
    return Instance("n", spec, entry.settings, ports, services or {}, host)


def start(instance):
    instance.start(AsyncIOScheduler(asyncio.get_running_loop()))
    return instance


def edge_of(*names, port="chat"):
    edge = Edge("a -> n", port, Policy("block", 64, None, None), asyncio.get_running_loop().time)
    for name in names:
        edge.put(chat(name))
    return edge


def test_nothing_runs_before_it_is_started():
    async def story():
        host = Host()
        made = build("chat.count", host, every_s=0.0)
        await asyncio.sleep(1)
        assert host.out == host.log == []
        await made.close()

    on_virtual_time(story())


def test_it_takes_events_one_tick_after_its_start_and_says_so():
    async def story():
        host = Host()
        made = start(build("chat.pass", host))
        assert not made.ready("chat")
        await asyncio.sleep(0)
        assert made.ready("chat")
        assert host.log == ["wake"]
        made.feed("chat", chat("a"))
        assert host.out == ["a"]
        await made.close()

    on_virtual_time(story())


def test_what_comes_out_says_from_which_port():
    async def story():
        host = PortHost()
        made = start(build("audio.say", host, work_s=1.0))
        made.feed("batch", ChatBatch(turn="t", lane="chat", events=()))
        await asyncio.sleep(2)
        assert [port for port, _ in host.out] == ["speaking", "heard", "heard", "speaking"]
        made.complete()
        assert host.log[-1] == "finished"
        await made.close()

    on_virtual_time(story())


def test_it_is_finished_once_when_all_its_outputs_have_completed():
    async def story():
        host = Host()
        made = start(build("audio.say", host))
        await asyncio.sleep(0.01)
        made.complete()
        assert not made.ready("batch")
        await asyncio.sleep(0.01)
        assert host.log.count("finished") == 1
        assert made.ended
        await made.close()

    on_virtual_time(story())


def test_an_optional_port_without_a_wire_is_not_there():
    async def story():
        made = start(build("chat.single", Host(), wired={"chat"}))
        assert set(made.inlets) == {"chat"}
        await made.close()

    on_virtual_time(story())


def test_a_service_is_lent_by_its_type():
    class Said:
        def drop(self, event, reason):
            dropped.append((event.id, reason))

    from nodes.services import Verdicts

    dropped = []

    async def story():
        host = Host()
        made = start(build("chat.refuse", host, services={Verdicts: Said(), Clock: None}))
        made.feed("chat", chat("1"))
        made.feed("chat", chat("2"))
        assert dropped == [("1", "duplicate")]
        assert host.out == ["2"]
        await made.close()

    on_virtual_time(story())


def test_a_node_that_raises_has_failed_on_the_event_and_takes_no_more():
    async def story():
        host = Host()
        made = start(build("chat.pass", host, bad=("b",)))
        await asyncio.sleep(0.01)
        for name in "abc":
            if made.ready("chat"):
                made.feed("chat", chat(name))
        assert host.out == ["a"]
        assert host.log[-1] == ("b", "cannot stand b")
        await made.close()

    on_virtual_time(story())


def test_an_output_that_raises_into_its_producer_is_a_failure_of_the_node():
    class Broken(Host):
        def emit(self, port, event):
            raise RuntimeError("no room")

    async def story():
        host = Broken()
        made = start(build("chat.pass", host))
        made.feed("chat", chat("a"))
        assert host.log == [("a", "no room")]
        edge = edge_of("b")
        assert made.feed_from(edge, 10) == 0
        await made.close()

    on_virtual_time(story())


def test_it_takes_from_an_edge_at_most_so_many():
    async def story():
        host = Host()
        made = start(build("chat.pass", host))
        edge = edge_of(*"abcde")
        assert made.feed_from(edge, 3) == 3
        assert made.feed_from(edge, 10) == 2
        assert host.out == list("abcde")
        assert made.feed_from(edge, 10) == 0
        await made.close()

    on_virtual_time(story())


def test_it_takes_one_from_an_edge_when_that_one_keeps_it_busy():
    async def story():
        made = start(build("chat.slow", Host(), work_s=1.0))
        edge = edge_of("a", "b")
        assert made.feed_from(edge, 10) == 1
        assert len(edge) == 1
        await made.close()

    on_virtual_time(story())


def test_a_failure_in_the_middle_of_an_edge_leaves_the_rest_in_it():
    async def story():
        host = Host()
        made = start(build("chat.pass", host, bad=("b",)))
        edge = edge_of(*"abc")
        assert made.feed_from(edge, 10) == 2
        assert [event.id for event in edge] == ["c"]
        assert host.log == [("b", "cannot stand b")]
        await made.close()

    on_virtual_time(story())


def test_an_exception_of_an_output_in_the_middle_of_an_edge_fails_the_node():
    class Broken(Host):
        def emit(self, port, event):
            if event.id == "b":
                raise RuntimeError("no room")

    async def story():
        host = Broken()
        made = start(build("chat.pass", host))
        edge = edge_of(*"abc")
        assert made.feed_from(edge, 10) == 2
        assert host.log == [("b", "no room")]
        assert made.ended
        await made.close()

    on_virtual_time(story())


@pytest.mark.parametrize(("port", "taken"), [("chat", 0), ("speaking", 1)])
def test_while_an_out_edge_is_full_it_takes_only_feedback(port, taken):
    async def story():
        host = Host()
        host.blocked = 1
        made = start(build("chat.single", host))
        edge = Edge("a -> n", port, Policy("block", 64, None, None), asyncio.get_running_loop().time)
        edge.put(ChatMessage(id="a", author="x"))
        assert made.feed_from(edge, 10) == taken
        await made.close()

    on_virtual_time(story())


def test_what_is_closed_by_force_is_silent():
    async def story():
        host = Host()
        made = start(build("chat.count", host, every_s=1.0))
        await asyncio.sleep(2.5)
        await made.close()
        await asyncio.sleep(10)
        assert host.out == ["0", "1"]
        assert "finished" not in host.log

    on_virtual_time(story())


def test_what_a_node_without_outputs_still_does_ends_with_its_input():
    async def story():
        SEEN.clear()
        host = Host()
        made = start(build("page.see", host))
        made.feed("chat", chat("a"))
        assert (SEEN, host.out) == ({"seen": ["a"]}, [])
        made.complete()
        assert host.log.count("finished") == 1
        await made.close()

    on_virtual_time(story())


def test_a_node_that_waits_only_for_others_is_finished_when_it_is_told_to_complete():
    def build_waiting(config, **_):
        return reactivex.never()

    async def story():
        host = Host()
        spec = dataclasses.replace(REGISTRY["chat.count"], build=build_waiting)
        made = start(Instance("n", spec, spec.settings(), set(), {}, host))
        await asyncio.sleep(1)
        assert "finished" not in host.log
        made.complete()
        made.complete()
        assert host.log.count("finished") == 1
        await made.close()

    on_virtual_time(story())


def test_the_first_event_is_not_lost_however_deep_a_node_merges():
    def deep(_, chat):
        for _ in range(8):
            chat = together(chat, reactivex.never())
        return chat

    async def story():
        host = Host()
        spec = dataclasses.replace(REGISTRY["chat.pass"], build=deep)
        made = start(Instance("n", spec, None, {"chat"}, {}, host))
        await asyncio.sleep(0)
        made.feed("chat", chat("first"))
        assert host.out == ["first"]
        await made.close()

    on_virtual_time(story())


@pytest.mark.parametrize("many", [1, 256])
def test_an_event_that_is_not_the_ports_is_the_failure_of_its_node_and_goes_no_further(many):
    async def story():
        host = Host()
        made = build("chat.forgetful", host)
        start(made)
        await asyncio.sleep(0)
        for number in range(many):
            made.feed("chat", chat(f"{number}"))
        assert made.ended
        assert host.out == []
        assert host.log == ["wake", ("0", "ViewerEvent 이벤트를 내보내는 'out' 포트에서 다른 것이 나왔어요: None")]

    on_virtual_time(story())


def test_wrong_events_at_the_very_start_are_a_failure_and_not_an_exception_for_whoever_starts_the_node():
    async def story():
        host = Host()
        start(build("chat.wrong", host))
        assert host.out == []
        assert host.log == [(None, "ViewerEvent 이벤트를 내보내는 'out' 포트에서 다른 것이 나왔어요: Speaking")]

    on_virtual_time(story())
