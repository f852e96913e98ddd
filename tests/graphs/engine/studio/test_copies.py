"""graphs/engine/studio/copies.py: a graph that came with the program is changed as a copy."""

import shutil
import subprocess

import pytest

from graphs.engine.language.check import check
from graphs.engine.studio.copies import SHIPPED, copied, shipped
from nodes import load_all
from schemas.graph import GraphError
from tests.harness import ROOT


@pytest.fixture
def root(tmp_path):
    (tmp_path / "graphs").mkdir()
    for name in SHIPPED:
        (tmp_path / "graphs" / name).write_bytes((ROOT / "graphs" / name).read_bytes())
    return tmp_path


def test_the_shipped_graphs_are_those_in_the_repository():
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not in a repository")
    found = subprocess.run(["git", "ls-files", "graphs/*.yaml"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {name.removeprefix("graphs/") for name in found.stdout.split() if name.count("/") == 1} == SHIPPED


def test_only_those_in_the_folder_of_graphs_are_shipped_ones(root):
    assert shipped(root / "graphs" / "demo.yaml", root)
    assert not shipped(root / "graphs" / "my.yaml", root)
    assert not shipped(root / "demo.yaml", root)


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_copy_says_the_same_but_for_its_name_and_introduction(root, name):
    path = root / "graphs" / name
    before = path.read_bytes()
    new = copied(path, root, load_all())
    assert new == root / "graphs" / "my.yaml"
    assert path.read_bytes() == before
    lines, old = new.read_text("utf-8").splitlines(), before.decode().splitlines()
    assert "name: my" in lines
    assert set(lines) - set(old) == {"name: my"}
    assert all(line.startswith(("name:", "about:", "example:")) for line in set(old) - set(lines))
    env = {"TTS_REMOTE_URL": "http://x", "NATS_URL": "nats://x", "OLLAMA_MODEL": "x"}
    one, other = (check(each.read_bytes(), str(each), load_all(), env, ROOT) for each in (path, new))
    assert other.nodes.keys() == one.nodes.keys()


def test_a_copy_never_takes_the_place_of_another_graph(root):
    names = [copied(root / "graphs" / "demo.yaml", root, load_all()).name for _ in range(3)]
    assert names == ["my.yaml", "my-2.yaml", "my-3.yaml"]
    assert "name: my-3" in (root / "graphs" / "my-3.yaml").read_text("utf-8")


def test_what_is_no_graph_is_not_copied(root):
    (root / "graphs" / "demo.yaml").write_text("nodes: [", encoding="utf-8")
    with pytest.raises(GraphError):
        copied(root / "graphs" / "demo.yaml", root, load_all())
    assert not (root / "graphs" / "my.yaml").exists()
