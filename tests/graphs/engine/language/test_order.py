from dataclasses import FrozenInstanceError, replace
from itertools import pairwise

import pytest

from graphs.engine.language.order import Shape, is_viewer_source
from graphs.engine.language.read import read_graph
from nodes import load_all
from schemas.graph import Part
from tests.graphs.engine.stage import REGISTRY, graph_of
from tests.harness import ROOT

GRAPHS = ("silent.yaml", "demo.yaml")

SHOW = graph_of(
    {
        "source": "chat.count",
        "filter": "chat.pass",
        "batch": "chat.single",
        "voice": "audio.say",
        "page": "page.see",
        "aside": "chat.pass",
        "end": "page.see",
    },
    "source -> filter",
    "filter -> batch",
    "filter -> page",
    "source -> aside",
    "aside -> end",
    "batch -> voice",
    "voice.speaking -> batch.speaking",
)


def test_a_chain_of_any_length_has_an_order():
    names = [f"n{number}" for number in range(1500)]
    wires = [f"{one} -> {other}" for one, other in pairwise(names)]
    assert Shape(graph_of(dict.fromkeys(names, "chat.pass"), *wires), REGISTRY).downstream_first == tuple(names[::-1])


def test_every_consumer_stands_before_its_producer():
    order = Shape(SHOW, REGISTRY).downstream_first
    assert sorted(order) == sorted(SHOW.nodes)
    for wire in SHOW.wires:
        if not wire.feedback:
            assert order.index(wire.target) < order.index(wire.source)


def test_only_the_way_to_the_batch_decides_about_a_viewer_event():
    assert Shape(SHOW, REGISTRY).answers == {"source", "filter", "batch"}


def test_only_what_a_batch_passes_on_its_way_to_the_voice_is_needed_to_hear_it():
    assert Shape(SHOW, REGISTRY).voice == {"source", "filter", "batch", "voice"}
    assert Shape(SHOW, REGISTRY).voiced


def test_a_graph_without_a_voice_has_no_way_to_one():
    silent = graph_of({"source": "chat.count", "page": "page.see"}, "source -> page")
    assert Shape(silent, REGISTRY).voice == frozenset()
    assert not Shape(silent, REGISTRY).voiced


def test_a_place_of_a_larger_graph_is_told_what_its_nodes_are_for():
    part = Part("here", answering=frozenset({"page"}), speaking=frozenset({"source"}), voiced=True)
    here = replace(graph_of({"source": "chat.count", "page": "page.see"}, "source -> page"), part=part)
    assert Shape(here, REGISTRY).answers == {"page"}
    assert Shape(here, REGISTRY).voice == {"source"}
    assert Shape(here, REGISTRY).voiced


def test_viewer_events_come_into_being_in_a_node_that_takes_none():
    assert [name for name, spec in REGISTRY.items() if is_viewer_source(spec)] == ["chat.count", "chat.wrong"]


def test_viewers_come_in_by_the_first_nodes_of_their_way():
    silent, demo = (Shape(read_graph(ROOT / "graphs" / name, ROOT), load_all()).origins for name in GRAPHS)
    assert sorted(origin.partition("#")[0] for origin in silent) == ["chat.chzzk", "chat.typed"]
    assert not silent <= demo
    assert Shape(read_graph(ROOT / "graphs" / "live.yaml", ROOT), load_all()).origins == silent
    assert Shape(graph_of({}), REGISTRY).origins == set()


def test_the_same_node_with_other_settings_is_another_origin():
    one, other, again = (
        Shape(graph_of({name: ("chat.count", {"count": count}), "c": "page.see"}, f"{name} -> c"), REGISTRY).origins
        for name, count in (("a", 1), ("a", 2), ("b", 1))
    )
    assert one == again != other


def test_what_follows_from_a_graph_cannot_be_changed():
    shape = Shape(SHOW, REGISTRY)
    with pytest.raises(FrozenInstanceError):
        shape.answers = frozenset()
