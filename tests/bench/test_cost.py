import pytest

from graphs.engine.language.check import check
from nodes import types
from tests.bench import cost
from tests.e2e.show import copy_of_the_project
from tests.harness import ROOT


@pytest.mark.parametrize(
    ("change", "gone", "stays"),
    [(cost._silent, {"speech", "voice", "lips", "lines"}, "replay"), (cost._quiet, {"replay", "lines"}, "speech")],
)
def test_the_graphs_that_are_measured_are_whole(change, gone, stays, tmp_path):
    """Whatever the demonstration has by then: what a row takes out leaves a graph that runs."""
    root = copy_of_the_project(tmp_path)
    change(root)
    text = (root / "graphs" / "demo.yaml").read_text(encoding="utf-8")
    graph = check(text, "demo.yaml", types, {}, ROOT)
    assert not gone & set(graph.nodes)
    assert stays in graph.nodes


@pytest.mark.component
@pytest.mark.alone
@pytest.mark.timeout(120)
def test_a_show_of_captions_costs_little():
    found = cost.measured("captions", 5.0)
    print(f"captions: {found.cpu:.1f} % of a core, {found.mb:.0f} MB")
    assert 0 < found.cpu < 45
    assert 30 < found.mb < 250
