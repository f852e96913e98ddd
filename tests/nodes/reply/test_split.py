import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.flow.host import Keeping
from nodes.reply._cut import EMOTE, Cutter
from nodes.services import Spoken
from schemas.reply import Emotion, ReplyChunk, Sentence
from tests.harness import run, story


def cut(*pieces: str, max_chars: int = 80) -> list[str]:
    cutter = Cutter(max_chars)
    done = [text for piece in pieces for text, _ in cutter.feed(piece, "happy")]
    return done + [text for text, _ in cutter.flush()]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("안녕하세요! 초코예요. 반가워요?", ["안녕하세요!", "초코예요.", "반가워요?"]),
        ("원주율은 3.14예요. 끝", ["원주율은 3.14예요.", "끝"]),
        ("음... 글쎄요.", ["음... 글쎄요."]),
        ("글쎄… 몰라", ["글쎄…", "몰라"]),
        ("정말?! 와!!", ["정말?!", "와!!"]),
        ('"가자." 그가 말했다.', ['"가자."', "그가 말했다."]),
        ('"가자!"라고 했어요. 네', ['"가자!"라고 했어요.', "네"]),
        ("“가자!” 하고 말했다. 네", ["“가자!” 하고 말했다.", "네"]),
        ("1. 사과 2. 배 3. 감", ["1. 사과 2. 배 3. 감"]),
        ("ㅠ.ㅠ 슬퍼요", ["ㅠ.ㅠ 슬퍼요"]),
        ("안녕~ 잘 지냈어?", ["안녕~", "잘 지냈어?"]),
        ("3~4개 줘", ["3~4개 줘"]),
        ("5만 원 ~ 10만 원이에요. 네", ["5만 원 ~ 10만 원이에요.", "네"]),
        ("좋아 ~ 가자", ["좋아 ~", "가자"]),
        ("A.I. 방송이에요. 네", ["A.I. 방송이에요.", "네"]),
        ("첫 줄\n둘째 줄", ["첫 줄", "둘째 줄"]),
        ("1. 첫째 2번", ["1. 첫째 2번"]),
        ("https://a.b/?q=1 봐! 응", ["https://a.b/?q=1 봐!", "응"]),
        ("example.com 가자", ["example.com 가자"]),
        ("그래？좋아。", ["그래？", "좋아。"]),
        ("안녕{:d_22:}! {:d_22:}", ["안녕!"]),
        ("", []),
        ("오늘은 2024. 3. 5. 입니다. 맞죠?", ["오늘은 2024. 3. 5. 입니다.", "맞죠?"]),
        ("그날은 2024. 3. 5.입니다", ["그날은 2024. 3. 5.입니다"]),
        ("2024. 12. 공개!", ["2024. 12. 공개!"]),
        ("정답은 5. 그래요", ["정답은 5.", "그래요"]),
        ("정답은 5.그래요", ["정답은 5.", "그래요"]),
        ("No. 1 이에요. 정말", ["No. 1 이에요.", "정말"]),
        ("**안녕!** 반가워", ["안녕!", "반가워"]),
        ("안녕!*웃는다* 반가워", ["안녕!", "", "반가워"]),
        ("(끄덕인다. 손을 흔들며) 안녕", ["안녕"]),
        ("별점 *최고. 다음", ["별점 *최고. 다음"]),
        ("안녕! [happy] 반가워.", ["안녕!", "", "반가워."]),
        ("**(활짝 웃으며)** 안녕!", ["", "안녕!"]),
        ('"__[기쁨]__ 안녕', ['"', "", "안녕"]),
        ("…그래서요? …몰라요.", ["…그래서요?", "…몰라요."]),
        ("Ph.D. 받았어요. 네", ["Ph.D. 받았어요.", "네"]),
        ("24.3.5. 업데이트. 끝", ["24.3.5. 업데이트.", "끝"]),
        ("음 [슬픔]그래", ["음", "", "그래"]),
        ("*웃으며* 안녕", ["", "안녕"]),
        ("코드야:\n```python\nprint(1)\nprint(2)\n```\n끝!", ["코드야:", "끝!"]),
        ("```\nprint(1)", []),
        ("## 제목\n- 하나\n- 둘", ["제목", "하나", "둘"]),
    ],
)
def test_text_is_cut_where_a_reader_would_pause(text: str, sentences: list[str]) -> None:
    assert cut(text) == sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("가나다라마바사아자차 카타", ["가나다라마바사아자차", "카타"]),
        ("가나다라마바사아자,차카타", ["가나다라마바사아자,", "차카타"]),
        ("가나다라마바사 10,000원", ["가나다라마바사 10,000원"]),
        ("가" * 25, ["가" * 20, "가" * 5]),
        ("가" * 18 + "{:d_22:}나", ["가" * 18, "나"]),
    ],
)
def test_a_long_sentence_is_cut_at_a_comma_or_blank_and_at_last_anywhere(text: str, sentences: list[str]) -> None:
    assert cut(text, max_chars=10) == sentences


