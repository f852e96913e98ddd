import asyncio
import itertools
import logging
import random

import pytest

from graphs.engine.reload import Reloader
from graphs.engine.runtime import Runtime
from schemas.graph import Policy
from tests.graphs.engine.stage import SEEN, graph_of, play


@pytest.fixture(autouse=True)
def _no_log(monkeypatch):
    monkeypatch.setattr(logging.getLogger("aischoco"), "disabled", True)


def ids(count):
    return [str(number) for number in range(count)]


SOURCE = ("chat.count", {"count": 100, "every_s": 0.01})
CHAIN = {"a": SOURCE, "b": "chat.pass", "c": "page.see"}


def changed(old, new, at=0.5, check=None, drain_s=10.0):
    """Run ``old``, change to ``new`` on the way, run to the end."""

    async def story(runtime: Runtime):
        await asyncio.sleep(at)
        applied = await Reloader(runtime, drain_s=drain_s).apply(new)
        if check is not None:
            check(runtime, applied)
        await runtime.idle()

    return play(old, story)


def test_an_unchanged_node_keeps_its_instance_and_a_changed_one_gets_a_new_one():
    old = graph_of(CHAIN, "a -> b", "b -> c")
    new = graph_of({**CHAIN, "b": ("chat.pass", {"bad": ("nobody",)})}, "a -> b", "b -> c")

    async def story(runtime):
        before = {name: station.instance for name, station in runtime.stations.items()}
        await asyncio.sleep(0.5)
        applied = await Reloader(runtime).apply(new)
        after = {name: station.instance for name, station in runtime.stations.items()}
        assert {name for name in before if before[name] is not after[name]} == {"b"}
        assert applied.summary == "b: bad () -> ('nobody',)"
        await runtime.idle()

    play(old, story)
    assert SEEN["seen"] == ids(100)


def test_events_wait_for_the_new_node_while_the_old_one_finishes_its_work():
    slow = {"a": SOURCE, "b": ("chat.slow", {"work_s": 0.3}), "c": "page.see"}
    faster = {**slow, "b": ("chat.slow", {"work_s": 0.001})}
    policy = {"a -> b": Policy("sure", 4, None, None)}
    wires = ("a -> b", "b -> c")
    changed(graph_of(slow, *wires, policies=policy), graph_of(faster, *wires, policies=policy), at=0.4)
    assert SEEN["seen"] == ids(100)


def test_a_node_is_added_in_the_middle_and_taken_out_again():
    straight = graph_of(CHAIN, "a -> b", "b -> c")
    longer = graph_of({**CHAIN, "d": ("chat.slow", {"work_s": 0.001})}, "a -> b", "b -> d", "d -> c")

    async def story(runtime):
        reloader = Reloader(runtime)
        await asyncio.sleep(0.3)
        await reloader.apply(longer)
        assert runtime.stations["d"].state == "running"
        await asyncio.sleep(0.3)
        await reloader.apply(straight)
        assert "d" not in runtime.stations
        await runtime.idle()

    play(straight, story)
    assert SEEN["seen"] == ids(100)


def test_a_branch_is_added_and_the_first_one_does_not_notice():
    old = graph_of(CHAIN, "a -> b", "b -> c")
    new = graph_of({**CHAIN, "d": ("page.see", {"label": "second"})}, "a -> b", "b -> c", "b -> d")
    changed(old, new)
    assert SEEN["seen"] == ids(100)
    assert SEEN["second"] == ids(100)[-len(SEEN["second"]) :]
    assert 40 <= len(SEEN["second"]) <= 60


def test_two_nodes_change_places_and_no_event_passes_one_twice_or_is_lost():
    one = {"a": SOURCE, "b": ("chat.slow", {"work_s": 0.002}), "c": "chat.pass", "d": "page.see"}
    changed(graph_of(one, "a -> b", "b -> c", "c -> d"), graph_of(one, "a -> c", "c -> b", "b -> d"))
    assert SEEN["seen"] == ids(100)


def test_a_graph_that_cannot_be_built_leaves_the_running_one_untouched():
    old = graph_of(CHAIN, "a -> b", "b -> c")
    broken = {**CHAIN, "b": ("chat.pass", {"bad": ("x",)}), "e": ("page.see", {"broken": True})}
    new = graph_of(broken, "a -> b", "b -> c", "b -> e")

    async def story(runtime):
        await asyncio.sleep(0.5)
        before = runtime.stations["b"].instance
        with pytest.raises(RuntimeError, match="no page"):
            await Reloader(runtime).apply(new)
        assert runtime.stations["b"].instance is before
        assert runtime.graph is old
        await runtime.idle()

    play(old, story)
    assert SEEN["seen"] == ids(100)


