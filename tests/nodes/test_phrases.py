"""nodes/phrases.py: the language is chosen once; a sentence is told in it, and in the other one for a page."""

import errno
import os
import pickle
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodes import phrases
from nodes.phrases import (
    MOST_SAID,
    USUAL,
    Phrase,
    Tongue,
    all_in_tongue,
    changed,
    choose,
    described,
    entries,
    failure_of,
    in_tongue,
    joined,
    phrase,
    reason_of,
    said_by,
    tongue,
)

PO = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"

#: nodes/chat/batch.py
msgid "{name} is gone"
msgstr "{name}이 없어요"

msgctxt "dock:send"
msgid "Send"
msgstr "보내기"

msgid "two\\tlines\\n"
"with \\"quotes\\" and \\\\"
msgstr ""
"두 줄\\n"
"\\"따옴표\\"와 \\\\"

msgid "because {why}"
msgstr "이유: {why}"

msgid "{told}; {more}"
msgstr "{told}. {more}"

msgid "not yet"
msgstr ""
"""


@pytest.fixture(autouse=True)
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    file = tmp_path / "ko.po"
    file.write_text(PO, encoding="utf-8")
    monkeypatch.setattr(phrases, "_files", lambda: (tmp_path / "none.po", file))
    monkeypatch.setattr(phrases, "_tongue", ["ko"])
    yield file
    entries.cache_clear()


@pytest.mark.parametrize(
    ("env", "chosen"),
    [
        ({"AISCHOCO_LANG": "en", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"AISCHOCO_LANG": " KO ", "LANG": "en_US.UTF-8"}, "ko"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "ko_KR.eucKR"}, "ko"),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"LC_MESSAGES": "en_US", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"LC_ALL": "ko_KR.UTF-8", "LC_MESSAGES": "en_US"}, "ko"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:en"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "en"}, "ko"),
        ({"LANG": "C"}, "ko"),
        ({"LANG": "eng"}, "ko"),
        ({"LANG": "de_DE.UTF-8"}, "ko"),
        ({"AISCHOCO_LANG": "", "LANG": "en_US.UTF-8"}, "en"),
        ({}, "ko"),
    ],
)
def test_the_language_is_that_of_the_variable_else_of_the_system_else_korean(
    env: dict[str, str], chosen: Tongue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phrases, "_of_windows", lambda: None)
    assert choose(env) == ""
    assert tongue() == chosen


@pytest.mark.parametrize(("primary", "chosen"), [("en", "en"), ("ko", "ko"), (None, "ko")])
def test_on_windows_no_variable_tells_so_the_system_is_asked(
    primary: Tongue | None, chosen: Tongue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phrases, "_of_windows", lambda: primary)
    assert choose({}) == ""
    assert tongue() == chosen


def test_a_language_that_there_is_not_is_told_and_the_system_s_is_taken() -> None:
    assert choose({"AISCHOCO_LANG": "fr", "LANG": "en_US.UTF-8"}) == "AISCHOCO_LANG must be ko or en, not 'fr'"
    assert tongue() == "en"


def test_whoever_has_not_chosen_gets_the_language_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phrases, "_tongue", [])
    monkeypatch.setenv("AISCHOCO_LANG", "en")
    assert tongue() == "en"


@pytest.mark.parametrize(
    ("name", "korean"), [("별", "별이 없어요"), ("초코", "초코가 없어요"), ("{name}", "{name}가 없어요")]
)
def test_a_sentence_is_told_in_both_languages_with_the_particle_that_fits(name: str, korean: str) -> None:
    said = phrase("{name} is gone", name=name)
    assert (said, said.told("ko"), said.told("en")) == (korean, korean, f"{name} is gone")
    choose({"AISCHOCO_LANG": "en"})
    assert phrase("{name} is gone", name=name) == f"{name} is gone"


def test_a_sentence_within_a_sentence_is_told_in_the_same_language() -> None:
    said = phrase("because {why}", why=phrase("{name} is gone", name="별"))
    assert said == "이유: 별이 없어요"
    assert said.told("en") == "because 별 is gone"


def test_several_things_in_a_line_are_told_as_each_language_does() -> None:
    told = joined(phrase("{name} is gone", name=name) for name in ("a", "모카"))
    assert in_tongue(told, "ko") == "a가 없어요. 모카가 없어요"
    assert in_tongue(told, "en") == "a is gone; 모카 is gone"
    assert joined(["one.", "", "two."]) == "one. two", "a full stop at the end is not doubled"
    assert joined(["one"]) == "one"
    assert joined([]) == ""


def test_what_is_no_sentence_of_ours_is_the_same_in_both() -> None:
    assert [in_tongue("보낸 것", each) for each in ("ko", "en")] == ["보낸 것"] * 2
    assert in_tongue(3, "ko") == "3"


def test_what_was_done_to_a_sentence_is_done_in_both_languages() -> None:
    said = changed(changed(phrase("{name} is gone", name="초코"), str.upper), lambda text: text.replace("초코", "**"))
    assert (said, in_tongue(said, "en")) == ("**가 없어요", "** IS GONE")
    assert changed("plain", str.upper) == "PLAIN"


def test_every_sentence_of_an_answer_is_told_in_the_language_of_the_page() -> None:
    answer = {"text": described("because {why}"), "n": [1, None, (phrase("{name} is gone", name="별"), "그대로")]}
    assert all_in_tongue(answer, "en") == {"text": "because {why}", "n": [1, None, ["별 is gone", "그대로"]]}
    assert all_in_tongue(answer, "ko") == {"text": "이유: {why}", "n": [1, None, ["별이 없어요", "그대로"]]}


def test_a_sentence_that_no_catalogue_has_stays_english() -> None:
    assert phrase("not yet") == "not yet"
    assert phrase("nowhere {n}", n=1) == "nowhere 1"


def test_a_catalogue_keeps_line_breaks_quotes_and_contexts(catalogue: Path) -> None:
    found = entries(catalogue)
    assert found["dock:send", "Send"] == "보내기"
    assert found["", 'two\tlines\nwith "quotes" and \\'] == '두 줄\n"따옴표"와 \\'


def test_a_sentence_goes_to_another_process_as_a_whole() -> None:
    said = pickle.loads(pickle.dumps(phrase("{name} is gone", name="별")))
    assert (said, said.told("en")) == ("별이 없어요", "별 is gone")


def test_an_error_keeps_the_sentence_that_it_was_raised_with() -> None:
    said = said_by(ValueError(phrase("{name} is gone", name="별")))
    assert (said, in_tongue(said, "en")) == ("별이 없어요", "별 is gone")
    own = phrase("{name} is gone", name="별")
    assert said_by(OSError(errno.EFBIG, own, "x")) == reason_of(OSError(errno.EFBIG, own, "x")) == "별이 없어요"


def test_an_error_whose_own_words_cannot_be_told_or_have_no_end_is_told_nevertheless() -> None:
    class Broken(Exception):
        def __str__(self) -> str:
            raise ValueError("no")

    assert failure_of(Broken()) == "Broken: <exception str() failed>"
    assert failure_of(ValueError("x" * 1_000_000)) == "ValueError: " + "x" * MOST_SAID


@pytest.fixture
def shipped(catalogue: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the program's own catalogues instead of the one of these tests."""
    found = phrases.catalogues()
    assert catalogue not in found
    monkeypatch.setattr(phrases, "_files", lambda: found)


