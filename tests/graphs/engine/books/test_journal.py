import asyncio
import errno
import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.books import journal as module
from graphs.engine.books.at_work import NotedAtWork
from graphs.engine.books.journal import Journal
from graphs.engine.books.journal_lines import OnAir
from graphs.engine.books.ledger import Verdict
from graphs.engine.books.under_way import UnderWay, read
from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.check import check
from graphs.engine.log.engine_log import EngineLog
from nodes import load_all
from nodes.file_name import unfit
from schemas.chat import Donation, Subscription, Withdrawn
from tests.graphs.engine.stage import REGISTRY, SEEN, graph_of
from tests.harness import on_virtual_time

ANSWERED = Verdict(1.0, turn="t-1")
GIFTS = {"a": ("chat.count", {"count": 6, "gift_every": 2}), "b": "chat.pass", "c": "page.see"}
WIRES = ("a -> b", "b -> c")


def gift(name, **fields):
    return Donation(id=name, author="하늘", amount=1000, **fields)


def session(path, story=None, **options):
    """Open a journal, let ``story`` write to it, close it; gives (what it found, what it said)."""
    said, found = [], []

    async def main():
        journal = Journal(path, said.append, **options)
        found.extend(journal.open())
        if story is not None:
            await story(journal)
        await journal.close()

    on_virtual_time(main())
    return found, said


def writing(*events, done=(), node="parse"):
    async def story(journal):
        for event in events:
            journal.received(node, event)
        for name in done:
            journal.judged(name, ANSWERED)

    return story


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history" / "journal" / "show.jsonl"


