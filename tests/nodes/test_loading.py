"""A file under nodes/ that cannot be imported: it is named with its line, and the show goes on without it."""

import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import nodes
from graphs.engine.cli import main
from graphs.engine.language.check import check
from nodes import load_all, loading
from nodes.loading import Broken, broken_by, missing, told
from schemas.graph import GraphError
from tests.harness import ROOT

WRONG = {
    "a name that is not there": ("x = 1\n@node('chat.mine')\ndef mine(): ...\n", "2: NameError: name 'node'"),
    "a package that is not installed": ("import os\nimport not_there.at_all\n", "2: ModuleNotFoundError"),
    "no Python": ("def f(:\n  pass\n", "1: SyntaxError"),
    "indented wrong": ("if True:\nx = 1\n", "2: IndentationError"),
    "a script that ends": ("import sys\n\nsys.exit('bye')\n", "3: SystemExit: bye"),
    "a panic in a package": ("class Panic(BaseException): ...\n\n\nraise Panic('x')\n", "4: Panic: x"),
    "an error that cannot be told": (
        "class Mute(Exception):\n    def __str__(self): return 1 / 0\n\n\nraise Mute\n",
        "5: Mute: <exception str() failed>",
    ),
    "an odd name of a package": ("raise ModuleNotFoundError('x', name=5)\n", "1: ModuleNotFoundError: x"),
    "saved by Notepad as ANSI": ("x = '한글'\n".encode("cp949"), "1: SyntaxError"),
    "a part that is broken": ("from nodes.zoo import _part\n", "nodes/zoo/_part.py:2: ZeroDivisionError"),
    "a signature that says nothing": (
        "from nodes import node\n\n\n@node('zoo.mine')\ndef mine(): ...\n",
        "4: TypeError: zoo.mine",
    ),
    "registered before it failed": (
        "from nodes import node\nfrom reactivex import Observable\nfrom schemas.settings import Settings\n"
        "from schemas.chat import ChatMessage\n@node('zoo.mine')\n"
        "def mine(config: Settings, chat: Observable[ChatMessage]) -> Observable[ChatMessage]: ...\n1 / 0\n",
        "7: ZeroDivisionError",
    ),
}
GRAPH = """\
nodes:
  a: {type: chat.replay, file: assets/recordings/demo.jsonl}
  b: {type: zoo.mine, in: a}
  c: {type: chat.parse, in: b}
"""
MINE = "import nothing_like_it\n\n\n@node('zoo.mine')\ndef mine(): ...\n"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str | bytes], None]]:
    """Writes nodes/zoo/mine.py, into a folder that is read beside the real one."""
    zoo = tmp_path / "nodes" / "zoo"
    zoo.mkdir(parents=True)
    (zoo / "__init__.py").touch()
    (zoo / "_part.py").write_text("x = 0\n1 / x\n")
    load_all()
    monkeypatch.setattr(nodes, "__path__", [*nodes.__path__, str(tmp_path / "nodes")])
    monkeypatch.setattr(loading, "HERE", tmp_path / "nodes")
    yield lambda text: (zoo / "mine.py").write_bytes(text if isinstance(text, bytes) else text.encode()) and None
    for name in [name for name in sys.modules if name.startswith("nodes.zoo")]:
        del sys.modules[name]
    nodes.broken.clear()
    nodes.registry.pop("zoo.mine", None)


@pytest.mark.parametrize("what", WRONG)
def test_a_broken_file_is_named_with_its_line_and_the_other_nodes_load(write, what: str) -> None:
    text, expected = WRONG[what]
    before = set(load_all())
    write(text)
    assert set(load_all()) == before
    (line,) = told(nodes.broken)
    assert expected in line
    assert line.startswith("nodes/zoo/mine.py:") or "_part" in expected


