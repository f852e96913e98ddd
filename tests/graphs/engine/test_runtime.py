import asyncio
import logging

import pytest

from graphs.engine.runtime import LEAST_S, Runtime
from schemas.graph import Policy
from tests.graphs.engine.stage import SEEN, graph_of, play


@pytest.fixture(autouse=True)
def _no_log(monkeypatch):
    monkeypatch.setattr(logging.getLogger("aischoco"), "disabled", True)


SHOW = {
    "source": "chat.count",
    "filter": "chat.refuse",
    "batch": "chat.single",
    "voice": ("audio.say", {"work_s": 0.2}),
}
SHOW_WIRES = ("source -> filter", "filter -> batch", "batch -> voice", "voice.speaking -> batch.speaking")


def test_events_flow_from_source_to_sink_in_order():
    graph = graph_of({"a": "chat.count", "b": "chat.pass", "c": "page.see"}, "a -> b", "b -> c")
    runtime = play(graph, Runtime.idle)
    assert SEEN["seen"] == [str(number) for number in range(10)]
    assert runtime.stations["b"].events_in == runtime.stations["b"].events_out == 10
    assert runtime.edges[("a", "out", "b", "chat")].count == 10


def test_every_viewer_event_is_answered_or_dropped_with_a_reason():
    runtime = play(graph_of(SHOW, *SHOW_WIRES), Runtime.idle)
    assert runtime.ledger.counts() == {
        "in": 10,
        "answered": 5,
        "waiting": 0,
        "dropped": {"duplicate": 5},
        "malformed": {},
        "repeated": 0,
    }
    assert [turn.batch for turn in runtime.turns.turns.values()] == [("0",), ("2",), ("4",), ("6",), ("8",)]


def test_events_wait_in_the_edge_while_a_node_is_busy_and_the_source_waits_when_it_is_full():
    graph = graph_of(
        {"a": ("chat.count", {"count": 20, "every_s": 0.0}), "b": ("chat.slow", {"work_s": 1.0}), "c": "page.see"},
        "a -> b",
        "b -> c",
        policies={"a -> b": Policy("block", 3, None, None)},
    )

    async def story(runtime):
        await asyncio.sleep(1.5)
        assert len(runtime.edges[("a", "out", "b", "chat")]) == 3
        await runtime.idle()

    runtime = play(graph, story)
    assert SEEN["seen"] == [str(number) for number in range(20)]
    assert runtime.edges[("a", "out", "b", "chat")].queue_max == 3


def test_a_slow_branch_does_not_hold_up_the_other():
    graph = graph_of(
        {
            "a": "chat.count",
            "fast": ("page.see", {"label": "fast"}),
            "slow": ("chat.slow", {"work_s": 5.0}),
            "end": "page.see",
        },
        "a -> fast",
        "a -> slow",
        "slow -> end",
    )

    async def story(_):
        await asyncio.sleep(1.2)
        assert len(SEEN["fast"]) == 10
        assert "seen" not in SEEN

    play(graph, story)


@pytest.mark.parametrize("kind", ["chat.pass", "chat.slow"])
def test_a_node_that_fails_on_an_event_is_back_within_a_second_and_the_other_branch_loses_nothing(kind):
    settings = {"bad": ("3",)} if kind == "chat.pass" else {"bad": ("3",), "work_s": 0.01}
    graph = graph_of(
        {"a": "chat.count", "b": (kind, settings), "seen": "page.see", "other": ("page.see", {"label": "other"})},
        "a -> b",
        "b -> seen",
        "a -> other",
    )

    async def story(runtime):
        await asyncio.sleep(0.45)
        assert runtime.stations["b"].state == "restarting"
        await asyncio.sleep(1.0)
        assert runtime.stations["b"].state == "running"
        await runtime.idle()

    runtime = play(graph, story)
    assert SEEN["other"] == [str(number) for number in range(10)]
    assert SEEN["seen"] == [str(number) for number in range(10) if number != 3]
    assert (runtime.stations["b"].errors, runtime.stations["b"].restarts) == (1, 1)
    assert runtime.log.errors[0] == {
        "node": "b",
        "type": kind,
        "error": "ValueError: cannot stand 3",
        "event": "ChatMessage 3",
    }


def test_the_event_that_a_node_failed_on_has_the_verdict_failed():
    wires = ("source -> filter", "filter -> batch", "batch -> voice", "voice.speaking -> batch.speaking")
    stations = {**SHOW, "filter": ("chat.pass", {"bad": ("4",)})}
    runtime = play(graph_of(stations, *wires), Runtime.idle)
    assert runtime.ledger.counts()["dropped"] == {"failed": 1}
    assert runtime.ledger.verdict("4").reason == "failed"


def test_five_failures_in_a_minute_make_a_node_degraded():
    bad = tuple(str(number) for number in range(5))
    graph = graph_of(
        {"a": ("chat.count", {"count": 5, "every_s": 0.01}), "b": ("chat.pass", {"bad": bad}), "c": "page.see"},
        "a -> b",
        "b -> c",
    )

    async def story(runtime):
        for _ in range(1000):
            if runtime.stations["b"].state == "degraded":
                return
            await asyncio.sleep(0.1)
        raise AssertionError("never degraded")

    runtime = play(graph, story)
    assert runtime.stations["b"].errors == 5


def test_a_graph_that_cannot_be_built_leaves_nothing_behind_and_names_the_node():
    graph = graph_of({"a": "chat.count", "c": ("page.see", {"broken": True})}, "a -> c")
    with pytest.raises(RuntimeError, match="no page") as caught:
        play(graph, Runtime.idle)
    assert caught.value.__notes__ == ["in node 'c' (page.see)"]


def test_a_node_that_has_completed_does_not_hold_up_its_producer():
    graph = graph_of(
        {"a": ("chat.count", {"count": 50, "every_s": 0.01}), "b": "chat.empty", "c": "page.see"},
        "a -> b",
        "b -> c",
        policies={"a -> b": Policy("block", 2, None, None)},
    )
    runtime = play(graph, Runtime.idle)
    assert runtime.stations["a"].events_out == 50


def test_a_stop_ends_within_its_deadline_and_lets_waiting_events_through():
    graph = graph_of(
        {"a": ("chat.count", {"count": 1000}), "b": ("chat.slow", {"work_s": 0.3}), "c": "page.see"}, "a -> b", "b -> c"
    )

    async def story(runtime):
        await asyncio.sleep(1.05)
        story.at = runtime.now()

    runtime = play(graph, story)
    assert runtime.now() - story.at <= 1.0 + 3 * LEAST_S
    assert len(SEEN["seen"]) >= 5
    assert all(station.state == "stopped" for station in runtime.stations.values())
