import asyncio
from itertools import pairwise

import pytest
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops
from reactivex.disposable import CompositeDisposable, Disposable

from graphs.engine.flow import station as module
from graphs.engine.flow.edge import Edge
from graphs.engine.flow.instance import NotBuilt
from graphs.engine.flow.runtime import Runtime
from graphs.engine.reload.reloader import Reloader
from nodes import UNWIRED, Feedback
from nodes.services import Jobs
from nodes.streams import together
from schemas.chat import ChatBatch, ViewerEvent
from schemas.graph import Policy
from schemas.playback import Speaking
from schemas.settings import Settings
from tests.graphs.engine.flow.test_jobs import chat
from tests.graphs.engine.stage import MENDED, SEEN, Nothing, graph_of, play, sample

pytestmark = pytest.mark.usefixtures("no_log")


CHAIN = {"a": "chat.count", "b": "chat.pass", "c": "page.see"}
WIRES = ("a -> b", "b -> c")


def chain(b="chat.pass", *, a=None, policies=None):
    return graph_of({**CHAIN, "a": ("chat.count", a or {}), "b": b}, *WIRES, policies=policies)


def test_it_counts_what_goes_in_and_out():
    runtime = play(chain(), Runtime.idle)
    counted = {name: (station.events_in, station.events_out) for name, station in runtime.stations.items()}
    assert counted == {"a": (0, 10), "b": (10, 10), "c": (10, 0)}


def test_its_states_from_the_first_to_the_last():
    states = []

    async def story(runtime):
        states.append(runtime.stations["a"].state)
        await runtime.idle()
        states.append(runtime.stations["a"].state)

    runtime = play(chain(), story)
    assert [*states, runtime.stations["a"].state] == ["running", "completed", "stopped"]


def test_a_burst_is_worked_off_in_order_and_others_have_their_turn_meanwhile():
    events = [chat(str(number)) for number in range(3 * module.BURST)]

    async def story(runtime):
        edge = runtime.edges["a", "out", "b", "chat"]
        for event in events:
            edge.put(event)
        turns = 0
        while len(SEEN.get("seen", ())) < len(events):
            await asyncio.sleep(0)
            turns += 1
        assert turns >= 3

    play(chain(a={"count": 0}, policies={"a -> b": Policy("block", 1000, None, None)}), story)
    assert SEEN["seen"] == [event.id for event in events]


def test_a_full_edge_makes_its_writer_wait_and_room_lets_it_go_on():
    graph = chain(
        ("chat.slow", {"work_s": 1.0}), a={"every_s": 0.0}, policies={"a -> b": Policy("block", 2, None, None)}
    )
    sent = []

    async def story(runtime):
        for _ in range(4):
            await asyncio.sleep(1.0)
            sent.append(runtime.stations["a"].events_out)
        assert runtime.stations["a"].blocked
        await runtime.idle()

    runtime = play(graph, story)
    assert sent == sorted(set(sent))
    assert max(sent) <= 7
    assert not runtime.stations["a"].blocked
    assert len(SEEN["seen"]) == 10


def test_a_writer_that_waits_has_one_thing_to_wait_for():
    async def story(runtime):
        station = runtime.stations["b"]
        assert station.writable() is None
        station.blocked = 1
        first, second = station.writable(), station.writable()
        assert not first.done()
        station.blocked = 0
        station.wake()
        await asyncio.gather(first, second)

    play(chain(), story)


def test_a_slow_node_reads_two_edges_in_the_order_in_which_their_events_came():
    graph = graph_of(
        {
            "a": ("chat.count", {"count": 4, "every_s": 0.2}),
            "b": ("chat.count", {"count": 4, "every_s": 0.3, "first": 10}),
            "slow": ("chat.slow", {"work_s": 2.0}),
            "c": "page.see",
        },
        "a -> slow",
        "b -> slow",
        "slow -> c",
    )
    play(graph, Runtime.idle)
    # one at 0.2 0.4 0.6 0.8, the other at 0.3 0.6 0.9 1.2; both at 0.6 may go either way
    assert SEEN["seen"] in (
        ["0", "10", "1", "2", "11", "3", "12", "13"],
        ["0", "10", "1", "11", "2", "3", "12", "13"],
    )


