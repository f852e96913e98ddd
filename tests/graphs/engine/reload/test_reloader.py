import asyncio
import gc
import random
import sys
import threading
from dataclasses import replace
from itertools import pairwise
from typing import Never

import psutil
import pytest
import reactivex
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

from graphs.engine.flow.instance import NotBuilt
from graphs.engine.flow.runtime import Runtime
from graphs.engine.reload.reloader import Reloader
from nodes import load_all
from nodes.services import Clock, Jobs, Web
from schemas.chat import ViewerEvent
from schemas.graph import Policy
from schemas.settings import Settings
from tests.bench.reload import reloads
from tests.graphs.engine.stage import BUILT, REGISTRY, SEEN, Nothing, closed, graph_of, play, sample

pytestmark = pytest.mark.usefixtures("no_log")


def ids(count):
    return [str(number) for number in range(count)]


class Holder(Settings):
    label: str = Field(default="x", description="Who holds the device.")


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


def test_two_nodes_change_places_at_once_though_one_keeps_a_wire_that_never_runs_dry():
    nodes = {
        "a": SOURCE,
        "x": ("chat.count", {"count": 1000, "every_s": 0.01, "first": 1000}),
        "b": "chat.pass",
        "c": ("chat.slow", {"work_s": 0.002}),
        "d": "page.see",
    }

    def check(runtime, applied):
        assert applied.forced == ()
        assert applied.seconds < 0.2

    old = graph_of(nodes, "a -> b", "x -> b", "b -> c", "c -> d")
    new = graph_of(nodes, "a -> c", "x -> b", "c -> b", "b -> d")
    changed(old, new, check=check, drain_s=1.0)
    assert len(SEEN["seen"]) == 1100


def test_a_graph_that_cannot_be_built_leaves_the_running_one_untouched():
    old = graph_of(CHAIN, "a -> b", "b -> c")
    BUILT.clear()
    broken = {**CHAIN, "b": ("chat.pass", {"bad": ("x",)}), "d": "page.built", "e": ("page.see", {"broken": True})}
    new = graph_of(broken, "a -> b", "b -> c", "b -> d", "b -> e")

    async def story(runtime):
        await asyncio.sleep(0.5)
        before = runtime.stations["b"].instance
        with pytest.raises(NotBuilt, match="no page"):
            await Reloader(runtime).apply(new)
        assert [closed(each) for each in BUILT] == [True]  # what was built for it is closed again
        assert runtime.stations["b"].instance is before
        assert runtime.graph is old
        await runtime.idle()

    play(old, story)
    assert SEEN["seen"] == ids(100)


HOLDERS: list[str] = []
"""The instances that have the one device, in the order of taking and letting go."""


@sample("page.device")
def page_device(config: Holder, chat: Observable[ViewerEvent], *, jobs: Jobs) -> Observable[Never]:
    """Hold the device, and take a while for each event."""

    async def work(event: ViewerEvent):
        assert [holder for holder in HOLDERS if HOLDERS.count(holder) % 2] == [config.label]
        await jobs.sleep(0.1)
        SEEN.setdefault(config.label, []).append(event.id)
        for nothing in ():
            yield nothing

    def begin(_: object) -> Observable[Never]:
        HOLDERS.append(config.label)
        return chat.pipe(jobs.each(work), ops.finally_action(lambda: HOLDERS.append(config.label)))

    return reactivex.defer(begin)


REGISTRY["page.device"] = replace(REGISTRY["page.device"], exclusive=True)


@pytest.mark.parametrize("kept", [False, True], ids=["it is alone", "another one swaps at the same time"])
def test_an_exclusive_node_of_another_name_begins_when_the_one_before_it_has_let_go(kept):
    HOLDERS.clear()
    source = ("chat.count", {"count": 20, "every_s": 0.09})
    old = graph_of({"a": source, "x": ("page.device", {"label": "x"})}, "a -> x")
    new = {"a": source, "y": ("page.device", {"label": "y"})}
    wires = ["a -> y"]
    if kept:
        new["x"], wires = ("page.see", {"label": "other"}), ["a -> y", "a -> x"]
    runtime = changed(old, graph_of(new, *wires))
    assert HOLDERS == ["x", "x", "y", "y"]
    assert SEEN["x"] + SEEN["y"] == ids(20)
    assert not any(station.errors for station in runtime.stations.values())


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
    wires = [f"{one} -> {two}" for one, two in pairwise(names)]
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


