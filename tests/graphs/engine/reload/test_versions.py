from datetime import datetime

from graphs.engine.reload.versions import Entry
from tests.graphs.engine.stage import graph_of


def test_an_entry_tells_when_it_came():
    graph = graph_of({"a": "chat.count"})
    before = datetime.now().replace(microsecond=0)
    entry = Entry.of(3, "reloaded", graph)
    assert (entry.generation, entry.summary, entry.graph) == (3, "reloaded", graph)
    assert before <= datetime.fromisoformat(entry.time) <= datetime.now()
