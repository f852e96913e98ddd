"""graphs/engine/studio/tempers.py: every temper is made of settings that there are, with values that they may hold."""

import pytest

from graphs.engine.editing.edits import Set, edited
from graphs.engine.language.check import check
from graphs.engine.language.env import environment
from graphs.engine.studio.tempers import TEMPERS, USUAL, tempers_state
from nodes import load_all
from tests.harness import ROOT

GRAPHS = ("demo", "live", "local-llm", "silent", "cohost", "two-hosts")


@pytest.mark.parametrize("temper", [USUAL, *TEMPERS])
@pytest.mark.parametrize("graph", GRAPHS)
def test_a_temper_fits_every_graph_that_comes_with_the_program(graph: str, temper: str) -> None:
    registry = load_all()
    file = ROOT / "graphs" / f"{graph}.yaml"
    text = file.read_text("utf-8")
    nodes = check(text, file.name, registry, environment(ROOT), ROOT).nodes
    wanted = {
        (name, setting.rpartition(".")[2]): value
        for setting, value in tempers_state(registry)[temper].items()
        for name, entry in nodes.items()
        if entry.type == setting.rpartition(".")[0]
    }
    edits = [Set(op="set", path=("nodes", *path), value=value) for path, value in wanted.items()]
    made = check(edited(text, file.name, edits, registry), file.name, registry, environment(ROOT), ROOT)
    assert wanted
    assert {path: getattr(made.nodes[path[0]].settings, path[1]) for path in wanted} == wanted


def test_a_temper_decides_all_that_another_one_changes() -> None:
    settings = {name for temper in TEMPERS.values() for name in temper}
    for temper, chosen in TEMPERS.items():
        left = settings - chosen.keys()
        silent = chosen["chat.silence.enabled"] is False
        assert {name for name in left if not (silent and name.startswith("chat.silence."))} == set(), temper


def test_only_when_called_means_that_neither_chat_nor_silence_makes_it_speak() -> None:
    assert TEMPERS["called"]["chat.batch.only_mentions"] is True
    assert TEMPERS["called"]["chat.silence.enabled"] is False
    rest = [TEMPERS[temper] for temper in ("calm", "lively")]
    assert all(each["chat.batch.only_mentions"] is False and each["chat.silence.enabled"] is True for each in rest)


def test_the_usual_temper_is_what_the_settings_are_without_a_word_of_them() -> None:
    usual = tempers_state(load_all())[USUAL]
    assert usual["chat.batch.quiet_s"] == 0.4
    assert usual["chat.silence.enabled"] is True
    assert usual.keys() == {name for temper in TEMPERS.values() for name in temper}


def test_a_node_whose_file_is_broken_is_left_out_and_the_others_stay() -> None:
    registry = {name: spec for name, spec in load_all().items() if name != "chat.silence"}
    for settings in tempers_state(registry).values():
        assert settings
        assert not [name for name in settings if name.startswith("chat.silence.")]
