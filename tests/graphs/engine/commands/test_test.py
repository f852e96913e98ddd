import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from graphs.engine.commands import test as module
from graphs.engine.commands.test import play
from schemas.command import FAILED, OK
from tests.harness import ROOT

GRAPH = """
name: small
nodes:
  typed: {type: chat.replay, file: assets/recordings/demo.jsonl}
  parse: {type: chat.parse, in: typed}
  filter: {type: chat.filter, in: parse, min_length: 1}
  batch: {type: chat.batch, in: filter, speaking: voice.speaking, quiet_s: 0.4, names: [초코]}
  reply: {type: reply.canned, in: batch}
  split: {type: reply.split, in: reply}
  speech: {type: speech.kokoro, in: split.sentence}
  voice: {type: audio.play, in: speech}
"""
CHATS = "events: {a: {chat: 안녕하세요}, b: {chat: 반가워요}, e: {batch: [a, b], lane: chat}}"


@pytest.fixture
def said(tmp_path, capsys, monkeypatch):
    """Runs a graph with these tests: (exit code, what was printed)."""
    monkeypatch.chdir(os.curdir)

    def run(*tests, graph=GRAPH):
        file = tmp_path / "small.yaml"
        file.write_text(graph + ("tests:\n" if tests else "") + "".join(f"  - {{{test}}}\n" for test in tests), "utf-8")
        return play([file], ROOT), capsys.readouterr().out

    return run


def test_a_story_that_comes_true_passes(said):
    code, told = said(f'name: 모음, {CHATS}, in: {{parse: "-ab"}}, out: {{batch: "------e", filter: [a, b]}}')
    assert code == OK
    assert "통과 모음" in told
    assert "통과 1, 실패 0" in told


def test_a_voice_that_tells_how_much_is_left_begins_and_ends_a_turn_once(said):
    events = "events: {a: {chat: 안녕하세요}, o: {speaking: true}, x: {speaking: false}}"
    code, _ = said(f'name: 목소리, {events}, in: {{parse: "a"}}, out: {{voice.speaking: [o, x]}}')
    assert code == OK


def test_what_was_expected_and_what_came_stand_one_under_the_other(said):
    code, told = said(f'name: 틀림, {CHATS}, in: {{parse: "-ab"}}, out: {{filter: "-a-b"}}')
    assert code == FAILED
    assert "small.yaml:13: 실패 틀림" in told
    assert "    filter.out\n      expected: -a-b\n      got:      -ab\n" in told


def test_an_order_is_compared_without_times(said):
    code, told = said(f'name: 순서, {CHATS}, in: {{parse: "(ab)"}}, out: {{filter: [b, a]}}')
    assert code == FAILED
    assert "      expected: b a\n      got:      a b\n" in told


def test_an_event_that_the_story_does_not_know_is_shown(said):
    code, told = said('events: {a: {chat: 안녕}, b: {chat: 딴말}}, in: {parse: "a"}, out: {batch: [b]}')
    assert code == FAILED
    assert "      got:      ?\n      ? = ChatBatch(" in told


def test_what_comes_beside_the_expected_is_a_failure_too(said):
    assert said(f'{CHATS}, in: {{parse: "-ab"}}, out: {{filter: "-a"}}')[0] == FAILED


def test_a_fake_answers_each_batch_with_its_next_text_and_then_the_last_again(said):
    chats = "a: {chat: 안녕하세요}, b: {chat: 날씨 어때요}, c: {chat: 점심 먹었어요}"
    given = f'in: {{parse: "a{"-" * 99}b{"-" * 99}c"}}, fakes: {{reply: [하나요., 둘이요.]}}'
    code, told = said(
        f"events: {{{chats}, s: {{sentence: 하나요.}}, t: {{sentence: 둘이요.}}}}, {given}, out: {{split: [s, t, t]}}"
    )
    assert code == OK, told


def test_a_node_with_several_outputs_is_played_at_all_of_them(said):
    events = "events: {s: {sentence: 안녕!, spoken: 안녕, last: true}, o: {speaking: true}, x: {speaking: false}}"
    code, told = said(f'{events}, in: {{split: "s"}}, out: {{split.sentence: "s", voice.speaking: [o, x]}}')
    assert code == OK, told


def test_a_node_that_cannot_be_built_fails_the_story(said):
    broken = GRAPH.replace("in: batch}", "in: batch, replies: LICENSE}")
    code, told = said(f'{CHATS}, in: {{parse: "a"}}, out: {{filter: "a"}}', graph=broken)
    assert code == FAILED
    assert "(reply.canned)" in told


def test_a_graph_without_tests_is_not_called_tested(said):
    code, told = said()
    assert code == FAILED
    assert "시험이 없어요" in told


def test_what_is_wrong_in_the_graph_or_in_its_tests_is_told_with_its_place(said):
    code, told = said('in: {prase: "a"}')
    assert code == FAILED
    assert "small.yaml:13:" in told
    assert said('out: {filter: "a"}', graph="nodes: {a: {type: no.such}}\n")[0] == FAILED


@pytest.mark.parametrize("name", ["demo", "live"])
def test_the_tests_of_the_shipped_graphs_pass(name, capsys, monkeypatch):
    monkeypatch.chdir(os.curdir)
    code = play([ROOT / "graphs" / f"{name}.yaml"], ROOT)
    told = capsys.readouterr().out
    assert code == OK, told
    assert f"{name}.yaml: 통과 5, 실패 0" in told


@pytest.mark.parametrize(("returned", "code"), [(0, OK), (1, FAILED), (5, FAILED)])
def test_words_without_a_graph_are_handed_on_to_pytest(monkeypatch, returned, code):
    calls = []

    def note(command, **options):
        calls.append((command, options["cwd"]))
        return SimpleNamespace(returncode=returned)

    monkeypatch.setattr(subprocess, "run", note)
    assert module.main(["-k", "chat"], ROOT) == code
    assert calls == [([sys.executable, "-m", "pytest", "-k", "chat"], ROOT)]


def test_a_graph_behind_test_has_its_own_tests_run(monkeypatch):
    calls = []
    monkeypatch.setattr(module, "play", lambda graphs, root: calls.append((graphs, root)) or FAILED)
    assert module.main(["a.yaml", "b.yml"], ROOT) == FAILED
    assert calls == [([Path("a.yaml"), Path("b.yml")], ROOT)]
