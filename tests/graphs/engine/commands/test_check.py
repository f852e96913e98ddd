import re

from graphs.engine.cli import main
from schemas.command import FAILED, OK
from tests.harness import ROOT

BAD = ROOT / "tests" / "graphs" / "bad"


def test_check_finds_nothing_in_the_demonstration(capsys):
    assert main(["check", str(ROOT / "graphs" / "demo.yaml")], ROOT) == OK
    assert re.search(r"demo.yaml: 좋아요. 노드 1\d개, 연결 \d\d개", capsys.readouterr().out)


def test_check_goes_through_all_graphs_also_behind_a_wrong_one(capsys):
    graphs = [
        BAD / "nodes" / "01_unknown_type.yaml",
        ROOT / "graphs" / "demo.yaml",
        BAD / "load" / "06_duplicate_key.yaml",
    ]
    assert main(["check", *map(str, graphs)], ROOT) == FAILED
    told = capsys.readouterr().out
    assert "01_unknown_type.yaml:" in told
    assert "demo.yaml: 좋아요" in told
    assert "06_duplicate_key.yaml:" in told
