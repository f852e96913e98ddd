"""The graphs that users start from."""

from pathlib import Path

import pytest

from graphs.engine.language.check import check
from graphs.engine.offline.play import replayed
from graphs.engine.offline.recording import Read
from nodes import load_all
from tests.harness import ROOT

pytestmark = [pytest.mark.component]

SHIPPED = {
    "demo": set(),
    "live": set(),
    "live-remote-voice": {"speech"},
    "local-llm": {"reply"},
    "replay": {"chzzk", "replay", "typed", "parse", "alert"},
    "silent": {"speech", "voice", "lips", "lines", "avatar"},
}
"""Graph -> the nodes in which it differs from live."""
ENV = {"TTS_REMOTE_URL": "http://127.0.0.1:5000"}


def graph(name):
    path = ROOT / "graphs" / f"{name}.yaml"
    return check(path.read_text("utf-8"), path.name, load_all(), ENV, ROOT)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_graph_has_no_problems_and_bears_the_name_of_its_file(name):
    assert graph(name).name == name


@pytest.mark.parametrize("name", [name for name, own in SHIPPED.items() if own])
def test_a_variant_of_live_differs_only_where_it_says(name):
    live, own = graph("live").nodes, graph(name).nodes
    prints = [{key: entry.fingerprint for key, entry in nodes.items()} for nodes in (live, own)]
    changed = {key for key in {*live, *own} if prints[0].get(key) != prints[1].get(key)}
    assert changed <= SHIPPED[name]


def test_a_remote_voice_must_have_an_address():
    path = ROOT / "graphs" / "live-remote-voice.yaml"
    with pytest.raises(ValueError, match="TTS_REMOTE_URL"):
        check(path.read_text("utf-8"), path.name, load_all(), {}, ROOT)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_graph_answers_a_recorded_chat(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    played = replayed(graph(name), Read(Path("tests/recordings/seven_minutes.jsonl")), ROOT)
    counts = played.decisions.lines[-1]["viewer_events"]
    assert counts["answered"] > 0
    assert counts["waiting"] == 0
    assert played.errors == ()
