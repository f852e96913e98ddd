import numpy as np
import pytest

from graphs.engine.books import turns as module
from graphs.engine.books.ledger import Ledger
from graphs.engine.books.turns import Turns
from schemas.bus import Judged, TurnTold
from schemas.chat import ChatBatch, ChatMessage
from schemas.playback import Heard, Speaking, Stop
from schemas.reply import AIResponse, ReplyChunk, Sentence
from schemas.speech import SpeechChunk


class Show:
    def __init__(self):
        self.time = 0.0
        self.ledger = Ledger(self.now)
        self.turns = Turns(self.now, self.ledger)
        self.told = []
        """What the other places hear."""
        self.ledger.follow(self.told.append)

    def now(self):
        return self.time

    def at(self, time, event):
        self.time = time
        self.turns.observers()[type(event)](event)

    def from_elsewhere(self, time, event):
        self.time = time
        if isinstance(event, TurnTold):
            self.turns.told(event)
        elif take := self.turns.far_observers().get(type(event)):
            take(event)


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


def test_how_sure_the_model_is_and_how_long_it_took_is_reported_and_nothing_where_no_model_answered():
    show = Show()
    show.at(1.0, batch("t", "a"))
    show.at(2.0, AIResponse(turn="t", response="안녕.", emotion="happy", confidence=0.8, processing_time=1.23456))
    show.at(3.0, batch("canned", "b"))
    reports = [show.turns.turns[name].report() for name in ("t", "canned")]
    assert [(one["confidence"], one["processing_time"]) for one in reports] == [(0.8, 1.2346), (None, None)]


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
    show.turns.ended.add(lambda turn: told.append((turn.id, show.ledger.verdict("a"))))
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


def told(turn, *batch, **fields):
    return TurnTold(id=f"{turn} x", turn=turn, batch=batch, **fields)


def test_what_comes_before_its_batch_counts():
    show = Show()
    show.ledger.received(ChatMessage(id="a", author="x"))
    show.from_elsewhere(1.0, ReplyChunk(turn="t", text="안녕", emotion="happy", rung="canned"))
    show.from_elsewhere(2.0, Heard(turn="t", sentence=0, text="안녕", fraction=1.0))
    show.from_elsewhere(3.0, told("t", over=True, shown=True))
    assert show.turns.turns == {}
    assert show.ledger.waiting_count == 1
    ended = []
    show.turns.ended.add(ended.append)
    show.from_elsewhere(4.0, batch("t", "a"))
    turn = show.turns.turns["t"]
    assert (turn.text, turn.emotion, turn.shown, turn.batch) == ("안녕", "happy", True, ("a",))
    assert (turn.marks["first_token"], turn.marks["ended"]) == (1.0, 3.0)
    assert show.ledger.answered_count == 1
    assert ended == [turn]


def test_of_turns_that_never_get_a_batch_only_the_latest_are_remembered(monkeypatch):
    monkeypatch.setattr(module, "_KEPT", 2)
    show = Show()
    for turn in "abc":
        show.from_elsewhere(1.0, ReplyChunk(turn=turn, text=turn))
    assert list(show.turns._without_batch) == ["b", "c"]
    show.at(2.0, batch("b", "b"))
    assert show.turns.turns["b"].text == "b"
    assert list(show.turns._without_batch) == ["c"]


def test_the_end_of_a_turn_that_has_no_batch_here_gives_no_verdict():
    show = Show()
    show.ledger.received(ChatMessage(id="a", author="x"))
    show.turns.ended.add(lambda turn: 1 / 0)
    show.turns.end("unknown")
    assert show.turns.turns == {}
    assert show.ledger.verdict("a") is None


def test_the_place_that_makes_a_batch_and_the_one_that_ends_its_turn_tell_the_others_once():
    maker, voice = Show(), Show()
    for _ in range(2):
        maker.at(1.0, batch("t", "a", "b"))
        voice.at(2.0, Heard(turn="t", sentence=0, text="안녕", fraction=0.0))
        voice.at(3.0, Speaking(turn="t", speaking=False))
    [began], [over] = maker.told, voice.told
    assert (began.turn, began.lane, began.batch, began.over) == ("t", "chat", ("a", "b"), False)
    assert (over.turn, over.over, over.shown) == ("t", True, True)
    assert began.id != over.id


def test_two_runs_that_tell_of_the_same_turn_are_told_apart():
    ids = []
    for _ in range(2):
        show = Show()
        show.at(1.0, batch("t", "a"))
        ids += [news.id for news in show.told]
    assert len(set(ids)) == 2


@pytest.mark.parametrize("shown", [True, False])
def test_what_the_place_of_the_voice_tells_is_the_end_of_a_turn_and_what_else_comes_from_there_is_not(shown):
    show = Show()
    show.ledger.received(ChatMessage(id="a", author="x"))
    show.at(1.0, batch("t", "a"))
    show.from_elsewhere(2.0, Sentence(turn="t", index=0, text="", spoken="", emotion="happy", last=True))
    show.from_elsewhere(3.0, Speaking(turn="t", speaking=False))
    assert show.ledger.waiting_count == 1
    show.from_elsewhere(4.0, told("t", over=True, shown=shown))
    show.from_elsewhere(5.0, told("t", over=True, shown=not shown))
    assert show.ledger.answered_count == shown
    assert show.turns.turns["t"].marks["ended"] == 4.0


