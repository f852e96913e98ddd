"""What the READMEs show is true: commands, graphs, links, figures, the example node."""

import re
import subprocess
import sys
import textwrap
import tomllib
from functools import cache
from pathlib import Path, PurePosixPath

import pytest
import yaml

from graphs.engine.commands import OWN
from graphs.engine.commands._describe import markdown
from graphs.engine.commands.init import GRAPH
from graphs.engine.language.check import check
from nodes import load_all
from nodes.commands import commands
from tests.harness import ROOT

PAIRS = (
    ("README.md", "README.ko.md"),
    ("graphs/README.md", "graphs/README.ko.md"),
    ("config/deploy/README.md", "config/deploy/README.ko.md"),
    ("assets/dock/README.md", "assets/dock/README.ko.md"),
)
"""The documents for streamers, in English and in Korean."""
READMES = (
    *(name for pair in PAIRS for name in pair),
    "graphs/engine/README.md",
    "nodes/README.md",
    "tests/README.md",
    "history/README.md",
    "assets/voice_samples/README.md",
)
FIGURES = "tests/README.md"
"""The one file with measured figures."""
MOST_LINES = 260
MOST_BYTES = 200_000
"""The limit for one picture."""
COMMANDS = (
    "pip install -r requirements.txt && python aischoco.py",
    "pip install -r requirements-dev.txt && python -m pytest",
)
EXAMPLE_COMMANDS = {"lines"}
EXAMPLES = {"nodes/chat/lines.py", "nodes/chat/thin.py", "tests/nodes/chat/test_thin.py"}
"""Files that a reader writes while reading."""
NAMED_BY_THE_USER = {"CHZZK_ACCESS_TOKEN_A"}
CONSTANTS = {"1.5 s"}
"""Times that the program enforces and nobody measures: the grace period of a reload."""
WRITTEN_BY_INIT = {GRAPH.as_posix()}
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")


@cache
def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, *languages: str) -> list[str]:
    """Return the code blocks of the languages, without the indent of a list that contains them."""
    found = re.findall(rf"^( *)```(?:{'|'.join(languages)})\n(.*?)^\1```", text(name), re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(body) if indent else body for indent, body in found]


def prose(name: str) -> str:
    """Return the text without its code blocks, in which a line may look like a heading."""
    return re.sub(r"^( *)```.*?^\1```$", "", text(name), flags=re.DOTALL | re.MULTILINE)


def headings(name: str) -> list[tuple[str, str]]:
    """Return (number signs, heading) of each heading in order."""
    return re.findall(r"^(#+) (.+)$", prose(name), re.MULTILINE)