def test_what_comes_while_a_node_was_away_is_read_in_the_order_it_was_sent_from_both_its_edges():
    graph = graph_of(
        {
            "a": ("chat.count", {"count": 30, "every_s": 0.05}),
            "b": ("chat.count", {"count": 20, "every_s": 0.0703, "first": 1000}),
            "p": ("chat.pass", {"bad": ("3",)}),
            "c": "page.see",
        },
        "a -> p",
        "b -> p",
        "p -> c",
    )

    def sent_at(name):
        number = int(name)
        return 0.05 * (number + 1) if number < 1000 else 0.0703 * (number - 999)

    async def story(runtime):
        runtime.jitter = lambda most: 1.0
        await asyncio.sleep(1.0)
        assert min(len(edge) for edge in runtime.stations["p"].ins) > 5  # both have a backlog
        await runtime.idle()

    play(graph, story)
    assert len(SEEN["seen"]) == 49
    assert SEEN["seen"] == sorted(SEEN["seen"], key=sent_at)


@sample("audio.late")
def audio_late(config: Nothing, batch: Observable[ChatBatch], *, jobs: Jobs) -> Observable[Speaking]:
    """Begin to speak a second after a batch came, and be busy with it for three more."""

    async def say(batch):
        await jobs.sleep(1.0)
        yield Speaking(turn=batch.turn, speaking=True)
        await jobs.sleep(3.0)

    return batch.pipe(jobs.each(say))


@sample("chat.listening")
def chat_listening(
    config: Nothing, chat: Observable[ViewerEvent], speaking: Feedback[Speaking] = UNWIRED
) -> Observable[ChatBatch]:
    """Make a turn of each message, and note who speaks."""
    noted = speaking.pipe(
        ops.do_action(lambda event: SEEN.setdefault("speaking", []).append(event.turn)), ops.ignore_elements()
    )
    turns = chat.pipe(ops.map(lambda event: ChatBatch(turn=f"t-{event.id}", lane="chat", events=(event,))))
    return together(noted, turns)


def test_feedback_is_taken_while_an_out_edge_is_full():
    graph = graph_of(
        {"a": ("chat.count", {"count": 6, "every_s": 0.0}), "batch": "chat.listening", "voice": "audio.late"},
        "a -> batch",
        "batch -> voice",
        "voice -> batch.speaking",
        policies={"batch -> voice": Policy("block", 1, None, None)},
    )

    async def story(runtime):
        await asyncio.sleep(2.0)
        assert runtime.stations["batch"].blocked
        assert len(SEEN["speaking"]) == 1

    play(graph, story)


def test_events_for_a_node_that_has_ended_are_dropped_not_kept():
    async def story(runtime):
        await asyncio.sleep(0.5)
        assert runtime.stations["b"].state == "completed"
        await asyncio.sleep(1.0)
        assert all(len(edge) == 0 for edge in runtime.edges.values())

    runtime = play(chain("chat.empty"), story)
    assert runtime.edges["a", "out", "b", "chat"].dropped == {"unaccounted": 9}


def long_chain(length):
    names = ["a", *(f"p{number}" for number in range(length)), "c"]
    stations = {"a": "chat.count", **dict.fromkeys(names[1:-1], "chat.pass"), "c": "page.see"}
    return graph_of(stations, *(f"{one} -> {two}" for one, two in pairwise(names)))


def test_an_event_passes_idle_nodes_in_one_call_and_a_chain_of_400_does_not_exhaust_the_stack():
    async def story(runtime):
        await runtime.idle()  # the events so far made every node ready to take one in its producer's call
        runtime.edges["a", "out", "p0", "chat"].put(chat("x"))
        ticks = 0
        while SEEN["seen"][-1] != "x":
            await asyncio.sleep(0)
            ticks += 1
        assert 400 // module.DEPTH <= ticks <= 2 * 400 // module.DEPTH

    play(long_chain(400), story)
    assert SEEN["seen"] == [*(str(number) for number in range(10)), "x"]


def test_what_comes_in_the_same_moment_as_an_event_that_a_node_fails_on_waits_for_its_restart():
    async def story(runtime):
        await runtime.idle()  # b takes events in its producer's call now
        edge = runtime.edges["a", "out", "b", "chat"]
        for name in ("x", "bad", "y", "z"):
            edge.put(chat(name))
        assert SEEN["seen"][-1] == "x"
        await runtime.idle()
        await asyncio.sleep(1.0)

    play(chain(("chat.pass", {"bad": ("bad",)})), story)
    assert SEEN["seen"][10:] == ["x", "y", "z"]


def test_the_second_failure_in_a_row_waits_longer(monkeypatch):
    waits = []

    async def story(runtime):
        monkeypatch.setattr(runtime, "jitter", lambda most: waits.append(most) or 0.1)
        await asyncio.sleep(300)

    play(chain(("chat.pass", {"bad": ("0", "1", "2")}), a={"every_s": 10.0}), story)
    assert waits == [0.5, 1.0, 2.0]


