import json
from datetime import datetime

import numpy as np

from graphs.engine.dead_letters import DeadLetters
from graphs.engine.redact import Redactor
from schemas.chat import ChatMessage, Donation
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
