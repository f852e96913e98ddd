import dataclasses

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from reactivex import operators as ops

from graphs.engine.language.check import check
from graphs.engine.language.cut import bus_settings, cut, places
from graphs.engine.language.order import Shape
from graphs.engine.offline.decisions import Decisions
from graphs.engine.offline.play import replayed
from graphs.engine.offline.recording import Read
from nodes import load_all
from schemas.bus import Judged
from schemas.chat import Donation
from schemas.graph import GraphError
from tests.graphs.engine import places as places_module
from tests.graphs.engine.places import played, spread
from tests.graphs.small import SHOW, registry
from tests.harness import ROOT

RECORDING = ROOT / "tests" / "recordings" / "seven_minutes.jsonl"
STRICT = """
name: strict
nodes:
  replay: {type: chat.replay, file: none.jsonl}
  parse: {type: chat.parse, in: replay}
  filter: {type: chat.filter, in: parse, min_length: 9}
  batch: {type: chat.batch, in: filter, speaking: voice.speaking, withdrawn: parse, ahead_s: 1}
  reply: {type: reply.canned, in: batch, replies: config/canned_replies.yaml}
  split: {type: reply.split, in: reply}
  guard: {type: reply.guard, in: split}
  speech: {type: speech.kokoro, in: guard}
  voice: {type: audio.play, in: speech}
  overlay: {type: overlay.web, chat: filter, batch: batch, reply: guard, heard: voice.heard}
"""
NAMES = ("replay", "parse", "filter", "batch", "reply", "split", "guard", "speech", "voice", "overlay")
BUS = {"servers": "nats://bus:4222"}
REGISTRY = load_all()


@pytest.fixture(autouse=True)
def stay(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="module")
def strict():
    return check(STRICT, "strict.yaml", REGISTRY, {}, ROOT)


@pytest.fixture(scope="module")
def lines():
    return [line for line in Read(RECORDING) if line[0] < 22]


@pytest.fixture(scope="module")
def whole(strict, lines):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return replayed(strict, lines, ROOT).decisions


def decided(decisions: Decisions):
    """What was answered in which order and how, and what became of everybody."""
    turns = [(turn.lane, turn.batch, turn.text, turn.emotion, turn.rung, turn.shown) for turn in decisions.turns]
    return turns, decisions.fates


def small(text: str = SHOW, **at: str):
    return spread(check(text, "show.yaml", registry | {n: s for n, s in REGISTRY.items() if s.family == "bus"}, {}), at)


def part(place: str, **at: str):
    return cut(small(**at), place, registry | REGISTRY, BUS)


def test_the_recording_has_what_the_law_is_about(whole):
    turns, fates = decided(whole)
    assert {lane for lane, *_ in turns} == {"mention", "donation"}
    assert {"answered", "too_short"} <= set(fates.values())


@pytest.mark.parametrize("names", [["speech"], ["filter"], ["batch"], ["voice"], ["reply", "split", "voice"]])
def test_a_graph_in_two_parts_decides_as_the_whole(strict, lines, whole, monkeypatch, names):
    placed = played(spread(strict, dict.fromkeys(names, "there")), lines, monkeypatch)
    assert decided(placed.decisions["pc"]) == decided(whole)
    assert placed.problems == []
    assert {line.closed for line in placed.bus.lines} == {True}


@pytest.mark.component
@settings(max_examples=25, phases=[Phase.generate])
@given(at=st.fixed_dictionaries({name: st.sampled_from("abc") for name in NAMES}))
def test_wherever_a_graph_is_cut_it_decides_as_the_whole(strict, lines, whole, at):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        placed = played(spread(strict, at), lines, patch)
    home = placed.decisions[at["parse"]] if len(placed.decisions) > 1 else next(iter(placed.decisions.values()))
    assert decided(home) == decided(whole)
    assert placed.problems == []


def test_places_are_told_in_the_order_of_the_file():
    assert places(small(batch="gpu", voice="cloud")) == ("pc", "gpu", "cloud")


def test_a_place_has_its_own_nodes_and_those_on_the_bus():
    graph = part("gpu", speech="gpu")
    assert graph.name == "show-gpu"
    told = {"_place.dropped ->", "_place.turn ->", "-> pc _place.turn"}
    assert set(graph.nodes) == {"speech", "_place", "speech.out ->", "-> reply.sentence"} | told
    assert [str(wire) for wire in graph.wires if "_place" not in str(wire)] == [
        "speech.out -> speech.out ->.event",
        "-> reply.sentence.event -> speech.sentence",
    ]
    settings_ = graph.nodes["-> reply.sentence"].settings.model_dump()
    assert (settings_["source"], settings_["node"], settings_["port"], settings_["kinds"]) == (
        "pc",
        "reply",
        "sentence",
        ("block",),
    )
    assert settings_["servers"] == "nats://bus:4222"
    assert graph.nodes["_place"].settings.model_dump()["neighbours"] == ("pc",)


