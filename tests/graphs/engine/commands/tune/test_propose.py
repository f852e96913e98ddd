from dataclasses import replace

import pytest

from graphs.engine.commands.tune.propose import Machine, propose
from graphs.engine.language.read import read_graph
from nodes.exams import Tried
from tests.harness import ROOT

ROOMY = Machine(8, 32.0, 200.0, (("card", 6.0),))
LIVE = read_graph(ROOT / "graphs" / "live.yaml", ROOT, {})


def proposed(measured, machine=ROOMY, graph=LIVE, tried=None):
    return {each.where: each.value for each in propose(graph, measured, machine, tried or {})}


def threads(set_to, **first_sound_s):
    """What was tried: ``one=1.0`` is one thread with which the first sound takes a second."""
    numbers = {"one": 1, "two": 2, "four": 4}
    now_s = first_sound_s.pop("now")
    return [Tried(("threads",), set_to, numbers[each], (now_s, s)) for each, s in first_sound_s.items()]


def test_nothing_is_proposed_where_nothing_was_measured():
    assert proposed({}) == {}


def test_a_machine_on_which_all_is_fast_enough_stays_as_it_is():
    measured = {"speech": {"first_sound_s": 0.6, "slowest_sound_s": 0.9}, "reply": {"first_token_s": 0.4}}
    assert proposed(measured) == {}


@pytest.mark.parametrize(("slowest", "patience"), [(3.9, None), (4.1, 9.0), (7.0, 14.0)])
def test_a_slow_voice_that_works_is_waited_for(slowest, patience):
    found = proposed({"speech": {"first_sound_s": 0.5, "slowest_sound_s": slowest}})
    assert found.get("nodes.speech.patience_s") == patience


@pytest.mark.parametrize(("sound", "token", "budget"), [(1.0, 1.0, None), (1.5, 1.0, 4.5), (3.0, None, 5.0)])
def test_a_promise_that_cannot_be_kept_is_made_one_that_can(sound, token, budget):
    measured = {"speech": {"first_sound_s": sound, "slowest_sound_s": sound}}
    if token is not None:
        measured["reply"] = {"first_token_s": token}
    assert proposed(measured).get("budget_s") == budget


def test_a_graph_without_a_promise_is_not_given_one():
    measured = {"speech": {"first_sound_s": 3.0, "slowest_sound_s": 3.0}}
    assert proposed(measured, graph=replace(LIVE, budget_s=None)) == {}


@pytest.mark.parametrize(("day", "budget"), [(1000, None), (14_400, "paid"), (500_000, "paid")])
def test_the_budget_of_the_model_follows_what_its_server_allows_in_a_day(day, budget):
    assert proposed({"reply": {"requests_a_day": day}}).get("nodes.reply.budget") == budget


@pytest.mark.parametrize(("free", "record"), [(4.9, False), (5.1, None)])
def test_a_disk_that_is_nearly_full_is_not_filled_by_recordings(free, record):
    assert proposed({}, replace(ROOMY, disk_gb=free)).get("nodes.voice.record") is record


def test_every_reason_has_its_figure():
    measured = {"speech": {"first_sound_s": 6.0, "slowest_sound_s": 6.5}, "reply": {"requests_a_day": 20_000}}
    reasons = " ".join(each.reason for each in propose(LIVE, measured, replace(ROOMY, disk_gb=1.0)))
    assert all(figure in reasons for figure in ("6.5", "20000", "1.0 GB", "6.0"))


@pytest.mark.parametrize(
    ("tried", "value"),
    [
        (threads(2, now=1.0, one=1.05, four=0.95), 1),
        (threads(2, now=1.0, one=1.3, four=0.95), None),
        (threads(2, now=1.0, one=1.3, four=0.7), 4),
        (threads(1, now=1.0, two=0.9, four=0.85), None),
        (threads(4, now=1.0, one=1.09, two=1.0), 1),
        ([], None),
    ],
)
def test_a_number_of_threads_is_proposed_that_is_sooner_or_leaves_cores_to_a_game(tried, value):
    under = [each.under("voices", 1) for each in tried]
    assert proposed({}, tried={"speech": under}).get("nodes.speech.voices.1.threads") == value


@pytest.mark.parametrize(("size", "said"), [(6.0, False), (8.0, True)])
def test_a_card_with_room_for_the_cloned_voice_is_told(size, said):
    machine = replace(ROOMY, gpus=(("small", 2.0), ("card", size)))
    assert ("nodes.speech.voices.0" in proposed({}, machine)) is said


def test_a_graph_whose_voice_is_cloned_is_not_told_of_the_card(tmp_path):
    own = (ROOT / "graphs" / "live.yaml").read_text(encoding="utf-8").replace("{type: kokoro}", "{type: qwen}")
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    assert proposed({}, replace(ROOMY, gpus=(("card", 24.0),)), read_graph(tmp_path / "own.yaml", ROOT, {})) == {}
