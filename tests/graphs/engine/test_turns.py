import numpy as np

from graphs.engine import turns as module
from graphs.engine.ledger import Ledger
from graphs.engine.turns import Turns
from schemas.chat import ChatBatch, ChatMessage
from schemas.playback import Heard, Speaking
from schemas.reply import ReplyChunk, Sentence
from schemas.speech import SpeechChunk


class Show:
    def __init__(self):
        self.time = 0.0
        self.ledger = Ledger(self.now)
        self.turns = Turns(self.now, self.ledger)

    def now(self):
        return self.time

    def at(self, time, event):
        self.time = time
        self.turns.observers()[type(event)](event)


def batch(turn, *names):
    events = tuple(ChatMessage(id=name, author="x") for name in names)
    return ChatBatch(turn=turn, lane="chat", events=events)


def test_each_mark_is_the_first_event_of_its_kind():
    show = Show()
    show.ledger.received(ChatMessage(id="a", author="x"))
    sound = SpeechChunk(turn="t", sentence=0, samples=np.zeros(1, np.float32), rate=24_000)
    for time, event in enumerate(
        [
            batch("t", "a"),
            ReplyChunk(turn="t", text="안녕", emotion="happy", rung="canned"),
            ReplyChunk(turn="t", text="하세요."),
            Sentence(turn="t", index=0, text="안녕하세요.", spoken="안녕하세요.", emotion="happy"),
            Speaking(turn="t", speaking=True),
            sound,
            sound,
            Heard(turn="t", sentence=0, text="안녕하세요.", fraction=0.0),
            Heard(turn="t", sentence=0, text="안녕하세요.", fraction=1.0, ended=True),
            Speaking(turn="t", speaking=False),
        ],
        start=1,
    ):
        show.at(float(time), event)
    report = show.turns.turns["t"].report()
    assert report["marks"] == {
        "received": 0.0,
        "batched": 1.0,
        "first_token": 2.0,
        "first_sentence": 4.0,
        "first_pcm": 6.0,
        "first_sound": 8.0,
        "ended": 10.0,
    }
    assert (report["text"], report["emotion"], report["rung"]) == ("안녕하세요.", "happy", "canned")
    assert show.ledger.counts()["answered"] == 1


def test_a_turn_that_nobody_heard_leaves_its_messages_unanswered():
    show = Show()
    show.ledger.received(ChatMessage(id="a", author="x"))
    show.at(1.0, batch("t", "a"))
    show.at(2.0, Speaking(turn="t", speaking=False))
    assert show.ledger.counts()["dropped"] == {"unanswered": 1}


def test_events_of_an_unknown_turn_are_passed_over():
    show = Show()
    show.at(1.0, ReplyChunk(turn="nobody", text="x"))
    show.at(1.0, Speaking(turn="nobody", speaking=False))
    assert not show.turns.turns


def test_old_turns_are_forgotten():
    show = Show()
    for number in range(1100):
        show.at(1.0, batch(f"t{number}", "a"))
    assert len(show.turns.turns) == 1000


def test_a_batch_that_is_handed_on_opens_no_second_turn():
    show = Show()
    show.at(1.0, batch("t", "a"))
    show.at(2.0, ReplyChunk(turn="t", text="안녕"))
    show.at(3.0, batch("t", "a"))
    assert show.turns.turns["t"].marks["batched"] == 1.0
    assert show.turns.turns["t"].marks["first_token"] == 2.0


def test_the_end_of_a_turn_is_told_once_before_its_viewers_have_their_verdicts():
    show = Show()
    told = []
    show.turns.ended = lambda turn: told.append((turn.id, show.ledger.verdict("a")))
    show.ledger.received(ChatMessage(id="a", author="x"))
    show.at(1.0, batch("t", "a"))
    for at in (2.0, 3.0):
        show.at(at, Speaking(turn="t", speaking=False))
    show.at(4.0, Speaking(turn="unknown", speaking=False))
    assert told == [("t", None)]


