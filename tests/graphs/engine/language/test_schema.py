"""graphs/engine/language/schema.py: the graph language in words and as JSON Schema."""

import json
import re
from typing import Any

import pytest
from pydantic import BaseModel, Field

from graphs.engine.language.schema import choices, graph_schema, in_words, keys, may_be, part, settings_schema, text
from nodes import load_all
from schemas.settings import Settings
from tests.graphs.small import Batch, Filter, Read, Source, registry
from tests.harness import ROOT


@pytest.fixture(autouse=True, scope="module")
def told_in_english() -> None:
    """The shipped schema is in Korean."""


class Inner(BaseModel):
    depth: int = Field(3, description="How deep.")


class Odd(Settings):
    below: float = Field(0.5, lt=1, description="Below.")
    least: int = Field(0, ge=1, description="At least.")
    most: int = Field(0, le=1, description="At most.")
    fixed: Any = Field(None, description="Anything.")
    items: list[Inner] = Field([], description="A list of mappings.")
    bare: list[Any] = Field([], description="A list of anything.")
    named: dict[str, Inner] = Field({}, description="By name.")


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        (Source, ("channel",), "text"),
        (Source, ("token",), "a secret or nothing"),
        (Source, ("loop",), "true or false"),
        (Source, ("speed",), "a number above 0 and at most 100"),
        (Filter, ("banned_words",), "a path or nothing"),
        (Filter, ("min_length",), "a whole number from 0 to 100"),
        (Filter, ("mode",), "one of drop, mask"),
        (Filter, ("links",), "a list of text"),
        (Filter, ("links", 3), "text"),
        (Batch, ("window", "end_s"), "a number of at least 0"),
        (Batch, ("window",), "a mapping or nothing"),
        (Odd, ("below",), "a number below 1"),
        (Odd, ("least",), "a whole number of at least 1"),
        (Odd, ("most",), "a whole number of at most 1"),
        (Odd, ("fixed",), "a value"),
        (Odd, ("items",), "a list of a mapping"),
        (Odd, ("bare",), "a list"),
        (Odd, ("named", "x", "depth"), "a whole number"),
        (Odd, ("items", 0, "depth"), "a whole number"),
    ],
)
def test_it_says_in_words_what_a_setting_may_be(settings: type[Settings], path: Any, words: str) -> None:
    found = part(settings_schema(settings), path)
    assert found is not None
    assert in_words(found).told("en") == words


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        (Source, ("speed",), "숫자(0보다 큼, 100 이하)"),
        (Source, ("token",), "비밀 또는 빈 값"),
        (Filter, ("min_length",), "0부터 100까지의 정수"),
        (Filter, ("links",), "글의 목록"),
        (Odd, ("least",), "정수(1 이상)"),
    ],
)
def test_it_says_so_in_korean_too(settings: type[Settings], path: Any, words: str) -> None:
    found = part(settings_schema(settings), path)
    assert found is not None
    assert in_words(found).told("ko") == words
    assert may_be(found, "number") is (words.startswith("숫자"))


def test_it_knows_the_words_and_keys_that_are_possible() -> None:
    schema = settings_schema(Filter)
    assert choices(part(schema, ("mode",)) or {}) == ["drop", "mask"]
    assert choices(part(schema, ("links",)) or {}) == []
    assert keys(part(settings_schema(Batch), ("window",)) or {}) == ["start_s", "end_s"]
    assert part(schema, ("nothing",)) is None
    assert part(schema, ("mode", 0)) is None


def test_paths_are_written_with_slashes() -> None:
    assert settings_schema(Read)["properties"]["main"]["default"] == "main.txt"


def test_each_node_type_is_a_branch_that_its_type_selects(english: None) -> None:
    schema = graph_schema(registry)
    branches = schema["properties"]["nodes"]["additionalProperties"]["oneOf"]
    assert [branch["$ref"] for branch in branches] == [f"#/$defs/node.{name}" for name in sorted(registry)]
    batch = schema["$defs"]["node.chat.batch"]
    assert batch["properties"]["type"]["const"] == "chat.batch"
    assert batch["properties"]["type"]["description"] == "Gather messages into turns."
    assert set(batch["properties"]) == {"type", "at", "in", "chat", "speaking", "quiet_s", "max_wait_s", "window"}
    assert batch["additionalProperties"] is False
    assert batch["allOf"] == [{"anyOf": [{"required": ["chat"]}, {"required": ["in"]}]}]
    assert batch["properties"]["speaking"]["description"] == (
        "Takes Speaking at speaking: node, node.port or a list of them. Closes a cycle. May stay unconnected."
    )
    assert schema["$defs"]["node.reply.make"]["required"] == ["type", "model"]
    assert "allOf" not in schema["$defs"]["node.chat.source"]


def test_a_number_may_also_be_a_variable() -> None:
    quiet = graph_schema(registry)["$defs"]["node.chat.batch"]["properties"]["quiet_s"]
    assert (quiet["description"], quiet["default"]) == ("Quiet time before a batch.", 0.4)
    number, variable = quiet["anyOf"]
    assert number == {"type": "number", "minimum": 0, "maximum": 60}
    assert re.fullmatch(variable["pattern"], "${QUIET_S:-0.4}")


def test_every_reference_in_the_schema_leads_somewhere() -> None:
    schema = graph_schema(registry)
    references = re.findall(r'"\$ref": "#/\$defs/([^"]+)"', json.dumps(schema))
    assert "chat.batch.Window" in references
    assert set(references) <= set(schema["$defs"])


def test_the_text_is_the_same_whatever_the_order_of_the_registry() -> None:
    backwards = dict(reversed(registry.items()))
    assert text(registry) == text(backwards)
    assert text(registry).endswith("}\n")


def test_the_shipped_schema_is_the_one_of_the_shipped_nodes() -> None:
    shipped = (ROOT / "schemas/graph.schema.json").read_text(encoding="utf-8")
    assert shipped == text(load_all()), "run: python aischoco.py nodes --schema > schemas/graph.schema.json"
