import shutil

import pytest

from graphs.engine.commands import tune
from graphs.engine.commands.doctor import Line
from graphs.engine.commands.tune.propose import Machine
from graphs.engine.language.read import read_graph
from nodes.exams import Tried
from tests.harness import ROOT

GRAPH = """\
# 내 그래프
name: mine
nodes:
  say: {type: chat.typed}   # 조종판
  parse: {type: chat.parse, in: say}
  batch: {type: chat.batch, in: parse, speaking: voice.speaking}
  canned: {type: reply.canned, in: batch, replies: config/canned_replies.yaml}
  split: {type: reply.split, in: canned}
  speech: {type: speech.ladder, in: split, voices: [{type: kokoro}]}
  voice: {type: audio.play, in: speech, device: none}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project folder whose machine has a slow voice and a full disk; the console answers nothing."""
    (tmp_path / "graphs").mkdir()
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "graphs" / "mine.yaml").write_text(GRAPH, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tune, "machine", lambda _: Machine(2, 8.0, 2.0))

    class Measured:
        def __init__(self, *_, trying):
            assert trying

        async def examine(self, _):
            measured = {"first_sound_s": 6.0, "slowest_sound_s": 6.0}
            fewer = Tried(("voices", 0, "threads"), 2, 1, (6.0, 6.1))
            tried = () if "threads" in text(tmp_path) else (fewer,)
            return [Line("speech", True, "목소리: 6.00초 (first sound)", "", 1.0, measured, tried)]

    monkeypatch.setattr(tune, "Doctor", Measured)
    return tmp_path


def ran(folder, monkeypatch, *words, answer=""):
    def ask(_):
        if not answer:
            raise EOFError
        return answer

    monkeypatch.setattr("builtins.input", ask)
    return tune.main(["graphs/mine.yaml", *words], folder)


def text(folder):
    return (folder / "graphs" / "mine.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("words", "answer"), [(("--yes",), ""), ((), "y"), ((), "네")])
def test_the_graph_is_changed_when_a_person_agrees_and_the_old_text_is_kept(folder, monkeypatch, capsys, words, answer):
    assert ran(folder, monkeypatch, *words, answer=answer) == 0
    expected = GRAPH.replace("speech.ladder,", "speech.ladder, patience_s: 12.0,")
    expected = expected.replace("{type: kokoro}", "{type: kokoro, threads: 1}")
    assert text(folder) == expected.replace("audio.play,", "audio.play, record: false,")
    kept = list((folder / "history" / "graphs").iterdir())
    assert [file.read_text(encoding="utf-8") for file in kept] == [GRAPH]
    shown = capsys.readouterr().out
    assert "+  speech: {type: speech.ladder, patience_s: 12.0," in shown
    assert "6.00초" in shown
    read_graph(folder / "graphs" / "mine.yaml", folder, {})


@pytest.mark.parametrize("answer", ["", "n", "what"])
def test_nothing_is_changed_unless_a_person_agrees(folder, monkeypatch, capsys, answer):
    assert ran(folder, monkeypatch, answer=answer) == 1
    assert text(folder) == GRAPH
    assert not (folder / "history").exists()
    assert "patience_s: 12.0" in capsys.readouterr().out


def test_a_second_run_has_nothing_to_change(folder, monkeypatch, capsys):
    ran(folder, monkeypatch, "--yes")
    assert ran(folder, monkeypatch, "--yes") == 0
    assert "바꿀 것이 없어요" in capsys.readouterr().out


def test_what_was_saved_meanwhile_is_not_overwritten(folder, monkeypatch):
    def save(_):
        (folder / "graphs" / "mine.yaml").write_text(f"{GRAPH}# mine\n", encoding="utf-8")
        return "y"

    monkeypatch.setattr("builtins.input", save)
    assert tune.main(["graphs/mine.yaml"], folder) == 1
    assert text(folder) == f"{GRAPH}# mine\n"


@pytest.mark.parametrize("broken", ["nodes: [", "", "nodes: {a: {type: no.such}}"])
def test_a_wrong_graph_is_named_and_left_alone(folder, monkeypatch, capsys, broken):
    (folder / "graphs" / "mine.yaml").write_text(broken, encoding="utf-8")
    assert ran(folder, monkeypatch, "--yes") == 1
    assert "mine.yaml" in capsys.readouterr().err
    assert text(folder) == broken


def test_a_file_that_is_not_there_is_named(folder, capsys):
    assert tune.main(["graphs/none.yaml"], folder) == 1
    assert "none.yaml" in capsys.readouterr().err


def test_the_machine_is_looked_at():
    here = tune.machine(ROOT)
    assert here.cores >= 1
    assert here.memory_gb > 0.1
    assert here.disk_gb > 0
