"""graphs.engine.commands._describe.py: graphs and node types as text."""

import pytest

from graphs.engine.commands._describe import describe, markdown, mermaid, table
from graphs.engine.language.check import check
from nodes import load_all, phrases
from tests.graphs.small import SHOW, registry

pytestmark = pytest.mark.usefixtures("english")


def test_a_graph_is_a_flowchart_with_feedback_dotted() -> None:
    assert mermaid(check(SHOW, "show.yaml", registry, {})).splitlines()[:4] == [
        "flowchart LR",
        '  n1["source<br/><small>chat.source</small>"]',
        '  n2["filter<br/><small>chat.filter</small>"]',
        '  n3["batch<br/><small>chat.batch</small>"]',
    ]
    lines = mermaid(check(SHOW, "show.yaml", registry, {})).splitlines()[8:]
    assert lines == [
        "  n1 --> n2",
        "  n2 --> n3",
        "  n6 -.->|speaking| n3",
        "  n3 --> n4",
        "  n4 -->|sentence| n5",
        "  n5 --> n6",
        "  n6 -->|level| n7",
        "  n4 -->|sentence| n7",
    ]


def test_a_name_that_mermaid_keeps_for_itself_does_no_harm() -> None:
    text = mermaid(check("nodes: {end: {type: chat.source}}", "x.yaml", registry, {}))
    assert text == 'flowchart LR\n  n1["end<br/><small>chat.source</small>"]\n'


def test_the_table_of_all_types_fits_a_narrow_window() -> None:
    lines = table(load_all()).splitlines()
    assert max(map(len, lines)) <= 80
    assert {line.split()[0] for line in lines if not line.startswith(" ")} == set(load_all())


def test_the_table_tells_what_each_type_does_takes_and_gives() -> None:
    lines = table({name: registry[name] for name in ("chat.source", "chat.batch", "pose.lips")}).splitlines()
    assert lines == [
        "chat.batch   Gather messages into turns.",
        "             takes ViewerEvent, Speaking · gives ChatBatch",
        "chat.source  Messages out of nowhere.",
        "             gives ChatMessage",
        "pose.lips    Move the mouth.",
        "             takes Level, Sentence",
    ]


def test_a_type_is_described_with_ports_and_settings() -> None:
    assert (
        describe(registry["reply.make"])
        == """\
reply.make

  Answer a turn.

takes
  batch: ChatBatch (also 'in')

gives
  sentence: Sentence
  emotion: Emotion

settings
  model: text, required
      The name of the model.
  api_key: a secret or nothing, default none
      Opens the service.
  temperature: a number or 'auto', default auto
      How wild.
"""
    )


def test_feedback_and_optional_ports_are_told() -> None:
    assert "  speaking: Speaking (feedback: a cycle may close here, may stay unconnected)" in describe(
        registry["chat.batch"]
    )


def test_a_source_takes_nothing_and_a_sink_gives_nothing() -> None:
    assert "takes\n  nothing\n" in describe(registry["chat.gifts"])
    assert describe(registry["pose.lips"]).endswith("gives\n  nothing\n")


def test_markdown_has_all_types_and_the_settings_of_each() -> None:
    lines = markdown(registry).splitlines()
    assert "| `chat.filter` | ViewerEvent | ViewerEvent | Let good messages through. |" in lines
    assert "| `mode` | one of drop, mask | `drop` | What happens to a bad message. |" in lines
    assert "| `loop` | true or false | `false` | Begin again at the end. |" in lines
    assert "| `channel` | text | `empty` | Whose chat. |" in lines
    assert "| `model` | text | required | The name of the model. |" in lines
    assert "### `chat.gifts`" not in lines


def test_a_bar_in_a_description_does_not_break_the_table() -> None:
    assert "| `odd` | text | `a\\|b` | One \\| two. |" in markdown(registry)


def test_in_korean_what_a_type_does_is_said_without_the_notes_for_those_who_write_nodes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(phrases, "_tongue", ["ko"])
    told = describe(load_all()["chat.batch"])
    assert "  시청자들의 말을 모아 한 차례씩 대답하게 해요. 다음 차례는 목소리가 곧 빌 때 열려요.\n\n받는 것\n" in told
    assert "      이보다 오래 기다린 채팅은 버려요." in told
