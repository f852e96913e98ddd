import importlib
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import nodes.commands
from graphs.engine import cli
from graphs.engine.cli import main
from graphs.engine.commands import run
from nodes import load_all, phrases
from nodes.commands import Command
from schemas.command import FAILED, OK, USAGE
from tests.harness import ROOT


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
        (
            ROOT / "graphs" / "demo.yaml",
            ROOT,
            {"seconds": None, "report": None, "open_page": True, "page": "", "at": None},
        )
    ]


def test_a_word_that_is_nearly_a_command_is_no_graph(ran, capsys):
    assert main(["chekc", "graphs/demo.yaml"], ROOT) == USAGE
    assert "혹시 'check'인가요?" in capsys.readouterr().err
    assert main(["doctro"], ROOT) == USAGE
    assert "doctor" in capsys.readouterr().err
    assert main(["silent"], ROOT) == USAGE
    assert "혹시 'python aischoco.py graphs/silent.yaml'인가요?" in capsys.readouterr().err
    assert main(["qqqq"], ROOT) == USAGE
    assert "--help" in capsys.readouterr().err
    assert ran == []


@pytest.mark.parametrize("words", [["x.yaml"], ["run", "x.yaml"]])
def test_a_graph_can_be_named_without_a_command(ran, words):
    assert main(words, ROOT) == OK
    assert ran[0][0] == Path("x.yaml")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--for", "0"], "0보다 크고"),
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
    assert "쓰는 법: aischoco.py" in capsys.readouterr().out
    assert ran == []


HANGUL = re.compile("[가-힣]+")
ENGLISH = re.compile(r"\b[A-Za-z]+(?: [a-z]+){2,}|\b(?:usage|options|positional)\b")
"""Three words in a row are a sentence."""
WORDS = sorted({*cli.OWN, *(load_all() and nodes.commands.commands)} - {"test"})
"""All commands but the one that hands its words on to pytest."""


@pytest.mark.parametrize("word", WORDS)
def test_every_command_shows_its_help_and_refuses_an_option_that_it_does_not_have(word, tmp_path, capsys):
    assert main([word, "--help"], tmp_path) == OK
    assert f"쓰는 법: aischoco.py {word}" in capsys.readouterr().out
    assert main([word, "--no-such-option"], tmp_path) == USAGE
    assert f"쓰는 법: aischoco.py {word}" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("language", "foreign"), [("ko", ENGLISH), ("en", HANGUL)])
@pytest.mark.parametrize("word", ["", *WORDS])
def test_the_help_of_every_command_is_in_one_language(word, language, foreign, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(phrases, "_tongue", [])
    monkeypatch.setenv("AISCHOCO_LANG", language)
    assert main([*word.split(), "--help"], tmp_path) == OK
    told = re.sub(r"치지직|네이버", "", capsys.readouterr().out)
    assert foreign.findall(told) == []


def test_a_command_of_a_family_that_argparse_ends_is_ended_as_one_of_the_engine(monkeypatch, tmp_path):
    def ends(words, root, env):
        raise SystemExit(int(words[0]) if words else None)

    load_all()
    monkeypatch.setitem(nodes.commands.commands, "greet", Command("greet", "say hello", ends))
    assert [main(["greet", *words], tmp_path) for words in ([], ["0"], ["2"])] == [OK, OK, USAGE]


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
    (tmp_path / ".env").write_bytes(b"GROQ_MODEL=\xff\xff\n")
    (tmp_path / "graph.yaml").write_text("nodes: {}\n", encoding="utf-8")
    assert main([word.replace("graph.yaml", str(tmp_path / "graph.yaml")) for word in words], tmp_path) == FAILED
    told = capsys.readouterr()
    assert ".env는 UTF-8 글이 아니에요" in told.out + told.err
    assert "UTF-8" in told.out + told.err


def test_the_language_is_chosen_before_anything_is_printed(ran, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(phrases, "_tongue", [])
    monkeypatch.delenv("AISCHOCO_LANG")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text("AISCHOCO_LANG=en\n", encoding="utf-8")
    assert main(["x.yaml"], tmp_path) == OK
    assert phrases.tongue() == "en"
    monkeypatch.setenv("AISCHOCO_LANG", "ko")
    assert main(["x.yaml"], tmp_path) == OK
    assert phrases.tongue() == "ko"
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("AISCHOCO_LANG", "fr")
    assert main(["x.yaml"], tmp_path) == OK
    assert capsys.readouterr().err == "AISCHOCO_LANG에는 ko나 en만 쓸 수 있어요. 지금 값: 'fr'\n"


def test_a_file_of_settings_that_cannot_be_read_leaves_the_language_to_the_system(ran, monkeypatch, tmp_path):
    monkeypatch.setattr(phrases, "_tongue", [])
    monkeypatch.delenv("AISCHOCO_LANG")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    (tmp_path / ".env").mkdir()
    assert main(["x.yaml"], tmp_path) == OK
    assert phrases.tongue() == "en"
