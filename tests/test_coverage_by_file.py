"""The tool that measures the coverage of each file by its own tests."""

import pytest

from tests import coverage_by_file as tool
from tests.coverage_by_file import EXCUSED, Measured, excuses, line, ranges, sources
from tests.harness import ROOT


@pytest.mark.parametrize(
    ("path", "tests"),
    [
        ("nodes/chat/batch.py", ("tests/nodes/chat/test_batch.py",)),
        ("nodes/chat/_chzzk/tokens.py", ("tests/nodes/chat/chzzk/test_tokens.py",)),
        ("nodes/__init__.py", ("tests/nodes/test_init.py",)),
        ("nodes/reply/_cut.py", ("tests/nodes/reply/test_lines.py", "tests/nodes/reply/test_split.py")),
        ("nodes/reply/_rules.py", ("tests/nodes/reply/test_canned.py", "tests/nodes/reply/test_lines.py")),
        ("graphs/engine/flow/edge.py", ("tests/graphs/engine/flow/test_edge.py",)),
        ("graphs/engine/nothing.py", ()),
    ],
)
def test_a_file_is_measured_by_its_mirror_or_by_what_imports_it(path: str, tests: tuple[str, ...]) -> None:
    assert tool.tests_of(path) == tests


def test_every_file_with_statements_is_measured() -> None:
    found = sources()
    assert {"nodes/__init__.py", "nodes/chat/_chzzk/tokens.py", "graphs/engine/flow/edge.py"} <= set(found)
    assert "nodes/chat/__init__.py" not in found


@pytest.mark.parametrize("path", sorted(EXCUSED))
def test_an_excuse_names_what_is_there_and_why(path: str) -> None:
    places = tool._functions(ROOT / path)
    assert EXCUSED[path]
    for name, why in EXCUSED[path].items():
        assert name == "*" or name in places
        assert len(why) > 20


def test_only_lines_of_an_excused_function_are_excused(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "tests/coverage_by_file.py"
    inside = tool._functions(ROOT / path)["excuses"]
    monkeypatch.setitem(EXCUSED, path, {"excuses": "because", "ranges": "because"})
    one = Measured(path, (), 100, [1, inside.start + 3, inside.stop - 1])
    assert excuses(one) == ([1], ["ranges"])
    assert line(one) == (
        False,
        f"{path:44}  97.0%  1 missing; nothing to excuse in ranges; {inside.start + 3}, {inside.stop - 1} excused",
    )
    one.missing = [inside.start + 3]
    assert line(one)[0]


def test_a_file_whose_tests_fail_is_not_as_it_should_be() -> None:
    assert line(Measured("nodes/chat/batch.py", (), 10, [], "its tests fail")) == (
        False,
        f"{'nodes/chat/batch.py':44} 100.0%  its tests fail",
    )


@pytest.mark.parametrize(("lines", "text"), [([], ""), ([4], "4"), ([1, 2, 3, 7], "1-3, 7"), ([9, 8, 5], "5, 8-9")])
def test_lines_are_shown_as_ranges(lines: list[int], text: str) -> None:
    assert ranges(lines) == text
