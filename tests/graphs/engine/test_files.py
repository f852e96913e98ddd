import pytest

from graphs.engine.files import ProjectFiles


def test_a_file_is_read_relative_to_the_project_and_without_its_byte_order_mark(tmp_path):
    (tmp_path / "words.txt").write_text("가\n나\n", encoding="utf-8-sig")
    assert ProjectFiles(tmp_path).watch("words.txt", str.split).value == ["가", "나"]


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OSError, match="words"):
        ProjectFiles(tmp_path).watch("words.txt", str.split)


def test_what_the_parser_does_not_accept_is_an_error(tmp_path):
    (tmp_path / "number.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ValueError, match="invalid literal"):
        ProjectFiles(tmp_path).watch("number.txt", int)


def test_a_run_has_one_session_folder_and_two_runs_have_two(tmp_path):
    first, second = ProjectFiles(tmp_path), ProjectFiles(tmp_path)
    assert first.session() == first.session()
    assert first.session() != second.session()
    assert first.session().parent == second.session().parent == tmp_path / "history" / "sessions"
