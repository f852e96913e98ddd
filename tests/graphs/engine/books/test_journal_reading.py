import json
from pathlib import Path

from graphs.engine.books.journal_lines import OnAir
from graphs.engine.books.journal_reading import found_in

JOURNAL = Path("show.jsonl")


def line(name, **fields):
    event = {"id": name, "author": "하늘", "author_id": f"u-{name}", "amount": 1000, "text": "안녕"}
    return json.dumps({"v": 1, "node": "parse", "type": "Donation", "event": event, **fields}).encode() + b"\n"


def test_what_waits_is_found_with_its_source_and_what_is_done_only_with_its_author():
    text = line("a") + line("b") + line("c", graph="other") + b'{"v": 1, "done": "b"}\n'
    found = found_in(text, "show", OnAir("show"), {})
    assert [(source, event.id) for source, event in found.events.values()] == [("parse", "a")]
    assert found.elsewhere == {"c": "other"}
    assert list(found.waiting) == ["a", "c"]
    assert found.authors == {"a": "u-a", "b": "u-b", "c": "u-c"}
    assert list(found.told(JOURNAL, JOURNAL)) == ["show.jsonl: 1개는 그 채팅을 받는 그래프를 켤 때까지 기다려요: other"]


def test_what_cannot_be_read_is_kept_and_told():
    found = found_in(b"[1]\n" + line("a"), "show", OnAir("show"), {})
    assert found.unread == [b"[1]\n"]
    assert "1번째 줄: JSON 객체가 아니에요" in next(found.told(JOURNAL, Path("show.unread.jsonl")))


def test_what_runs_died_on_comes_without_its_text_and_in_the_end_not_at_all():
    text = line("once") + line("twice", deaths=1) + line("often", deaths=3)
    found = found_in(text, "show", OnAir("show"), dict.fromkeys(("once", "twice", "often"), False))
    assert found.lethal() == ["twice", "often"]
    given_up = found.softened(found.lethal())
    assert [(event.id, event.text) for event in given_up] == [("often", "안녕")]
    assert {name: event.text for name, (_, event) in found.events.items()} == {"once": "안녕", "twice": ""}
    assert list(found.waiting) == ["once", "twice"]