def test_a_node_that_cannot_be_built_again_is_tried_again(monkeypatch):
    async def story(runtime):
        make, calls = runtime.make, []

        def broken(station, entry, graph=None):
            calls.append(runtime.now())
            if len(calls) < 3:
                raise NotBuilt("b", "chat.pass", RuntimeError("still no room"))
            return make(station, entry, graph)

        monkeypatch.setattr(runtime, "make", broken)
        await asyncio.sleep(60)
        assert len(calls) == 3
        assert runtime.stations["b"].state == "running"

    runtime = play(chain(("chat.pass", {"bad": ("3",)}), a={"every_s": 1.0}), story)
    assert runtime.stations["b"].errors == 3
    assert runtime.stations["b"].last_error == "RuntimeError: still no room"
    assert [name for name in SEEN["seen"] if name != "3"] == SEEN["seen"]
    assert SEEN["seen"][-1] == "9"


def test_a_failure_is_forgotten_when_the_node_has_lasted_a_minute(monkeypatch):
    waits = []

    async def story(runtime):
        monkeypatch.setattr(runtime, "jitter", lambda most: waits.append(most) or 0.1)
        await asyncio.sleep(400)

    play(chain(("chat.pass", {"bad": ("0", "2")}), a={"every_s": 100.0}), story)
    assert waits == [0.5, 0.5]


def test_a_stop_in_the_middle_of_a_restart_does_not_wait_for_it():
    async def story(runtime):
        runtime.jitter = lambda most: 20.0
        await asyncio.sleep(0.5)
        assert runtime.stations["b"].state == "restarting"
        story.at = runtime.now()

    runtime = play(chain(("chat.pass", {"bad": ("3",)})), story)
    assert runtime.now() - story.at < 1.5
    assert runtime.stations["b"].state == "stopped"


def test_a_failure_while_it_drains_ends_the_draining():
    async def story(runtime):
        await asyncio.sleep(0.15)
        assert await runtime.stations["b"].drain(10.0)
        assert runtime.now() < 2

    runtime = play(chain(("chat.slow", {"work_s": 1.0, "bad": ("0",)})), story)
    assert runtime.stations["b"].errors == 1
    assert runtime.stations["b"].restarts == 0


def test_draining_tells_when_it_took_too_long():
    async def story(runtime):
        await asyncio.sleep(0.15)
        assert not await runtime.stations["b"].drain(1.0)
        assert await runtime.stations["b"].drain(1.0)

    play(chain(("chat.slow", {"work_s": 100.0})), story)


def test_of_edges_that_are_taken_away_the_waiting_events_are_read_before_those_of_the_new_ones():
    graph = graph_of({"a": ("chat.count", {"count": 0}), "b": ("chat.slow", {"work_s": 1.0}), "c": "page.see"}, *WIRES)

    async def story(runtime):
        await asyncio.sleep(0.01)
        station = runtime.stations["b"]
        (old,) = station.ins
        new = Edge("new -> b.chat", "chat", old.policy, runtime.now)
        new.reader, new.held = station, {old}
        for name in ("1", "2", "3"):
            old.put(chat(name))
        old.leave()
        station.add_in(new)
        new.put(chat("4"))
        await asyncio.sleep(10)
        assert station.ins == [new]

    play(graph, story)
    assert SEEN["seen"] == ["1", "2", "3", "4"]


def test_quiet_is_when_nothing_waits_and_nothing_is_under_way():
    async def story(runtime):
        station = runtime.stations["b"]
        assert station.quiet
        await asyncio.sleep(0.15)
        assert not station.quiet
        await runtime.idle()
        assert station.quiet

    play(chain(("chat.slow", {"work_s": 1.0}), a={"count": 2}), story)


def test_an_edge_that_stays_keeps_what_waits_and_of_one_that_is_taken_away_it_gets_a_verdict():
    async def story(runtime):
        station = runtime.stations["b"]
        (edge,) = station.ins
        await station.drain(0.0)
        edge.put(chat("x"))
        station.adopt(station.entry, station.spec, station.ins, {})
        assert len(edge) >= 1
        station.adopt(station.entry, station.spec, [], {})
        assert edge.dropped["unaccounted"] >= 1
        assert station.ins == []

    play(chain("chat.slow"), story)


