from graphs.engine.order import downstream_first, leads_to_answer
from tests.graphs.engine.stage import REGISTRY, graph_of

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


def test_every_consumer_stands_before_its_producer():
    order = downstream_first(SHOW)
    assert sorted(order) == sorted(SHOW.nodes)
    for wire in SHOW.wires:
        if not wire.feedback:
            assert order.index(wire.target) < order.index(wire.source)


def test_only_the_way_to_the_batch_decides_about_a_viewer_event():
    assert leads_to_answer(SHOW, REGISTRY) == {"source", "filter", "batch"}