def anchor(heading: str) -> str:
    """Return the anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def called(name: str) -> set[str]:
    """Return everything that follows ``python aischoco.py`` on its line."""
    return {line.strip() for line in re.findall(r"python aischoco\.py ([a-z][^`\n|]*)", text(name))}


def pictures(name: str) -> list[Path]:
    return [(ROOT / name).parent / path for path in PICTURE.findall(text(name))]


def test_every_readme_is_among_those_that_are_checked() -> None:
    folders = ("assets", "config", "graphs", "history", "nodes", "schemas", "tests")
    found = {*ROOT.glob("README*.md"), *(file for folder in folders for file in (ROOT / folder).rglob("README*.md"))}
    assert {file.relative_to(ROOT).as_posix() for file in found} == set(READMES)


@pytest.mark.parametrize("name", READMES)
def test_a_readme_is_short_enough_to_be_read(name: str) -> None:
    assert len(text(name).splitlines()) <= MOST_LINES


@pytest.mark.parametrize("name", PAIRS[0])
def test_the_first_page_gives_the_two_commands_and_leads_to_every_other_readme(name: str) -> None:
    for command in COMMANDS:
        assert command in text(name)
    korean = {pair[0] if name.endswith(".ko.md") else pair[1] for pair in PAIRS[1:]}
    links = set(re.findall(r"\]\(([^)#]+)[^)]*\)", text(name)))
    assert {*READMES} - korean - {name} <= links


def test_the_table_of_nodes_is_what_the_command_prints(english: None) -> None:
    table = markdown(load_all()).partition("\n\n### ")[0].strip()
    shown = f"<!-- nodes:begin -->\n{table}\n<!-- nodes:end -->" in text("nodes/README.md")
    assert shown, "the table of nodes is that of `python aischoco.py nodes --markdown`"


def test_the_rooms_of_the_engine_are_those_that_a_tool_keeps_apart() -> None:
    contracts = tomllib.loads(text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    (layers,) = [each["layers"] for each in contracts if each["type"] == "layers"]
    assert f"```text\n{' > '.join(layers)}\n```" in text("graphs/engine/README.md")
    rooms = {
        word.strip("/").removesuffix(".py")
        for word in re.findall(r"^\| `(\S+)` \|", text("graphs/engine/README.md"), re.M)
    }
    assert set(re.findall(r"\w+", " ".join(layers))) <= rooms


@pytest.mark.parametrize("name", READMES)
def test_every_command_of_the_program_that_a_readme_calls_exists(name: str) -> None:
    load_all()
    known = set(OWN) | set(commands) | WRITTEN_BY_INIT | EXAMPLE_COMMANDS
    words = {line.split()[0] for line in called(name)}
    assert {word for word in words if word not in known and not (ROOT / word).is_file()} == set()


@pytest.mark.parametrize("name", READMES)
def test_every_module_that_a_readme_runs_exists(name: str) -> None:
    modules = set(re.findall(r"python -m (tests[\w.]*)", text(name)))
    assert {one for one in modules if not (ROOT / f"{one.replace('.', '/')}.py").is_file()} == set()


@pytest.mark.parametrize("name", READMES)
def test_every_file_that_a_readme_names_exists(name: str) -> None:
    folders = r"(?<![\w/.-])(?:(?:assets|config|graphs|nodes|schemas|tests)/[\w/.@-]+\.\w+|tests/[\w/]+)"
    missing = {path for path in re.findall(folders, text(name), re.ASCII) if not (ROOT / path).exists()}
    assert missing <= EXAMPLES | WRITTEN_BY_INIT


@pytest.mark.parametrize("name", READMES)
def test_every_link_and_picture_of_a_readme_leads_somewhere(name: str) -> None:
    folder = PurePosixPath(name).parent
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", text(name)):
        path, _, part = link.partition("#")
        file = ((ROOT / folder / path) if path else ROOT / name).resolve()
        assert file.is_relative_to(ROOT), link
        assert file.exists(), link
        if part:
            to = file.relative_to(ROOT).as_posix()
            assert part in {anchor(heading) for _, heading in headings(to)}, link


def test_what_is_looked_for_is_there_to_be_found() -> None:
    whole = "".join(text(name) for name in READMES)
    assert sum(len(called(name)) for name in READMES) > 60
    assert len(re.findall(r"python -m tests[\w.]*", whole)) > 10
    assert len(re.findall(r"\]\((?!https?:)[^)]+\)", whole)) > 80
    assert len([path for name in READMES for path in pictures(name)]) > 20


def test_the_pictures_are_small_and_each_is_shown() -> None:
    shown = {path.resolve() for name in READMES for path in pictures(name)}
    assert shown == set((ROOT / "assets" / "screenshots").iterdir())
    assert {path.name: size for path in shown if (size := path.stat().st_size) > MOST_BYTES} == {}


@pytest.mark.parametrize("name", READMES)
def test_every_graph_in_a_readme_checks_clean_and_every_piece_of_one_fits_into_the_live_graph(name: str) -> None:
    found = blocks(name, "yaml")
    assert found or name not in PAIRS[0] + PAIRS[1]
    for block in found:
        graph = block
        live = (ROOT / "graphs" / "live.yaml").read_text(encoding="utf-8")
        if block.startswith("tests:"):
            graph = live.partition("tests:\n")[0] + block
        elif not block.startswith(("#", "name:")):
            (node,) = yaml.safe_load(block)
            graph, replaced = re.subn(rf"(?ms)^  {node}:.*?(?=^  \S|^\S)", lambda _, put=block: put, live)
            assert replaced == 1, f"a recipe changes a node of graphs/live.yaml, not {node}"
        check(graph, "example.yaml", load_all(), {}, ROOT)


PLAY = """
import sys, nodes.chat
nodes.chat.__path__.append(sys.argv[1])
import nodes.chat.thin
from pathlib import Path
from graphs.engine.cli import main
from tests.harness import story
from tests.nodes.chat.fakes import chat
calls = (["lines", "assets/recordings/demo.jsonl"], ["lines", "nowhere"], ["lines"])
print([main(words, Path.cwd()) for words in calls])
a, b = chat("a"), chat("b")
story("chat.thin", {"chat": "-a-b-|"}, "---b-|", {"a": a, "b": b})
print("thin passes on", "b")
"""
"""A program that uses the example command and the example node."""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a program says that finds the example node and the example command beside those of nodes/chat."""
    folder = tmp_path_factory.mktemp("examples")
    for name, code in zip(("thin", "lines"), blocks("nodes/README.md", "python"), strict=True):
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-c", PLAY, str(folder)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace", timeout=30)
    return [*ran.stdout.splitlines(), *ran.stderr.splitlines()]