def test_a_source_is_replaced():
    new = {**CHAIN, "a": ("chat.count", {"count": 5, "every_s": 0.01})}
    changed(graph_of(CHAIN, "a -> b", "b -> c"), graph_of(new, "a -> b", "b -> c"), at=0.305)
    assert SEEN["seen"] == ids(30) + ids(5)


def test_an_old_node_that_does_not_finish_is_ended_by_force_and_named():
    stuck = {**CHAIN, "b": ("chat.slow", {"work_s": 1000.0})}

    def check(_, applied):
        assert applied.forced == ("b",)
        assert applied.seconds == pytest.approx(2.0, abs=0.1)

    changed(graph_of(stuck, "a -> b", "b -> c"), graph_of(CHAIN, "a -> b", "b -> c"), check=check, drain_s=2.0)
    assert SEEN["seen"] == ids(100)[1:]


def test_limits_of_an_edge_change_in_place():
    wires = ("a -> b", "b -> c")
    tight = {"a -> b": Policy("block", 1, None, None)}

    def check(runtime, applied):
        assert runtime.edges[("a", "out", "b", "chat")].policy.capacity == 1
        assert runtime.stations["b"].instance is not None

    changed(graph_of(CHAIN, *wires), graph_of(CHAIN, *wires, policies=tight), check=check)
    assert SEEN["seen"] == ids(100)


def test_a_hundred_reloads_leave_no_task_behind():
    one = graph_of(CHAIN, "a -> b", "b -> c")
    other = graph_of({**CHAIN, "b": "chat.slow", "d": "page.see"}, "a -> b", "b -> c", "b -> d")

    async def story(runtime):
        reloader = Reloader(runtime)
        await asyncio.sleep(0.1)
        before = len(asyncio.all_tasks())
        for number in range(100):
            await reloader.apply(other if number % 2 == 0 else one)
        assert len(asyncio.all_tasks()) <= before
        assert reloader.generation == 101

    play(one, story)


def random_graph(rng):
    """A chain from the source to the sink through random nodes in random order, sometimes with a second branch."""
    middle = [f"n{number}" for number in range(5) if rng.random() < 0.6]
    rng.shuffle(middle)
    stations = {"a": ("chat.count", {"count": 200, "every_s": 0.002}), "end": "page.see"}
    for name in middle:
        work = rng.choice([0.0, 0.001, 0.003])
        stations[name] = ("chat.slow", {"work_s": work}) if work else "chat.pass"
    names = ["a", *middle, "end"]
    wires = [f"{one} -> {two}" for one, two in itertools.pairwise(names)]
    policies = {wire: Policy("block", rng.choice([1, 2, 16]), None, None) for wire in wires}
    if rng.random() < 0.5:
        stations["aside"] = ("page.see", {"label": "aside"})
        wires.append(f"{rng.choice(names[:-1])} -> aside")
    return graph_of(stations, *wires, policies=policies)


@pytest.mark.parametrize("seed", range(40))
def test_random_reloads_lose_nothing_double_nothing_and_keep_the_order(seed):
    rng = random.Random(seed)

    async def story(runtime):
        reloader = Reloader(runtime)
        for _ in range(8):
            await asyncio.sleep(rng.random() * 0.1)
            applied = await reloader.apply(random_graph(rng))
            assert applied.forced == ()
        await runtime.idle()

    play(random_graph(rng), story)
    assert SEEN["seen"] == ids(200)


def test_a_replaced_node_finds_what_the_old_one_kept_and_a_failed_one_starts_anew():
    old = {**CHAIN, "b": ("chat.tally", {"step": 1})}
    new = {**CHAIN, "b": ("chat.tally", {"step": 2})}

    async def story(runtime):
        await asyncio.sleep(0.305)
        await Reloader(runtime).apply(graph_of(new, "a -> b", "b -> c"))
        assert runtime.stations["b"].kept.keep("tally", list) == ids(30)
        await asyncio.sleep(0.1)
        runtime.stations["b"].instance.inlets["chat"].on_error(ValueError("broken"))
        await asyncio.sleep(0.6)
        assert "0" not in runtime.stations["b"].kept.keep("tally", list)
        await runtime.idle()

    play(graph_of(old, "a -> b", "b -> c"), story)


def test_what_a_node_kept_is_not_for_a_node_of_another_type():
    old = {**CHAIN, "b": "chat.tally"}

    def check(runtime, _):
        assert runtime.stations["b"].kept.keep("tally", list) == []

    changed(graph_of(old, "a -> b", "b -> c"), graph_of(CHAIN, "a -> b", "b -> c"), check=check)
