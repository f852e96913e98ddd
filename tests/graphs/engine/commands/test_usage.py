"""graphs/engine/commands/_usage.py: how a command is called is told in the language of the program."""

import argparse
import re
from pathlib import Path

import pytest

from graphs.engine.commands._usage import SAID, positive, translate

HANGUL = re.compile("[가-힣]")
ENGLISH = re.compile(r"\b(usage|error|argument|arguments|options|required|invalid|expected|choose)\b")


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> argparse.ArgumentParser:
    monkeypatch.setattr(argparse, "_", argparse._)
    monkeypatch.setattr(argparse, "ngettext", argparse.ngettext)
    translate()
    parser = argparse.ArgumentParser(prog="show")
    parser.add_argument("file")
    parser.add_argument("--way", choices=("on", "off"))
    parser.add_argument("--count", type=int)
    parser.add_argument("--pair", nargs=2)
    parser.add_argument("--quiet", action="store_true")
    return parser


CALLS = [
    line.split()
    for line in ("--help", "", "a b", "a --way up", "a --count x", "a --count", "a --pair 1", "a --quiet=1", "a --none")
]


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_help_and_mistakes_are_told_in_korean_alone(parser, capsys, words):
    with pytest.raises(SystemExit):
        parser.parse_args(words)
    told = "".join(capsys.readouterr())
    assert HANGUL.search(told)
    assert ENGLISH.search(told) is None


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
@pytest.mark.usefixtures("english")
def test_help_and_mistakes_are_told_in_english_alone(parser, capsys, words):
    with pytest.raises(SystemExit):
        parser.parse_args(words)
    told = "".join(capsys.readouterr())
    assert ENGLISH.search(told)
    assert HANGUL.search(told) is None


def test_argparse_of_this_python_says_what_is_translated():
    source = Path(argparse.__file__).read_text(encoding="utf-8")
    later = {"invalid choice: %(value)r (choose from %(choices)s)"}  # more words from Python 3.14 on
    assert [text for text in SAID if repr(text).strip("'\"") not in source and text not in later] == []


def test_a_number_within_the_limits_is_read():
    assert [positive()("0.5"), positive(100)("99.5")] == [0.5, 99.5]


@pytest.mark.parametrize("text", ["0", "-1", "100", "inf", "-inf", "nan"])
def test_another_number_is_refused_with_the_limits(text):
    with pytest.raises(argparse.ArgumentTypeError, match="0보다 크고 100보다 작은"):
        positive(100)(text)


def test_what_is_no_number_is_left_to_argparse():
    with pytest.raises(ValueError, match="could not convert"):
        positive()("soon")