@pytest.mark.usefixtures("shipped")
def test_what_the_system_refuses_is_told_in_both_languages_whatever_its_own_words_are(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none") as caught:
        (tmp_path / "none").read_bytes()
    error = caught.value
    assert reason_of(error) == "그런 파일이나 폴더가 없어요"
    assert in_tongue(reason_of(error), "en") == "there is no such file or folder"
    assert said_by(error) == f"{tmp_path / 'none'}: 그런 파일이나 폴더가 없어요"
    within = phrase("it failed: {why}", why=error)
    assert within == f"it failed: {said_by(error)}"
    assert within.told("en") == f"it failed: {tmp_path / 'none'}: there is no such file or folder"
    locked = PermissionError(errno.EACCES, "Zugriff verweigert")
    assert reason_of(locked) == "권한이 없어요"
    locked.winerror = 32  # type: ignore[attr-defined]
    assert reason_of(locked) == "다른 프로그램이 쓰고 있어요"
    assert reason_of(socket.gaierror(errno.ENOENT, "Name or service not known")) == "그 이름의 컴퓨터를 찾지 못했어요"


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize("number", sorted(USUAL), ids=lambda number: errno.errorcode[number])
def test_every_usual_reason_has_its_korean(number: int) -> None:
    said = reason_of(OSError(number, os.strerror(number)))
    assert isinstance(said, Phrase)
    assert re.search("[가-힣]", said)
    assert not re.search("[A-Za-z]", said)


def test_an_unusual_reason_is_told_in_the_words_of_the_system() -> None:
    assert reason_of(OSError(errno.ENOTTY, "no typewriter")) == "no typewriter"
    assert said_by(OSError(errno.ENOTTY, "no typewriter")) == f"[Errno {errno.ENOTTY}] no typewriter"
    bare = OSError()
    bare.errno = errno.ENOTTY  # as a socket's on Windows
    assert reason_of(bare) == os.strerror(errno.ENOTTY)
    assert reason_of(OSError("only this")) == said_by(OSError("only this")) == "only this"
