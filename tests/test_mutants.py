"""The tool that finds what the tests of a module do not notice."""

from pathlib import Path

import pytest

from tests.mutants import mutants, survivors

MODULE = """\
def price(count: int, each: int = 3) -> int:
    \"\"\"Return the price, which is never below 0.\"\"\"
    if count > 10 and each:
        each -= 1
    return max(count * each, 0)
"""
TESTS = """\
from shop import price

def test_the_price_of_one():
    assert price(1) == 3

def test_many_are_cheaper():
    assert price(11) == 22
"""


def changed(source: str) -> dict[str, list[str]]:
    """Map each kind of change to the new texts of the lines."""
    found: dict[str, list[str]] = {}
    for mutant in mutants(source):
        new = mutant.of(source).splitlines()
        found.setdefault(mutant.kind, []).append(new[mutant.line - 1].strip())
    return found


@pytest.mark.parametrize(
    ("source", "kind", "texts"),
    [
        ("a = b < 가", "comparison", ["a = (b <= 가)"]),
        ("a = '가', b not in c", "comparison", ["a = '가', (b in c)"]),
        ("a = b or c", "boolean", ["a = ((b) and (c))", "a = ((b))", "a = ((c))"]),
        ("a = not b", "boolean", ["a = (b)"]),
        ("while a: pass", "condition", ["while (not (a)): pass"]),
        (
            "a = True, 1.5, 'text', None",
            "constant",
            ["a = False, 1.5, 'text', None", "a = True, (1.5 + 1), 'text', None"],
        ),
        ("a = b + c", "arithmetic", ["a = ((b) - (c))"]),
        ("def f(): return a", "return", ["def f(): return None"]),
        ("a.b = 1", "statement", ["pass"]),
        ("f(a)", "statement", ["pass"]),
        ("a += b", "statement", ["pass"]),
        ("raise a", "statement", ["pass"]),
        ("a = f(b, c, d)", "arguments", ["a = f(c, b, d)"]),
        ("a = min(b, c)", "call", ["a = max(b, c)"]),
        ("a = min(b, c)", "arguments", []),
    ],
)
def test_each_kind_of_change(source: str, kind: str, texts: list[str]) -> None:
    assert sorted(changed(source).get(kind, [])) == sorted(texts)


@pytest.mark.parametrize(
    "source",
    [
        '"""A text about 1 and 2."""',
        "a = 'x' + b",
        "a = f'{b < 1}'",
        "def f(a: 'Literal[1]') -> 'Literal[2]': pass",
        "@dataclass(slots=True)\nclass A:\n    a: 'Annotated[int, 1]'",
        "def f(): return None",
        "a = f(*b, c)",
        "a = b",
    ],
)
def test_wording_annotations_and_what_no_test_can_see_are_left_alone(source: str) -> None:
    assert changed(source) == {}


def test_a_change_is_shown_with_the_lines_before_and_after() -> None:
    (mutant,) = mutants("a = 0\nb = c is d\n")[1:]
    assert (mutant.line, mutant.kind) == (2, "comparison")
    assert mutant.shown("a = 0\nb = c is d\n") == "    -b = c is d\n    +b = (c is not d)"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with a module and its tests."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "shop.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "test_shop.py").write_text(TESTS, encoding="utf-8")
    return tmp_path


@pytest.mark.component
def test_what_the_tests_do_not_notice_is_found_and_the_module_stays_as_it_is(shop: Path) -> None:
    chosen = [each for each in mutants(MODULE) if each.kind in ("comparison", "call", "return")]
    assert [each.kind for each in chosen] == ["comparison", "call", "return"]
    passed = list(survivors(shop, "shop.py", chosen, [["test_shop.py"]]))
    assert [(each.line, each.kind) for each in passed] == [(3, "comparison")]
    assert (shop / "shop.py").read_text(encoding="utf-8") == MODULE


@pytest.mark.component
def test_what_the_first_tests_let_pass_is_tried_with_the_others(shop: Path) -> None:
    (shop / "test_edge.py").write_text("from shop import price\n\ndef test_ten(): assert price(10) == 30\n", "utf-8")
    chosen = [each for each in mutants(MODULE) if each.kind == "comparison"]
    assert list(survivors(shop, "shop.py", chosen, [["test_shop.py"], ["test_edge.py"]], 1)) == []


@pytest.mark.component
def test_tests_that_fail_already_say_nothing_about_a_change(shop: Path) -> None:
    (shop / "test_shop.py").write_text("def test_red(): assert False\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"test_shop\.py: they fail without any change"):
        list(survivors(shop, "shop.py", mutants(MODULE), [["test_shop.py"]], 1))