def test_the_example_node_does_what_it_says(said: list[str]) -> None:
    assert "thin passes on b" in said, said


def test_the_example_command_is_found_and_does_what_it_says(said: list[str]) -> None:
    events = len(text("assets/recordings/demo.jsonl").splitlines())
    assert events > 10
    assert said[0] == str(events)
    assert "[0, 1, 2]" in said


@pytest.mark.parametrize("name", READMES)
def test_every_variable_that_a_readme_names_stands_in_the_example_environment(name: str) -> None:
    known = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text(".env.example"), re.MULTILINE))
    prefixes = {one.split("_")[0] for one in known if "_" in one}
    named = {one for one in re.findall(r"\b[A-Z]+_[A-Z0-9_]+\b", text(name)) if one.split("_")[0] in prefixes}
    assert named or name not in PAIRS[0]
    assert named - known <= NAMED_BY_THE_USER


@pytest.mark.parametrize(("english", "korean"), PAIRS)
def test_english_and_korean_have_the_same_sections_commands_and_pictures(english: str, korean: str) -> None:
    levels = [[signs for signs, _ in headings(name)] for name in (english, korean)]
    assert levels[0] == levels[1]
    assert called(english) == called(korean)
    for language in ("sh", "bash", "bat", "yaml", "text"):
        assert blocks(english, language) == blocks(korean, language)
    assert pictures(english) == pictures(korean)
    rows = [re.findall(r"^\| (`[^|]+`|\[[^\]]*README)", text(name), re.MULTILINE) for name in (english, korean)]
    assert rows[0] == rows[1]


def test_a_measured_figure_stands_in_one_readme_only() -> None:
    measured = r"p(?:50|95|99) [\d,.]+|[\d,]+\.\d+(?:-[\d,.]+)? ?(?:ms|us|s|MB)\b|\b\d{2,}(?:-\d+)? ?(?:ms|us)\b"
    figures = set(re.findall(measured, prose(FIGURES)))
    assert len(figures) > 80
    elsewhere = {
        name: (figures - CONSTANTS) & set(re.findall(measured, prose(name))) for name in READMES if name != FIGURES
    }
    assert {name: found for name, found in elsewhere.items() if found} == {}


def test_a_comment_in_a_code_block_is_not_a_heading() -> None:
    assert "# yaml-language-server" in text("graphs/README.md")
    assert all("yaml-language-server" not in heading for _, heading in headings("graphs/README.md"))
    assert ("##", "Recipes") in headings("graphs/README.md")
