import gc
from pathlib import Path

import pytest

from graphs.engine.flow.files import ProjectFiles
from nodes.written import WrongLine, save_as_utf8
from schemas.graph import Problem


def numbers(text):
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.isdigit():
            raise WrongLine(number, f"{line!r} is no number")
        found.append(int(line))
    return found


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "numbers.txt"
    path.write_text("1\n2\n", encoding="utf-8")
    return path


def test_a_file_is_read_relative_to_the_project_and_without_its_byte_order_mark(tmp_path):
    (tmp_path / "words.txt").write_text("가\n나\n", encoding="utf-8-sig")
    assert ProjectFiles(tmp_path).watch("words.txt", str.split).value == ["가", "나"]


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    files = ProjectFiles(tmp_path)
    with pytest.raises(OSError, match="words"):
        files.watch("words.txt", str.split)
    assert files.watched == set()


def test_what_the_parser_does_not_accept_is_an_error(tmp_path):
    (tmp_path / "number.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ValueError, match="invalid literal"):
        ProjectFiles(tmp_path).watch("number.txt", int)


def test_what_is_wrong_with_a_file_at_the_start_is_told_with_its_name(tmp_path, file):
    file.write_text("1\nx\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^numbers\.txt: 2번째 줄: 'x' is no number$"):
        ProjectFiles(tmp_path).watch("numbers.txt", numbers)
    file.write_bytes(b"\xff\n")
    with pytest.raises(ValueError, match=r"^numbers\.txt: 1번째 줄: UTF-8 글이 아니에요"):
        ProjectFiles(tmp_path).watch(file, numbers)
    file.write_bytes(b"1\n")
    with pytest.raises(ValueError, match=r"^numbers\.txt: ZeroDivisionError: division by zero$"):
        ProjectFiles(tmp_path).watch(file, lambda text: int(text) / 0)


def test_a_run_has_one_session_folder_and_two_runs_have_two(tmp_path):
    first, second = ProjectFiles(tmp_path), ProjectFiles(tmp_path)
    assert first.session() == first.session()
    assert first.session() != second.session()
    assert first.session().parent == second.session().parent == tmp_path / "history" / "sessions"


def test_shows_that_begin_in_one_moment_in_several_processes_have_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "exists", lambda _: False)  # another process makes it behind the look
    folders = {ProjectFiles(tmp_path).session() for _ in range(5)}
    assert len(folders) == 5


def test_a_refresh_reaches_everyone_who_watches_the_file_by_whatever_spelling(tmp_path, file):
    (tmp_path / "sub").mkdir()
    files = ProjectFiles(tmp_path)
    one, other = files.watch("numbers.txt", numbers), files.watch("sub/../numbers.txt", str.split)
    file.write_text("3\n", encoding="utf-8")
    assert one.value == [1, 2]
    assert files.watched == {file}
    assert files.refresh(file, file.read_bytes()) == []
    assert (one.value, other.value) == ([3], ["3"])


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"1\nzwei\n", 2, "'zwei' is no number"),
        (b"1\n\xff\n", 2, "UTF-8 글이 아니에요"),
    ],
)
def test_a_broken_file_keeps_the_last_good_value_and_says_where_it_is_broken(tmp_path, file, content, line, message):
    files = ProjectFiles(tmp_path)
    watched, same = files.watch(file, numbers), files.watch(file, numbers)
    file.write_bytes(content)
    hint = save_as_utf8() if "UTF-8" in message else ""
    assert files.refresh(file, file.read_bytes()) == [Problem("numbers.txt", line, 1, message, hint)]
    assert watched.value == same.value == [1, 2]
    file.write_text("4\n", encoding="utf-8")
    assert files.refresh(file, file.read_bytes()) == []
    assert watched.value == same.value == [4]


def test_a_parser_that_fails_in_another_way_is_told_like_a_broken_file(tmp_path, file):
    files = ProjectFiles(tmp_path)
    watched = files.watch(file, lambda text: {"1\n2\n": "good"}[text])
    file.write_text("x", encoding="utf-8")
    assert [problem.message for problem in files.refresh(file, file.read_bytes())] == ["KeyError: 'x'"]
    assert watched.value == "good"


def test_a_file_that_nobody_reads_any_more_is_not_watched(tmp_path, file):
    files = ProjectFiles(tmp_path)
    watched = files.watch(file, numbers)
    (tmp_path / "other.txt").write_text("", encoding="utf-8")
    other = files.watch("other.txt", str.split)
    del watched
    gc.collect()
    assert files.watched == {other.path}
    assert files.refresh(file, file.read_bytes()) == []


def test_a_file_outside_the_project_is_shown_with_its_whole_path(tmp_path, file):
    inside = tmp_path / "project"
    inside.mkdir()
    files = ProjectFiles(inside)
    assert files.shown(file) == str(file)
    assert files.shown(inside / "config" / "a.txt") == "config/a.txt"


@pytest.mark.parametrize("encoding", ["cp949", "utf-16"])
def test_a_file_that_korean_notepad_saved_is_read_and_said_so_with_its_name(tmp_path, encoding):
    said = []
    files = ProjectFiles(tmp_path, said.append)
    (tmp_path / "words.txt").write_bytes("가나다\r\n라마바\r\n".encode(encoding))
    content = files.watch(Path("words.txt"), str.split)
    assert content.value == ["가나다", "라마바"]
    (line,) = said
    assert line.startswith("words.txt: ")
    assert "UTF-8" in line
    (tmp_path / "words.txt").write_text("사", encoding="utf-8")
    assert files.refresh(tmp_path / "words.txt", (tmp_path / "words.txt").read_bytes()) == []
    assert (content.value, len(said)) == (["사"], 1)


def test_a_file_may_call_the_character_by_name_and_follows_another_name_without_being_read_again(tmp_path):
    name = "모카"
    files = ProjectFiles(tmp_path, character=lambda: name)
    (tmp_path / "named.txt").write_text("{character}는 웃어요", encoding="utf-8")
    (tmp_path / "other.txt").write_text("누가 웃어요", encoding="utf-8")
    parsed = []
    named, other = (files.watch(file, lambda text: parsed.append(text) or text) for file in ("named.txt", "other.txt"))
    assert (named.value, other.value) == ("모카는 웃어요", "누가 웃어요")
    (tmp_path / "named.txt").unlink()
    name = "별"
    files.rename()
    assert named.value == "별은 웃어요"
    assert len(parsed) == 3


def test_content_that_is_the_same_as_before_is_not_read_again(tmp_path, file):
    read = []
    content = (files := ProjectFiles(tmp_path)).watch(file.name, lambda text: read.append(text) or numbers(text))
    assert files.refresh(content.path, b"1\n2\n") == []
    assert read == ["1\n2\n"]
    assert files.refresh(content.path, b"x\n") != []
    assert files.refresh(content.path, b"x\n") != []  # what cannot be used is told each time
    assert content.value == [1, 2]
    assert files.refresh(content.path, b"1\n2\n") == []
    assert files.refresh(content.path, b"3\n") == []
    assert content.value == [3]


def test_a_broken_file_does_not_take_the_place_of_the_good_one_when_the_character_has_another_name(tmp_path, file):
    name = "초코"
    files = ProjectFiles(tmp_path, character=lambda: name)
    file.write_text("{character}", encoding="utf-8")
    content = files.watch(file.name, lambda text: [text, text.index("코")])
    assert files.refresh(content.path, "{character}가 아니라 모카".encode()) == []
    assert files.refresh(content.path, b"{character") != []
    name = "모코"
    files.rename()
    assert content.value == ["모코가 아니라 모카", 1]