def lines(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


class Disk:
    """``os.write`` of a disk that is full while ``full``, after ``room`` more bytes."""

    def __init__(self, monkeypatch):
        self.full = False
        self.room = 0
        self.write = os.write
        monkeypatch.setattr(module.os, "write", self)

    def __call__(self, fd, data):
        if not self.full:
            return self.write(fd, data)
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        data, self.room = data[: self.room], 0
        return self.write(fd, data)


def test_what_has_no_verdict_is_found_by_the_next_run_with_its_source(path):
    paid = gift("d1", text="고마워요 😀", emotes={"a": "https://x/y.png"}, badges=("https://x/z.png",), sent_at=2.5)
    subscribed = Subscription(id="s1", author="별", months=3, tier_name="첫")
    session(path, writing(paid, subscribed, gift("d2"), done=["d2"]))
    assert session(path) == ([("parse", paid), ("parse", subscribed)], [])


def test_it_is_on_disk_when_received_returns(path):
    async def story(journal):
        journal.received("parse", gift("d1"))
        assert [line["event"]["id"] for line in lines(path)] == ["d1"]
        journal.judged("d1", ANSWERED)
        assert lines(path)[1] == {"v": 1, "done": "d1"}

    session(path, story)


def test_it_is_brought_to_the_disk_in_a_thread_soon_after(path, monkeypatch):
    synced = []
    monkeypatch.setattr(module.os, "fsync", synced.append)

    async def story(journal):
        synced.clear()
        journal.received("parse", gift("d1"))
        journal.received("parse", gift("d2"))
        assert not synced
        await journal._keeping
        assert len(synced) == 1

    session(path, story)


def test_what_a_later_run_finds_is_written_once_and_can_be_done_there(path):
    session(path, writing(gift("d1")))
    found, _ = session(path, writing(gift("d1")))
    assert len(found) == len(lines(path)) == 1
    session(path, writing(done=["d1"]))
    assert session(path) == ([], [])


def test_a_verdict_of_what_was_not_paid_writes_nothing(path):
    session(path, writing(done=["chat"]))
    assert path.read_bytes() == b""


def test_times_of_the_earlier_run_are_not_taken_for_times_of_this_one(path):
    session(path, writing(gift("d1", received_at=500.0)))
    assert session(path)[0] == [("parse", gift("d1"))]


def test_what_the_end_of_the_run_cut_off_is_left_for_the_next_one(path):
    async def story(journal):
        for name in "abc":
            journal.received("parse", gift(name))
        journal.judged("a", Verdict(1.0, reason="unaccounted"))
        journal.stopping = True
        journal.judged("b", Verdict(1.0, reason="unanswered"))
        journal.judged("c", ANSWERED)

    session(path, story)
    assert [event.id for _, event in session(path)[0]] == ["a", "b"]


def test_a_dropped_event_is_done(path):
    async def story(journal):
        journal.received("parse", gift("a"))
        journal.judged("a", Verdict(1.0, reason="banned_word"))

    session(path, story)
    assert session(path) == ([], [])


def test_a_torn_last_line_is_set_aside_and_told(path):
    session(path, writing(gift("d1"), gift("d2")))
    path.write_bytes(path.read_bytes()[:-20])
    found, said = session(path)
    assert [event.id for _, event in found] == ["d1"]
    assert len(said) == 1
    assert "2번째 줄" in said[0]
    aside = path.with_name("show.unread.jsonl").read_bytes()
    assert b'"d2"' in aside
    assert session(path)[1] == []
    assert path.with_name("show.unread.jsonl").read_bytes() == aside


@pytest.mark.parametrize(
    "line",
    [
        b'{"v": 9, "type": "Hologram", "event": {"id": "x"}}',
        b'{"v": 1, "type": "Donation", "event": {"id": "x"}}',
        b'{"v": 1, "type": "Donation"}',
        b'{"v": 1, "type": "Donation", "event": {"id": "x", "author": "\\ud800", "amount": 1}}',
        b'{"v": 1, "type": "Donation", "event": {"id": "x", "author": "a", "amount": 1, "sent_at": NaN}}',
        b'{"v": 1, "type": ["Donation"], "event": null}',
        b"[1, 2]",
        b"\xff\xfe",
        b"[" * 100_000,
        b"\0" * 512,
    ],
)
def test_a_line_of_no_known_form_is_set_aside_and_the_others_are_read(path, line):
    session(path, writing(gift("d1")))
    path.write_bytes(line + b"\n" + path.read_bytes())
    found, said = session(path)
    assert [event.id for _, event in found] == ["d1"]
    assert len(said) == 1
    assert path.with_name("show.unread.jsonl").read_bytes() == line + b"\n"


def test_of_many_lines_that_cannot_be_read_a_few_are_told(path):
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"v": 1, "type": "x" * 5000, "event": {}}) + "\n" + "no JSON\n" * 5000, encoding="utf-8")
    found, said = session(path)
    assert found == []
    assert len(said) == 1
    assert len(said[0]) < 1000
    assert said[0].endswith(". 그 밖에 4996개")


def test_of_five_lines_that_cannot_be_read_all_are_told(path):
    path.parent.mkdir(parents=True)
    path.write_text("no JSON\n" * 5, encoding="utf-8")
    (said,) = session(path)[1]
    assert said.count("Expecting value") == 5
    assert "more" not in said


def test_what_cannot_be_set_aside_stays_where_it_is(path):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"what?\n")
    path.with_name("show.unread.jsonl").mkdir()
    _, said = session(path)
    assert len(said) == 2
    assert path.read_bytes() == b"what?\n"


def test_fields_of_a_later_version_are_passed_over(path):
    session(path, writing(gift("d1")))
    record = lines(path)[0]
    record["colour"] = record["event"]["colour"] = "red"
    del record["node"]
    path.write_text(json.dumps(record), encoding="utf-8")
    assert session(path) == ([("", gift("d1"))], [])


def test_the_file_is_written_anew_at_the_start(path):
    session(path, writing(*map(gift, "abc"), done="ac"))
    assert len(lines(path)) == 5
    session(path)
    assert [line["event"]["id"] for line in lines(path)] == ["b"]