def test_a_turn_whose_batch_was_lost_on_the_way_is_known_by_what_its_place_tells():
    show = Show()
    show.ledger.received(ChatMessage(id="a", author="x"))
    show.from_elsewhere(1.0, told("t", "a", lane="mention"))
    show.from_elsewhere(2.0, told("t", over=True, shown=True))
    turn = show.turns.turns["t"]
    assert (turn.lane, turn.batch, turn.marks["received"], turn.marks["batched"]) == ("mention", ("a",), 0.0, 1.0)
    assert show.ledger.answered_count == 1


def test_a_turn_that_failed_elsewhere_after_it_was_heard_here_is_an_answer():
    show = Show()
    show.ledger.received(ChatMessage(id="a", author="x"))
    show.at(1.0, batch("t", "a"))
    show.at(2.0, Heard(turn="t", sentence=0, text="안녕", fraction=1.0))
    show.from_elsewhere(3.0, told("t", over=True))
    assert show.ledger.answered_count == 1


def test_nothing_that_came_from_elsewhere_is_told_on():
    show = Show()
    for event in (
        batch("t", "a"),
        Heard(turn="t", sentence=0, text="안녕", fraction=1.0),
        Speaking(turn="t", speaking=False),
        told("t", "a", over=True, shown=True),
    ):
        show.from_elsewhere(1.0, event)
    assert [news for news in show.told if not isinstance(news, Judged)] == []


def test_the_viewers_of_a_turn_that_is_given_back_wait_for_the_next_one_and_are_answered_by_it():
    show = Show()
    show.ledger.received(ChatMessage(id="a", author="x"))
    show.at(1.0, batch("t", "a"))
    returned = []
    show.turns.returned.add(lambda turn: returned.append(turn.batch))
    show.at(2.0, Stop(turn="t", again=True))
    show.at(2.0, Speaking(turn="t", speaking=False))
    assert returned == [("a",)]
    assert (show.ledger.waiting_count, show.ledger.dropped) == (1, {})
    show.at(3.0, batch("t+", "a"))
    assert show.turns.turns["t+"].marks["received"] == 0.0
    show.at(4.0, Heard(turn="t+", sentence=0, text="안녕.", fraction=0.0))
    show.at(5.0, Speaking(turn="t+", speaking=False))
    assert show.ledger.verdict("a").turn == "t+"


def test_a_turn_that_was_heard_before_it_could_be_given_back_has_answered():
    show = Show()
    show.ledger.received(ChatMessage(id="a", author="x"))
    show.at(1.0, batch("t", "a"))
    show.at(2.0, Stop(turn="t", again=True))
    show.at(2.0, Heard(turn="t", sentence=0, text="안녕.", fraction=0.0))
    show.at(2.0, Speaking(turn="t", speaking=False))
    assert show.ledger.verdict("a").turn == "t"


def test_every_place_knows_that_the_viewers_of_a_turn_wait_again():
    here, there = Show(), Show()
    there.ledger.received(ChatMessage(id="a", author="x"))
    here.at(1.0, batch("t", "a"))
    here.at(2.0, Stop(turn="t", again=True))
    here.at(2.0, Speaking(turn="t", speaking=False))
    for told in here.told:
        there.from_elsewhere(3.0, told)
    assert there.turns.turns["t"].marks["ended"] == 3.0
    assert there.ledger.waiting() == ("a",)


def test_when_the_run_ends_what_was_heard_is_answered_and_what_was_not_still_waits():
    show = Show()
    for name in ("a", "b"):
        show.ledger.received(ChatMessage(id=name, author="x"))
        show.at(1.0, batch(f"t-{name}", name))
    show.at(2.0, Heard(turn="t-a", sentence=0, text="안녕.", fraction=0.0))
    show.turns.settle()
    assert (show.ledger.answered_count, show.ledger.waiting()) == (1, ("b",))


def cut_off(share):
    """A turn that the streamer's voice cut off after this share of it."""
    show = Show()
    show.ledger.received(ChatMessage(id="a", author="x"))
    for event in (batch("t", "a"), Speaking(turn="t", speaking=True)):
        show.at(1.0, event)
    show.at(1.0, Heard(turn="t", sentence=0, text="안녕", fraction=0.0))
    show.at(2.0, Speaking(turn="t", speaking=False, heard=share))
    return show


def test_a_turn_that_the_streamers_voice_cut_off_tells_how_much_was_heard():
    show = cut_off(0.4)
    assert show.turns.turns["t"].report()["heard"] == 0.4
    assert show.ledger.verdict("a").turn == "t"
    assert "heard" not in cut_off(None).turns.turns["t"].report()


def test_the_viewers_of_a_turn_that_nobody_understood_wait_for_another_one():
    show = cut_off(0.0)
    assert show.ledger.verdict("a") is None
    show.at(3.0, batch("t.2", "a"))
    show.at(4.0, Heard(turn="t.2", sentence=0, text="안녕", fraction=0.0))
    show.at(5.0, Speaking(turn="t.2", speaking=False))
    assert show.ledger.verdict("a").turn == "t.2"


def test_a_turn_that_thanks_once_more_says_so():
    show = cut_off(0.4)
    show.at(3.0, ChatBatch(turn="t.m", lane="donation", events=(ChatMessage(id="a", author="x"),), make_up=True))
    assert show.turns.turns["t.m"].report()["make_up"] is True
    assert "make_up" not in show.turns.turns["t"].report()
