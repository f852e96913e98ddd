import argparse
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench import figures

FIGURES = st.dictionaries(st.text(min_size=1), st.floats(allow_nan=False, allow_infinity=False), max_size=8)


def asked(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    figures.options(parser)
    return parser.parse_args(argv)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("figures") / "a.json"


@given(told=FIGURES)
def test_what_is_saved_is_read_again(file: Path, told: dict[str, float]) -> None:
    figures.save(file, "pose", told)
    read = figures.read(file, "pose")
    assert read["figures"] == told
    assert read["machine"] == figures.machine()
    assert len(read["load"]) == 3
    assert read["date"].endswith("+00:00")


def test_without_an_option_nothing_is_said_and_nothing_written(capsys: pytest.CaptureFixture[str]) -> None:
    figures.done(asked(), "pose", {"a": 1.0})
    assert capsys.readouterr().out == ""


def test_a_run_is_compared_with_the_file_before_it_is_saved_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "a.json")
    figures.done(asked("--save", file), "pose", {"p95 ms": 10.0, "gone": 1.0})
    figures.done(asked("--save", file, "--compare", file), "pose", {"p95 ms": 12.5, "new": 123456.0})
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[3:]] == [
        ["p95", "ms", "10", "12.5", "+25.0", "%"],
        ["new", "-", "123,456"],
        ["gone", "1", "-"],
    ]
    assert figures.read(Path(file), "pose")["figures"] == {"p95 ms": 12.5, "new": 123456.0}


def test_of_a_figure_that_was_nothing_no_part_is_told() -> None:
    assert list(figures.compared({"a": 0.0}, {"a": 3.0}))[1].split() == ["a", "0", "3"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"bench": "pose"}', '{"figures": 3}'])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "a.json"
    file.write_text(content)
    with pytest.raises(figures.Wrong, match="holds no figures"):
        figures.read(file, "pose")


def test_a_file_that_is_not_there_or_of_another_bench_ends_the_program_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    with pytest.raises(SystemExit, match=r"a\.json: No such file"):
        figures.done(asked("--compare", str(file)), "pose", {})
    figures.save(file, "llm", {})
    with pytest.raises(SystemExit, match="of llm, not of pose"):
        figures.done(asked("--compare", str(file)), "pose", {})


def test_a_system_that_tells_no_processor_and_no_load_is_named_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    monkeypatch.delattr(figures.os, "getloadavg", raising=False)
    assert figures.load() == [0.0, 0.0, 0.0]
    assert json.dumps(figures.machine())
    assert "Python" in figures.machine()
