from dataclasses import replace

import pytest

from graphs.engine.commands.tune.propose import Machine, propose
from graphs.engine.language.read import read_graph
from tests.harness import ROOT

ROOMY = Machine(8, 32.0, 200.0, (("card", 24.0),))
LIVE = read_graph(ROOT / "graphs" / "live.yaml", ROOT, {})


def proposed(measured, machine=ROOMY, graph=LIVE):
    return {".".join(each.path): each.value for each in propose(graph, measured, machine)}


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