def test_a_degraded_node_lets_go_of_what_waits_for_it_with_a_verdict():
    edge = ("a", "out", "b", "chat")

    async def story(runtime):
        async with asyncio.timeout(100.0):
            while runtime.stations["b"].state != "degraded":
                await asyncio.sleep(0.1)
        await asyncio.sleep(1.05)  # between two events of the source
        assert runtime.stations["b"].state == "degraded"
        assert len(runtime.edges[edge]) == 0

    bad = tuple(str(number) for number in range(1000))
    runtime = play(chain(("chat.pass", {"bad": bad}), a={"count": 1000}), story)
    assert runtime.edges[edge].dropped["failed"] >= 10
    assert SEEN == {}


def test_a_donation_that_comes_again_goes_no_further():
    gifts = ("chat.count", {"count": 3, "gift_every": 1})
    runtime = play(graph_of({"a": gifts, "b": gifts, "c": "page.see"}, "a -> c", "b -> c"), Runtime.idle)
    assert sorted(SEEN["seen"]) == ["0", "1", "2"]
    assert sum(runtime.stations[name].events_out for name in "ab") == 3


class Clumsy(Settings):
    flush: bool = Field(default=False, description="Fails when it is to flush, else when it is to let go.")
    bad: str = Field(default="", description="Id to fail on.")


@sample("chat.clumsy")
def chat_clumsy(config: Clumsy, chat: Observable[ViewerEvent]) -> Observable[ViewerEvent]:
    """Pass everything on, and fail at the end."""

    def fail() -> None:
        raise OSError("the disk is full")

    def subscribe(observer, scheduler=None):
        def take(event):
            if event.id == config.bad:
                fail()
            observer.on_next(event)

        end = fail if config.flush else observer.on_completed
        listening = chat.subscribe(take, observer.on_error, end, scheduler=scheduler)
        return CompositeDisposable(listening, Disposable(lambda: None if config.flush else fail()))

    return Observable(subscribe)


@pytest.mark.parametrize("flush", [True, False])
def test_a_node_that_fails_at_its_end_holds_up_neither_a_reload_nor_the_end(flush):
    async def story(runtime):
        await asyncio.sleep(0.35)
        applied = await Reloader(runtime).apply(chain())
        assert (applied.generation, applied.forced) == (2, ())
        assert (runtime.stations["b"].errors, runtime.stations["b"].state) == (1, "running")
        await Reloader(runtime).apply(chain(("chat.clumsy", {"flush": flush})))
        await runtime.idle()

    runtime = play(chain(("chat.clumsy", {"flush": flush})), story)
    assert SEEN["seen"] == [str(number) for number in range(10)]
    assert runtime.stations["b"].errors == 2
    assert runtime.stations["b"].last_error == "OSError: the disk is full"
    assert {station.state for station in runtime.stations.values()} == {"stopped"}


def test_a_node_that_cannot_let_go_after_a_failure_is_restarted_all_the_same():
    async def story(runtime):
        await asyncio.sleep(40.0)
        assert (runtime.stations["b"].state, runtime.stations["b"].restarts) == ("running", 1)

    play(chain(("chat.clumsy", {"bad": "3"})), story)
    assert SEEN["seen"][-1] == "9"


def test_a_wrong_event_of_one_producer_neither_stops_its_edge_nor_hits_the_other_producer():
    graph = graph_of(
        {**CHAIN, "g": ("chat.count", {"first": 100, "gift_every": 1}), "b": "chat.forgetful"},
        *("a -> b", "b -> c", "g -> c"),
    )

    async def story(runtime):
        await asyncio.sleep(0.5)
        assert (
            runtime.stations["b"].last_error == "ViewerEvent 이벤트를 내보내는 'out' 포트에서 다른 것이 나왔어요: None"
        )
        MENDED.append(True)
        await runtime.idle()

    try:
        runtime = play(graph, story)
    finally:
        MENDED.clear()
    assert {f"{100 + number}" for number in range(10)} <= set(SEEN["seen"])
    assert {f"{number}" for number in range(10)} & set(SEEN["seen"]), "it passes again once it is right"
    assert runtime.stations["g"].errors == runtime.stations["c"].errors == 0


def test_a_node_that_fails_just_as_the_run_ends_leaves_none_of_its_jobs_behind():
    async def story(runtime):
        await asyncio.sleep(0.15)
        runtime.stations["a"].instance.fail(ValueError("now"))

    runtime = play(graph_of({"a": "chat.count", "c": "page.see"}, "a -> c"), story)
    assert runtime.stations["a"].errors == 1
