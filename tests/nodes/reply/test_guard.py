"""reply.guard: what is never spoken."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.log.redact import Redactor
from nodes.llm._memory.rules import system_text
from nodes.particles import named
from nodes.reply._instead import INSTEAD, Instead
from nodes.reply._leak import Secrets, quotes_rules
from nodes.reply._spoken import spoken
from nodes.reply.guard import Guard
from nodes.rude import Profanity
from nodes.services import Secrets as Keys
from nodes.troubles import Troubles
from schemas.reply import EMOTIONS, Sentence
from tests.harness import ROOT, Ran, run

PERSONA = (ROOT / "config" / "character.txt").read_text(encoding="utf-8")
SECRET: dict[str, Any] = {"secret": ["config/character.txt"]}


def say(text: str, turn: str = "t", index: int = 0, last: bool = False) -> Sentence:
    return Sentence(turn=turn, index=index, text=text, spoken=spoken(text), emotion="happy", last=last)


def guard(*sentences: Sentence, root: Path = ROOT, services: Any = None, **settings: Any) -> Ran:
    timed = [(index / 10, each) for index, each in enumerate(sentences)]
    ran = run("reply.guard", {"sentence": timed}, settings=settings, root=root, complete_at=60.0, services=services)
    assert ran.error is None
    return ran


@pytest.mark.parametrize(("text", "spoken"), [("사과 1개", "사과 한 개"), ("사과 한 개", "사과 일 개")])
def test_a_banned_word_is_found_in_what_is_shown_and_in_what_is_spoken(tmp_path: Path, text: str, spoken: str) -> None:
    (tmp_path / "words.txt").write_text("한 개\n", encoding="utf-8")
    said = Sentence(turn="t", index=0, text=text, spoken=spoken, emotion="happy", last=True)
    ran = guard(said, root=tmp_path, banned_words="words.txt")
    assert [each.text for each in ran.events()] != [text]
    assert "금칙어" in ran.log[0]


def test_the_word_that_kept_a_sentence_from_being_said_is_told_with_its_list_and_may_be_allowed(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("수박\n", encoding="utf-8")
    ran = guard(
        say("수박바 먹었어요."), say("아 씨발", index=1), say("안녕", index=2), root=tmp_path, banned_words="words.txt"
    )
    told = [(sentence.text, by.word, by.by) for sentence, by in ran.unsaid]
    assert told == [("수박바 먹었어요.", "수박", "words.txt"), ("아 씨발", "씨발", "기본 욕설 목록")]
    allow = ran.unsaid[0][1].allow
    assert allow is not None
    assert allow() == ("수박바",)
    assert words.read_text(encoding="utf-8").endswith("+수박바\n")


def test_what_may_be_said_passes_untouched_at_once_and_in_order() -> None:
    said = [
        say("안녕하세요!"),
        say("", index=1, last=True),
        say("시발점 이야기예요.", "u"),
        say("ㅋㅋ", "u", 1, last=True),
    ]
    ran = guard(*said, **SECRET)
    assert [(at, event) for at, _, event in ran.out] == [(index / 10, each) for index, each in enumerate(said)]
    assert ran.log == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("이런 씨발 깜짝이야!", "욕설"),
        ("존 나 웃겨요", "욕설"),
        ("병 신 아 뭐해", "욕설"),
        ("자살해 버려요", "금칙어"),
        ("놀러 와요 https://example.com", "인터넷 주소"),
        ("gall.dcinside.com 보세요", "인터넷 주소"),
        ("가" * 201, "너무 긴 문장"),
        ("다정하고 호기심이 많다. 사소한 이야기에도 눈을 반짝인다.", "캐릭터 설정"),
        ('{"emotion": "happy", "response": "안녕"}', "캐릭터 설정"),
        ("JSON 객체 하나만 쓰라고 적혀 있어요.", "캐릭터 설정"),
        ("시스템 프롬프트는 알려 드릴 수 없어요!", None),
        ("저는 인공지능 캐릭터 초코예요.", None),
        ("저는 초콜릿이랑 비 오는 날의 채팅창을 좋아해요!", None),
        ("모르는 건 모른다고 할게요.", None),
        ("3.14는 원주율이에요.", None),
    ],
)
def test_a_sentence_that_must_not_be_said_becomes_another_one(text: str, why: str | None) -> None:
    ran = guard(say(text, index=3, last=True), banned_words="config/banned_words.txt", **SECRET)
    [event] = ran.events()
    assert (event.turn, event.index, event.emotion, event.last) == ("t", 3, "happy", True)
    if why is None:
        assert event.text == text
        assert ran.log == []
    else:
        assert (event.text, event.spoken) == (INSTEAD[0], spoken(INSTEAD[0]))
        assert ran.log == [f"warning 대답의 한 문장을 다른 말로 바꿨어요: {why} (지금까지 1번)"]


def test_what_is_rude_only_when_read_aloud_is_not_said_either() -> None:
    sneaky = Sentence(turn="t", index=0, text="18놈", spoken="십팔놈", emotion="angry", last=True)
    aloud = Sentence(turn="t", index=0, text="C8", spoken="씨발", emotion="angry", last=True)
    assert [event.text for event in guard(sneaky, aloud).events()] == [INSTEAD[0], ""]


def test_a_text_told_in_short_sentences_is_known_by_what_was_said_before() -> None:
    short = ["다정하고 호기심이 많다.", "사소한 이야기에도 눈을 반짝인다.", "조금 허당이다."]
    ran = guard(*(say(text, index=index) for index, text in enumerate(short)), **SECRET)
    assert [event.text for event in ran.events()] == [short[0], INSTEAD[0], ""]
    apart = guard(*(say(text, turn=str(index)) for index, text in enumerate(short)), **SECRET)
    assert [event.text for event in apart.events()] == short


def test_lines_take_turns_and_each_turn_has_one() -> None:
    bad = "씨발"
    told = [("a", bad), ("a", bad), ("a", "네!"), ("b", bad), ("c", bad), ("a", bad)]
    ran = guard(*(say(text, turn, index) for index, (turn, text) in enumerate(told)), instead=["하나", "둘"])
    assert [event.text for event in ran.events()] == ["하나", "", "네!", "둘", "하나", ""]
    assert [event.index for event in ran.events()] == list(range(6))
    assert ran.log == ["warning 대답의 한 문장을 다른 말로 바꿨어요: 욕설 (지금까지 1번)"]


def test_a_bad_evening_does_not_fill_the_log_and_old_turns_are_forgotten() -> None:
    ran = guard(*(say("씨발", str(turn)) for turn in range(120)))
    assert [line.rpartition("지금까지 ")[2] for line in ran.log] == ["1번)", "10번)", "100번)"]
    assert [event.text for event in ran.events()] == [
        named(INSTEAD[turn % len(INSTEAD)], "초코") for turn in range(120)
    ]


def test_every_part_can_be_turned_off() -> None:
    said = [say("씨발", "a"), say("https://example.com", "b"), say("다정하고 호기심이 많다. 사소한 이야기에도", "c")]
    assert guard(*said, profanity=False, links=True).events() == said


def test_the_words_never_stand_in_the_log(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("범인은 집사\n", encoding="utf-8")
    ran = guard(say("범인은 집사예요."), root=tmp_path, banned_words="words.txt")
    assert [event.text for event in ran.events()] == [INSTEAD[0]]
    assert "집사" not in "".join(ran.log)


def test_its_own_lines_pass_its_own_judgement() -> None:
    said = [say(line, str(index)) for index, line in enumerate(INSTEAD)]
    assert guard(*said, banned_words="config/banned_words.txt", **SECRET).events() == said


@pytest.mark.parametrize("line", [line for line in PERSONA.splitlines() if len("".join(line.split())) > 24])
def test_each_long_line_of_the_instructions_is_known_with_other_blanks_and_signs(line: str) -> None:
    secrets = Secrets(PERSONA)
    assert secrets.told_by(line)
    assert secrets.told_by(line.replace(" ", "").replace(".", "!"))
    assert secrets.told_by("음, 제 설정에는 " + line + " 라고 되어 있어요")


@pytest.mark.parametrize(
    "text",
    [
        "안녕하세요, 새벽고양이님! 오늘도 와 주셔서 고마워요.",
        "보스 앞에서는 물약부터 확인해요, 이건 진짜 중요해요!",
        "저는 치지직에서 채팅을 읽고 대답하는 인공지능 캐릭터예요.",
        "스포일러는 싫어요! 저도 아직 안 봤단 말이에요.",
        "힘들 때는 주위 사람에게 꼭 이야기해 보세요.",
        "끝말잇기 할까요? 제가 먼저, 초콜릿!",
    ],
)
def test_an_ordinary_answer_of_the_character_is_no_leak(text: str) -> None:
    assert not Secrets(PERSONA).told_by(text)
    assert not quotes_rules(text)


@pytest.mark.parametrize("line", [line for line in system_text("", EMOTIONS).splitlines() if line])
def test_each_line_of_the_rules_that_a_model_is_given_is_known(line: str) -> None:
    assert quotes_rules(line)


@pytest.mark.parametrize("line", [line for line in system_text("", EMOTIONS, "english").splitlines() if line])
def test_each_line_of_the_rules_for_another_language_is_known(line: str) -> None:
    assert quotes_rules(line)


@pytest.mark.parametrize(
    "text", ["My emotion today is joy!", "I read the chat.", "Let me tell you one thing.", "That was a good question?"]
)
def test_ordinary_english_is_no_leak(text: str) -> None:
    assert not quotes_rules(text)


@given(st.text(max_size=60))
def test_any_text_is_judged_and_an_empty_secret_is_never_told(text: str) -> None:
    assert not Secrets("").told_by(text)
    assert not Secrets(text).told_by("")
    assert isinstance(text in Profanity(), bool)


def test_the_count_of_each_reason_is_its_own() -> None:
    told: list[str] = []

    class Lines(Troubles):
        def info(self, text: str, **_: object) -> None: ...
        def hide(self, secret: str) -> None: ...
        def warning(self, text: str, **_: object) -> None:
            told.append(text)

    instead = Instead()
    for why in ("욕설", "욕설", "금칙어"):
        instead.of(say("x"), INSTEAD, why, Lines())
    assert instead.counts == {"욕설": 2, "금칙어": 1}
    assert len(told) == 2


def test_the_settings_refuse_an_empty_list_of_lines() -> None:
    with pytest.raises(ValueError, match="instead"):
        Guard.model_validate({"instead": []})


def test_a_key_of_this_run_is_never_said_also_not_in_two_sentences() -> None:
    keys = Redactor()
    keys.hide(["MARKabc12defg34hij"])
    whole = guard(say("키는 MARKabc12defg34hij예요."), services={Keys: keys})
    assert [each.text for each in whole.events()] == [INSTEAD[0]]
    parts = guard(
        say("키는 MARKabc12."), say("defg34hij예요.", index=1), say("끝이에요.", index=2), services={Keys: keys}
    )
    assert [each.text for each in parts.events()] == ["키는 MARKabc12.", INSTEAD[0], "끝이에요."]
    assert "MARK" not in " ".join(whole.log)
    assert [each.text for each in guard(say("키는 몰라요."), services={Keys: keys}).events()] == ["키는 몰라요."]
