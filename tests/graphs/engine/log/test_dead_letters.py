import json
from datetime import datetime
from pathlib import Path

import numpy as np

from graphs.engine.log.dead_letters import DeadLetters
from graphs.engine.log.redact import Redactor
from schemas.chat import ChatBatch, ChatMessage, Donation, RawPayload, Withdrawn
from schemas.speech import SpeechChunk


def letters(tmp_path, **more):
    told = []
    redact = Redactor()
    redact.hide(["very secret"])
    path = tmp_path / "history" / "dead_letters.jsonl"
    return path, DeadLetters(path, redact, told.append, **more), told


def read(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_letter_tells_node_error_event_and_time(tmp_path):
    path, dead, told = letters(tmp_path)
    dead.add("filter", "chat.filter", Donation(id="7", author="달", text="고마워", amount=1000), ValueError("bad"))
    (letter,) = read(path)
    assert (letter["node"], letter["node_type"], letter["error"]) == ("filter", "chat.filter", "ValueError: bad")
    assert (letter["event"]["type"], letter["event"]["id"], letter["event"]["text"]) == ("Donation", "7", "고마워")
    assert datetime.fromisoformat(letter["t"]).tzinfo is not None
    assert told == []


def test_secrets_stay_out_of_it(tmp_path):
    path, dead, _ = letters(tmp_path)
    dead.add("x", "x.y", ChatMessage(id="1", author="very secret"), ValueError("no very secret?auth=hello"))
    text = path.read_text("utf-8")
    assert "very secret" not in text
    assert "hello" not in text


def said(name, at, author="u1"):
    return ChatMessage(id=name, author="새벽고양이", author_id=author, text=f"말 {name}", sent_at=at)


def test_names_are_masked_if_wanted_and_the_error_never_quotes_a_viewer(tmp_path):
    path, dead, _ = letters(tmp_path, mask=True)
    dead.add("x", "x.y", said("a", 1.0), KeyError("말 a", "새벽고양이"))
    text = path.read_text("utf-8")
    assert "새벽고양이" not in text
    assert read(path)[0]["error"] == "KeyError: ('***', '새***')"
    assert read(path)[0]["event"]["text"] == "말 a"


def test_what_was_withdrawn_leaves_both_files_and_the_rest_stays(tmp_path):
    path, dead, told = letters(tmp_path, largest=1)
    batch = ChatBatch(turn="t", lane="chat", events=(said("other", 1.0, "u2"), said("in a batch", 1785003258.629)))
    raw = RawPayload(event="CHAT", payload='{"senderChannelId": "u1", "content": "원문"}')
    dead.add("x", "x.y", said("old", 1785003258.629), ValueError())
    path.replace(path.with_name("dead_letters.1.jsonl"))
    dead._largest = 10**6
    for event in (said("keep", 1785003258.63), batch, raw, said("b", 1785003258.629), said("c", None)):
        dead.add("x", "x.y", event, ValueError())
    with path.open("a") as file:
        file.write("no JSON u1\nno JSON u2\n")
    dead.forget(Withdrawn(author_id="u1", sent_at=1785003258.629))
    left = path.read_text("utf-8").splitlines()
    assert [json.loads(line)["event"]["id"] for line in left[:-1]] == ["keep", "c"]
    assert left[-1] == "no JSON u2"
    assert path.with_name("dead_letters.1.jsonl").read_bytes() == b""
    assert told == []
    dead.forget(Withdrawn(author_id="u1"))
    assert path.read_text("utf-8") == "no JSON u2\n"


def test_an_anonymous_donation_is_withdrawn_by_its_time_alone(tmp_path):
    path, dead, _ = letters(tmp_path)
    for at in (1.0, 2.0):
        dead.add("x", "x.y", Donation(id=str(at), author="익명", amount=1, sent_at=at), ValueError())
    dead.forget(Withdrawn(author_id=""))
    dead.forget(Withdrawn(author_id="", sent_at=2.0))
    assert [letter["event"]["id"] for letter in read(path)] == ["1.0"]


def test_a_time_that_is_no_time_does_not_keep_the_others_from_being_forgotten(tmp_path):
    path, dead, told = letters(tmp_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    odd = f'{{"event": {{"author_id": "u1", "sent_at": {10**400}}}}}\n'
    path.write_text(odd + '{"event": {"author_id": "u1", "sent_at": 2.0}}\n', "utf-8")
    dead.forget(Withdrawn(author_id="u1", sent_at=2.0))
    assert (path.read_text("utf-8"), told) == (odd, [])


def test_without_files_there_is_nothing_to_forget_and_a_disk_that_cannot_be_read_is_told_once(tmp_path):
    path, dead, told = letters(tmp_path)
    dead.forget(Withdrawn(author_id="u1"))
    assert told == []
    path.mkdir(parents=True)
    for _ in range(2):
        dead.forget(Withdrawn(author_id="u1"))
    assert len(told) == 1


def test_a_full_file_becomes_the_old_one(tmp_path):
    path, dead, _ = letters(tmp_path, largest=600)
    for number in range(9):
        dead.add("x", "x.y", ChatMessage(id=str(number), author="a"), ValueError())
    old = path.with_name("dead_letters.1.jsonl")
    assert [letter["event"]["id"] for letter in read(old) + read(path)][-1] == "8"
    assert path.stat().st_size + old.stat().st_size < 2000
    assert sorted(file.name for file in path.parent.iterdir()) == ["dead_letters.1.jsonl", "dead_letters.jsonl"]


def test_a_disk_that_cannot_be_written_is_told_once_and_never_raises(tmp_path):
    _, dead, told = letters(tmp_path)
    (tmp_path / "history").write_text("a file in the way")
    for _ in range(3):
        dead.add("x", "x.y", ChatMessage(id="1", author="a"), ValueError())
    assert len(told) == 1
    assert "dead_letters.jsonl cannot be written" in told[0]


def test_an_event_too_broken_to_describe_does_not_raise(tmp_path):
    path, dead, told = letters(tmp_path)
    dead.add("x", "x.y", SpeechChunk(turn="t", sentence=0, samples=np.zeros(1, np.float32), rate=0), ValueError())
    assert "ZeroDivisionError" in told[0]
    assert not path.exists()


def test_half_a_character_does_not_stop_it(tmp_path):
    path, dead, told = letters(tmp_path)
    dead.add("x", "x.y", ChatMessage(id="1", author="\ud800"), ValueError())
    assert (read(path)[0]["event"]["author"], told) == ("?", [])


def test_a_file_that_another_program_holds_takes_letters_all_the_same(tmp_path, monkeypatch):
    path, dead, told = letters(tmp_path, largest=1)

    def held(*_):
        raise PermissionError(13, "another program reads it")

    monkeypatch.setattr(Path, "replace", held)
    for name in "abc":
        dead.add("x", "x.y", said(name, 1.0), ValueError("bad"))
    assert [letter["event"]["id"] for letter in read(path)] == ["a", "b", "c"]
    assert told == []


def test_what_cannot_be_taken_out_leaves_no_second_copy_behind(tmp_path, monkeypatch):
    path, dead, told = letters(tmp_path)
    dead.add("x", "x.y", said("a", 1.0), ValueError("bad"))

    def held(*_):
        raise PermissionError(13, "another program reads it")

    monkeypatch.setattr(Path, "replace", held)
    dead.forget(Withdrawn(author_id="u1", sent_at=1.0))
    assert len(told) == 1
    assert list(path.parent.iterdir()) == [path]
