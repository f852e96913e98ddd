from graphs.engine.cli import main
from schemas.command import FAILED, OK
from tests.harness import ROOT

BAD = ROOT / "tests" / "graphs" / "bad"


def test_show_prints_a_graph_as_mermaid(capsys):
    assert main(["show", str(ROOT / "graphs" / "demo.yaml")], ROOT) == OK
    assert capsys.readouterr().out.startswith("flowchart LR")


def test_show_tells_what_is_wrong(capsys):
    assert main(["show", str(BAD / "nodes" / "01_unknown_type.yaml")], ROOT) == FAILED
    assert "01_unknown_type.yaml:" in capsys.readouterr().out
