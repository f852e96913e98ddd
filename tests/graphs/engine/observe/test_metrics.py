import asyncio
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from graphs.engine.books.turns import MARKS
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.observe import metrics
from graphs.engine.observe.metrics import exposition
from graphs.engine.observe.usage import Gpu, Sample, Taken
from graphs.engine.observe.watchdog import Watchdog
from schemas.graph import Policy
from tests.graphs.engine.observe import show
from tests.graphs.engine.observe.show import WIRES
from tests.graphs.engine.stage import graph_of, play

SHOW = {**show.SHOW, "a": ("chat.count", {"count": 6, "every_s": 1.0})}


pytestmark = pytest.mark.usefixtures("no_log")


def samples(text):
    """(name, labels without their order) -> value, as Prometheus itself reads it."""
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def after(graph, seconds=None, watchdog=None, before=None):
    found = {}

    async def story(runtime):
        if before is not None:
            before(runtime)
        await (runtime.idle() if seconds is None else asyncio.sleep(seconds))
        found.update(samples(exposition(runtime, watchdog)))

    play(graph, story)
    return found


def test_nodes_and_viewer_events_are_counted():
    def malformed(runtime):
        runtime.ledger.malformed("json")

    found = after(graph_of(SHOW, *WIRES), before=malformed)
    assert found["aischoco_node_events_total", "b", "in"] == 6
    assert found["aischoco_node_events_total", "b", "out"] == 3
    assert found["aischoco_node_errors_total", "b"] == 0
    assert found["aischoco_node_restarts_total", "b"] == 0
    assert found["aischoco_node_state", "b", "chat.refuse", "running"] == 1
    assert found["aischoco_viewer_events_total", "", "in"] == 6
    assert found["aischoco_viewer_events_total", "", "answered"] == 3
    assert found["aischoco_viewer_events_total", "dropped", "duplicate"] == 3
    assert found["aischoco_viewer_events_waiting",] == 0
    assert found["aischoco_malformed_total", "json"] == 1
    assert not any(name[0].startswith("aischoco_loop") for name in found)


def test_an_edge_tells_its_length_what_it_dropped_and_how_long_events_waited():
    graph = graph_of(
        {"a": ("chat.count", {"count": 8, "every_s": 0.1}), "b": ("chat.slow", {"work_s": 1.0}), "c": "page.see"},
        "a -> b",
        "b -> c",
        policies={"a -> b": Policy("fresh", 2, None, None)},
    )
    found = after(graph, 1.5)
    key = "a.out -> b.chat"
    assert found["aischoco_edge_events_total", key] == 8
    assert found["aischoco_edge_dropped_total", key, "flood"] == 5
    assert found["aischoco_edge_length", key] == 1
    assert found["aischoco_edge_capacity", key] == 2
    buckets = {name[1]: value for name, value in found.items() if name[0] == "aischoco_edge_age_seconds_bucket"}
    assert buckets.keys() >= {"+Inf", "1.0"}
    ages = {
        float(label): value
        for name, value in found.items()
        if name[0] == "aischoco_edge_age_seconds_bucket" and key in name
        for label in name[1:]
        if label != key
    }
    assert ages[float("inf")] == 2
    assert list(ages.values()) == sorted(ages.values())
    assert ages[min(ages)] == 1
    assert ages[0.25] == 1
    assert ages[0.5] == 2
    assert max(age for age in ages if age < float("inf")) == 64.0


def test_the_quantiles_of_turns_are_those_that_the_page_tells():
    def turn(number):
        return SimpleNamespace(marks={**dict.fromkeys(MARKS), "received": 0.0, "first_sound": float(number)})

    turns = SimpleNamespace(turns={number: turn(number) for number in range(1, 21)})
    family = metrics._Graph(SimpleNamespace(turns=turns), None)._turns()
    told = {
        sample.labels["quantile"]: sample.value for sample in family.samples if sample.labels["mark"] == "first_sound"
    }
    assert told == {"0.5": 10.0, "0.95": 19.0}


def test_the_times_of_turns_are_told_for_each_mark():
    found = after(graph_of(SHOW, *WIRES))
    assert found["aischoco_turn_seconds", "0.5", "batched"] == pytest.approx(0.0, abs=0.01)
    assert found["aischoco_turn_seconds", "0.95", "ended"] == pytest.approx(0.5, abs=0.01)
    assert ("aischoco_turn_seconds", "0.5", "first_token") not in found


def test_tasks_are_counted():
    quiet = graph_of({"a": ("chat.count", {"count": 0})})
    waiting = graph_of({"a": ("chat.count", {"count": 8, "every_s": 1.0})})
    assert after(waiting, 0.5)["aischoco_tasks",] > after(quiet, 0.5)["aischoco_tasks",] >= 1


def test_hold_ups_of_the_loop_are_told(tmp_path):
    watchdog = Watchdog(EngineLog(quiet=True), tmp_path / "x")
    watchdog.lag_max_s, watchdog.incidents = 0.75, 2
    found = after(graph_of(SHOW, *WIRES), 0.1, watchdog)
    assert found["aischoco_loop_lag_max_seconds",] == 0.75
    assert found["aischoco_loop_incidents_total",] == 2


def test_what_each_process_takes_is_counted_with_its_name():
    usage = Sample(
        (Taken(7, "python", 3.0, 0.25, 200, 5), Taken(9, "voice", 1.0, 0.0, 100, 0)), (Gpu(0, "card", 6, 8),)
    )
    found = {}

    async def story(runtime):
        found.update(samples(exposition(runtime, None, usage)))

    play(graph_of(SHOW, *WIRES), story)
    assert found["aischoco_cpu_seconds_total", "7", "python"] == 3.0
    assert found["aischoco_memory_bytes", "9", "voice"] == 100
    assert found["aischoco_gpu_memory_bytes", "7", "python"] == 5
    assert (found["aischoco_gpu_used_bytes", "0", "card"], found["aischoco_gpu_total_bytes", "0", "card"]) == (6, 8)
