import os
import stat
from pathlib import Path

import pytest

from nodes.avatar._vts.tokens import TokenFile

HERE, THERE = "127.0.0.1:8001", "127.0.0.1:8011"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "vts_token.txt"


def test_each_avatar_has_a_token_of_its_own(path: Path) -> None:
    tokens = TokenFile(path)
    assert tokens.get(HERE) is None
    tokens.put(HERE, "a")
    tokens.put(THERE, "b")
    tokens.put(HERE, "c")
    assert (tokens.get(HERE), tokens.get(THERE)) == ("c", "b")
    assert path.read_text() == f"{HERE} c\n{THERE} b\n"


@pytest.mark.skipif(os.name != "posix", reason="no modes")
def test_nobody_else_can_read_it_also_if_they_could_before(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("old\n")
    path.chmod(0o644)
    TokenFile(path).put(HERE, "a")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_token_alone_is_tried_with_every_avatar(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("\ufeffbare\r\n\r\nthree words here\n", encoding="utf-8")
    tokens = TokenFile(path)
    assert (tokens.get(HERE), tokens.get(THERE)) == ("bare", "bare")
    tokens.put(HERE, "own")
    assert (tokens.get(HERE), tokens.get(THERE)) == ("own", "bare")


def test_a_token_that_was_refused_is_forgotten_and_no_other(path: Path) -> None:
    tokens = TokenFile(path)
    tokens.put(HERE, "a")
    tokens.put(THERE, "a")
    before = path.stat().st_ino
    tokens.drop(HERE, "something else")
    assert path.stat().st_ino == before
    tokens.drop(HERE, "a")
    assert (tokens.get(HERE), tokens.get(THERE)) == (None, "a")
    path.write_text("bare")
    tokens.drop(HERE, "bare")
    assert tokens.get(HERE) is None


def test_what_is_no_text_is_no_token(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe\x00")
    assert TokenFile(path).get(HERE) is None


def test_what_cannot_be_read_is_not_written_over(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes("127.0.0.1:8001 a".encode("utf-16"))
    for write in (TokenFile(path).put, TokenFile(path).drop):
        with pytest.raises(OSError, match="UTF-8"):
            write(HERE, "b")
    assert path.read_bytes() == "127.0.0.1:8001 a".encode("utf-16")


def test_a_disk_that_fails_leaves_the_old_file_and_nothing_else(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = TokenFile(path)
    tokens.put(HERE, "a")

    def full(self: Path, target: Path) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space left"):
        tokens.put(HERE, "b")
    assert tokens.get(HERE) == "a"
    assert [each.name for each in path.parent.iterdir()] == [path.name]
