"""The ``character`` of a graph: its name is written once and is in every setting and file that asks for it."""

import pytest

from graphs.engine.language.check import check
from graphs.engine.language.heading import NAMELESS
from graphs.engine.language.plan import plan
from nodes import load_all
from schemas.graph import Graph, GraphError

TAIL = """
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  batch: {type: chat.batch, in: parse}
  pages: {type: overlay.web, chat: parse%s}
"""


def graph(head: str = "", more: str = "") -> Graph:
    return check(head + TAIL % more, "show.yaml", load_all(), {})


def test_the_name_is_in_every_setting_that_asks_for_it() -> None:
    found = graph("character: 별")
    assert found.character == "별"
    assert found.nodes["pages"].settings.title == "별"  # type: ignore[attr-defined]
    assert found.nodes["batch"].settings.names == ("별",)  # type: ignore[attr-defined]


def test_a_title_or_a_list_of_names_may_differ_from_it() -> None:
    found = graph("character: 별", ", title: 별이의 방").nodes["pages"]
    assert found.settings.title == "별이의 방"  # type: ignore[attr-defined]
    text = "character: 별" + (TAIL % "").replace("in: parse}", 'in: parse, names: ["{character}", 별이]}')
    batch = check(text, "show.yaml", load_all(), {}).nodes["batch"]
    assert batch.settings.names == ("별", "별이")  # type: ignore[attr-defined]


def test_a_graph_without_it_takes_the_title_of_its_page_and_else_the_usual_name() -> None:
    assert graph(more=", title: 모카").character == "모카"
    assert graph(more=', title: "{character}의 방"').character == NAMELESS
    assert graph().nodes["pages"].settings.title == NAMELESS  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["5", "[모카]", "''", "'  '", f"'{'가' * 31}'", '"모\\n카"', "null", "true"])
def test_what_is_no_name_is_refused_at_its_place(name: str) -> None:
    with pytest.raises(GraphError, match=r"show.yaml:1:12: character must be a name of 1 to 30 characters"):
        graph(f"character: {name}")


def test_another_name_is_a_change_of_the_nodes_that_show_it_and_is_told() -> None:
    found = plan(graph("character: 모카"), graph("character: 별"))
    assert found.replaced == ("pages",)
    assert found.live == ("batch",)
    assert found.beside
    assert "character 모카 -> 별" in found.summary
    only_files = "nodes: {typed: {type: chat.typed}}"
    before, after = (check(f"character: {name}\n{only_files}", "s.yaml", load_all(), {}) for name in ("모카", "별"))
    assert not plan(before, after).empty
