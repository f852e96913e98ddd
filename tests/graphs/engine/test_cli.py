import importlib
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import nodes.commands
from graphs.engine import cli
from graphs.engine.cli import main
from graphs.engine.commands import FAILED, OK, USAGE, run
from graphs.engine.commands import test as trial
from graphs.engine.language import schema
from nodes import load_all
from nodes.commands import Command
from tests.harness import ROOT

BAD = ROOT / "tests" / "graphs" / "bad"


@pytest.fixture
def ran(monkeypatch):
    """What ``run`` was called with."""
    calls = []

    def note(graph, root, **options):
        calls.append((graph, root, options))
        return 0

    monkeypatch.setattr(run, "run", note)
    return calls


@pytest.mark.parametrize("words", [[], ["run"]])
def test_without_a_graph_the_demonstration_runs_and_its_page_opens(ran, words):
    assert main(words, ROOT) == OK
    assert ran == [
        (ROOT / "graphs" / "demo.yaml", ROOT, {"seconds": None, "report": None, "open_page": True, "at": None})
    ]


def test_a_word_that_is_nearly_a_command_is_no_graph(ran, capsys):
    assert main(["chekc", "graphs/demo.yaml"], ROOT) == USAGE
    assert "did you mean 'check'?" in capsys.readouterr().err
    assert main(["doctro"], ROOT) == USAGE
    assert "doctor" in capsys.readouterr().err
    assert main(["silent"], ROOT) == USAGE
    assert "did you mean 'python aischoco.py graphs/silent.yaml'?" in capsys.readouterr().err
    assert main(["qqqq"], ROOT) == USAGE
    assert "--help" in capsys.readouterr().err
    assert ran == []


@pytest.mark.parametrize("words", [["x.yaml"], ["run", "x.yaml"]])
def test_a_graph_can_be_named_without_a_command(ran, words):
    assert main(words, ROOT) == OK
    assert ran[0][0] == Path("x.yaml")


def test_the_options_of_a_run(ran):
    assert main(["--for", "1.5", "--report", "r.json", "--no-open"], ROOT) == OK
    assert ran[0][2] == {"seconds": 1.5, "report": Path("r.json"), "open_page": False, "at": None}


def test_a_run_that_fails_is_told_by_the_exit_code(monkeypatch):
    monkeypatch.setattr(run, "run", lambda *_, **__: FAILED)
    assert main([], ROOT) == FAILED


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--for", "0"], "must be above 0"),
        (["--for", "soon"], "soon"),
        (["--unknown"], "--unknown"),
        (["check"], "graph"),
        (["show"], "graph"),
    ],
)
def test_a_wrong_call_is_told_and_nothing_runs(ran, capsys, words, told):
    assert main(words, ROOT) == USAGE
    assert told in capsys.readouterr().err
    assert ran == []


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["run", "--help"], ["check", "-h"]])
def test_help_is_no_failure(ran, capsys, words):
    assert main(words, ROOT) == OK
    assert "usage: aischoco.py" in capsys.readouterr().out
    assert ran == []


def test_check_finds_nothing_in_the_demonstration(capsys):
    assert main(["check", str(ROOT / "graphs" / "demo.yaml")], ROOT) == OK
    assert re.search(r"demo.yaml: ok, 1\d nodes, \d\d edges", capsys.readouterr().out)


def test_check_goes_through_all_graphs_also_behind_a_wrong_one(capsys):
    graphs = [
        BAD / "nodes" / "01_unknown_type.yaml",
        ROOT / "graphs" / "demo.yaml",
        BAD / "load" / "06_duplicate_key.yaml",
    ]
    assert main(["check", *map(str, graphs)], ROOT) == FAILED
    told = capsys.readouterr().out
    assert "01_unknown_type.yaml:" in told
    assert "demo.yaml: ok" in told
    assert "06_duplicate_key.yaml:" in told


def test_nodes_lists_every_type(capsys):
    assert main(["nodes"], ROOT) == OK
    told = capsys.readouterr().out
    assert all(name in told for name in ("chat.replay", "speech.kokoro", "overlay.web"))


def test_nodes_describes_one_type(capsys):
    assert main(["nodes", "chat.replay"], ROOT) == OK
    told = capsys.readouterr().out
    assert "speed" in told
    assert "overlay.web" not in told