def test_the_file_does_not_grow_without_bound_and_nothing_is_lost_when_it_is_written_anew(path):
    sizes = []

    async def story(journal):
        for number in range(200):
            journal.received("parse", gift(f"d{number}"))
            if number % 10:
                journal.judged(f"d{number}", ANSWERED)
            if number % 5 == 0:
                await asyncio.sleep(0.01)
            sizes.append(path.stat().st_size)

    session(path, story, largest=4000)
    assert max(sizes) < 20_000
    assert [event.id for _, event in session(path)[0]] == [f"d{number}" for number in range(0, 200, 10)]


def test_a_file_of_many_that_wait_is_not_written_anew_for_each_line(path):
    written = []

    async def story(journal):
        rewrite = journal._rewrite
        journal._rewrite = lambda lines: (written.append(len(lines)), rewrite(lines))
        for number in range(100):
            journal.received("parse", gift(f"d{number}"))
            await journal._keeping

    session(path, story, largest=1000)
    assert len(lines(path)) == 100
    assert 2 <= len(written) <= 7  # each time it is twice as large


def test_a_line_that_comes_while_the_file_is_written_anew_is_in_the_new_file(path):
    async def story(journal):
        journal.received("parse", gift("d1"))
        await asyncio.sleep(0)
        assert journal._behind == []
        journal.received("parse", gift("d2"))
        journal.judged("d1", ANSWERED)

    session(path, story, largest=10)
    assert [event.id for _, event in session(path)[0]] == ["d2"]


def test_a_line_that_comes_while_the_new_file_is_being_written_is_in_it_too(path):
    came = threading.Event()

    async def story(journal):
        loop, rewrite = asyncio.get_running_loop(), journal._rewrite

        def meanwhile():
            journal._rewrite = rewrite
            journal.received("parse", gift("d2"))
            journal.judged("d1", ANSWERED)
            came.set()

        def slow(lines):
            loop.call_soon_threadsafe(meanwhile)
            assert came.wait(10)
            rewrite(lines)

        journal._rewrite = slow
        journal.received("parse", gift("d1"))
        while not came.is_set():
            await asyncio.sleep(0)

    session(path, story, largest=10)
    assert [event.id for _, event in session(path)[0]] == ["d2"]


@pytest.mark.parametrize("room", [0, 1, 40])
def test_a_full_disk_is_told_once_and_writing_goes_on_by_itself(path, monkeypatch, room):
    disk = Disk(monkeypatch)

    async def story(journal):
        journal.received("parse", gift("d1"))
        await asyncio.sleep(1.0)
        disk.full, disk.room = True, room
        for name in ("d2", "d3"):
            journal.received("parse", gift(name))
        await asyncio.sleep(12.0)
        journal.judged("d2", ANSWERED)
        disk.full = False
        await asyncio.sleep(6.0)
        assert [line["event"]["id"] for line in lines(path)] == ["d1", "d3"]
        journal.received("parse", gift("d4"))

    _, said = session(path, story)
    assert len(said) == 2
    assert "디스크가 가득 찼어요" in said[0]
    assert "written again" in said[1]
    assert [event.id for _, event in session(path)[0]] == ["d1", "d3", "d4"]


def test_a_disk_that_is_full_from_the_start_to_the_end_stops_nothing(path, monkeypatch):
    Disk(monkeypatch).full = True
    _, said = session(path, writing(gift("d1"), done=["d1"]))
    assert len(said) == 1


def test_a_folder_that_cannot_be_made_stops_nothing(path):
    path.parent.parent.write_text("a file")
    found, said = session(path, writing(gift("d1"), done=["d1"]))
    assert found == []
    assert len(said) == 1


def test_a_journal_that_cannot_be_read_stays_for_a_later_run_and_this_one_writes_beside_it(path, monkeypatch):
    session(path, writing(gift("d1")))
    unreadable = {path}
    read_bytes = Path.read_bytes

    def refuse(file):
        if file in unreadable:
            raise PermissionError(13, "in use", str(file))
        return read_bytes(file)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    before = path.stat().st_mtime_ns
    found, said = session(path, writing(gift("d2")))
    assert found == []
    assert "show-2.jsonl" in said[0]
    assert path.stat().st_mtime_ns == before
    found, said = session(path, writing(gift("d3")))
    assert [event.id for _, event in found] == ["d2"], "what the run before wrote beside it is taken all the same"
    unreadable.clear()
    found, said = session(path)
    assert sorted(event.id for _, event in found) == ["d1", "d2", "d3"]
    assert said == []