def test_where_no_voice_speaks_the_last_sentence_is_the_answer():
    show = Show()
    show.turns.voiceless = lambda: True
    show.ledger.received(ChatMessage(id="a", author="x"))
    show.at(1.0, batch("t", "a"))
    show.at(2.0, Sentence(turn="t", index=0, text="안녕", spoken="안녕", emotion="happy"))
    assert show.ledger.verdict("a") is None
    show.at(3.0, Sentence(turn="t", index=1, text="하세요", spoken="하세요", emotion="happy", last=True))
    assert show.ledger.verdict("a").turn == "t"
    assert show.turns.turns["t"].marks["ended"] == 3.0


def test_what_comes_before_its_batch_counts_once_the_batch_is_there():
    show = Show()
    show.at(1.0, ReplyChunk(turn="t", text="안녕", emotion="happy"))
    assert show.turns.turns == {}
    show.at(2.0, batch("t", "a"))
    turn = show.turns.turns["t"]
    assert (turn.text, turn.emotion) == ("안녕", "happy")


def test_of_turns_that_never_get_a_batch_only_the_latest_are_remembered(monkeypatch):
    monkeypatch.setattr(module, "_EARLY", (2, 1))
    show = Show()
    for turn in "abc":
        for _ in range(3):
            show.at(1.0, ReplyChunk(turn=turn, text=turn))
    for turn in "abc":
        show.at(2.0, batch(turn, turn))
    assert [show.turns.turns[turn].text for turn in "abc"] == ["", "b", "c"]


def test_at_a_place_of_a_larger_graph_a_turn_that_nobody_heard_yet_is_judged_a_while_later():
    show = Show()
    waiting = []
    show.turns.later = waiting.append
    show.ledger.received(ChatMessage(id="a", author="x"))
    show.at(1.0, batch("t", "a"))
    show.at(2.0, Speaking(turn="t", speaking=False))
    assert show.ledger.verdict("a") is None
    show.at(2.1, Heard(turn="t", sentence=0, text="안녕", fraction=1.0, ended=True))
    [close] = waiting
    close()
    assert show.ledger.verdict("a").turn == "t"


def test_the_end_of_a_turn_that_nobody_knows_changes_nothing():
    show = Show()
    show.ledger.received(ChatMessage(id="a", author="x"))
    show.turns.ended = lambda turn: 1 / 0
    show.turns.end("unknown")
    assert show.turns.turns == {}
    assert show.ledger.verdict("a") is None


def test_what_overtakes_its_batch_on_the_way_from_another_place_waits_for_it():
    show = Show()
    show.ledger.received(ChatMessage(id="a", author="x"))
    show.at(1.0, ReplyChunk(turn="t", text="안녕", emotion="happy", rung="canned"))
    show.at(2.0, Heard(turn="t", sentence=0, text="안녕", fraction=1.0))
    show.at(3.0, Speaking(turn="t", speaking=False))
    show.at(4.0, batch("t", "a"))
    turn = show.turns.turns["t"]
    assert (turn.text, turn.emotion, turn.shown) == ("안녕", "happy", True)
    assert show.ledger.answered_count == 1


def test_of_turns_that_never_get_a_batch_few_are_held():
    show = Show()
    for number in range(100):
        for _ in range(100):
            show.at(1.0, ReplyChunk(turn=f"t{number}", text="가"))
    assert len(show.turns._early) == module._EARLY[0]
    assert all(len(events) == module._EARLY[1] for events in show.turns._early.values())


def test_where_the_voice_may_be_elsewhere_an_end_waits_for_what_was_heard_there():
    show = Show()
    later = []
    show.turns.later = later.append
    for name in ("a", "b"):
        show.ledger.received(ChatMessage(id=name, author="x"))
        show.at(1.0, batch(f"t-{name}", name))
        show.at(2.0, Speaking(turn=f"t-{name}", speaking=False))
    show.at(2.1, Heard(turn="t-a", sentence=0, text="안녕", fraction=1.0))
    assert show.ledger.waiting_count == 2
    for close in later:
        close()
    assert show.ledger.answered_count == 1
    assert show.ledger.dropped == {"unanswered": 1}