@sample("page.at")
def page_at(config: Nothing, chat: Observable[ViewerEvent], *, clock: Clock) -> Observable[Never]:
    """Keep what comes, with its time."""
    return chat.pipe(
        ops.do_action(lambda event: SEEN.setdefault("at", []).append((clock.now(), event.id))), ops.ignore_elements()
    )


@sample("page.web")
def page_web(config: Nothing, chat: Observable[ViewerEvent], *, web: Web) -> Observable[Never]:
    """Show nothing on a page."""
    return chat.pipe(ops.ignore_elements())


def random_change(rng):
    """Random settings of the nodes, and one of them cannot be built."""
    stations = {
        "a": ("chat.count", {"count": 300, "every_s": rng.choice([0.01, 0.02])}),
        "b": rng.choice(["chat.pass", ("chat.slow", {"work_s": rng.random()})]),
        "c": rng.choice(["chat.pass", "chat.refuse"]),
        "end": "page.at",
        "no": ("page.see", {"broken": True}),
    }
    middle = rng.sample(["b", "c"], 2)
    if rng.random() < 0.3:
        del stations[middle.pop()]
    names = ["a", *middle, "end"]
    wires = [f"{one} -> {two}" for one, two in pairwise(names)]
    return graph_of(stations, *wires, f"{rng.choice(names[:-1])} -> no")


def test_300_random_reloads_that_cannot_be_built_leave_the_output_as_it_is_without_them():
    source = ("chat.count", {"count": 300, "every_s": 0.01})
    graph = graph_of(
        {"a": source, "b": "chat.pass", "c": "chat.slow", "end": "page.at"}, "a -> b", "b -> c", "c -> end"
    )

    def outcome(reloads):
        rng = random.Random(3)

        async def story(runtime):
            reloader = Reloader(runtime)
            before = {name: station.instance for name, station in runtime.stations.items()}
            for _ in range(reloads):
                await asyncio.sleep(rng.random() * 0.01)
                with pytest.raises(NotBuilt, match="no page"):
                    await reloader.apply(random_change(rng))
            assert {name: station.instance for name, station in runtime.stations.items()} == before
            await asyncio.sleep(200 - runtime.now())
            edges = {edge.key: (edge.count, edge.dropped) for edge in runtime.edges.values()}
            return SEEN["at"], edges, reloader.generation

        outcomes = []

        async def keep(runtime):
            outcomes.append(await story(runtime))

        play(graph, keep)
        return outcomes[0]

    seen, edges, generation = outcome(300)
    assert len(seen) > 50
    assert generation == 1
    assert outcome(0) == (seen, edges, generation)


def test_a_changed_node_that_fails_again_is_started_again_as_soon_as_one_that_failed_for_the_first_time():
    waits = []
    always = {**CHAIN, "b": ("chat.pass", {"bad": tuple(ids(100))})}
    changed = {**CHAIN, "b": ("chat.pass", {"bad": tuple(ids(101))})}

    async def story(runtime):
        runtime.jitter = lambda most: waits.append(most) or 0.01
        while len(waits) < 3:
            await asyncio.sleep(0.01)
        assert waits == [0.5, 1.0, 2.0]
        await Reloader(runtime).apply(graph_of(changed, "a -> b", "b -> c"))
        while len(waits) < 5:
            await asyncio.sleep(0.01)
        assert waits[3:] == [0.5, 1.0]

    play(graph_of(always, "a -> b", "b -> c"), story)


def test_a_node_that_finishes_its_work_for_a_reload_is_shown_as_draining():
    slow = {"a": SOURCE, "b": ("chat.slow", {"work_s": 0.3}), "c": "page.see"}
    states = []

    async def story(runtime):
        await asyncio.sleep(0.5)
        new = graph_of({**slow, "b": ("chat.slow", {"work_s": 0.001})}, "a -> b", "b -> c")
        applying = asyncio.create_task(Reloader(runtime).apply(new))
        await asyncio.sleep(0.05)
        states.append(runtime.stations["b"].state)
        await applying
        states.append(runtime.stations["b"].state)

    play(graph_of(slow, "a -> b", "b -> c"), story)
    assert states == ["draining", "running"]


