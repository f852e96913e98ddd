"""graphs/engine/editing/places.py: every key and value of every shipped graph stands where its place says."""

from pathlib import Path

import pytest
import yaml

from graphs.engine.editing.places import Place, places
from graphs.engine.language.load import load_tree
from tests.harness import ROOT

SHIPPED = sorted((ROOT / "graphs").glob("*.yaml"))


def tree(text: str) -> Place:
    return places(load_tree(text, "x", None)[1])


def at(root: Place, *path: str | int) -> Place:
    for step in path:
        index = root.index(step)
        assert index is not None, step
        root = root.children[index]
    return root


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_what_stands_at_the_place_of_a_scalar_reads_as_the_scalar(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    scalars = [each for each in tree(text).below() if each.kind == "scalar"]
    assert len(scalars) > 100
    for each in scalars:
        said = yaml.compose(text[each.start : each.end], Loader=yaml.SafeLoader)
        assert said.value == each.text
        assert (said.style or "") == each.style
        assert text.count("\n", 0, each.start) + 1 == each.line


def test_places_count_characters_beyond_the_first_plane_too() -> None:
    text = "x-😀: {한: '글', 😀: [1, \"a\"]}\n"
    root = tree(text)
    assert [text[p.start : p.end] for p in root.below() if p.kind == "scalar"] == [
        "x-😀",
        "한",
        "'글'",
        "😀",
        "1",
        '"a"',
    ]
    assert text[at(root, "x-😀", "😀").start : at(root, "x-😀", "😀").end] == '[1, "a"]'


def test_an_alias_has_its_own_place_and_the_place_it_names_knows_its_first_use() -> None:
    text = "x-a: &a {p: 1}\nb: *a\nc: [2, *a]\nd: {<<: *a, q: 3}\n"
    root = tree(text)
    original, use = at(root, "x-a"), at(root, "b")
    assert (use.kind, use.target, use.meant, original.meant) == ("alias", original, original, original)
    assert text[use.start : use.end] == "*a"
    assert text[original.start : original.end] == "&a {p: 1}"
    assert (original.shared, at(root, "c").shared, at(root, "c", 1).line) == (2, 0, 3)
    assert at(root, "d").sources == [at(root, "d", "<<")]
    assert at(root, "d").index("p") is None  # it comes by <<
    assert [p.kind for p in use.below()] == ["alias"]


def test_each_value_knows_how_it_is_written() -> None:
    root = tree("a: 1\nb: 'x'\nc: |\n  y\nd:\n  - [1]\ne: {}\n")
    assert [at(root, key).style for key in "abc"] == ["", "'", "|"]
    assert [at(root, key).plain for key in "abcd"] == [True, False, False, False]
    assert [at(root, key).block for key in "ade"] == [False, True, False]
    assert at(root, "d").index(1) is None
    assert at(root, "d").index("0") is None
    assert at(root, "a").index("x") is None
    assert at(root, "d", 0).flow
    assert at(root, "a").keys == []


def test_several_sources_of_a_merge_are_found_in_order() -> None:
    root = tree("x-a: &a {p: 1}\nx-b: &b {q: 1}\nc: {<<: [*a, *b], '<<': 2}\n")
    assert [each.target for each in at(root, "c").sources] == [at(root, "x-a"), at(root, "x-b")]


def test_an_empty_value_at_the_end_of_the_text_stands_within_the_text() -> None:
    text = "a: 1\n? b"
    assert at(tree(text), "b").end <= len(text)
