"""Text that a person wrote, in whatever the editor saved it as."""

import os
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nodes.written import MOST_BYTES, NotText, contents, note, written

PERSONA = "# 초코는 방송을 하는 강아지예요.\n좋아하는 것: ラメン, 김치찌개!\n말끝에 '멍'을 붙여요.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp949"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_text_is_read_as_what_it_plainly_is_and_what_is_not_utf8_is_noted(encoding: str, end: str) -> None:
    found = written(PERSONA.replace("\n", end).encode(encoding))
    assert found.text == PERSONA
    assert ("UTF-8" in note(found)) is not encoding.startswith("utf-8")


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"1\n\xff\n", 2),
        (PERSONA.encode()[:-2] + b"\xeb", 3),  # cut off in the middle of a letter
        (PERSONA.encode().replace("방".encode(), b"\xeb\xb0"), 1),
        ("é à ü, naïve café\n".encode("latin-1"), 1),
        (PERSONA.encode("utf-16-le"), 1),
        ("plain".encode("utf-16-be"), 1),
        (PERSONA.encode("utf-16")[:-1], 1),
        ("こんにちは、チョコです\n".encode("shift-jis"), 1),
        (b"\x89PNG\r\n\x1a\n\0\0\0", 1),
    ],
)
def test_what_it_is_cannot_be_told_then_its_line_and_the_remedy_are(raw: bytes, line: int) -> None:
    with pytest.raises(NotText, match=rf"^{line}번째 줄: .+UTF-8") as told:
        written(raw)
    assert told.value.line == line


@given(some.binary(max_size=60))
def test_any_bytes_are_a_text_or_refused_in_words(raw: bytes) -> None:
    try:
        text = written(raw).text
    except NotText:
        return
    assert "\r" not in text


@given(some.text(alphabet=some.characters(codec="utf-8", exclude_characters="\0\r")))
def test_utf8_is_always_read_as_utf8(text: str) -> None:
    found = written(text.encode())
    assert (found.text, found.encoding) == (text.removeprefix("\ufeff"), "utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes among its files")
@pytest.mark.timeout(10)
def test_only_regular_files_are_read_and_nothing_keeps_the_reader_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = tmp_path / "good.txt"
    good.write_bytes(b"x")
    assert contents(good) == b"x"
    pipe, link, big = tmp_path / "pipe", tmp_path / "link", tmp_path / "big"
    os.mkfifo(pipe)
    link.symlink_to("/dev/zero")
    with big.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    refused = {pipe: "보통 파일이 아니에요", link: "보통 파일이 아니에요", big: "16 MB", tmp_path: "directory"}
    for path, told in refused.items():
        with pytest.raises(OSError, match=told) as error:
            contents(path)
        assert error.value.filename == str(path)
    with pytest.raises(FileNotFoundError):
        contents(tmp_path / "none")
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path)  # the path of a socket must be short
        server.bind("s")
        with pytest.raises(OSError, match="보통 파일이 아니에요"):
            contents(Path("s"))
