"""The catalogues: each sentence of the source is there once, in both languages, with the same places for values."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from nodes.phrases import catalogues, entries
from tests.catalogues import (
    PAGES,
    WIRE,
    files,
    of_file,
    packages,
    parsed,
    read,
    renewed,
    sentences,
    translations,
    untold,
    written,
)
from tests.harness import ROOT

HANGUL = re.compile("[가-힣]")
PLACE = re.compile(r"\{(\w*)\}")
UNDECIDED = re.compile(
    r"[은이을와과]\([는가를과와]\)|\(으\)로|\{\w+\} (?:은|는|이|가|을|를|와|과|로|으로|라고)(?![가-힣])"
)
ALL = [*catalogues(), PAGES]
NAMES = [file.relative_to(ROOT).as_posix() for file in ALL]


def test_there_is_a_catalogue_beside_each_package_that_has_sentences_and_none_elsewhere() -> None:
    wanted = [package / "ko.po" for package in packages() if sentences(package)]
    assert sorted(catalogues()) == sorted(wanted)
    assert wanted


@pytest.mark.parametrize("package", packages(), ids=lambda package: package.relative_to(ROOT).as_posix())
def test_a_catalogue_has_the_sentences_of_its_package_and_no_others(package: Path) -> None:
    file = package / "ko.po"
    if file in catalogues():
        assert file.read_bytes() == written(renewed(package, read(file))), "run: python -m tests.catalogues"


@pytest.mark.parametrize("file", ALL, ids=NAMES)
def test_every_sentence_has_its_korean_with_the_same_places_for_values(file: Path) -> None:
    for (context, english), korean in translations(read(file)).items():
        assert korean, f"{context} {english!r} has no translation"
        assert sorted(set(PLACE.findall(english))) == sorted(set(PLACE.findall(korean))), english
        assert not HANGUL.search(english), english
        assert not UNDECIDED.search(korean), "a particle right behind its place is fitted: {name}은"


@pytest.mark.parametrize("file", ALL, ids=NAMES)
def test_the_program_reads_a_catalogue_as_babel_does(file: Path) -> None:
    read_by_us = {key: korean for key, korean in entries(file).items() if key[1]}
    assert read_by_us == translations(read(file))


def test_a_word_of_a_page_has_its_name_for_itself() -> None:
    names = re.findall('^msgctxt "(.*)"', PAGES.read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name, often in Counter(names).items() if often > 1] == []


def test_a_sentence_of_several_packages_is_the_same_in_korean_everywhere() -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for file in catalogues():
        for key, korean in entries(file).items():
            if key[1]:
                found.setdefault(key, set()).add(korean)
    assert {key: korean for key, korean in found.items() if len(korean) > 1} == {}


def test_what_is_told_is_a_plain_text_with_a_value_for_each_of_its_places() -> None:
    """A sentence that is put together before it is told is in no catalogue, and a place without a value stays empty."""
    wrong: list[str] = []
    calls = 0
    for file in [file for package in packages() for file in files(package)]:
        for call in ast.walk(parsed(file)):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "phrase"):
                continue
            calls += 1
            (first,) = call.args or [None]
            given = {keyword.arg for keyword in call.keywords}
            text = first.value if isinstance(first, ast.Constant) else None
            if file.name != "phrases.py" and (not isinstance(text, str) or set(PLACE.findall(text)) != given):
                wrong.append(f"{file.relative_to(ROOT)}:{call.lineno}")
    assert wrong == []
    assert calls


def test_a_person_is_told_everything_in_both_languages() -> None:
    found: dict[str, list[int]] = {}
    for file in [file for package in packages() for file in files(package)]:
        if lines := sorted(set(untold(parsed(file)))):
            found[file.relative_to(ROOT).as_posix()] = lines
    assert {name: lines for name, lines in found.items() if not name.startswith(WIRE)} == {}, (
        "tell it by nodes.phrases.phrase"
    )
    assert [name for name in WIRE if not any(file.startswith(name) for file in found)] == []


@pytest.mark.parametrize(
    "line",
    [
        'log.warning("없어요")',
        'self._log.trouble("disk", f"{file} cannot be read: {why}")',
        'raise ValueError("there is no file")',
        "print('there is ' 'no file')",
        'say(f"{a}개")',
    ],
)
def test_what_is_told_in_one_language_only_is_found(line: str) -> None:
    assert list(untold(ast.parse(line))) == [1]


@pytest.mark.parametrize(
    "line",
    [
        'log.warning(phrase("there is no file"))',
        'raise ValueError(phrase("there is no {file}", file=f"{a} 없음"))',
        'log.info(f"{name}: {why}")',
        'raise KeyError("chat.batch")',
        'log.well("disk")',
        'other("there is no file")',
    ],
)
def test_what_is_told_in_both_is_not(line: str) -> None:
    assert list(untold(ast.parse(line))) == []


def test_sentences_are_found_in_their_order() -> None:
    source = 'a = noted("one")\ndef f():\n    raise ValueError(phrase("two {n}", n=phrase("three")))\nother("four")\n'
    assert list(of_file(ast.parse(source))) == ["one", "two {n}", "three"]