TEXT = st.text(alphabet="가나 .!?…~,\"')\n3a{:}ㅋ", max_size=120)


@given(st.lists(TEXT, max_size=6))
def test_how_the_text_was_chopped_does_not_matter(pieces: list[str]) -> None:
    whole = "".join(pieces)
    assert cut(*pieces, max_chars=10) == cut(whole, max_chars=10) == cut(*whole, max_chars=10)


@given(TEXT)
def test_nothing_but_blanks_and_emotes_is_lost(text: str) -> None:
    def bare(text: str) -> str:
        return re.sub(r"[\s~]", "", text)  # a pair of ~~ is Markdown

    assert bare("".join(cut(text, max_chars=10))) == bare(EMOTE.sub("", text))


def chunk(text: str, turn: str = "t", emotion: str | None = None, last: bool = False) -> ReplyChunk:
    return ReplyChunk(turn=turn, text=text, emotion=emotion, last=last)


def test_a_sentence_goes_out_before_the_next_one_is_written() -> None:
    story(
        "reply.split",
        {"reply": "a-b-c-|"},
        {"sentence": "a-b-c-|".replace("a", "-").replace("b", "x").replace("c", "y"), "emotion": "e------|"},
        {
            "a": chunk("안녕", emotion="happy"),
            "b": chunk("! "),
            "c": chunk("AI예요.", last=True),
            "x": Sentence(turn="t", index=0, text="안녕!", spoken="안녕!", emotion="happy"),
            "y": Sentence(turn="t", index=1, text="AI예요.", spoken="에이아이예요.", emotion="happy", last=True),
            "e": Emotion(turn="t", emotion="happy"),
        },
    )


def split(*chunks: ReplyChunk) -> list[Sentence]:
    ran = run("reply.split", {"reply": [(index / 10, each) for index, each in enumerate(chunks)]}, complete_at=60.0)
    assert ran.error is None
    return ran.events("sentence")


def test_a_turn_whose_text_is_over_ends_with_an_empty_sentence() -> None:
    sentences = split(chunk("안녕!\n"), chunk("", last=True))
    assert [(each.text, each.spoken, each.index, each.last) for each in sentences] == [
        ("안녕!", "안녕!", 0, False),
        ("", "", 1, True),
    ]
    assert {each.emotion for each in sentences} == {"neutral"}


def test_a_change_of_feeling_is_told_once_and_begins_with_its_own_sentence() -> None:
    chunks = [
        chunk("좋아!", emotion="happy"),
        chunk(" 뭐?", emotion="surprised"),
        chunk("", emotion="surprised", last=True),
    ]
    ran = run("reply.split", {"reply": [(index / 10, each) for index, each in enumerate(chunks)]}, complete_at=60.0)
    assert [each.emotion for each in ran.events("emotion")] == ["happy", "surprised"]
    assert [(each.text, each.emotion) for each in ran.events("sentence")] == [("좋아!", "happy"), ("뭐?", "surprised")]


def test_interleaved_turns_do_not_mix() -> None:
    sentences = split(
        chunk("하나", "a"), chunk("둘", "b"), chunk(" 셋.", "a", last=True), chunk(" 넷.", "b", last=True)
    )
    assert [(each.turn, each.text, each.index) for each in sentences] == [("a", "하나 셋.", 0), ("b", "둘 넷.", 0)]


def test_the_last_piece_of_what_was_broken_off_is_not_said() -> None:
    assert [(each.text, each.last) for each in split(chunk("그래. 아직"))] == [("그래.", False)]


def test_turns_that_were_broken_off_are_forgotten() -> None:
    begun = [chunk("x", str(turn)) for turn in range(20)]
    ended = [chunk("", str(turn), last=True) for turn in (4, 3)]
    assert [(each.turn, each.text) for each in split(*begun, *ended)] == [("4", "x"), ("3", "")]


