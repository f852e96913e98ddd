"""graphs/engine/studio/env_file.py: one value changes, everything else in .env stays."""

import os
import stat
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graphs.engine.language.env import env_of
from graphs.engine.studio.env_file import put, written_to

pytestmark = pytest.mark.usefixtures("english")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "KEY=new\n"),
        ("OTHER=1", "OTHER=1\nKEY=new\n"),
        ("KEY=old\n", "KEY=new\n"),
        ("KEY=old", "KEY=new"),
        ("KEY=\n", "KEY=new\n"),
        ("KEY\n", "KEY=new\n"),
        ("KEY=old  # the key of Groq\nA=1\n", "KEY=new  # the key of Groq\nA=1\n"),
        ("  export KEY = 'o # ld' # why\n", "  export KEY =new # why\n"),
        ('# head\n\nKEY="a\nb" # two lines\nA=1\n', "# head\n\nKEY=new # two lines\nA=1\n"),
        ("KEY=first\nA='KEY=x'\nKEY=last\n", "KEY=first\nA='KEY=x'\nKEY=new\n"),
        ("#KEY=commented\nKEY=o#ld\n", "#KEY=commented\nKEY=new\n"),
        ("A=1\r\nKEY=old # c\r\nB=2\r\n", "A=1\r\nKEY=new # c\r\nB=2\r\n"),
        ("\ufeffKEY=old\r\n", "\ufeffKEY=new\r\n"),
        ("broken line here\nKEY=old\n", "broken line here\nKEY=new\n"),
    ],
)
def test_the_line_that_counts_changes_and_nothing_else(before, after):
    assert written_to(before.encode(), "KEY", "new").decode() == after


NASTY = st.text(st.sampled_from("ab '\"\\#$`=\t한글{}\u200b\u201c\u201d"), max_size=12)


@given(NASTY, st.lists(st.tuples(st.sampled_from("AB"), NASTY), max_size=4))
@example("it's \\ $HOME #1", [])
def test_a_value_reads_back_as_it_was_given_or_is_refused(value, others):
    raw = b""
    try:
        for name, each in others:
            raw = written_to(raw, name, each)
        new = written_to(raw, "KEY", value)
    except ValueError:
        return
    assert env_of(new) == env_of(raw) | {"KEY": value}


def test_ordinary_values_are_never_refused():
    for value in ("gsk_aB3", 'it\'s a "key" \\ with # and $', "한글 값", "http://x:1/y?z=1&a", ""):
        assert env_of(written_to(b"A=1\n", "KEY", value))["KEY"] == value


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("", "x", "letters, digits"),
        ("A B", "x", "letters, digits"),
        ("A=B", "x", "letters, digits"),
        ("KEY", "a\nPATH=evil", "line break"),
        ("KEY", "x" * 4097, "at most 4096"),
        ("KEY", " x", "as it is"),
        ("KEY", "\u201cx\u201d", "as it is"),
    ],
)
def test_what_cannot_stand_there_is_refused_with_a_remedy(name, value, said):
    with pytest.raises(ValueError, match=said) as told:
        written_to(b"", name, value)
    assert "evil" not in str(told.value)


def test_what_is_not_text_stays_as_it_is(tmp_path):
    (tmp_path / ".env").write_bytes(b"A=\xff\xfe\xfa\n")
    with pytest.raises(ValueError, match="UTF-8"):
        put(tmp_path / ".env", "KEY", "x")
    assert (tmp_path / ".env").read_bytes() == b"A=\xff\xfe\xfa\n"


@pytest.mark.skipif(sys.platform == "win32", reason="modes are those of POSIX")
def test_the_file_is_for_its_owner_alone_and_a_link_stays_one(tmp_path):
    put(tmp_path / ".env", "KEY", "x")
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    (tmp_path / ".env").chmod(0o644)
    (tmp_path / "link").symlink_to(".env")
    put(tmp_path / "link", "KEY", "y")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / ".env").read_text() == "KEY=y\n"
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert sorted(os.listdir(tmp_path)) == [".env", "link"]
