"""graphs/engine/web/words.py: the catalogue of the pages becomes a script with the words in both languages."""

import json
from pathlib import Path

import pytest

from graphs.engine.web.words import counted, script, words_of
from tests.harness import ROOT

PO = """\
msgid ""
msgstr "Language: ko\\n"

msgctxt "dock:send"
msgid "Send"
msgstr "보내기"

msgctxt "dock:reasons:link"
msgid "a \\"link\\""
msgstr "\\"링크\\""

msgctxt "bar:tabs:/dock/"
msgid "Dock"
msgstr "조종판"
"""


def words(text: str) -> object:
    return json.loads(text.removeprefix("export const WORDS = ").removesuffix(";\n"))


def test_each_word_stands_where_its_context_says_in_both_languages(tmp_path: Path) -> None:
    file = tmp_path / "ko.po"
    file.write_text(PO, encoding="utf-8")
    assert words(script(file)) == {
        "ko": {"dock": {"send": "보내기", "reasons": {"link": '"링크"'}}, "bar": {"tabs": {"/dock/": "조종판"}}},
        "en": {"dock": {"send": "Send", "reasons": {"link": 'a "link"'}}, "bar": {"tabs": {"/dock/": "Dock"}}},
    }


def test_without_a_catalogue_the_pages_have_no_words_and_are_there(tmp_path: Path) -> None:
    assert words(script(tmp_path / "ko.po")) == {"ko": {}, "en": {}}


def test_the_terminal_says_what_the_pages_say_in_the_language_of_the_program() -> None:
    assert words_of("graph")["states"]["running"] == "도는 중"
    assert counted("graph", "reasons", {"link": 2, "new_one": 1}) == "링크 2, new_one 1"
    assert counted("graph", "reasons", {}) == ""


@pytest.mark.usefixtures("english")
def test_the_terminal_says_it_in_english_too() -> None:
    assert words_of("graph")["states"]["running"] == "running"
    assert counted("graph", "reasons", {"stale": 3}) == "waited too long 3"


def test_the_shipped_pages_all_have_words() -> None:
    found = json.loads(script().removeprefix("export const WORDS = ").removesuffix(";\n"))
    pages = {path.parent.name for path in (ROOT / "assets").glob("*/index.html")}
    assert pages <= set(found["ko"])
    assert set(found["ko"]) == set(found["en"])