def test_the_node_that_replaces_it_goes_on_in_the_middle_of_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Keeping()
    monkeypatch.setattr("tests.harness.Keeping", lambda: kept)
    sentences = [*split(chunk("하나. 두")), *split(chunk("울. 셋", last=True))]
    assert [(each.index, each.text, each.last) for each in sentences] == [
        (0, "하나.", False),
        (1, "두울.", False),
        (2, "셋", True),
    ]


@given(TEXT)
def test_every_turn_has_exactly_one_last_sentence(text: str) -> None:
    sentences = split(chunk(text, last=True))
    assert [each.last for each in sentences] == [False] * (len(sentences) - 1) + [True]


def test_a_tag_or_a_direction_changes_the_feeling_where_it_stands_and_is_not_said() -> None:
    chunks = [
        chunk("안녕! [sa", emotion="happy"),
        chunk("d] 슬퍼. *방긋 웃"),
        chunk("으며* 아니야! [공지] 끝", last=True),
    ]
    ran = run("reply.split", {"reply": [(index / 10, each) for index, each in enumerate(chunks)]}, complete_at=60.0)
    assert [each.emotion for each in ran.events("emotion")] == ["happy", "sad", "happy"]
    assert [(each.text, each.spoken, each.emotion) for each in ran.events("sentence")] == [
        ("안녕!", "안녕!", "happy"),
        ("슬퍼.", "슬퍼.", "sad"),
        ("아니야!", "아니야!", "happy"),
        ("[공지] 끝", "공지 끝", "happy"),
    ]


def test_a_code_block_that_arrives_line_by_line_is_neither_said_nor_shown() -> None:
    sentences = split(
        *(chunk(line) for line in ("보세요.\n``", "`py\n", "print(1)\n", "x = 2.\n", "```", "\n됐죠?")),
        chunk("", last=True),
    )
    assert [(each.text, each.spoken) for each in sentences] == [("보세요.", "보세요."), ("됐죠?", "됐죠?")]


def test_the_feeling_that_comes_again_with_a_later_piece_does_not_undo_a_tag() -> None:
    chunks = [chunk("[sad] 음.", emotion="happy"), chunk(" 그래.", emotion="happy", last=True)]
    assert [(each.text, each.emotion) for each in split(*chunks)] == [("음.", "sad"), ("그래.", "sad")]


def test_directions_stand_in_the_caption_where_the_setting_asks_for_them() -> None:
    ran = run("reply.split", {"reply": [(0.0, chunk("*웃으며* 안녕", last=True))]}, settings={"stage_directions": True})
    assert [(each.text, each.spoken) for each in ran.events("sentence")] == [("(웃으며) 안녕", "안녕")]


def test_words_are_said_as_the_pronunciation_file_has_them(tmp_path: Path) -> None:
    (tmp_path / "words.tsv").write_text("Google\t구글\n", encoding="utf-8")
    ran = run(
        "reply.split",
        {"reply": [(0.0, chunk("Google 봐.", last=True))]},
        settings={"pronunciation": "words.tsv"},
        root=tmp_path,
    )
    assert [each.spoken for each in ran.events("sentence")] == ["구글 봐."]


class Abroad:
    language = "english"


def test_a_voice_that_speaks_another_language_gets_no_hangul() -> None:
    text = "Hello 하늘! I am 3 years old ㅋㅋ."
    given = [(0.0, ReplyChunk(turn="t", text=text, emotion="happy", last=True))]
    settings = {"pronunciation": "config/pronunciation.tsv"}
    ran = run("reply.split", {"reply": given}, settings=settings, services={Spoken: Abroad()})
    sentences = [event for event in ran.events("sentence") if isinstance(event, Sentence)]
    assert [each.spoken for each in sentences] == ["Hello haneul!", "I am 3 years old."]
    assert {each.language for each in sentences} == {"english"}
    assert sentences[0].text == "Hello 하늘!"


def test_the_language_may_change_between_two_sentences() -> None:
    class Changing:
        language = "korean"

    def heard(_: object, event: object) -> None:
        if isinstance(event, Sentence):
            changing.language = "english"

    changing = Changing()
    given = [(float(at), ReplyChunk(turn=f"t{at}", text="hello", emotion="happy", last=True)) for at in range(2)]
    ran = run("reply.split", {"reply": given}, services={Spoken: changing}, heard=heard)
    assert [event.spoken for event in ran.events("sentence") if isinstance(event, Sentence)] == ["헬로", "hello"]
