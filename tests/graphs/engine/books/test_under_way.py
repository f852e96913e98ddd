"""What a run died on is counted in the journal, whatever became of the journal since."""

import json
import os
import shutil

import pytest

from graphs.engine.books import under_way as module
from graphs.engine.books.journal_folder import inherit
from graphs.engine.books.ledger import Verdict
from graphs.engine.books.under_way import Died, UnderWay, counted, died, read, without_text
from schemas.chat import Donation, Withdrawn
from tests.graphs.engine.books.test_journal import ANSWERED, gift, lines, session


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history" / "journal" / "show.jsonl"


def crash(path, story):
    """A run that dies after ``story``: what is in its folder then is all that the next one finds."""
    left = path.parent.parent / "left"

    async def until_it_dies(journal):
        story(journal)
        shutil.copytree(path.parent, left)

    found, said = session(path, until_it_dies)
    shutil.rmtree(path.parent)
    left.rename(path.parent)
    return [event for _, event in found], said


def answers(*names):
    return lambda journal: journal.begun(names)


def waits(journal, *names):
    for name in names:
        journal.received("parse", gift(name, text=name))
        journal.rests(name)


def deaths(path):
    return {line["event"]["id"]: (line.get("deaths"), line.get("heard")) for line in lines(path)}


def test_a_run_dies_on_what_it_answers_and_on_nothing_that_waits_or_is_done(path):
    def story(journal):
        waits(journal, "done", "turn", "waiting")
        journal.begun(["done", "turn", "chat"])
        journal.judged("done", ANSWERED)
        journal.received("parse", gift("arriving"))

    crash(path, story)
    session(path)
    assert deaths(path) == {"turn": (1, 0), "waiting": (None, None), "arriving": (1, 0)}


@pytest.mark.parametrize("end", ["stop", "close"])
def test_nothing_is_counted_when_a_run_ends_by_itself_in_the_middle_of_a_turn(path, end):
    async def story(journal):
        journal.received("parse", gift("turn"))
        if end == "stop":
            journal.stop()
            journal.begun(["turn"])
            journal.judged("turn", Verdict(1.0, reason="unanswered"))

    session(path, story)
    assert [event.id for _, event in session(path)[0]] == ["turn"]
    assert deaths(path) == {"turn": (None, None)}


def test_after_two_deaths_it_comes_without_its_text_and_after_four_it_is_kept_beside_and_refused(path):
    crash(path, lambda journal: journal.received("parse", gift("a", text="펑", emotes={"e": "https://x/y.png"})))
    texts = []
    for _ in range(3):
        found, _ = crash(path, answers("a"))
        texts += [(event.text, event.plain, dict(event.emotes)) for event in found]
    assert texts == [("펑", False, {"e": "https://x/y.png"}), ("", True, {}), ("", True, {})]

    async def fifth(journal):
        assert journal.given_up == [gift("a", text="펑", emotes={"e": "https://x/y.png"})]
        assert journal.refuses("a")
        assert not journal.refuses("b")

    assert session(path, fifth)[0] == []
    assert path.read_bytes() == b""
    assert [line["event"]["text"] for line in lines(path.with_name("show.aside.jsonl"))] == ["펑"]
    assert session(path)[0] == []


def test_what_was_thanked_for_without_its_text_is_not_taken_in_again_and_its_text_is_kept(path):
    crash(path, lambda journal: journal.received("parse", gift("a", text="펑")))
    crash(path, answers("a"))

    async def third(journal):
        journal.judged("a", ANSWERED)

    session(path, third)

    async def fourth(journal):
        assert journal.refuses("a")

    assert session(path, fourth)[0] == []
    assert [line["event"]["text"] for line in lines(path.with_name("show.aside.jsonl"))] == ["펑"]


def test_thanks_of_which_something_was_heard_are_given_once_more(path):
    def heard(journal):
        journal.received("parse", gift("a"))
        journal.heard(["a", "chat"])

    crash(path, heard)
    assert len(crash(path, heard)[0]) == 1
    assert crash(path, heard)[0] == []
    assert "a" in path.with_name("show.aside.jsonl").read_text(encoding="utf-8")