def test_a_live_setting_reaches_the_running_node_and_does_not_cut_what_it_is_doing(monkeypatch):
    monkeypatch.setitem(REGISTRY, "chat.batch", load_all()["chat.batch"])
    source = ("chat.count", {"count": 4, "every_s": 0.3})

    def graph(quiet_s):
        stations = {"a": source, "batch": ("chat.batch", {"quiet_s": quiet_s}), "say": "audio.say"}
        return graph_of(stations, "a -> batch", "batch -> say")

    async def story(runtime):
        before = runtime.stations["batch"].instance
        await asyncio.sleep(0.7)
        applied = await Reloader(runtime).apply(graph(0.1))
        assert applied.summary == "batch: quiet_s 0.4 -> 0.1 (켜진 채로)"
        assert runtime.stations["batch"].instance is before
        await asyncio.sleep(1.0)
        turns = list(runtime.turns.turns.values())
        assert [turn.batch for turn in turns] == [("0", "1", "2"), ("3",)]
        assert [turn.marks["batched"] for turn in turns] == pytest.approx([1.0, 1.3])

    play(graph(0.4), story)


def test_a_graph_that_was_applied_is_not_changed_by_later_ones(monkeypatch):
    monkeypatch.setitem(REGISTRY, "chat.filter", load_all()["chat.filter"])

    def graph(**settings):
        return graph_of({"a": SOURCE, "b": ("chat.filter", settings), "c": "page.see"}, "a -> b", "b -> c")

    one, other = graph(links="keep", per_user=5), graph(links="keep", per_user=50)

    async def story(runtime):
        reloader = Reloader(runtime)
        await reloader.apply(one)
        instance = runtime.stations["b"].instance
        for again, per_user in [(other, 50), (one, 5), (other, 50)]:
            await reloader.apply(again)
            assert instance.settings.per_user == per_user
        assert (one.nodes["b"].settings.per_user, other.nodes["b"].settings.per_user) == (5, 50)

    play(graph(), story)


def test_a_reload_tells_how_often_a_node_had_failed_before_its_new_instance():
    bad = {**CHAIN, "b": ("chat.pass", {"bad": ("3",)})}
    new = {**CHAIN, "d": ("page.see", {"label": "second"})}

    def check(runtime, applied):
        assert applied.fresh == {"b": 1, "d": 0}

    changed(graph_of(bad, "a -> b", "b -> c"), graph_of(new, "a -> b", "b -> c", "a -> d"), check=check)


class Server:
    def __init__(self, error=None):
        self.error = error
        self.starts = 0

    async def start(self):
        self.starts += 1
        if self.error is not None:
            raise self.error

    async def stop(self):
        """Nothing to stop."""


@pytest.mark.parametrize("error", [None, OSError("the port is taken")])
def test_a_page_that_is_added_starts_the_web_server_and_a_taken_port_rejects_it(error):
    server = Server(error)
    new = graph_of({**CHAIN, "d": "page.web"}, "a -> b", "b -> c", "b -> d")

    async def story(runtime):
        runtime.web = runtime._services[Web] = server
        reloader = Reloader(runtime)
        if error is None:
            await reloader.apply(new)
        else:
            with pytest.raises(OSError, match="taken"):
                await reloader.apply(new)
        assert set(runtime.stations) == {"a", "b", "c"} | ({"d"} if error is None else set())
        assert server.starts == 1

    play(graph_of(CHAIN, "a -> b", "b -> c"), story)


LARGEST_BLOCK = 512
"""Bytes of the largest block that Python's own allocator gives, and counts."""


def test_a_hundred_reloads_leave_no_thread_no_socket_and_less_than_a_megabyte():
    more = {**CHAIN, "b": ("chat.slow", {"work_s": 0.001}), "d": ("page.see", {"label": "second"})}
    graphs = [graph_of(CHAIN, "a -> b", "b -> c"), graph_of(more, "a -> b", "b -> c", "b -> d")]

    async def story(runtime):
        reloader = Reloader(runtime)

        async def reload(times):
            for number in range(times):
                await reloader.apply(graphs[number % 2])
            gc.collect()
            process = psutil.Process()
            return (
                sys.getallocatedblocks(),
                threading.active_count(),
                process.net_connections("all"),
                [(file.path, file.fd) for file in process.open_files()],  # where a log is written on is no leak
            )

        blocks, *others = await reload(10)
        after, *others_after = await reload(100)
        assert (after - blocks) * LARGEST_BLOCK < 2**20
        assert others_after == others

    play(graphs[1], story)


