"""What stops a word, and how a person lets it pass."""

from pathlib import Path

import pytest

from graphs.engine.flow.files import ProjectFiles
from nodes.phrases import described
from nodes.rude import Profanity
from nodes.services import Stopped
from nodes.stops import BUILT_IN, Stops
from nodes.words import BannedWords
from tests.nodes.chat.fakes import chat, donation
from tests.nodes.chat.test_filter import sift

LIST = Path("words.txt")


class Lists:
    """A project folder with one list, which is read again after each click, as the watcher would."""

    def __init__(self, folder: Path, text: str) -> None:
        self.path = folder / LIST
        self.path.write_text(text, encoding="utf-8")
        self._files = ProjectFiles(folder)
        self.stops = Stops(self._files.watch(LIST, BannedWords.parse), LIST, Profanity())

    def found(self, text: str) -> Stopped | None:
        return self.stops.found(text)

    def allow(self, text: str) -> tuple[str, ...]:
        found = self.found(text)
        assert found is not None
        assert found.allow is not None
        said = found.allow()
        assert self._files.refresh(self.path, self.path.read_bytes()) == []
        return said


@pytest.fixture
def lists(tmp_path: Path) -> Lists:
    return Lists(tmp_path, "수박\n")


def test_the_word_and_its_list_are_reported(lists: Lists) -> None:
    reports = [lists.found(text) for text in ("수박 주세요", "아 시발 뭐야", "안녕")]
    assert [report and (report.word, report.by) for report in reports] == [
        ("수박", "words.txt"),
        ("시발", "기본 욕설 목록"),
        None,
    ]


@pytest.mark.parametrize(
    ("text", "said", "still"),
    [
        ("오늘 수박바 먹었어요", ("수박바",), ["수박 주세요", "수박"]),
        ("저는 보지 않았어요 그 보지년화", ("보지년화",), ["보지년"]),
        ("수박 먹자", ("수박 먹자",), ["수박 주세요"]),
        ("안녕, 수박 먹자, 그래", ("수박 먹자",), ["수박 주세요"]),
        ("수박", ("수박",), ["시발"]),
        ("수박바랑 수박주스", ("수박바랑", "수박주스"), ["수박", "수박씨"]),
        ("수 박 드실 분", ("수 박 드실 분",), ["수박"]),
        ("수박바!!", ("수박바",), ["수박!!"]),
    ],
)
def test_one_click_lets_exactly_this_pass(lists: Lists, text: str, said: tuple[str, ...], still: list[str]) -> None:
    assert lists.allow(text) == said
    assert lists.found(text) is None
    assert [each for each in still if lists.found(each) is None] == []


def test_what_was_allowed_stands_in_the_file_for_a_person_to_read(lists: Lists) -> None:
    lists.path.write_bytes("# 목록\r\n수박".encode())
    lists.allow("오늘 수박바 먹었어요")
    lists.allow("수박차도요")
    lines = lists.path.read_bytes().decode().split("\r\n")
    assert lines == ["# 목록", "수박", "", "# 독에서 괜찮다고 한 말", "+수박바", "+수박차도요", ""]


def test_what_cannot_be_one_line_of_the_list_is_refused_with_the_remedy(lists: Lists) -> None:
    before = lists.path.read_bytes()
    with pytest.raises(ValueError, match="목록 파일에 직접"):
        lists.allow("수,박")
    assert lists.path.read_bytes() == before


def test_a_list_in_another_encoding_stays_in_it(tmp_path: Path) -> None:
    for encoding in ("cp949", "utf-16"):
        lists = Lists(tmp_path, "")
        lists.path.write_bytes("# 이것은 금칙어 목록입니다\n수박\n".encode(encoding))
        lists = Lists.__new__(Lists)
        lists.path = tmp_path / LIST
        lists._files = ProjectFiles(tmp_path)
        lists.stops = Stops(lists._files.watch(LIST, BannedWords.parse), LIST, Profanity())
        lists.allow("오늘 수박바 먹었어요")
        assert lists.path.read_bytes().decode(encoding).endswith("+수박바\n")


def test_without_a_file_nothing_can_be_allowed() -> None:
    found = Stops(None, None, Profanity()).found("시발")
    assert found is not None
    assert (found.by, found.allow) == (described(BUILT_IN), None)


def test_the_filter_reports_what_it_found_in_chat_names_and_paid_words(tmp_path: Path) -> None:
    (tmp_path / LIST).write_text("수박\n", encoding="utf-8")
    ran = sift(
        chat("a", "수박 주세요"),
        chat("b", "안녕", "수박왕"),
        donation("d", "시발 재밌네"),
        chat("c", "안녕하세요"),
        root=tmp_path,
        banned_words=str(LIST),
    )
    assert {event: (by.word, by.by) for event, by in ran.stops.items()} == {
        "a": ("수박", "words.txt"),
        "b": ("수박", "words.txt"),
        "d": ("시발", "기본 욕설 목록"),
    }
    assert ran.drops == [("a", "banned_word"), ("b", "banned_name")]