@pytest.mark.parametrize(("word", "hint"), [("chat.repaly", "did you mean 'chat.replay'?"), ("qqq", "'qqq'")])
def test_nodes_knows_the_nearest_word(capsys, word, hint):
    assert main(["nodes", word], ROOT) == USAGE
    assert hint in capsys.readouterr().out


def test_nodes_prints_the_schema_for_editors(capsys):
    assert main(["nodes", "--schema"], ROOT) == OK
    assert capsys.readouterr().out == schema.text(load_all())


def test_nodes_prints_the_table_of_the_readme(capsys):
    assert main(["nodes", "--markdown"], ROOT) == OK
    assert "`chat.replay`" in capsys.readouterr().out


def test_show_prints_a_graph_as_mermaid(capsys):
    assert main(["show", str(ROOT / "graphs" / "demo.yaml")], ROOT) == OK
    assert capsys.readouterr().out.startswith("flowchart LR")


def test_show_tells_what_is_wrong(capsys):
    assert main(["show", str(BAD / "nodes" / "01_unknown_type.yaml")], ROOT) == FAILED
    assert "01_unknown_type.yaml:" in capsys.readouterr().out


@pytest.mark.parametrize(("returned", "code"), [(0, OK), (1, FAILED), (5, FAILED)])
def test_test_hands_on_to_pytest(monkeypatch, returned, code):
    calls = []

    def note(command, **options):
        calls.append((command, options["cwd"]))
        return SimpleNamespace(returncode=returned)

    monkeypatch.setattr(subprocess, "run", note)
    assert main(["test", "-k", "chat"], ROOT) == code
    assert calls == [([sys.executable, "-m", "pytest", "-k", "chat"], ROOT)]


def test_a_graph_behind_test_has_its_own_tests_run(monkeypatch):
    calls = []
    monkeypatch.setattr(trial, "main", lambda graphs, root: calls.append((graphs, root)) or FAILED)
    assert main(["test", "a.yaml", "b.yml"], ROOT) == FAILED
    assert calls == [([Path("a.yaml"), Path("b.yml")], ROOT)]


def test_a_console_of_windows_is_made_to_take_korean(monkeypatch):
    streams = [SimpleNamespace(reconfigure=lambda **how: made.append(how), write=print), SimpleNamespace(write=print)]
    made = []
    monkeypatch.setattr(cli.sys, "stdout", streams[0])
    monkeypatch.setattr(cli.sys, "stderr", streams[1])
    monkeypatch.setattr(run, "run", lambda *_, **__: OK)
    assert main([], ROOT) == OK
    assert made == [{"encoding": "utf-8", "errors": "replace"}]


@pytest.mark.parametrize("word", sorted(cli.OWN))
def test_a_command_with_a_file_of_its_own_is_handed_its_words(monkeypatch, word):
    calls = []
    own = importlib.import_module(f"graphs.engine.commands.{word}")
    monkeypatch.setattr(own, "main", lambda words, root: calls.append((words, root)) or FAILED)
    assert main([word, "a", "--b"], ROOT) == FAILED
    assert calls == [(["a", "--b"], ROOT)]


def test_a_command_of_a_family_of_nodes_is_handed_its_words_and_the_environment(monkeypatch, tmp_path):
    calls = []
    load_all()
    greet = Command("greet", "say hello", lambda *given: calls.append(given) or OK)
    monkeypatch.setitem(nodes.commands.commands, "greet", greet)
    (tmp_path / ".env").write_text("GREETING=hello\n", encoding="utf-8")
    assert main(["greet", "you"], tmp_path) == OK
    [(words, root, env)] = calls
    assert (words, root, env["GREETING"]) == (["you"], tmp_path, "hello")


@pytest.mark.parametrize("words", [["top", "--once"], ["devices"], ["record", "a", "b.jsonl"], ["check", "graph.yaml"]])
def test_an_env_file_that_is_not_utf8_is_told_in_a_line(tmp_path, capsys, words):
    (tmp_path / ".env").write_bytes("GROQ_MODEL=모델\n".encode("cp949"))
    (tmp_path / "graph.yaml").write_text("nodes: {}\n", encoding="utf-8")
    assert main([word.replace("graph.yaml", str(tmp_path / "graph.yaml")) for word in words], tmp_path) == FAILED
    told = capsys.readouterr()
    assert ".env is not UTF-8 text" in told.out + told.err
    assert "UTF-8" in told.out + told.err