def test_a_port_that_many_read_elsewhere_is_published_once_and_read_once():
    here, there = part("pc", lips="there", speech="there"), part("there", lips="there", speech="there")
    assert [name for name in here.nodes if name.startswith("reply.sentence")] == ["reply.sentence ->"]
    readers = [wire.target for wire in there.wires if wire.source == "-> reply.sentence"]
    assert sorted(readers) == ["lips", "speech"]


def test_feedback_stays_feedback_and_edges_keep_their_limits():
    whole = small(voice="there")
    graph = cut(whole, "pc", registry | REGISTRY, BUS)
    fed = next(wire for wire in graph.wires if wire.source == "-> voice.speaking")
    assert (fed.target, fed.input, fed.feedback) == ("batch", "speaking", True)
    sent = next(wire for wire in graph.wires if wire.source == "speech" and wire.input == "event")
    assert sent.policy == next(wire.policy for wire in whole.wires if wire.source == "speech")


def test_chat_and_donations_of_one_port_each_travel_in_their_class():
    graph = part("there", batch="there", reply="there", speech="there", voice="there", lips="there")
    settings_ = graph.nodes["-> filter.out"].settings.model_dump()
    assert settings_["kinds"] == ("sure", "fresh")
    assert settings_["judged"] == ("pc",)


def test_a_part_knows_what_leads_to_the_answer_and_to_the_voice_in_the_whole():
    at = dict.fromkeys(("batch", "reply", "speech"), "there")
    here, there = part("pc", **at), part("there", **at)
    both = registry | REGISTRY
    assert Shape(here, both).answers == {"source", "filter", "filter.out ->"}
    assert Shape(there, both).answers == {"-> filter.out", "batch"}
    assert Shape(here, both).voice == {"-> speech.out", "voice", "source", "filter", "filter.out ->"}
    assert Shape(there, both).voice >= {"batch", "reply", "speech", "speech.out ->"}
    assert Shape(here, both).voiced
    assert Shape(there, both).voiced


def test_a_graph_of_one_place_is_the_graph_itself():
    whole = small()
    assert cut(whole, "pc", registry | REGISTRY, BUS) is whole


def test_a_place_that_is_not_there_is_an_error_that_names_the_nearest():
    with pytest.raises(GraphError, match=r"no node of the graph is at 'gpx' \(did you mean 'gpu'"):
        part("gpx", speech="gpu")
    with pytest.raises(GraphError, match="its places are pc, gpu"):
        part("elsewhere", speech="gpu")


def test_the_bus_is_named_by_the_environment():
    env = {"NATS_URL": "nats://a:1", "NATS_USER": "pc", "NATS_PASSWORD": "secret", "NATS_CA": "", "HOME": "x"}
    assert bus_settings(env) == {"servers": "nats://a:1", "user": "pc", "password": "secret"}
    assert bus_settings({"NATS_REPLICAS": "3"}) == {"replicas": "3"}


def test_what_the_environment_says_wrongly_of_the_bus_is_named(strict):
    with pytest.raises(GraphError, match=r"NATS_REPLICAS: .*integer"):
        cut(spread(strict, {"speech": "gpu"}), "pc", REGISTRY, {"replicas": "three"})


def test_verdicts_over_donations_reach_the_place_that_reads_them(strict, lines, monkeypatch):
    placed = played(spread(strict, {"batch": "there"}), lines, monkeypatch)
    gifts = {id_ for id_, fate in placed.decisions["pc"].fates.items() if id_ in _paid(placed)}
    told = {
        letter.headers["Nats-Msg-Id"].split()[1] for letter in placed.bus.stored["sure"] if "judged" in letter.subject
    }
    assert gifts
    assert told == gifts
    assert Judged.overflow == Donation.overflow == "sure"


def test_a_turn_that_fails_at_another_place_is_over_at_once_and_the_next_one_begins(strict, lines, monkeypatch):
    written = REGISTRY["reply.canned"]
    failed = []

    def build(config, batch, **services):
        def fail_once(event):
            if not failed:
                failed.append(event)
                raise RuntimeError("no words")

        return written.build(config, batch=batch.pipe(ops.do_action(fail_once)), **services)

    registry = {**REGISTRY, written.name: dataclasses.replace(written, build=build)}
    monkeypatch.setattr(places_module, "load_all", lambda: registry)
    placed = played(spread(strict, {"reply": "there"}), lines, monkeypatch)
    home = placed.runtimes["pc"]
    first, second, *_ = home.turns.turns.values()
    assert first.batch == tuple(event.id for event in failed[0].events)
    assert first.marks["ended"] - first.marks["batched"] < 1.0
    assert second.marks["batched"] - first.marks["ended"] < 10.0
    assert {home.ledger.verdict(id_).reason for id_ in first.batch} == {"unanswered"}
    assert second.shown
    assert len(placed.problems) == 1


def _paid(placed) -> set[str]:
    stored = placed.bus.stored["sure"]
    return {each.headers["Nats-Msg-Id"].split()[1] for each in stored if each.headers["Aischoco-Type"] == "Donation"}
