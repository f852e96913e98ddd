import asyncio
import json
import logging

import aiohttp
import pytest

from graphs.engine.log import EngineLog
from graphs.engine.observe import Rates, graph_state, serve, tap_state, turns_state, why
from graphs.engine.runtime import Runtime
from graphs.engine.watchdog import Watchdog
from graphs.engine.web import LocalWeb
from schemas.graph import Policy
from tests.graphs.engine.stage import REGISTRY, graph_of, play

SHOW = {
    "a": ("chat.count", {"count": 4, "every_s": 1.0}),
    "b": "chat.refuse",
    "c": "chat.single",
    "d": ("audio.say", {"work_s": 0.5}),
}
WIRES = ("a -> b", "b -> c", "c -> d", "d.speaking -> c.speaking")


@pytest.fixture(autouse=True)
def _no_log(monkeypatch):
    monkeypatch.setattr(logging.getLogger("aischoco"), "disabled", True)


def by(items, name, key="name"):
    return next(item for item in items if item[key] == name)


# The graph.


def test_the_state_names_every_node_and_edge_with_what_it_did():
    async def story(runtime):
        rates = Rates(runtime)
        await runtime.idle()
        state = graph_state(runtime, rates, generation=3)
        json.dumps(state, allow_nan=False)
        assert (state["name"], state["file"], state["generation"]) == ("sample", "sample.yaml", 3)
        assert [node["name"] for node in state["nodes"]] == ["a", "b", "c", "d"]
        node = by(state["nodes"], "b")
        assert (node["type"], node["state"], node["events_in"], node["events_out"]) == ("chat.refuse", "running", 4, 2)
        assert (node["errors"], node["restarts"], node["last_error"]) == (0, 0, "")
        edge = by(state["edges"], "a.out -> b.chat", "key")
        assert (edge["source"], edge["output"], edge["target"], edge["input"]) == ("a", "out", "b", "chat")
        assert (edge["policy"], edge["capacity"], edge["length"], edge["count"]) == ("fresh", 256, 0, 4)
        assert edge["dropped"] == {}
        assert edge["age_p95_s"] < 0.001
        assert state["viewer_events"]["in"] == 4
        assert state["viewer_events"]["dropped"] == {"duplicate": 2}
        assert "loop" not in state

    play(graph_of(SHOW, *WIRES), story)


def test_what_waits_and_what_was_dropped_is_seen_while_it_runs():
    graph = graph_of(
        {"a": ("chat.count", {"count": 9, "every_s": 0.1}), "b": ("chat.slow", {"work_s": 9.0}), "c": "page.see"},
        "a -> b",
        "b -> c",
        policies={"a -> b": Policy("fresh", 2, None, None)},
    )

    async def story(runtime):
        await asyncio.sleep(1.0)
        edge = graph_state(runtime, Rates(runtime))["edges"][0]
        assert (edge["length"], edge["queue_max"], edge["count"], edge["dropped"]) == (2, 2, 9, {"flood": 6})

    play(graph, story)


def test_an_error_is_shown_without_its_secrets():
    graph = graph_of(
        {"a": ("chat.count", {"count": 1}), "b": ("chat.pass", {"bad": ("0",)}), "c": "page.see"}, "a -> b", "b -> c"
    )

    async def story(runtime):
        runtime.log.redact.hide(["cannot stand"])
        await asyncio.sleep(0.15)
        node = by(graph_state(runtime, Rates(runtime))["nodes"], "b")
        assert (node["state"], node["errors"], node["last_error"]) == ("restarting", 1, "ValueError: *** 0")

    play(graph, story)


def test_the_watchdog_is_in_the_state(tmp_path):
    async def story(runtime):
        watchdog = Watchdog(EngineLog(quiet=True), tmp_path / "x")
        state = graph_state(runtime, Rates(runtime), watchdog=watchdog)
        assert state["loop"] == {"lag_max_s": 0.0, "incidents": 0}
        assert "generation" not in state

    play(graph_of(SHOW, *WIRES), story)


# Rates.

STEADY = {"a": ("chat.count", {"count": 1000, "every_s": 0.1}), "b": "chat.pass", "c": "page.see"}


def test_the_first_rate_is_over_the_whole_run():
    async def story(runtime):
        rates = Rates(runtime)
        await asyncio.sleep(2.05)
        assert rates.now()["in", "b"] == pytest.approx(10.0, rel=0.05)

    play(graph_of(STEADY, "a -> b", "b -> c"), story)


def test_nothing_is_divided_by_no_time_at_all():
    async def story(runtime):
        assert Rates(runtime).now()["out", "a"] == 0.0

    play(graph_of(STEADY, "a -> b", "b -> c"), story)


def test_a_rate_is_over_the_last_seconds_only():
    burst = {**STEADY, "a": ("chat.count", {"count": 200, "every_s": 0.01})}

    async def story(runtime):
        rates = Rates(runtime)
        watching = runtime.spawn(rates.watch(), "rates")
        await asyncio.sleep(3.9)
        assert rates.now()["edge", "a.out -> b.chat"] > 40
        await asyncio.sleep(5)
        assert rates.now()["edge", "a.out -> b.chat"] == 0.0
        assert len(rates._samples) <= 7
        watching.cancel()

    play(graph_of(burst, "a -> b", "b -> c"), story)


