import pytest

from tests.e2e.conftest import figure
from tests.faults.matrix import ROWS, Row, functions, missing, table
from tests.harness import ROOT

__all__ = ["figure"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"row {row.number}")
def test_each_row_names_tests_that_there_are_or_says_what_is_not_shown(row: Row) -> None:
    assert missing(row) == []
    assert row.tests or row.open


def test_the_rows_are_numbered_and_told_in_one_table(figure) -> None:
    assert [row.number for row in ROWS] == list(range(1, 29))
    shown = table()
    assert len(shown.splitlines()) == 2 + len(ROWS)
    figure(f"\n{shown}")


def test_a_test_that_was_renamed_is_missed() -> None:
    row = ROWS[0]._replace(tests=("faults/test_matrix.py::test_that_is_not_there", "faults/test_nowhere.py::test_x"))
    assert missing(row) == list(row.tests)


def test_no_test_of_this_folder_is_left_out_of_the_table() -> None:
    """A file without a row is about something else that goes wrong: secrets, a fleet, the tools of the tests."""
    others = {"test_matrix.py", "test_toxic.py", "test_secrets.py", "test_fleet.py"}
    named = {test for row in ROWS for test in row.tests}
    files = [file for file in (ROOT / "tests" / "faults").glob("test_*.py") if file.name not in others]
    left = [file.name for file in files if not named & {f"faults/{file.name}::{name}" for name in functions(file)}]
    assert left == []


def test_the_readme_of_the_tests_shows_this_table() -> None:
    shown = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    assert f"<!-- faults:begin -->\n{table()}\n<!-- faults:end -->" in shown, (
        "print it: pytest -s tests/faults/test_matrix.py"
    )
