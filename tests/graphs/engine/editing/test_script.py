"""graphs/engine/editing/script.py: an edited file has the mark, the encoding and the line ends that it had."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.editing.script import Script
from schemas.graph import GraphError

LINES = st.lists(
    st.tuples(st.sampled_from(["", "a: 1", "# 한글", "b"]), st.sampled_from(["\n", "\r\n", "\r"])), max_size=8
)


def joined(lines):
    return "".join(f"{line}{end}" for line, end in lines).encode()


@given(LINES, st.sampled_from([b"", codecs.BOM_UTF8]))
def test_a_text_that_is_not_changed_gives_the_same_bytes(lines, mark):
    raw = mark + joined(lines)
    script = Script(raw, "x")
    assert script.bytes(script.text) == raw


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_that_is_added_ends_as_all_others_do(end, mark):
    script = Script(mark + f"a: 1{end}b: 2{end}".encode(), "x")
    assert script.text == "a: 1\nb: 2\n"
    assert script.bytes("a: 1\nc: 3\nb: 2\n") == mark + f"a: 1{end}c: 3{end}b: 2{end}".encode()


def test_lines_that_stay_keep_their_ends_where_these_are_mixed():
    script = Script(b"a\r\nb\nc\rd\n", "x")
    assert script.bytes("a\nnew\nb\nc\nd\n") == b"a\r\nnew\r\nb\nc\rd\n"
    assert script.bytes("a\nc\nd\n") == b"a\r\nc\rd\n"
    assert script.bytes("a\nB\nc\nd") == b"a\r\nB\nc\rd"
    assert script.bytes("new\na\nb\nc\nd\n") == b"new\na\r\nb\nc\rd\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "cp949"])
def test_other_encodings_stay(encoding):
    text = "# 가나다라마바사 한국어 설명\r\na: 1\r\n"
    raw = text.encode(encoding)
    script = Script(raw, "x")
    assert script.bytes(script.text) == raw
    new = script.bytes(script.text.replace("1", "2"))
    assert new == text.replace("1", "2").encode(encoding)
    big = codecs.BOM_UTF16_BE + text.encode("utf-16-be")
    assert Script(big, "x").bytes(script.text) == big


def test_what_the_encoding_cannot_hold_is_refused():
    script = Script("# 가나다라마바사 한국어 설명\na: 1\n".encode("cp949"), "x.yaml")
    with pytest.raises(
        GraphError, match=r"x.yaml:1:1: the file is saved as CP949, which cannot hold this text \(.*UTF-8"
    ):
        script.bytes(script.text + "# 😀\n")
    with pytest.raises(GraphError, match="CP949"):
        script.bytes("a: 1\n# ÀÖ 가\n")
    with pytest.raises(GraphError, match="cannot hold"):
        Script(b"a: 1\n", "x").bytes("a: \0")


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(GraphError, match="x:2:1: is not UTF-8 text"):
        Script(b"a: 1\nb: \xff\xfe\n", "x")
