import asyncio

import pytest

from graphs.engine.flow.instance import NotBuilt
from graphs.engine.language.read import read_graph
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.offline.play import Playing, played, replayed, virtually
from graphs.engine.offline.recording import Read
from tests.graphs.engine.stage import REGISTRY, graph_of
from tests.harness import ROOT

LIVE, DEMO = ROOT / "graphs" / "live.yaml", ROOT / "graphs" / "demo.yaml"
RECORDING = ROOT / "tests" / "recordings" / "seven_minutes.jsonl"


@pytest.fixture(autouse=True)
def stay(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture
def half_minute():
    """The first half minute of the recording."""
    return [line for line in Read(RECORDING) if line[0] < 30]


def test_a_recording_goes_through_the_graph_without_network_model_or_device(half_minute):
    played = replayed(read_graph(LIVE, ROOT), half_minute, ROOT)
    counts = played.decisions.lines[-1]["viewer_events"]
    assert counts["in"] == counts["answered"] + sum(counts["dropped"].values()) > 10
    assert counts["waiting"] == 0
    assert played.decisions.turns
    assert played.stand_ins["chat.chzzk"] == "the recording"
    assert played.stand_ins["llm.reply"] == "written sentences"
    assert played.errors == ()


def test_another_seed_gives_other_answers(half_minute):
    graph = read_graph(LIVE, ROOT)
    texts = [replayed(graph, half_minute, ROOT, seed=seed).decisions.text() for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_a_change_of_the_graph_in_the_middle_loses_nobody_and_is_the_same_each_time(half_minute):
    def run():
        reloads = [(12.0, read_graph(DEMO, ROOT))]
        return replayed(read_graph(LIVE, ROOT), half_minute, ROOT, reloads=reloads)

    one, other = run(), run()
    assert one.decisions.text() == other.decisions.text()
    lines = one.decisions.lines
    assert [line["generation"] for line in lines if line["what"] == "reload"] == [2]
    rungs = [line["rung"] for line in lines if line["what"] == "turn"]
    assert rungs[0] == "stand_in"
    assert rungs[-1] == "canned"
    counts = lines[-1]["viewer_events"]
    assert counts["in"] == counts["answered"] + sum(counts["dropped"].values())
    whole = replayed(read_graph(LIVE, ROOT), half_minute, ROOT).decisions.lines[-1]["viewer_events"]
    assert counts["in"] == whole["in"]


def ran(stations, *wires, seconds=1.0, **options):
    """A graph of the stage, looked away from after ``seconds``."""

    async def until(playing: Playing) -> None:
        await asyncio.sleep(seconds)
        playing.decisions.note("looked away")

    return virtually(played(graph_of(stations, *wires), REGISTRY, ROOT, EngineLog(quiet=True), until, **options))


SLOW = {"count": ("chat.count", {"count": 2}), "batch": "chat.single", "say": ("audio.say", {"work_s": 20.0})}
WIRES = ("count -> batch.chat", "batch -> say.batch", "say.speaking -> batch.speaking")


def test_a_run_waits_for_what_is_still_to_be_answered_and_no_longer():
    run = ran(SLOW, *WIRES)
    counts = run.decisions.lines[-1]["viewer_events"]
    assert (counts["answered"], counts["waiting"]) == (2, 0)
    assert 20.0 < run.seconds < 45.0
    assert run.errors == ()
    assert "looked away" in [line["what"] for line in run.decisions.lines]


@pytest.mark.parametrize("settle_s", [0.0, 3.0])
def test_what_takes_longer_than_it_may_is_left_unanswered(settle_s):
    run = ran(SLOW, *WIRES, settle_s=settle_s, stop_s=0.5)
    assert run.seconds == pytest.approx(1.0 + settle_s, abs=0.06)
    assert run.decisions.lines[-1]["viewer_events"]["answered"] == 1  # the one that was being said
    assert [turn.id for turn in run.decisions.turns] == ["t-0"]


def test_a_node_that_fails_is_named_and_the_run_goes_on():
    stations = {"count": ("chat.count", {"count": 3}), "pass": ("chat.pass", {"bad": ("1",)}), "see": "page.see"}
    run = ran(stations, "count -> pass.chat", "pass -> see.chat")
    assert run.errors == ("pass: ValueError: cannot stand 1",)


def test_a_graph_that_cannot_be_built_is_named_and_leaves_nothing_behind():
    stations = {"count": "chat.count", "see": ("page.see", {"broken": True})}

    async def story():
        log = EngineLog(quiet=True)
        with pytest.raises(NotBuilt, match="no page"):
            await played(graph_of(stations, "count -> see.chat"), REGISTRY, ROOT, log, lambda _: asyncio.sleep(1.0))
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert virtually(story()) == set()
