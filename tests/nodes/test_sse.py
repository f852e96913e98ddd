import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.sse import Field, Fields, TooLong

STREAM = (
    "\ufeff: a comment\r\n"
    "event: x\rdata:one\n\n"
    "data: two\u2028\u0085\x0b\x0cstill two\r\n\r\n"
    "data\n: ping\n\n"
    "error: {}\n"
    "data:  blank in front"
).encode()
READ: list[Field] = [
    ("event", "x"),
    ("data", "one"),
    ("", ""),
    ("data", "two\u2028\u0085\x0b\x0cstill two"),
    ("", ""),
    ("data", ""),
    ("", ""),
    ("error", "{}"),
    ("data", " blank in front"),
]


def read(*parts: bytes) -> list[Field]:
    fields = Fields(1000)
    return [field for part in parts for field in fields.push(part)] + fields.end()


@given(st.lists(st.integers(1, 30), max_size=40))
def test_only_cr_lf_and_crlf_end_a_line_however_the_bytes_are_cut(sizes: list[int]) -> None:
    parts, left = list[bytes](), STREAM
    for size in sizes:
        parts, left = [*parts, left[:size]], left[size:]
    assert read(*parts, left) == READ


@pytest.mark.parametrize("data", [b"x" * 1001, b"x" * 1001 + b"\n"])
def test_a_line_without_end_is_refused(data: bytes) -> None:
    with pytest.raises(TooLong):
        read(data)
    assert read(b"x" * 1000) == [("x" * 1000, "")]


def test_bytes_that_are_no_text_are_signs_for_it() -> None:
    assert read(b"data: \xff\xec\x95\n") == [("data", "\ufffd\ufffd")]
