"""What the READMEs show is true: commands, graphs, links, the example node."""

import re
import subprocess
import sys
import textwrap
from functools import cache
from pathlib import Path

import pytest
import yaml

from graphs.engine.commands import OWN
from graphs.engine.commands.init import GRAPH
from graphs.engine.language.check import check
from graphs.engine.language.describe import markdown
from nodes import load_all
from nodes.commands import commands
from tests.harness import ROOT

READMES = ("README.md", "README.ko.md")
COMMANDS = (
    "pip install -r requirements.txt && python aischoco.py",
    "pip install -r requirements-dev.txt && python -m pytest",
)
NAMED_BY_THE_USER = {"CHZZK_ACCESS_TOKEN_A"}
WRITTEN_BY_INIT = {GRAPH.as_posix()}


@cache
def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The code blocks of a language, without the indent of a list that they stand in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", text(name), re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(body) if indent else body for indent, body in found]


def anchor(heading: str) -> str:
    """What a heading is linked by, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("name", READMES)
def test_a_readme_gives_the_two_commands_and_every_node_type(name: str) -> None:
    for command in COMMANDS:
        assert command in text(name)
    table = markdown(load_all()).partition("\n\n### ")[0].strip()
    shown = f"<!-- nodes:begin -->\n{table}\n<!-- nodes:end -->" in text(name)
    assert shown, f"{name}: the table of nodes is that of `python aischoco.py nodes --markdown`"


@pytest.mark.parametrize("name", READMES)
def test_every_command_of_the_program_that_a_readme_calls_exists(name: str) -> None:
    load_all()
    known = set(OWN) | set(commands) | WRITTEN_BY_INIT
    called = set(re.findall(r"python aischoco\.py ([a-z][a-z0-9_./-]*)", text(name)))
    assert len(called) > 10
    assert {word for word in called if word not in known and not (ROOT / word).is_file()} == set()


@pytest.mark.parametrize("name", READMES)
def test_every_module_that_a_readme_runs_exists(name: str) -> None:
    modules = set(re.findall(r"python -m (tests[\w.]*)", text(name)))
    assert modules
    assert {one for one in modules if not (ROOT / f"{one.replace('.', '/')}.py").is_file()} == set()


@pytest.mark.parametrize("name", READMES)
def test_every_test_that_a_readme_names_exists(name: str) -> None:
    paths = set(re.findall(r"\btests/[\w/]+(?:\.py)?\b", text(name)))
    assert paths
    missing = {path for path in paths if not (ROOT / path).exists()}
    assert missing <= {"tests/nodes/chat/test_thin.py"}, "only the example node has a test that is still to be written"


@pytest.mark.parametrize("name", READMES)
def test_every_link_and_picture_of_a_readme_leads_somewhere(name: str) -> None:
    headings = {
        readme: {anchor(one) for one in re.findall(r"^#+ (.+)$", text(readme), re.MULTILINE)} for readme in READMES
    }
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", text(name))
    assert len(links) > 10
    for link in links:
        path, _, part = link.partition("#")
        assert not path or (ROOT / path).exists(), link
        assert not part or part in headings[path or name], link


@pytest.mark.parametrize("name", READMES)
def test_every_graph_in_a_readme_checks_clean_and_every_piece_of_one_fits_into_the_live_graph(name: str) -> None:
    found = blocks(name, "yaml")
    assert found
    for block in found:
        graph = block
        if not block.startswith(("#", "name:")):
            (node,) = yaml.safe_load(block)
            live = (ROOT / "graphs" / "live.yaml").read_text(encoding="utf-8")
            graph, replaced = re.subn(rf"(?ms)^  {node}:.*?(?=^  \S|^\S)", lambda _, put=block: put, live)
            assert replaced == 1, f"a recipe changes a node of graphs/live.yaml, not {node}"
        check(graph, "example.yaml", load_all(), {}, ROOT)


def test_the_example_node_does_what_it_says(tmp_path: Path) -> None:
    (code,) = blocks("README.md", "python")
    (tmp_path / "thin.py").write_text(code, encoding="utf-8")
    play = """
        import sys, nodes.chat
        nodes.chat.__path__.append(sys.argv[1])
        import nodes.chat.thin
        from tests.harness import check
        from tests.nodes.chat.fakes import chat
        a, b = chat("a"), chat("b")
        check("chat.thin", {"chat": "-a-b-|"}, "---b-|", {"a": a, "b": b})
        """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(play), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("name", READMES)
def test_every_variable_that_a_readme_names_stands_in_the_example_environment(name: str) -> None:
    known = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    prefixes = {one.split("_")[0] for one in known if "_" in one}
    named = {one for one in re.findall(r"\b[A-Z]+_[A-Z0-9_]+\b", text(name)) if one.split("_")[0] in prefixes}
    assert named
    assert named - known == NAMED_BY_THE_USER


def test_both_readmes_tell_the_same() -> None:
    shown = [
        (
            len(re.findall("^## ", text(name), re.MULTILINE)),
            blocks(name, "python"),
            blocks(name, "yaml"),
            blocks(name, "bat"),
        )
        for name in READMES
    ]
    assert shown[0] == shown[1]
    pictures = [set(re.findall(r"assets/screenshots/[\w-]+\.png", text(name))) for name in READMES]
    assert pictures[0] == pictures[1]
