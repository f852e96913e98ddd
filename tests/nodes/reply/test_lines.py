from pathlib import Path

import pytest

from nodes.reply.lines import AFTER_S
from schemas.chat import ChatBatch, ChatMessage
from schemas.reply import Rehearsal, Sentence
from tests.harness import ROOT, Ran, run

REPLIES = """
- name: hello
  when: {kind: chat}
  emotion: happy
  lines: ["안녕하세요! 저는 {character}예요.", "반가워요! {name}님도요.", "ZZZ 3개 있어요."]
- name: rest
  when: {kind: donation, more: true}
  lines: ["다들 고마워요!"]
- name: paid
  when: {kind: donation}
  lines: ["{name}님 고마워요!"]
- name: subscribed
  when: {kind: subscription}
  lines: ["{name}님 고마워요!"]
"""


@pytest.fixture
def replies(tmp_path: Path) -> Path:
    path = tmp_path / "replies.yaml"
    path.write_text(REPLIES, encoding="utf-8")
    return path


def lines(replies: Path, **settings: object) -> Ran:
    return run("reply.lines", {}, settings={"replies": replies, **settings}, until=60.0)


def test_the_lines_that_name_nobody_come_as_sentences_once_the_show_has_started(replies: Path) -> None:
    ran = lines(replies)
    assert [at for at, _, _ in ran.out] == [AFTER_S] * 5
    said = [event.sentence for event in ran.events()]
    assert [(each.index, each.text, each.emotion, each.written) for each in said] == [
        (0, "안녕하세요!", "happy", True),
        (1, "저는 초코예요.", "happy", True),
        (0, "반가워요!", "happy", True),
        (0, "ZZZ 3개 있어요.", "happy", True),
        (1, "다들 고마워요!", "neutral", True),
    ]
    assert ran.completed_at == AFTER_S


def test_they_are_spelled_as_the_answer_will_be(replies: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.tsv"
    words.write_text("ZZZ\t쿨쿨\n", encoding="utf-8")
    assert [event.sentence.spoken for event in lines(replies, pronunciation=words).events()][1:4] == [
        "저는 초코예요.",
        "반가워요!",
        "쿨쿨 세 개 있어요.",
    ]


def test_what_the_shipped_answers_say_was_rehearsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentences of ``reply.canned`` that name nobody, after ``reply.split``, are those that were rehearsed."""
    monkeypatch.chdir(ROOT)
    rehearsed = {
        (event.sentence.spoken, event.sentence.emotion, min(event.sentence.index, 1))
        for event in run("reply.lines", {}, settings={"pronunciation": "config/pronunciation.tsv"}, until=60.0).events()
        if isinstance(event, Rehearsal)
    }
    assert len(rehearsed) > 30
    batches = [
        ChatBatch(turn=f"{text}{again}", lane="chat", events=(ChatMessage(id=text, author="나그네", text=text),))
        for text in (
            "너 AI야?",
            "누구세요",
            "밥 먹었어?",
            "심심해",
            "게임 추천",
            "안녕",
            "슬퍼",
            "귀여워",
            "헐",
            "ㅋㅋ",
            "1",
            "날씨",
        )
        for again in range(3)
    ]
    canned = run("reply.canned", {"batch": [(0.1 * n, batch) for n, batch in enumerate(batches)]})
    split = run(
        "reply.split",
        {"reply": [(0.1, chunk) for chunk in canned.events()]},
        settings={"pronunciation": "config/pronunciation.tsv"},
    )
    said = [event for event in split.events("sentence") if isinstance(event, Sentence) and event.spoken]
    assert all(each.written for each in said)
    nobody = [each for each in said if "나그네" not in each.text]
    assert len(nobody) > 10
    assert {(each.spoken, each.emotion, min(each.index, 1)) for each in nobody} <= rehearsed
