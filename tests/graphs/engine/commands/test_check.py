import re

from graphs.engine.cli import main
from schemas.command import FAILED, OK
from tests.harness import ROOT

BAD = ROOT / "tests" / "graphs" / "bad"


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
