import pytest

from graphs.engine.language import env
from graphs.engine.language.env import environment
from schemas.graph import GraphError


def test_without_a_file_there_are_the_variables_of_the_process(tmp_path, monkeypatch):
    monkeypatch.setenv("CHZZK_CHANNEL_ID", "c1")
    assert environment(tmp_path)["CHZZK_CHANNEL_ID"] == "c1"


def test_a_line_of_the_file_is_a_variable_and_the_process_wins_over_it(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("GROQ_MODEL=from the file\nTTS_OUTPUT_DEVICE=page\n", encoding="utf-8")
    monkeypatch.setenv("GROQ_MODEL", "from the process")
    found = environment(tmp_path)
    assert (found["GROQ_MODEL"], found["TTS_OUTPUT_DEVICE"]) == ("from the process", "page")


def test_values_are_taken_as_they_are_written(tmp_path):
    (tmp_path / ".env").write_text('GROQ_API_KEY="gsk$x${HOME}#1"\n', encoding="utf-8")
    assert environment(tmp_path)["GROQ_API_KEY"] == "gsk$x${HOME}#1"


def test_a_file_of_a_windows_editor_can_be_read(tmp_path):
    (tmp_path / ".env").write_bytes("﻿CHZZK_CHANNEL_ID=c1\r\nGROQ_MODEL=모델\r\n".encode())
    found = environment(tmp_path)
    assert (found["CHZZK_CHANNEL_ID"], found["GROQ_MODEL"]) == ("c1", "모델")


def test_a_name_without_a_value_is_not_a_variable(tmp_path):
    (tmp_path / ".env").write_text("TTS_OUTPUT_DEVICE\nGROQ_MODEL=\n", encoding="utf-8")
    found = environment(tmp_path)
    assert "TTS_OUTPUT_DEVICE" not in found
    assert found["GROQ_MODEL"] == ""


def test_a_value_in_single_quotes_is_taken_as_it_is(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("TWO=a$b${ONE}\nFOUR='한글'\n", encoding="utf-8")
    monkeypatch.delenv("TWO", raising=False)
    found = environment(tmp_path)
    assert (found["TWO"], found["FOUR"]) == ("a$b${ONE}", "한글")


@pytest.mark.parametrize("encoding", ["cp949", "utf-16", "utf-8-sig"])
def test_a_file_that_korean_notepad_saved_is_read_as_what_it_plainly_is(tmp_path, encoding):
    (tmp_path / ".env").write_bytes("# 방송 설정\r\nGROQ_MODEL=모델\r\n".encode(encoding))
    assert environment(tmp_path)["GROQ_MODEL"] == "모델"


@pytest.mark.parametrize("raw", [b"\xff\xfeA", b"A=1\nB=\xff\xff\n", "A=1\n".encode("utf-16-le")])
def test_a_file_that_is_no_text_is_told_with_its_line_and_what_to_do(tmp_path, raw):
    (tmp_path / ".env").write_bytes(raw)
    with pytest.raises(GraphError) as told:
        environment(tmp_path)
    (problem,) = told.value.problems
    assert (problem.file, problem.line) == (str(tmp_path / ".env"), 2 if b"B" in raw else 1)
    assert "UTF-8" in problem.hint


@pytest.mark.parametrize(
    "line",
    [
        "KEY_OF_MINE=“gsk_123”",
        "KEY_OF_MINE=‘gsk_123’",
        "KEY_OF_MINE=\u200bgsk_\u200b123\u00a0",
        "\u200bKEY_OF_MINE=gsk_123\ufeff",
        "KEY_OF_MINE=\u201d\u200bgsk_123\u201d",
        'KEY_OF_MINE="gsk_123\u2060"',
    ],
)
def test_a_key_that_was_copied_from_a_page_is_the_key(tmp_path, line):
    (tmp_path / ".env").write_text(f"{line}\n", encoding="utf-8")
    assert environment(tmp_path)["KEY_OF_MINE"] == "gsk_123"


def test_a_sign_without_width_in_a_sentence_stays(tmp_path):
    (tmp_path / ".env").write_text("TITLE_OF_MINE=초코 👩\u200d💻 “방송” 중\n", encoding="utf-8")
    assert environment(tmp_path)["TITLE_OF_MINE"] == "초코 👩\u200d💻 “방송” 중"


def test_a_file_that_cannot_be_opened_is_told(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    (tmp_path / ".env").write_text("A=1\n", encoding="utf-8")
    monkeypatch.setattr(env, "contents", refused)
    with pytest.raises(GraphError, match="cannot be read: permission is missing"):
        environment(tmp_path)


def test_a_line_that_says_nothing_is_told_with_its_number_and_the_others_are_read(tmp_path, caplog):
    (tmp_path / ".env").write_text("KEY_OF_MINE=a\n=b\nKEY_OF_HERS=c\n", encoding="utf-8")
    found = environment(tmp_path)
    assert (found["KEY_OF_MINE"], found["KEY_OF_HERS"]) == ("a", "c")
    assert [told.getMessage() for told in caplog.records] == [".env: line 2 is passed over: it is not NAME=value"]