def test_a_file_that_was_mended_is_read_again_without_a_new_start(write) -> None:
    write(MINE)
    load_all()
    assert nodes.broken
    write(WRONG["registered before it failed"][0].replace("1 / 0", "# mended: a longer line"))
    assert "zoo.mine" in load_all()
    assert nodes.broken == {}


def test_a_graph_imports_the_files_of_its_own_node_types_and_a_list_imports_all() -> None:
    lines = [
        "import sys",
        "from pathlib import Path",
        "from graphs.engine.language.read import read_graph",
        "from nodes import registry, types",
        "read_graph(Path('graphs/replay.yaml'), Path.cwd(), {})",
        "print(sorted(registry), 'nodes.speech.qwen' in sys.modules)",
        "print(len(types) > 30, 'nodes.speech.qwen' in sys.modules)",
        "print(types.get('no.such'), types.get('chat'), types.get(''))",
    ]
    ended = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    own, listed, unknown = ended.stdout.splitlines()
    assert own.endswith("False")
    assert "'chat.replay'" in own
    assert "'speech.system'" not in own
    assert listed == "True True"
    assert unknown == "None None None"


def test_what_refers_to_a_node_of_a_broken_file_is_told_at_its_line_and_nothing_that_follows_from_it(write) -> None:
    write(MINE)
    with pytest.raises(GraphError) as wrong:
        check(GRAPH, "mine.yaml", load_all(), {}, ROOT)
    (problem,) = wrong.value.problems
    place = "nodes/zoo/mine.py:1: ModuleNotFoundError: No module named 'nothing_like_it'"
    assert (problem.line, problem.message) == (3, f"노드 종류를 불러오지 못했어요: zoo.mine: {place}")
    assert "pip install -r requirements.txt" in problem.hint


@pytest.mark.parametrize("words", [["nodes"], ["check", "graphs/demo.yaml"], ["run", "MINE"], ["doctor", "MINE"]])
def test_every_command_names_the_broken_file(write, tmp_path, monkeypatch, capsys, words: list[str]) -> None:
    write("\n\n1 / 0\n@node('zoo.mine')\ndef mine(): ...\n")
    (tmp_path / "mine.yaml").write_text(GRAPH)
    monkeypatch.chdir(ROOT)
    code = main([word.replace("MINE", str(tmp_path / "mine.yaml")) for word in words], ROOT)
    said = "".join(capsys.readouterr())
    assert "nodes/zoo/mine.py:3: ZeroDivisionError: division by zero" in said
    assert code == (0 if words[0] in ("nodes", "check") else 1)
    assert ("chat.parse" in said) is (words[0] == "nodes")


def raised(source: str) -> BaseException:
    try:
        exec(compile(source, "elsewhere.py", "exec"), {})
    except Exception as error:
        return error
    raise AssertionError


def test_an_error_that_passed_no_file_of_ours_is_placed_in_the_file_that_was_imported() -> None:
    error = raised("1 / 0")
    assert traceback.extract_tb(error.__traceback__)
    assert str(broken_by("nodes.chat.parse", error)) == "nodes/chat/parse.py:1: ZeroDivisionError: division by zero"
    assert broken_by("nodes.chat", error).file == "nodes/chat/__init__.py"
    assert broken_by("nodes.chat.gone", error).types == frozenset()
    assert broken_by("nodes.chat.parse", error).types == {"chat.parse"}


def test_one_part_that_breaks_many_files_is_one_line() -> None:
    broken = {
        "nodes.chat.a": Broken("nodes/chat/_x.py", 3, "E: x", frozenset({"chat.a"}), "correct it"),
        "nodes.chat.b": Broken("nodes/chat/_x.py", 3, "E: x", frozenset({"chat.b"}), "correct it"),
    }
    assert told(broken) == ["nodes/chat/_x.py:3: E: x. 그래서 없는 노드: chat.a, chat.b (correct it)"]
    assert missing("chat.b", broken) == broken["nodes.chat.b"]
    assert missing("chat.c", broken) is None
