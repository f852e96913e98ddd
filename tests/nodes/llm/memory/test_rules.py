import re
from dataclasses import replace

import pytest

from nodes.llm._memory.rules import make_up, system_text
from schemas.chat import ChatBatch
from schemas.reply import EMOTIONS


def test_the_rules_name_the_emotions_of_the_graph_and_the_shape_of_an_answer() -> None:
    text = system_text("  너는 초코다.\n", ("shy", "happy"))
    assert text.startswith("너는 초코다.\n\n[")
    assert '{"emotion":"shy","response":' in text
    assert "shy, happy 가운데" in text
    assert "\\u로" in text
    assert system_text("", EMOTIONS).startswith("[대답의 모양]")


@pytest.mark.parametrize(("language", "name"), [("english", "English"), ("japanese", "Japanese")])
def test_the_rules_ask_for_the_language_of_the_voice(language: str, name: str) -> None:
    text = system_text("You are Choco.", ("shy", "happy"), language)  # type: ignore[arg-type]
    assert text.startswith("You are Choco.\n\n[The form of the answer]")
    assert f"one or two sentences in {name}" in text
    assert '{"emotion":"shy","response":' in text
    assert "\\u." in text
    assert not re.search("[가-힣]", text)


def test_the_rules_in_both_languages_name_the_same_keys() -> None:
    korean, english = (set(re.findall("[a-z_]{3,}", system_text("", EMOTIONS, each))) for each in ("korean", "english"))  # type: ignore[arg-type]
    assert korean - english == set()


@pytest.mark.parametrize("language", ["korean", "english"])
def test_how_to_read_what_the_streamer_said_is_told_only_where_there_is_something(language: str) -> None:
    plain, with_speech = (system_text("", EMOTIONS, language, spoken=spoken) for spoken in (False, True))  # type: ignore[arg-type]
    assert "spoken" not in plain
    assert with_speech.startswith(plain)
    assert with_speech.count("- spoken") == 1


def test_thanks_once_more_are_asked_for_only_where_they_are_owed() -> None:
    batch = ChatBatch(turn="t", lane="donation", events=())
    assert make_up(batch, "korean") == ()
    assert "한 문장" in make_up(replace(batch, make_up=True), "korean")[0]
    assert "one short sentence" in make_up(replace(batch, make_up=True), "english")[0]
