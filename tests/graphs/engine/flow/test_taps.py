import asyncio

import pytest

from graphs.engine.flow.taps import KEPT
from graphs.engine.reload.reloader import Reloader
from schemas.graph import Policy
from tests.graphs.engine.stage import SEEN, graph_of, play

CHAIN = {"a": ("chat.count", {"count": 100, "every_s": 0.1}), "b": "chat.pass", "c": "page.see"}
KEY = "a.out -> b.chat"


pytestmark = pytest.mark.usefixtures("no_log")


def ids(tap, most=1000):
    return [item["event"]["id"] for item in tap.last(most)]


def test_an_open_tap_shows_what_was_written_since_newest_first():
    async def story(runtime):
        await asyncio.sleep(0.35)
        tap = runtime.taps.open(KEY)
        assert ids(tap) == []
        await asyncio.sleep(0.5)
        assert ids(tap) == ["7", "6", "5", "4", "3"]
        assert ids(tap, 2) == ["7", "6"]
        assert tap.last(1)[0]["t"] == pytest.approx(0.8)
        assert tap.count == 5

    play(graph_of(CHAIN, "a -> b", "b -> c"), story)


def test_a_tap_closes_by_itself_when_nobody_looks_and_leaves_nothing_behind():
    async def story(runtime):
        outs = dict(runtime.stations["a"].outs)
        tap = runtime.taps.open(KEY)
        for _ in range(3):
            await asyncio.sleep(20.0)
            assert runtime.taps.open(KEY) is tap
        assert len(runtime.stations["a"].outs["out"]) == 2
        await asyncio.sleep(30.1)
        assert len(runtime.taps) == 0
        assert runtime.stations["a"].outs == outs
        count = tap.count
        await asyncio.sleep(1.0)
        assert tap.count == count

    play(graph_of({**CHAIN, "a": ("chat.count", {"count": 200, "every_s": 1.0})}, "a -> b", "b -> c"), story)


def test_two_taps_on_one_output_and_one_of_them_closed():
    graph = graph_of({**CHAIN, "d": ("page.see", {"label": "d"})}, "a -> b", "b -> c", "a -> d")

    async def story(runtime):
        first, second = runtime.taps.open(KEY), runtime.taps.open("a.out -> d.chat")
        await asyncio.sleep(0.25)
        runtime.taps.close(KEY)
        runtime.taps.close(KEY)
        await asyncio.sleep(0.2)
        assert (first.count, second.count) == (2, 4)
        runtime.taps.dispose()
        assert len(runtime.taps) == 0
        await runtime.idle()

    play(graph, story)
    assert SEEN["seen"] == SEEN["d"] == [str(number) for number in range(100)]


def test_a_tap_shows_also_what_the_edge_drops():
    graph = graph_of(
        {**CHAIN, "b": ("chat.slow", {"work_s": 5.0})},
        "a -> b",
        "b -> c",
        policies={"a -> b": Policy("fresh", 1, None, None)},
    )

    async def story(runtime):
        tap = runtime.taps.open(KEY)
        await asyncio.sleep(1.05)
        assert tap.count == 10
        assert runtime.edges["a", "out", "b", "chat"].dropped == {"flood": 8}

    play(graph, story)


def test_a_tap_survives_the_replacement_of_the_nodes_at_both_ends():
    old = graph_of(CHAIN, "a -> b", "b -> c")
    new = graph_of(
        {
            **CHAIN,
            "a": ("chat.count", {"count": 100, "every_s": 0.05, "first": 100}),
            "b": ("chat.pass", {"bad": ("x",)}),
        },
        "a -> b",
        "b -> c",
    )

    async def story(runtime):
        tap = runtime.taps.open(KEY)
        await asyncio.sleep(0.55)
        await Reloader(runtime).apply(new)
        await asyncio.sleep(1.0)
        assert runtime.taps.open(KEY) is tap
        assert ids(tap)[-5:] == ["4", "3", "2", "1", "0"]
        assert tap.count > 20
        assert tap.count == runtime.edges["a", "out", "b", "chat"].count

    play(old, story)


def test_a_tap_outlives_its_edge_and_is_there_when_the_edge_comes_back():
    old = graph_of(CHAIN, "a -> b", "b -> c")
    without = graph_of({"a": CHAIN["a"], "c": "page.see"}, "a -> c")

    async def story(runtime):
        reloader = Reloader(runtime)
        tap = runtime.taps.open(KEY)
        await asyncio.sleep(0.55)
        await reloader.apply(without)
        await asyncio.sleep(0.5)
        count = tap.count
        assert count == 5
        await reloader.apply(old)
        await asyncio.sleep(0.5)
        assert runtime.taps.open(KEY) is tap
        assert 4 <= tap.count - count <= 6

    play(old, story)


def test_a_tap_is_bounded():
    async def story(runtime):
        tap = runtime.taps.open(KEY)
        await runtime.idle()
        assert tap.count == 300
        assert len(tap.last(1000)) == KEPT

    play(graph_of({**CHAIN, "a": ("chat.count", {"count": 300, "every_s": 0.01})}, "a -> b", "b -> c"), story)


def test_an_edge_that_does_not_exist_has_no_tap():
    async def story(runtime):
        with pytest.raises(ValueError, match=r"없는 연결이에요: 'a.out -> b.cat'. 혹시 이것인가요\? 'a.out -> b.chat'"):
            runtime.taps.open("a.out -> b.cat")
        assert len(runtime.taps) == 0

    play(graph_of(CHAIN, "a -> b", "b -> c"), story)


def test_whole_events_are_given_by_their_number_in_order():
    async def story(runtime):
        tap = runtime.taps.open(KEY)
        await asyncio.sleep(0.35)
        assert [(n, round(at, 3), event.id) for n, at, event in tap.since(1)] == [(2, 0.2, "1"), (3, 0.3, "2")]
        assert tap.since(3) == []

    play(graph_of(CHAIN, "a -> b", "b -> c"), story)


def test_of_more_than_it_holds_the_last_have_their_true_numbers():
    async def story(runtime):
        tap = runtime.taps.open(KEY)
        await asyncio.sleep((KEPT + 60) * 0.1)
        assert [n for n, _, _ in tap.since(0)] == list(range(51, KEPT + 51))

    play(graph_of({**CHAIN, "a": ("chat.count", {"count": KEPT + 50, "every_s": 0.1})}, "a -> b", "b -> c"), story)
