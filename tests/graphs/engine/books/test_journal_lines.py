import pytest

from graphs.engine.books.journal_lines import OnAir, adapter, event_of, line, origin, record
from schemas.chat import Donation

NET, BOTH = frozenset({"net"}), frozenset({"net", "typed"})


@pytest.mark.parametrize(
    ("mine", "left", "takes"),
    [
        (OnAir("a"), OnAir("a"), True),
        (OnAir("a", NET), OnAir("a", BOTH), True),
        (OnAir("a", BOTH), OnAir("b", NET), True),
        (OnAir("a", NET), OnAir("b", BOTH), False),
        (OnAir("a", NET), OnAir("b"), False),
    ],
)
def test_a_graph_takes_what_came_by_its_sources_or_under_its_name(mine, left, takes):
    assert mine.takes(left) is takes


def test_a_line_is_read_as_it_was_written():
    fields = record(line(graph="live", sources=["net"], type="Donation", event={"id": "d", "author": "x", "amount": 1}))
    assert event_of(fields) == Donation(id="d", author="x", amount=1)
    assert origin(fields, "file") == OnAir("live", NET)


def test_the_channel_of_a_line_is_kept():
    gift = Donation(id="d", author="x", amount=1, channel_id="c1")
    fields = record(line(type="Donation", event=adapter(Donation).dump_python(gift, mode="json")))
    assert event_of(fields) == gift


@pytest.mark.parametrize("sources", [None, "net", {"net": 1}, [["net"], 3]])
def test_a_line_that_does_not_tell_its_graph_is_of_its_file(sources):
    assert origin({"sources": sources}, "file") == OnAir("file")


@pytest.mark.parametrize("text", [b"[]", b"?", b'{"type": "Hologram"}'])
def test_what_is_no_event_is_an_error(text):
    with pytest.raises(ValueError, match=r"JSON 객체|Expecting|unknown type"):
        event_of(record(text))