def test_a_journal_that_becomes_unreadable_while_it_is_opened_is_not_written_over(path, monkeypatch):
    session(path, writing(gift("d1")))
    reads = []
    read_bytes = Path.read_bytes

    def once(file):
        reads.append(file)
        if len(reads) == 2:
            raise PermissionError(13, "in use", str(file))
        return read_bytes(file)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", once)
        found, said = session(path, writing(gift("d2")))
    assert found == []
    assert "꺼지면 남지 않아요" in said[0]
    assert [event.id for _, event in session(path)[0]] == ["d1"]


def test_an_event_that_json_cannot_hold_is_told_and_the_show_goes_on(path):
    _, said = session(path, writing(gift("d1", emotes={object(): "x"}), gift("d2")))
    assert "d1" in said[0]
    assert [event.id for _, event in session(path)[0]] == ["d2"]


def from_(author, name, at):
    return gift(name, author_id=author, sent_at=at, text=f"말 {name}")


def forgetting(withdrawn, *events, done=(), after=()):
    async def story(journal):
        await writing(*events, done=done)(journal)
        journal.forget(withdrawn)
        await writing(*after)(journal)

    return story


def test_a_withdrawn_donation_leaves_the_file_and_no_later_run_answers_it(path):
    hidden = Withdrawn(author_id="u1", sent_at=1.0)
    given_ = from_("u1", "d1", 1.0), from_("u1", "d2", 2.0), from_("u2", "d3", 1.0)
    _, said = session(path, forgetting(hidden, *given_))
    assert "\\ub9d0 d1" not in path.read_text()
    assert "\\ub9d0 d2" in path.read_text()
    assert [event.id for _, event in session(path)[0]] == ["d2", "d3"]
    assert said == []


def test_one_that_was_answered_before_it_was_withdrawn_leaves_the_file_too(path):
    events = from_("u1", "d1", 1.0), from_("u2", "d2", 1.0)
    session(path, forgetting(Withdrawn(author_id="u1"), *events, done=["d1"]))
    text = path.read_text()
    assert "d1" not in text
    assert "u1" not in text
    assert "d2" in text


def test_what_comes_after_a_withdrawal_is_kept(path):
    session(
        path,
        forgetting(Withdrawn(author_id="u1", received_at=0.0), from_("u1", "d1", 1.0), after=[from_("u1", "d2", 2.0)]),
    )
    assert [event.id for _, event in session(path)[0]] == ["d2"]


def test_one_that_is_withdrawn_while_the_file_is_written_anew_leaves_it(path):
    async def story(journal):
        journal.received("parse", from_("u1", "d1", 1.0))
        journal.forget(Withdrawn(author_id="u1", sent_at=1.0))
        await asyncio.sleep(0)
        journal.received("parse", from_("u2", "d2", 2.0))
        await asyncio.sleep(0)
        journal.forget(Withdrawn(author_id="u2"))

    session(path, story)
    assert path.read_bytes() == b""


def test_what_an_earlier_run_left_can_be_withdrawn(path):
    session(path, writing(from_("u1", "d1", 1.0)))
    session(path, forgetting(Withdrawn(author_id="u1", sent_at=1.0)))
    assert path.read_bytes() == b""


def test_once_the_file_was_written_anew_what_still_waits_in_it_can_be_withdrawn(path):
    async def story(journal):
        journal.received("parse", from_("u1", "d1", 1.0))
        journal.received("parse", from_("u2", "d2", 1.0))
        journal.judged("d2", ANSWERED)
        await journal._keeping
        assert "d2" not in path.read_text()
        before = path.stat().st_ino
        journal.forget(Withdrawn(author_id="u2"))  # nothing of this author is left in the file
        await asyncio.sleep(0.1)
        assert path.stat().st_ino == before
        journal.forget(Withdrawn(author_id="u1", sent_at=1.0))

    session(path, story, largest=10)
    assert path.read_bytes() == b""