def test_counts_outlive_the_writing_of_the_file_and_the_move_to_another_graph(path):
    crash(path, lambda journal: journal.received("parse", gift("a")))
    crash(path, answers("a"))
    other = path.with_name("other.jsonl")
    inherit(other, lambda _: True)
    session(other)
    assert deaths(other) == {"a": (2, 0)}
    assert path.read_bytes() == b""


def test_a_file_that_could_not_be_set_aside_leaves_the_event_in_the_journal(path):
    crash(path, lambda journal: journal.received("parse", gift("a")))
    crash(path, answers("a"))
    path.with_name("show.aside.jsonl").mkdir()
    found, said = session(path)
    assert found == []
    assert "show.aside.jsonl" in said[0]
    assert list(deaths(path)) == ["a"]


def test_what_is_withdrawn_leaves_the_file_beside_too_and_another_message_of_its_author_does_not(path):
    def two(journal):
        for number, name in enumerate("ab"):
            journal.received("parse", gift(name, author_id="u", sent_at=float(number)))

    crash(path, two)
    crash(path, answers("a", "b"))

    async def story(journal):
        journal.forget(Withdrawn(author_id="u", sent_at=1.0))
        await journal._keeping

    session(path, story)
    assert [line["event"]["id"] for line in lines(path.with_name("show.aside.jsonl"))] == ["a"]


def test_the_file_stays_small_however_long_something_is_under_way(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 200)
    journal = tmp_path / "show.jsonl"
    marks = UnderWay()
    marks.open(journal)
    marks.begun(["long"])
    marks.heard(["long"])
    for number in range(1000):
        marks.begun([str(number)])
        marks.rests(str(number))
    assert read(journal) == {"long": True}
    assert journal.with_suffix(".under-way").stat().st_size < 400
    marks.rests("long")
    assert journal.with_suffix(".under-way").read_bytes() == b""
    marks.close()


def test_a_disk_that_is_full_costs_the_count_only(tmp_path, monkeypatch):
    marks = UnderWay()
    marks.open(tmp_path / "show.jsonl")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "write", refuse)
        marks.begun(["a"])
    marks.begun(["b"])
    assert read(tmp_path / "show.jsonl") == {"b": False}
    marks.close()
    marks.open(tmp_path / "nowhere" / "show.jsonl")
    marks.begun(["c"])
    marks.close()


@pytest.mark.parametrize("text", [b"", b"\xff\n[]\n{", b'{"begun": "a"}\n{"rests": "a"}\n{"begun'])
def test_a_file_that_is_not_whole_is_read_as_far_as_it_is(tmp_path, text):
    (tmp_path / "show.under-way").write_bytes(text)
    assert read(tmp_path / "show.jsonl") == {}


@pytest.mark.parametrize(("deaths", "heard"), [(None, None), ("2", []), (2.5, None)])
def test_counts_of_another_kind_count_as_none(deaths, heard):
    assert died({"deaths": deaths, "heard": heard}) == Died(0, 0)


def test_what_a_run_did_not_die_on_can_be_forgotten_before_the_next_one_reads_it(path):
    crash(path, lambda journal: waits(journal, "a") or journal.begun(["a"]))
    assert read(path) == {"a": False}
    module.forget(path)
    module.forget(path.with_name("never.jsonl"))
    session(path)
    assert deaths(path) == {"a": (None, None)}


def test_a_line_that_was_not_under_way_stays_as_it_is():
    text = json.dumps({"event": {"id": "a"}, "later": 1}).encode() + b"\n"
    assert counted(text, json.loads(text), {"b": True}) == text
    assert json.loads(counted(text, json.loads(text), {"a": True})) == {
        "v": 1,
        "event": {"id": "a"},
        "later": 1,
        "deaths": 1,
        "heard": 1,
    }


def test_without_its_text_a_donation_keeps_who_gave_what():
    paid = Donation(id="a", author="하늘", author_id="u", amount=1000, text="펑", badges=("https://x",))
    assert without_text(paid) == Donation(id="a", author="하늘", author_id="u", amount=1000, plain=True)