@pytest.mark.component
@pytest.mark.alone
def test_a_reload_of_12_nodes_is_done_in_50_ms_and_holds_an_unchanged_path_for_less_than_5_ms():
    gc.collect()
    gc.freeze()  # a collection walks all that thousands of other tests left in this process; no show holds that
    rounds = [asyncio.run(reloads(100)) for _ in range(3)]
    gc.unfreeze()
    # The same hundred reloads each time. What the machine takes for itself (on a virtual one it counts as the thread's
    # own time) comes anywhere; what a reload takes comes in each round.
    each = list(zip(*rounds, strict=True))
    seconds = sorted(min(one for one, _ in times) for times in each)
    longest = max(min(two for _, two in times) for times in each)
    print(f"p50 {seconds[50] * 1000:.1f} ms, p95 {seconds[95] * 1000:.1f} ms, longest hold {longest * 1000:.1f} ms")
    assert seconds[95] < 0.05
    assert longest < 0.005


SLOW = {"a": ("chat.count", {"count": 100, "every_s": 0.05}), "b": ("chat.slow", {"work_s": 0.5}), "c": "page.see"}


def test_what_waits_on_a_wire_that_is_gone_is_waited_for_only_so_long():
    new = {**SLOW, "b": ("chat.slow", {"work_s": 0.4}), "d": ("chat.count", {"count": 1})}
    forced = []
    changed(
        graph_of(SLOW, "a -> b", "b -> c"),
        graph_of(new, "d -> b", "b -> c", "a -> c"),
        at=2.0,
        check=lambda _, applied: forced.extend(applied.forced),
        drain_s=0.3,
    )
    assert forced == ["b"]


def test_a_reload_that_is_broken_off_by_the_end_of_the_run_leaves_nothing_behind():
    old = {**SLOW, "d": ("chat.slow", {"work_s": 5.0}), "e": ("page.see", {"label": "e"})}
    new = {**SLOW, "b": ("chat.slow", {"work_s": 0.4})}

    async def story(runtime):
        await asyncio.sleep(0.5)
        reload = asyncio.ensure_future(Reloader(runtime).apply(graph_of(new, "a -> b", "b -> c")))
        await asyncio.sleep(0.1)
        assert "d" in runtime.stations
        reload.cancel()
        await asyncio.gather(reload, return_exceptions=True)
        assert reload.cancelled()
        assert set(runtime.stations) == {"a", "b", "c"}

    play(graph_of(old, "a -> b", "b -> c", "a -> d", "d -> e"), story)


def test_a_node_that_becomes_exclusive_waits_for_the_one_that_leaves():
    HOLDERS.clear()
    source = ("chat.count", {"count": 20, "every_s": 0.09})
    old = {"a": source, "x": ("page.device", {"label": "x"}), "b": ("page.see", {"label": "before"})}
    new = {"a": source, "b": ("page.device", {"label": "y"})}
    changed(graph_of(old, "a -> x", "a -> b"), graph_of(new, "a -> b"))
    assert HOLDERS == ["x", "x", "y", "y"]


def test_a_reload_that_is_broken_off_never_begins_what_still_waits():
    HOLDERS.clear()
    old = {"a": ("chat.count", {"count": 100, "every_s": 0.01}), "x": ("page.device", {"label": "x"})}
    new = {"a": old["a"], "y": ("page.device", {"label": "y"})}

    async def story(runtime):
        await asyncio.sleep(0.5)
        reload = asyncio.ensure_future(Reloader(runtime).apply(graph_of(new, "a -> y")))
        await asyncio.sleep(0.1)
        reload.cancel()
        await asyncio.gather(reload, return_exceptions=True)
        assert HOLDERS == ["x", "x"]

    play(graph_of(old, "a -> x"), story)
    assert "y" not in SEEN


def test_another_name_of_the_character_reaches_the_files_that_running_nodes_read(tmp_path):
    (tmp_path / "topic.txt").write_text("{character}가 물어요", encoding="utf-8")
    old = graph_of(CHAIN, "a -> b", "b -> c")
    seen = []

    async def story(runtime: Runtime):
        watched = runtime.files.watch("topic.txt", str)
        seen.append(watched.value)
        await Reloader(runtime).apply(replace(old, character="별"))
        seen.append(watched.value)
        await runtime.idle()

    play(replace(old, character="모카"), story, tmp_path)
    assert seen == ["모카가 물어요", "별이 물어요"]