def test_a_withdrawal_of_someone_else_writes_nothing(path, monkeypatch):
    async def story(journal):
        journal.received("parse", from_("u1", "d1", 1.0))
        await asyncio.sleep(0)
        monkeypatch.setattr(journal, "_rewrite", None)
        journal.forget(Withdrawn(author_id="nobody"))

    assert session(path, story)[1] == []


def test_lines_that_could_not_be_read_are_forgotten_by_their_author(path):
    path.parent.mkdir(parents=True)
    path.write_text('{"half": "u1\n{"half": "u2\n')
    session(path)
    aside = path.with_suffix(".unread.jsonl")
    assert aside.read_text().count("half") == 2
    session(path, forgetting(Withdrawn(author_id="")))
    assert aside.read_text().count("half") == 2, "the anonymous are everyone"
    session(path, forgetting(Withdrawn(author_id="u1")))
    assert aside.read_text() == '{"half": "u2\n'


def test_the_files_of_a_graph_with_the_longest_name_have_room_for_their_endings(tmp_path):
    path = tmp_path / f"{'가' * 79}aa-99.jsonl"
    assert not unfit("가" * 79 + "aa")
    assert unfit("가" * 79 + "aaa")
    path.write_text('{"half": "u1\n{"half": "u2\n')
    session(path, writing(gift("d1")))
    assert [event.id for _, event in session(path)[0]] == ["d1"]
    session(path, forgetting(Withdrawn(author_id="u1")))
    assert path.with_suffix(".unread.jsonl").read_text() == '{"half": "u2\n'
    with NotedAtWork(path):
        under_way = UnderWay()
        under_way.open(path)
        under_way.begun(["d1"])
    assert read(path) == {"d1": False}
    under_way.close()


def test_of_several_authors_each_is_forgotten(path):
    path.parent.mkdir(parents=True)
    path.write_text('{"half": "u1\n{"half": "u2\n{"half": "u3\n')
    session(path)

    async def story(journal):
        journal.forget(Withdrawn(author_id="u1"))
        journal.forget(Withdrawn(author_id="u2"))

    session(path, story)
    assert path.with_suffix(".unread.jsonl").read_text() == '{"half": "u3\n'


@given(st.integers(0, 10_000), st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=12))
def test_wherever_the_file_is_cut_every_whole_line_counts(tmp_path_factory, cut, steps):
    path = tmp_path_factory.mktemp("cut") / "show.jsonl"

    async def story(journal):
        for name, done in steps:
            if done:
                journal.judged(name, ANSWERED)
            else:
                journal.received("parse", gift(name))

    session(path, story)
    text = path.read_bytes()
    text = text[: cut % (len(text) + 1)]
    expected = {}
    for line in text.split(b"\n"):
        if line and line.endswith(b"}") and line.count(b"{") == line.count(b"}"):
            record = json.loads(line)
            if "done" in record:
                expected.pop(record["done"], None)
            else:
                expected[record["event"]["id"]] = None
    path.write_bytes(text)
    assert [event.id for _, event in session(path)[0]] == list(expected)


def run(path, graph, story):
    SEEN.clear()

    async def main():
        journal = Journal(path, print)
        made.append(Runtime(graph, REGISTRY, root=path.parent, log=EngineLog(quiet=True), seed=1, journal=journal))
        await made[0].start()
        await story(made[0])
        await made[0].stop()

    made = []
    on_virtual_time(main())
    return made[0]


def waiting(path):
    ids = {}
    for line in lines(path):
        if "done" in line:
            ids.pop(line["done"], None)
        else:
            ids[line["event"]["id"]] = None
    return list(ids)