def test_a_counter_that_begins_anew_gives_no_negative_rate():
    async def story(runtime):
        rates = Rates(runtime)
        await asyncio.sleep(6.05)
        rates.sample()
        rates.sample()
        await asyncio.sleep(5.0)
        rates.sample()
        runtime.stations["b"].events_in = 5
        await asyncio.sleep(1.0)
        assert 0 <= rates.now()["in", "b"] < 10

    play(graph_of(STEADY, "a -> b", "b -> c"), story)


# Turns and verdicts.


def test_turns_come_newest_first():
    async def story(runtime):
        await runtime.idle()
        assert [turn["id"] for turn in turns_state(runtime, 50)] == ["t-2", "t-0"]
        assert [turn["id"] for turn in turns_state(runtime, 1)] == ["t-2"]
        assert turns_state(runtime, 0) == []

    play(graph_of(SHOW, *WIRES), story)


def test_every_message_has_an_answer_to_why():
    async def story(runtime):
        await runtime.idle()
        assert why(runtime, "0") == {
            "id": "0",
            "verdict": "answered",
            "turn": "t-0",
            "reason": None,
            "at": 1.5,
            "where": [],
        }
        dropped = why(runtime, "1")
        assert (dropped["verdict"], dropped["reason"], dropped["turn"]) == ("dropped", "duplicate", None)
        assert why(runtime, "nobody")["verdict"] == "unknown"

    play(graph_of(SHOW, *WIRES), story)


def test_a_message_that_waits_is_found_alone_in_a_batch_and_in_its_turn():
    show = {
        "a": ("chat.count", {"count": 3, "every_s": 0.1}),
        "b": ("chat.slow", {"work_s": 0.3}),
        "c": "chat.single",
        "d": ("audio.say", {"work_s": 60.0}),
    }

    async def story(runtime):
        await asyncio.sleep(0.45)
        assert why(runtime, "0")["where"] == []
        waiting = why(runtime, "2")
        assert (waiting["verdict"], waiting["at"], waiting["turn"]) == ("waiting", 0.3, None)
        assert waiting["where"] == ["a.out -> b.chat"]
        await asyncio.sleep(0.6)
        waiting = why(runtime, "1")
        assert (waiting["turn"], waiting["where"]) == ("t-1", ["c.out -> d.batch"])
        edge = runtime.edges["d", "speaking", "c", "speaking"]
        edge.held.add(edge)
        await asyncio.sleep(60.0)
        assert why(runtime, "1")["where"] == ["d.speaking -> c.speaking"]

    play(graph_of(show, *WIRES), story)


# Over HTTP.


def test_everything_can_be_asked_for_until_it_is_disposed(tmp_path):
    async def main():
        log = EngineLog(quiet=True)
        web = LocalWeb("127.0.0.1", 0, log)
        graph = graph_of({**SHOW, "a": ("chat.count", {"count": 2, "every_s": 0.005})}, *WIRES)
        runtime = Runtime(graph, REGISTRY, root=tmp_path, log=log, web=web)
        routes = serve(runtime, web, generation=lambda: 7)
        await runtime.start()
        await web.start()

        async with aiohttp.ClientSession(web.url) as client:

            async def get(path, **query):
                async with client.get(path, params=query) as reply:
                    text = await reply.text()
                    return reply.status, text if path == "/metrics" else json.loads(text), reply.content_type

            status, state, _ = await get("/api/graph")
            assert (status, state["generation"]) == (200, 7)
            status, tap, _ = await get("/api/tap", edge="a.out -> b.chat")
            assert (status, tap["edge"], tap["open_s"]) == (200, "a.out -> b.chat", 30.0)
            await asyncio.sleep(0.03)
            assert (await get("/api/turns", last="1"))[1][0]["id"] == "t-0"
            assert (await get("/api/why", id="1"))[1]["reason"] == "duplicate"
            status, text, type_ = await get("/metrics")
            assert (status, type_) == (200, "text/plain")
            assert 'aischoco_node_events_total{node="b",port="in"} 2.0' in text
            for path, query, told in (
                ("/api/tap", {}, "give edge"),
                ("/api/tap", {"edge": "x"}, "there is no edge 'x'"),
                ("/api/why", {}, "give id"),
                ("/api/turns", {"last": "-1"}, "last must be a whole number"),
            ):
                status, answer, _ = await get(path, **query)
                assert status == 400
                assert told in answer["error"]
            routes.dispose()
            assert len(runtime.taps) == 0
            assert (await get("/api/graph"))[0] == 404
        await runtime.stop()

    asyncio.run(main())


def test_what_a_tap_shows_has_no_secrets():
    async def story(runtime):
        runtime.log.redact.hide(["very secret"])
        tap = runtime.taps.open("a.out -> b.chat")
        await asyncio.sleep(1.05)
        (seen,) = tap._seen
        tap._seen[0] = (seen[0], type(seen[1])(id="0", author="very secret"))
        shown = tap_state(runtime, "a.out -> b.chat", 20)
        assert (shown["count"], shown["items"][0]["event"]["author"]) == (1, "***")

    play(graph_of(SHOW, *WIRES), story)
