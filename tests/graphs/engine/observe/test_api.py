import asyncio
import json
import os
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.order import Shape
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.observe.api import (
    TARGETS_S,
    graph_state,
    record_state,
    serve,
    tap_state,
    turns_state,
    voice_state,
)
from graphs.engine.observe.rates import Rates
from graphs.engine.observe.watchdog import Watchdog
from graphs.engine.web.server import LocalWeb
from schemas.graph import Policy
from tests.graphs.engine.observe.show import SHOW, WIRES
from tests.graphs.engine.stage import REGISTRY, graph_of, play

pytestmark = pytest.mark.usefixtures("no_log")


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
        assert state["path"] is None

    play(graph_of(SHOW, *WIRES), story)


def test_a_drawing_finds_what_it_needs():
    async def story(runtime):
        state = graph_state(runtime, Rates(runtime), path="/show/sample.yaml")
        assert state["path"] == "/show/sample.yaml"
        assert by(state["nodes"], "b")["about"] == "Drop every odd one."
        assert by(state["nodes"], "b")["line"] == runtime.graph.nodes["b"].line
        assert [(edge["event"], edge["feedback"]) for edge in state["edges"]] == [
            ("ViewerEvent", False),
            ("ViewerEvent", False),
            ("ChatBatch", False),
            ("Speaking", True),
        ]

    play(graph_of(SHOW, *WIRES), story)


def test_the_version_of_a_node_changes_with_its_settings_and_tells_nothing_of_them():
    async def story(runtime):
        def version():
            return by(graph_state(runtime, Rates(runtime))["nodes"], "a")["version"]

        before = version()
        assert version() == before
        entry = runtime.stations["a"].entry
        runtime.stations["a"].entry = replace(entry, fingerprint=f"{entry.fingerprint}0")
        assert version() != before
        assert before not in entry.fingerprint

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


# Turns.


def test_turns_come_newest_first():
    async def story(runtime):
        await runtime.idle()
        assert [turn["id"] for turn in turns_state(runtime, 50)] == ["t-2", "t-0"]
        assert [turn["id"] for turn in turns_state(runtime, 1)] == ["t-2"]
        assert turns_state(runtime, 0) == []

    play(graph_of(SHOW, *WIRES), story)


def test_how_long_the_last_turns_took_from_chat_and_from_their_beginning_to_the_first_sound():
    async def story(runtime):
        promise = {"budget_s": None, "over": None, "over_share": None}
        assert voice_state(runtime)["chat"] == {"count": 0, "p50_s": None, "p95_s": None, **promise}
        await runtime.idle()
        for number, (turn, delay) in enumerate(zip(runtime.turns.turns.values(), (1.0, 4.0), strict=True)):
            turn.marks.update(received=number * 10.0, batched=number * 10.0 + 0.5, first_sound=number * 10.0 + delay)
        state = voice_state(runtime)
        assert state["chat"] == {"count": 2, "p50_s": 1.0, "p95_s": 4.0, **promise}
        runtime.shape = Shape(replace(runtime.graph, budget_s=2.0), runtime.registry)
        promise = {"budget_s": 2.0, "over": 1, "over_share": 0.5}
        assert voice_state(runtime)["chat"].items() >= promise.items()
        assert state["turn"] == {"count": 2, "p50_s": 0.5, "p95_s": 3.5}
        assert state["targets_s"] == TARGETS_S
        next(iter(runtime.turns.turns.values())).marks["first_sound"] = None
        assert voice_state(runtime)["chat"]["count"] == 1

    play(graph_of(SHOW, *WIRES), story)


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
            while "usage" not in state:  # it is measured in a thread
                _, state, _ = await get("/api/graph")
            assert state["usage"]["processes"][0]["pid"] == os.getpid()
            status, tap, _ = await get("/api/tap", edge="a.out -> b.chat")
            assert (status, tap["edge"], tap["open_s"]) == (200, "a.out -> b.chat", 30.0)
            await asyncio.sleep(0.03)
            assert (await get("/api/turns", last="1"))[1][0]["id"] == "t-0"
            assert (await get("/api/why", id="1"))[1]["reason"] == "duplicate"
            assert [found["id"] for found in (await get("/api/why", q="x", last="1"))[1]] == ["1"]
            async with client.get("/graph") as reply:
                assert (reply.status, reply.url.path, reply.content_type) == (200, "/graph/", "text/html")
                assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
            status, text, type_ = await get("/metrics")
            assert (status, type_) == (200, "text/plain")
            assert 'aischoco_node_events_total{node="b",port="in"} 2.0' in text
            assert f'aischoco_memory_bytes{{pid="{os.getpid()}"' in text
            for path, query, told in (
                ("/api/tap", {}, "?edge=... 처럼"),
                ("/api/tap", {"edge": "x"}, "없는 연결이에요: 'x'"),
                ("/api/why", {}, "?id=... 처럼"),
                ("/api/why", {"q": ""}, "?q=... 처럼"),
                ("/api/turns", {"last": "-1"}, "last에는 정수를"),
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
        for mask in (True, False):
            recorded = record_state(runtime, "a.out -> b.chat", 0, mask=mask)["lines"]
            assert [line["n"] for line in recorded] == [1]
            assert "secret" not in str(recorded)

    play(graph_of(SHOW, *WIRES), story)


@pytest.mark.parametrize(("host", "told"), [("127.0.0.1", True), ("0.0.0.0", False)])
def test_what_viewers_wrote_and_where_files_are_is_told_on_this_machine_only(tmp_path, host, told):
    async def main():
        web = LocalWeb(host, 0, EngineLog(quiet=True))
        runtime = Runtime(graph_of(SHOW, *WIRES), REGISTRY, root=tmp_path, log=EngineLog(quiet=True), web=web)
        routes = serve(runtime, web, file=lambda: Path("/show/sample.yaml"))
        await runtime.start()
        await web.start()
        async with aiohttp.ClientSession(web.url) as client:
            edge = {"edge": "a.out -> b.chat"}
            for path, query in (
                ("/api/tap", edge),
                ("/api/record", edge),
                ("/api/why", {"q": "x"}),
                ("/api/settings", {"node": "a"}),
            ):
                async with client.get(path, params=query) as reply:
                    assert reply.status == (200 if told else 400)
                    assert told or "OVERLAY_HOST" in (await reply.json())["error"]
            async with client.get("/api/graph") as reply:
                assert (await reply.json())["path"] == ("/show/sample.yaml" if told else None)
        routes.dispose()
        await runtime.stop()

    asyncio.run(main())