def test_a_run_puts_what_it_did_not_answer_back_into_the_next_run_before_its_sources_begin(path):
    run(path, graph_of(GIFTS, *WIRES), Runtime.idle)
    assert waiting(path) == ["0", "2", "4"]
    later = {**GIFTS, "a": ("chat.count", {"count": 2, "first": 10})}
    runtime = run(path, graph_of(later, *WIRES), Runtime.idle)
    assert SEEN["seen"] == ["0", "2", "4", "10", "11"]
    assert runtime.ledger.received_count == runtime.stations["a"].events_out == 5
    assert waiting(path) == ["0", "2", "4"]


def test_a_run_takes_what_was_withdrawn_out_of_journal_and_dead_letters(path):
    graph = {"a": ("chat.count", {"count": 0, "gift_every": 1}), "c": "page.see"}

    async def story(runtime):
        runtime.log._dead = Forgets()
        runtime.stations["a"].emit("out", from_("u1", "d1", 1.0))
        runtime.books._withdrawn(Withdrawn(author_id="u1", sent_at=1.0))
        await asyncio.sleep(0.1)
        assert runtime.log._dead.told == [Withdrawn(author_id="u1", sent_at=1.0)]

    run(path, graph_of(graph, "a -> c"), story)
    assert waiting(path) == []


WITHDRAWING = """
name: show
nodes:
  replay: {type: chat.replay, file: chat.jsonl}
  parse: {type: chat.parse, in: replay}
  batch: {type: chat.batch, in: parse, withdrawn: parse, quiet_s: 5, max_wait_s: 9}
"""


def test_through_a_whole_graph_a_withdrawn_donation_is_not_answered_and_leaves_the_journal(path, monkeypatch):
    path.parent.mkdir(parents=True)
    wire = {"payAmount": 1000, "donationText": "secret", "donatorNickname": "a", "donatorChannelId": "u1"}
    told = [
        ("DONATION", {**wire, "messageTime": 1000}),
        ("DONATION", {**wire, "donatorChannelId": "u2", "donationText": "kept", "messageTime": 1000}),
        ("BLIND", {"senderChannelId": "u1", "messageTime": 1000}),
    ]
    lines = [json.dumps({"t": at, "event": event, "payload": payload}) for at, (event, payload) in enumerate(told)]
    (path.parent / "chat.jsonl").write_text("\n".join(lines))

    async def main():
        graph = check(WITHDRAWING, "show.yaml", load_all(), {}, path.parent)
        journal = Journal(path, print)
        runtime = Runtime(graph, load_all(), root=path.parent, log=EngineLog(quiet=True), journal=journal)
        await runtime.start()
        await asyncio.sleep(3.0)
        assert runtime.ledger.counts()["dropped"] == {"withdrawn": 1}
        assert runtime.ledger.counts()["waiting"] == 1
        await runtime.stop()

    monkeypatch.chdir(path.parent)
    on_virtual_time(main())
    assert "secret" not in path.read_text()
    assert "kept" in path.read_text()


LIVE, SILENT, DEMO = OnAir("live", frozenset({"net"})), OnAir("silent", frozenset({"net"})), OnAir("demo", frozenset())


def started(folder, graph, *events, then=None, done=()):
    """A run that begins with ``graph`` and gets the events with ``then`` on air; gives (ids it found, what it said)."""
    said, found = [], []

    async def main():
        journal = Journal(folder / f"{graph.graph}.jsonl", said.append)
        journal.on_air = lambda: graph
        found.extend(event.id for _, event in journal.open())
        journal.on_air = lambda: then or graph
        await writing(*events, done=done)(journal)
        await journal.close()

    on_virtual_time(main())
    return found, said


@pytest.mark.parametrize("after", [LIVE, SILENT])
def test_after_a_switch_what_waits_comes_back_with_whichever_graph_is_started_and_once(tmp_path, after):
    started(tmp_path, LIVE, gift("a"), gift("b"), then=SILENT)
    assert started(tmp_path, after, done=["a"]) == (["a", "b"], [])
    other = SILENT if after is LIVE else LIVE
    assert started(tmp_path, other, done=["b"]) == (["b"], [])
    assert started(tmp_path, after) == started(tmp_path, other) == ([], [])


