"""graphs/engine/studio/bench.py: the node itself says what it would make of a text."""

import pytest

from graphs.engine.studio.bench import EVENTS, tried
from nodes import load_all
from nodes.refused import Refused
from schemas.graph import NodeEntry
from tests.harness import ROOT

pytestmark = pytest.mark.usefixtures("english")

BANNED = "config/banned_words.txt"
CANNED = "config/canned_replies.yaml"
READ = "config/pronunciation.tsv"


def attempt(type_, text, texts=None, **settings):
    spec = load_all()[type_]
    entry = NodeEntry("x", type_, spec.settings(**settings), "", 1)
    return tried(
        spec,
        entry,
        text,
        root=ROOT,
        texts=texts or {},
        character="모카",
        language=None,
        told_by=lambda text: "hush" in text,
    )


def test_chat_is_stopped_by_a_word_that_is_not_saved_yet():
    texts = {BANNED: "고구마\n"}
    stopped = attempt("chat.filter", "나는 고 구.마가 좋아", texts, banned_words=BANNED)
    assert (stopped["reason"], stopped["word"], stopped["out"]) == ("banned_word", "고구마", [])
    assert "banned_words.txt" in stopped["list"]
    passes = attempt("chat.filter", "나는 감자가 좋아", texts, banned_words=BANNED)
    assert passes == {"out": [{"text": "나는 감자가 좋아", "spoken": ""}], "reason": "", "word": "", "list": ""}


def test_settings_that_are_not_saved_yet_count_too():
    assert attempt("chat.filter", "https://example.com", links="drop")["reason"] == "link"
    assert attempt("chat.filter", "https://example.com", links="keep")["reason"] == ""


def test_a_prepared_answer_is_shown_with_the_name_of_the_character():
    kinds = ("chat", "donation", "subscription")
    lines = "lines: ['저는 {character}예요!']"
    rules = "".join(f"- {{name: {kind}, when: {{kind: {kind}}}, {lines}}}\n" for kind in kinds)
    said = attempt("reply.canned", "안녕", {CANNED: rules}, replies=CANNED)
    assert "저는 모카예요!" in said["out"][0]["text"]


def test_it_is_heard_how_a_sentence_is_read():
    said = attempt("reply.split", "GPT 3개 사요.", {READ: "GPT\t지피티\n"}, pronunciation=READ)
    (one,) = said["out"]
    assert one["spoken"].startswith("지피티 세 개")


def test_what_the_character_would_say_is_put_in_other_words():
    texts = {BANNED: "고구마\n"}
    said = attempt("reply.guard", "고구마 맛있어요.", texts, banned_words=BANNED, instead=("비밀!",))
    assert said["out"] == [{"text": "비밀!", "spoken": ""}]
    assert attempt("reply.guard", "hush 라고 해요.", instead=("비밀!",))["out"][0]["text"] == "비밀!"
    assert attempt("reply.guard", "감자 맛있어요.", texts, banned_words=BANNED)["out"][0]["text"] == "감자 맛있어요."


def test_a_file_that_cannot_be_used_says_why():
    with pytest.raises(ValueError, match="line 1"):
        attempt("chat.filter", "x", {BANNED: "x" * 101}, banned_words=BANNED)
    with pytest.raises(OSError, match="no_such"):
        attempt("chat.filter", "x", banned_words="config/no_such.txt")


def test_a_node_that_does_not_answer_at_once_is_not_tried():
    with pytest.raises(Refused, match="cannot be tried"):
        attempt("chat.batch", "x")


@pytest.mark.parametrize("type_", EVENTS)
def test_every_type_is_there_and_takes_a_long_text(type_):
    attempt(type_, "가" * 10_000)
