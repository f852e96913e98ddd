import asyncio
import json

import pytest

from graphs.engine.cli import main
from graphs.engine.commands._rehearse_live import live
from graphs.engine.commands.rehearse import fast, report
from graphs.engine.language.read import read_graph
from graphs.engine.offline.crowd import Crowd
from graphs.engine.offline.play import virtually
from nodes import load_all
from schemas.command import FAILED, OK, USAGE
from tests.harness import ROOT

LIVE, DEMO = ROOT / "graphs" / "live.yaml", ROOT / "graphs" / "demo.yaml"
CAPTIONS = """
name: captions
nodes:
  chzzk: {type: chat.chzzk}
  parse: {type: chat.parse, in: chzzk}
  filter: {type: chat.filter, in: parse}
  batch: {type: chat.batch, in: filter, speaking: voice.speaking, quiet_s: 0.1}
  reply: {type: reply.canned, in: batch, replies: config/canned_replies.yaml}
  split: {type: reply.split, in: reply}
  speech: {type: speech.http, in: split.sentence}
  voice: {type: audio.play, in: speech, caption_s_per_char: 0.0, device: auto}
  send: {type: chat.send, in: split.sentence}
"""


@pytest.fixture(autouse=True)
def stay(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture
def captions(tmp_path):
    file = tmp_path / "captions.yaml"
    file.write_text(CAPTIONS, encoding="utf-8")
    return file


def test_in_virtual_time_the_report_is_the_same_each_time_and_says_what_was_faked():
    graph = read_graph(LIVE, ROOT)
    found = [report(graph, load_all(), fast(graph, Crowd(60.0, 2.0), ROOT, 3), ROOT) for _ in range(2)]
    assert found[0] == found[1]
    told = found[0]
    counts = told["viewer_events"]
    assert counts["in"] == counts["answered"] + sum(counts["dropped"].values())
    assert told["faked"]["chat"] == "invented"
    assert told["faked"]["llm.reply"] == "written sentences"
    assert 0 < told["voice_s"]["p50"] <= told["voice_s"]["p95"]
    assert told["voice_s"]["budget_s"] == graph.budget_s
    assert 0 <= told["voice_s"]["over"] <= told["voice_s"]["turns"]
    assert told["rungs"] == {"stand_in": told["turns"]}
    persona = len((ROOT / "config" / "character.txt").read_text(encoding="utf-8"))
    assert told["tokens"]["in"] > 0.6 * persona * told["turns"]
    assert 0 < told["tokens"]["out"] < told["tokens"]["in"]


def test_spam_is_dropped_by_the_filters_of_the_graph():
    graph = read_graph(LIVE, ROOT)
    calm, rude = (
        fast(graph, Crowd(60.0, 2.0, spam), ROOT, 3).decisions.lines[-1]["viewer_events"] for spam in (0.0, 0.6)
    )
    assert calm["dropped"].get("link", 0) == 0
    assert rude["dropped"]["link"] >= 5


def test_a_graph_of_written_answers_costs_no_tokens():
    graph = read_graph(DEMO, ROOT)
    assert report(graph, load_all(), fast(graph, Crowd(20.0), ROOT, 1), ROOT)["tokens"] == {"in": 0, "out": 0}


def test_with_the_real_nodes_only_the_chat_is_invented(captions, tmp_path, monkeypatch):
    """In virtual time too, so that the test is quick; a voice without a server gives captions alone."""
    graph = read_graph(captions, ROOT)
    rehearsed = virtually(live(graph, Crowd(20.0, 2.0), ROOT, 1))
    found = report(graph, load_all(), rehearsed, ROOT)
    assert found["faked"] == {"chat": "invented"}
    counts = found["viewer_events"]
    assert counts["answered"] > 5
    assert counts["in"] == counts["answered"] + counts["waiting"] + sum(counts["dropped"].values())
    assert found["rungs"].keys() == {"canned"}
    assert not (ROOT / "history" / "journal" / "captions.jsonl").exists()


def test_the_command_rehearses_and_tells(capsys):
    assert main(["rehearse", str(LIVE), "--fast", "--minutes", "0.5", "--rate", "2"], ROOT) == OK
    told = capsys.readouterr().out
    assert "채팅에서 목소리까지: p50" in told
    assert "llm.reply = 준비된 문장" in told
    assert (
        main(["rehearse", str(LIVE), "--fast", "--minutes", "0.2", "--json", "--no-raid", "--spam", "0.2"], ROOT) == OK
    )
    assert json.loads(capsys.readouterr().out)["graph"] == "live"


def test_without_fast_it_runs_on_the_loop_of_the_process(captions, monkeypatch, capsys):
    monkeypatch.setattr(asyncio, "run", virtually)
    assert main(["rehearse", str(captions), "--minutes", "0.2"], ROOT) == OK
    assert "가짜: chat = 지어낸 것" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [[], ["x.yaml", "--minutes", "0"], ["x.yaml", "--spam", "2"], ["x.yaml", "--rate", "many"]]
)
def test_a_wrong_call_is_told(words, capsys):
    assert main(["rehearse", *words], ROOT) == USAGE


def test_help_is_no_failure(capsys):
    assert main(["rehearse", "-h"], ROOT) == OK


def test_a_wrong_graph_and_a_node_that_cannot_be_built_are_told(captions, tmp_path, capsys):
    assert main(["rehearse", str(tmp_path / "none.yaml"), "--fast"], ROOT) == FAILED
    (tmp_path / "wrong.yaml").write_text("3", encoding="utf-8")
    text = CAPTIONS.replace("config/canned_replies.yaml", (tmp_path / "wrong.yaml").as_posix())
    captions.write_text(text, encoding="utf-8")
    assert main(["rehearse", str(captions), "--fast"], ROOT) == FAILED
    assert "'reply' 노드" in capsys.readouterr().err


def test_a_persona_that_cannot_be_read_counts_as_none(tmp_path):
    graph = read_graph(LIVE, ROOT)
    rehearsed = fast(graph, Crowd(10.0), ROOT, 1)
    assert (
        report(graph, load_all(), rehearsed, tmp_path)["tokens"]["in"]
        < report(graph, load_all(), rehearsed, ROOT)["tokens"]["in"]
    )


def test_silence_is_a_report_too():
    graph = read_graph(DEMO, ROOT)
    found = report(graph, load_all(), fast(graph, Crowd(0.01, 0.001, bursts=0, raid=False), ROOT, 1), ROOT)
    nothing = dict.fromkeys(("p50", "p95", "budget_s", "over", "over_share"))
    assert found["voice_s"] == {"turns": 0, **nothing}
