"""Lists of words that are stopped."""

import time

import pytest

from nodes.words import LONGEST, NO_WORDS, WORDS, BannedWords


def test_a_list_of_ones_own_may_have_comments_blank_lines_and_the_same_word_twice() -> None:
    words = BannedWords.parse("# 스포일러\n\n범인은  집사 # 3화\n범인은 집사\n#방제\nＣ#\n")
    assert "범인은집사라며" in words
    assert "c# 배워요" in words
    assert "3화" not in words
    assert "방제" not in words
    assert "범인은 누구" not in words


def test_no_list_stops_nothing() -> None:
    assert "시발" not in NO_WORDS
    assert "시발" not in BannedWords.parse("# 시발\n")


def test_a_word_of_signs_alone_is_found_where_it_stands() -> None:
    words = BannedWords.parse("-_-\n")
    assert "아 -_- 진짜" in words
    assert "아 - 진짜" not in words


def test_a_word_of_signs_beside_others_hides_none_of_them() -> None:
    words = BannedWords.parse("-_-\n방제\n")
    assert "방 제" in words
    assert "-_-" in words
    assert "방 - 송" not in words


def test_commas_on_a_line_part_words_but_not_numbers() -> None:
    words = BannedWords.parse("방제, 스포，범인、집사\n1,000원\n")
    assert [text in words for text in ("방제", "스포", "범인", "집사", "1000원", "1원")] == [True] * 5 + [False]


def test_a_word_with_a_plus_is_let_through_though_another_stands_in_it() -> None:
    words = BannedWords.parse("수박\n+수박바\n+시발점\n")
    assert [words.found(text) for text in ("수박", "수박바", "수박바 수박")] == ["수박", None, "수박"]
    assert words.without_allowed("그 시발점") == "그  "


def test_a_word_too_long_and_a_list_too_long_are_told_with_their_line() -> None:
    with pytest.raises(ValueError, match=r"2번째 줄: 100자보다 긴 낱말"):
        BannedWords.parse("방제\n" + "가" * (LONGEST + 1))
    with pytest.raises(ValueError, match=f"{WORDS + 1}번째 줄: 낱말은"):
        BannedWords.parse("\n".join(str(number) for number in range(WORDS + 1)))


def test_ten_thousand_words_are_ready_at_once_and_each_is_found() -> None:
    text = "\n".join(f"금지어{number:05}번" for number in range(10_000))
    took: list[float] = []
    for _ in range(3):
        began = time.thread_time()
        words = BannedWords.parse(text)
        took.append(time.thread_time() - began)
    assert min(took) < 0.5  # about 0.05 s; a pattern a word took 0.95 s
    assert [words.found(f"가 금지어{number:05}번 나") for number in (0, 9_999)] == ["금지어00000번", "금지어09999번"]
    assert "금지어1번" not in words


def test_a_line_of_two_hundred_thousand_characters_is_refused_at_once() -> None:
    began = time.process_time()
    with pytest.raises(ValueError, match="1번째 줄: "):
        BannedWords.parse("가나" * 100_000)
    assert time.process_time() - began < 0.5  # it took 10 s


def test_a_word_of_one_letter_and_words_that_begin_alike_are_all_found() -> None:
    words = BannedWords(["ㅗ", "가나", "가나다", "나"])
    assert [words.found(text) for text in ("ㅗ", "가 나", "xx가나다", "나", "다")] == ["ㅗ", "가나", "가나", "나", None]
