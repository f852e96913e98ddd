import pytest

from graphs.engine.cli import main
from graphs.engine.language import schema
from nodes import load_all
from schemas.command import OK, USAGE
from tests.harness import ROOT


def test_nodes_lists_every_type(capsys):
    assert main(["nodes"], ROOT) == OK
    told = capsys.readouterr().out
    assert all(name in told for name in ("chat.replay", "speech.kokoro", "overlay.web"))


def test_nodes_describes_one_type(capsys):
    assert main(["nodes", "chat.replay"], ROOT) == OK
    told = capsys.readouterr().out
    assert "speed" in told
    assert "overlay.web" not in told


@pytest.mark.parametrize(("word", "hint"), [("chat.repaly", "혹시 'chat.replay'인가요?"), ("qqq", "'qqq'")])
def test_nodes_knows_the_nearest_word(capsys, word, hint):
    assert main(["nodes", word], ROOT) == USAGE
    assert hint in capsys.readouterr().out


def test_nodes_prints_the_schema_for_editors(capsys):
    assert main(["nodes", "--schema"], ROOT) == OK
    assert capsys.readouterr().out == schema.text(load_all())


def test_nodes_prints_the_table_of_the_readme(capsys):
    assert main(["nodes", "--markdown"], ROOT) == OK
    assert "`chat.replay`" in capsys.readouterr().out