def test_what_came_in_on_air_of_a_rehearsal_waits_for_it_and_is_told(tmp_path):
    rehearsal = OnAir("demo", frozenset({"file"}))
    started(tmp_path, LIVE, gift("a"), then=rehearsal)
    for _ in range(2):
        found, said = started(tmp_path, LIVE)
        assert found == []
        assert said == [f"{tmp_path / 'live.jsonl'}: 1개는 그 채팅을 받는 그래프를 켤 때까지 기다려요: demo"]
    assert started(tmp_path, rehearsal, done=["a"]) == (["a"], [])
    assert started(tmp_path, LIVE) == ([], [])


def test_a_graph_takes_what_came_in_under_its_name_whatever_its_sources_are_now(tmp_path):
    started(tmp_path, LIVE, gift("a"))
    assert started(tmp_path, OnAir("live", frozenset({"other"}))) == (["a"], [])


def test_other_journals_that_cannot_be_read_are_told_and_the_own_is_read(tmp_path):
    started(tmp_path, LIVE, gift("a"))
    (tmp_path / "silent.jsonl").mkdir()
    found, said = started(tmp_path, LIVE)
    assert (found, len(said)) == (["a"], 1)
    assert "지금 대답하지 못해요" in said[0]


def test_a_running_graph_writes_down_what_it_is_and_another_of_its_sources_goes_on(path):
    run(path, graph_of(GIFTS, *WIRES), Runtime.idle)
    assert {line["graph"] for line in lines(path)} == {"sample"}
    later = replace(graph_of({"x": GIFTS["a"], "c": "page.see"}, "x -> c"), name="later")
    run(path.with_name("later.jsonl"), later, Runtime.idle)
    assert SEEN["seen"] == ["0", "2", "4", "1", "3", "5"]
    assert waiting(path) == []


class Forgets:
    def __init__(self):
        self.told = []

    def forget(self, withdrawn):
        self.told.append(withdrawn)


def test_what_the_source_delivers_again_is_answered_once(path):
    run(path, graph_of(GIFTS, *WIRES), Runtime.idle)
    runtime = run(path, graph_of(GIFTS, *WIRES), Runtime.idle)
    assert SEEN["seen"] == ["0", "2", "4", "1", "3", "5"]
    assert runtime.ledger.counts()["repeated"] == 3


def test_it_comes_out_of_another_source_when_its_own_is_gone(path):
    run(path, graph_of(GIFTS, *WIRES), Runtime.idle)
    renamed = {"other": ("chat.count", {"count": 0}), "c": "page.see"}
    run(path, graph_of(renamed, "other -> c"), Runtime.idle)
    assert SEEN["seen"] == ["0", "2", "4"]


def test_it_stays_on_disk_in_a_graph_without_any_source(path):
    run(path, graph_of(GIFTS, *WIRES), Runtime.idle)

    async def story(_):
        pass

    run(path, graph_of({}), story)
    assert waiting(path) == ["0", "2", "4"]


def test_a_turn_that_was_heard_and_a_failure_are_the_end_of_it(path):
    show = {
        "a": ("chat.count", {"count": 6, "gift_every": 2}),
        "b": ("chat.pass", {"bad": ("4",)}),
        "batch": "chat.single",
        "voice": "audio.say",
    }
    runtime = run(path, graph_of(show, "a -> b", "b -> batch", "batch -> voice"), Runtime.idle)
    assert runtime.ledger.counts()["dropped"] == {"failed": 1}
    assert waiting(path) == []


def test_an_id_of_an_earlier_run_that_is_done_is_new_in_this_one(path):
    show = {"a": ("chat.count", {"count": 2, "gift_every": 1}), "batch": "chat.single", "voice": "audio.say"}
    for _ in range(2):
        runtime = run(path, graph_of(show, "a -> batch", "batch -> voice"), Runtime.idle)
        assert runtime.ledger.answered_count == 2
