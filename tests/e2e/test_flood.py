"""Ten messages a second through graphs/demo.yaml with its real voice: all are accounted for, nothing grows."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.read import read_graph
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.observe.report import Memory, report
from graphs.engine.web.server import LocalWeb
from nodes import load_all
from schemas.graph import Graph
from tests.bench.memory import WARM_S, readings
from tests.e2e import flood
from tests.e2e.show import Show, accounted, copy_of_the_project

pytestmark = [pytest.mark.component, pytest.mark.alone, pytest.mark.timeout(180)]

Figure = Callable[[str], None]
FLAT_MB = 15.0
LEAST_S, MOST_S = 15.0, 60.0
"""The flood is watched for at least and at most this long, until some of it is answered."""
ANSWERED = 10


def limits(graph: Graph, *, at_the_end: bool) -> dict[str, int]:
    """Return, for each edge, the most events that may have waited in it.

    At the end a node flushes everything it holds at once, so a ``block`` edge may exceed its capacity, up to the point
    where it is cut off (graphs/engine/flow/edge.py).
    """
    return {
        str(wire): max(4 * wire.policy.capacity, 1024)
        if at_the_end and wire.policy.overflow == "block"
        else wire.policy.capacity
        for wire in graph.wires
    }


def over(edges: dict[str, dict[str, int]], limits: dict[str, int]) -> dict[str, int]:
    """Return the edges in which more events have waited than allowed."""
    assert set(edges) == set(limits)
    return {key: edge["queue_max"] for key, edge in edges.items() if edge["queue_max"] > limits[key]}


def test_every_message_is_accounted_for_at_every_instant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    flood.write(tmp_path / "flood.jsonl", seconds=MOST_S)
    monkeypatch.setenv("CHAT_RECORDING", str(tmp_path / "flood.jsonl"))
    monkeypatch.setenv("TTS_OUTPUT_DEVICE", "none")
    root = copy_of_the_project(tmp_path)
    graph = read_graph(root / "graphs" / "demo.yaml", root)
    seen = []

    async def main() -> None:
        log = EngineLog(quiet=True)
        runtime = Runtime(graph, load_all(), root=root, log=log, web=LocalWeb("127.0.0.1", 0, log, root=root))
        memory = Memory()
        await runtime.start()
        begun = runtime.loop.time()
        while (passed := runtime.loop.time() - begun) < MOST_S:
            await asyncio.sleep(0.1)
            seen.append(report(runtime, memory))
            if passed > LEAST_S and seen[-1]["viewer_events"]["answered"] >= ANSWERED:
                break
        await runtime.stop()
        seen.append(report(runtime, memory))

    monkeypatch.chdir(root)
    asyncio.run(main())

    *during, last = seen
    assert all(accounted(now["viewer_events"]) for now in seen)
    for now in during:
        assert over(now["edges"], limits(graph, at_the_end=False)) == {}
    assert over(last["edges"], limits(graph, at_the_end=True)) == {}
    assert last["errors"] == []
    assert last["viewer_events"]["in"] >= 120
    assert last["viewer_events"]["answered"] >= ANSWERED
    assert {turn["lane"] for turn in last["turns"]} <= {"chat", "mention"}
    figure(str(last["viewer_events"]))


@pytest.mark.slow
def test_a_minute_of_it_in_a_process_of_its_own_leaves_memory_flat(tmp_path: Path, figure: Figure) -> None:
    flood.write(tmp_path / "flood.jsonl", seconds=80)
    with Show(tmp_path, "--for", "78", env={"CHAT_RECORDING": str(tmp_path / "flood.jsonl")}) as show:
        used = [each.mb for each in readings(show, 76) if each.at > WARM_S]
        assert show.ends(20) == 0, show.log
    done = show.report
    graph = read_graph(show.root / "graphs" / "demo.yaml", show.root)
    assert accounted(done["viewer_events"]), done["viewer_events"]
    assert done["viewer_events"]["in"] >= 700
    assert done["errors"] == []
    assert over(done["edges"], limits(graph, at_the_end=True)) == {}
    figure(f"{done['viewer_events']}, memory {used[0]:.0f} -> {used[-1]:.0f} MB (most {max(used):.0f})")
    assert used[-1] - used[0] < FLAT_MB
