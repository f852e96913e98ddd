"""What the dock decides, told as stories of one desk."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.overlay._dock_desk import Desk
from nodes.overlay._dock_state import State
from schemas.chat import ChatBatch, ChatMessage, Donation, HostLine, Lane, ViewerEvent, Withdrawn
from schemas.playback import Heard, Muted, Speaking, Stop
from schemas.reply import Emotion, ReplyChunk, Sentence


@dataclass
class Config:
    hold_s: float = 30.0
    turn_timeout_s: float = 60.0


@dataclass
class Stand:
    """A desk, its clock and the verdicts that it gave."""

    at: float = 0.0
    drops: list[tuple[str, str]] = field(default_factory=list)
    voiced: bool = True
    told: bool = True

    def __post_init__(self) -> None:
        self.state = State()
        self.desk = Desk(self.state, Config(), self, self, voiced=self.voiced, told=self.told)

    def now(self) -> float:
        return self.at

    def drop(self, event: ViewerEvent, reason: str) -> None:
        self.drops.append((event.id, reason))

    def malformed(self, kind: str) -> None:
        raise AssertionError(kind)

    def outcomes(self) -> list[tuple[str, str]]:
        return [(past["id"], past["outcome"]) for past in self.state.past]


def chat(name: str, author: str = "u1") -> ChatMessage:
    return ChatMessage(id=name, author="달토끼", author_id=author, text=f"{name}!", sent_at=float(ord(name[0])))


def batch(turn: str, *events: ViewerEvent, lane: Lane = "chat", topic: str = "") -> ChatBatch:
    return ChatBatch(turn=turn, lane=lane, events=events or (() if topic else (chat(turn),)), topic=topic)


def gift(turn: str, over: str = "") -> ChatBatch:
    return replace(batch(turn, Donation(id=turn, author="바다", amount=1000), lane="donation"), over=over)


def over(turn: str) -> Speaking:
    return Speaking(turn=turn, speaking=False)


def sentence(turn: str, text: str = "안녕!", index: int = 0, *, last: bool = False) -> Sentence:
    return Sentence(turn=turn, index=index, text=text, spoken=text, emotion="happy", last=last)


def part(turn: str, fraction: float) -> Heard:
    return Heard(turn=turn, sentence=0, text="안녕!", fraction=fraction)


def test_a_batch_passes_at_once_and_its_turn_is_open_until_the_voice_is_free() -> None:
    stand = Stand()
    first = batch("a")
    assert stand.desk.batch(first) == [first]
    stand.desk.sentence(sentence("a"))
    stand.desk.speaking(Speaking(turn="a", speaking=True))
    assert stand.state.open["a"].speaking
    assert stand.desk.heard(part("a", 0.5)) is False
    assert stand.state.open["a"].sentences[0] == {"id": 0, "text": "안녕!", "emotion": "happy", "fraction": 0.5}
    assert stand.desk.speaking(over("a")) == []
    assert stand.outcomes() == [("a", "heard")]
    assert stand.state.open == {}


def test_a_turn_of_which_nothing_was_heard_was_silent() -> None:
    stand = Stand()
    stand.desk.batch(batch("a"))
    stand.desk.speaking(over("a"))
    assert stand.outcomes() == [("a", "silent")]


def test_without_a_voice_the_last_sentence_ends_a_turn() -> None:
    stand = Stand(voiced=False)
    stand.desk.batch(batch("a"))
    stand.desk.sentence(sentence("a"))
    assert "a" in stand.state.open
    stand.desk.sentence(sentence("a", "또 봐요.", 1, last=True))
    assert stand.outcomes() == [("a", "heard")]


def test_where_nothing_tells_of_a_turn_none_is_waited_for() -> None:
    stand = Stand(told=False, voiced=False)
    stand.desk.batch(batch("a"))
    assert stand.state.open == {}
    assert len(stand.desk.say("안녕", None, at_once=False)) == 1


def test_a_turn_that_did_not_pass_here_is_shown_as_soon_as_it_is_heard_of() -> None:
    stand = Stand()
    assert stand.desk.heard(part("x", 0.1)) is True
    assert stand.state.open["x"].batch is None


def test_a_batch_that_goes_over_a_chat_turn_ends_it_after_its_sentence_and_follows() -> None:
    stand = Stand()
    stand.desk.batch(batch("a"))
    stand.desk.heard(part("a", 0.5))
    assert stand.desk.batch(gift("d", over="a")) == [Stop(turn="a", after_sentence=True), gift("d", over="a")]
    assert set(stand.state.open) == {"a", "d"}
    stand.desk.speaking(replace(over("a"), yielded=True))
    assert stand.outcomes() == [("a", "yielded")]
    assert set(stand.state.open) == {"d"}


def test_a_turn_that_was_paid_for_or_that_the_operator_began_is_not_ended() -> None:
    stand = Stand()
    stand.desk.batch(gift("d"))
    assert stand.desk.batch(gift("e", over="d")) == [gift("e", over="d")]
    said = Stand()
    said.desk.say("안녕", None, at_once=False)
    (turn,) = said.state.open
    assert said.desk.batch(gift("e", over=turn)) == []
    assert said.desk.speaking(over(turn)) == [gift("e", over=turn)]


def test_a_turn_that_is_over_already_is_not_ended_again() -> None:
    stand = Stand()
    stand.desk.batch(batch("a"))
    stand.desk.speaking(over("a"))
    assert stand.desk.batch(gift("d", over="a")) == [gift("d", over="a")]


def test_a_chat_turn_goes_on_while_the_batch_over_it_is_held_and_ends_when_it_is_let_go() -> None:
    stand = Stand()
    stand.desk.batch(batch("a"))
    stand.desk.heard(part("a", 0.5))
    stand.desk.pause(True)
    assert stand.desk.batch(gift("d", over="a")) == []
    assert stand.desk.pause(False) == [Stop(turn="a", after_sentence=True), gift("d", over="a")]


def test_what_comes_late_of_a_turn_that_is_over_is_nothing() -> None:
    stand = Stand()
    stand.desk.batch(batch("a"))
    assert stand.desk.skip("a") == [Stop(turn="a")]
    assert stand.desk.sentence(sentence("a")) == []
    assert stand.desk.heard(part("a", 0.4)) is False
    assert stand.desk.speaking(Speaking(turn="a", speaking=True)) == []
    assert stand.desk.speaking(over("a")) == []
    assert stand.state.open == {}
    assert stand.outcomes() == [("a", "stopped")]


def test_a_skip_of_a_turn_that_is_over_is_too_late() -> None:
    stand = Stand()
    stand.desk.batch(batch("a"))
    stand.desk.speaking(over("a"))
    assert stand.desk.skip("a") is None


def test_a_pause_holds_batches_back_and_its_end_lets_them_go_in_order() -> None:
    stand = Stand()
    stand.desk.pause(True)
    first, second = gift("a"), batch("b")
    assert stand.desk.batch(first) == stand.desk.batch(second) == []
    assert list(stand.state.held) == ["a", "b"]
    assert stand.desk.pause(False) == [first, second]
    assert stand.state.held == {}


def test_a_pause_says_since_when_however_often_it_is_ordered() -> None:
    stand = Stand()
    stand.at = 7.0
    stand.desk.stop()
    stand.at = 9.0
    stand.desk.pause(True)
    assert stand.desk.state.message(9.0)["paused_at"] == 7.0


def test_a_topic_of_its_own_is_not_kept_over_a_pause() -> None:
    stand = Stand()
    stand.desk.pause(True)
    assert stand.desk.batch(batch("silence-1", topic="날씨")) == [Stop(turn="silence-1")]
    assert stand.state.held == {}


def test_with_approval_each_batch_waits_for_its_own_yes() -> None:
    stand = Stand()
    stand.desk.approving(True)
    first, second = batch("a"), batch("b", topic="날씨")
    stand.desk.batch(first)
    stand.desk.batch(second)
    assert stand.desk.approve("b") == [second]
    assert stand.desk.approve("a") == [first]
    assert stand.desk.approve("a") is None


def test_a_rejected_batch_is_unanswered_and_its_turn_is_over_for_everybody() -> None:
    stand = Stand()
    stand.desk.approving(True)
    stand.desk.batch(batch("a", chat("m"), chat("n")))
    assert stand.desk.reject("a") == [Stop(turn="a")]
    assert stand.drops == [("m", "unanswered"), ("n", "unanswered")]
    assert stand.desk.reject("a") is None
    assert stand.outcomes() == [("a", "rejected")]


def test_approval_that_is_no_longer_asked_for_lets_all_go() -> None:
    stand = Stand()
    stand.desk.approving(True)
    waiting = batch("a")
    stand.desk.batch(waiting)
    assert stand.desk.approving(False) == [waiting]


def test_a_yes_counts_also_in_a_pause() -> None:
    stand = Stand()
    stand.desk.pause(True)
    waiting = gift("a")
    stand.desk.batch(waiting)
    assert stand.desk.approve("a") == [waiting]


def test_chat_that_is_held_grows_stale_and_a_donation_does_not() -> None:
    stand = Stand()
    stand.desk.pause(True)
    stand.desk.batch(batch("a"))
    stand.desk.batch(gift("d"))
    stand.at = 29.9
    assert stand.desk.tick() == []
    stand.at = 30.0
    assert stand.desk.tick() == [Stop(turn="a")]
    stand.at = 3000.0
    assert stand.desk.tick() == []
    assert stand.drops == [("a", "stale")]
    assert list(stand.state.held) == ["d"]


def test_a_turn_of_which_nothing_comes_is_given_up_and_what_waited_for_it_is_said() -> None:
    stand = Stand()
    stand.desk.batch(batch("a"))
    assert stand.desk.say("공지", None, at_once=False) == []
    stand.at = 50.0
    stand.desk.sentence(sentence("a"))
    stand.at = 100.0
    assert stand.desk.tick() == []
    stand.at = 110.0
    [chunk] = stand.desk.tick()
    assert isinstance(chunk, ReplyChunk)
    assert stand.outcomes() == [("a", "lost")]


def test_what_the_operator_says_waits_for_the_open_turn_and_is_alone_then() -> None:
    stand = Stand()
    stand.desk.batch(batch("a"))
    assert stand.desk.say("공지예요.", "happy", at_once=False) == []
    second = batch("b")
    assert stand.desk.batch(second) == []
    said = ReplyChunk(turn="dock-1", text="공지예요.", emotion="happy", rung="operator", last=True)
    assert stand.desk.speaking(over("a")) == [said]
    assert stand.desk.batch(gift("c")) == []
    assert stand.desk.speaking(over("dock-1")) == [second, gift("c")]
    assert stand.state.past[-1]["lane"] == "operator"


def test_what_cannot_wait_takes_the_place_of_the_open_turn() -> None:
    stand = Stand()
    stand.desk.batch(batch("a"))
    stand.desk.say("나중", None, at_once=False)
    stop, said = stand.desk.say("지금", None, at_once=True)
    assert stop == Stop(turn="a", again=True)
    assert isinstance(said, ReplyChunk)
    assert said.text == "지금"
    assert [saying.text for saying in stand.state.sayings] == ["나중"]


def test_a_turn_of_which_something_was_heard_is_cut_off_for_good_and_one_behind_it_is_answered_after_what_is_said() -> (
    None
):
    stand = Stand()
    stand.desk.batch(batch("a"))
    stand.desk.heard(part("a", 0.0))
    stand.desk.batch(gift("d"))
    stand.desk.pause(True)
    stand.desk.batch(batch("e"))
    stand.desk.pause(False)
    assert stand.desk.say("지금", None, at_once=True)[:-1] == [
        Stop(turn="a"),
        Stop(turn="d", again=True),
        Stop(turn="e", again=True),
    ]
    assert stand.drops == []
    assert stand.desk.speaking(over("d")) == []
    assert stand.desk.sentence(sentence("d")) == []
    assert stand.desk.speaking(over("dock-1")) == [
        replace(gift("d"), turn="d+"),
        replace(batch("e"), turn="e+"),
    ]
    assert stand.outcomes()[:3] == [("a", "stopped"), ("d", "again"), ("e", "again")]


def test_a_topic_and_what_the_operator_said_before_are_not_said_again() -> None:
    stand = Stand()
    stand.desk.batch(batch("silence-1", topic="날씨"))
    assert stand.desk.say("하나", None, at_once=True)[0] == Stop(turn="silence-1")
    assert stand.desk.say("둘", None, at_once=True)[0] == Stop(turn="dock-1")
    assert stand.state.held == {}


def test_in_a_pause_the_operator_can_still_speak() -> None:
    stand = Stand()
    stand.desk.pause(True)
    assert len(stand.desk.say("잠깐 쉬어요.", None, at_once=False)) == 1


def test_what_was_not_begun_can_be_taken_back() -> None:
    stand = Stand()
    stand.desk.batch(batch("a"))
    stand.desk.say("하나", None, at_once=False)
    stand.desk.say("둘", None, at_once=False)
    assert stand.desk.unsay("dock-1") == []
    assert stand.desk.unsay("dock-1") is None
    [said] = stand.desk.speaking(over("a"))
    assert isinstance(said, ReplyChunk)
    assert said.text == "둘"
    assert stand.desk.unsay("dock-2") is None


def test_a_stop_ends_all_that_is_said_or_was_to_be_and_nothing_begins_after_it() -> None:
    stand = Stand()
    stand.desk.batch(batch("a"))
    stand.desk.batch(batch("b"))
    stand.desk.say("하나", None, at_once=False)
    stand.desk.batch(gift("c"))
    stand.desk.approve("c")
    stand.desk.heard(part("a", 0.1))
    assert stand.desk.stop() == [Stop(turn="a"), Stop(turn="b", again=True)]
    assert not stand.state.sayings
    assert stand.desk.batch(batch("d")) == []
    assert list(stand.state.held) == ["b+", "c", "d"]


def test_mute_is_told_again_every_tick_until_it_is_taken_back() -> None:
    stand = Stand()
    assert stand.desk.mute(True) == [Muted(muted=True)]
    assert stand.desk.tick() == [Muted(muted=True)]
    assert stand.desk.mute(False) == [Muted(muted=False)]
    assert stand.desk.tick() == []


def test_a_feeling_is_tried_out() -> None:
    assert Stand().desk.feel("sad") == [Emotion(turn="dock", emotion="sad")]


def test_what_was_withdrawn_leaves_a_held_batch_and_an_empty_one_ends() -> None:
    stand = Stand()
    stand.desk.approving(True)
    stand.desk.batch(batch("a", chat("m"), chat("n", "u2")))
    stand.desk.batch(batch("b", chat("o")))
    assert stand.desk.withdraw(Withdrawn(author_id="u1")) == [Stop(turn="b")]
    assert stand.drops == [("m", "withdrawn"), ("o", "withdrawn")]
    [left] = stand.desk.approve("a") or []
    assert isinstance(left, ChatBatch)
    assert [event.id for event in left.events] == ["n"]


def test_a_withdrawal_that_overtakes_its_batch_counts() -> None:
    stand = Stand()
    stand.desk.withdraw(Withdrawn(author_id="u1", sent_at=float(ord("m"))))
    assert stand.desk.batch(batch("a", chat("m"))) == [Stop(turn="a")]
    [passed] = stand.desk.batch(batch("b", chat("m"), chat("n")))
    assert isinstance(passed, ChatBatch)
    assert [event.id for event in passed.events] == ["n"]
    assert stand.drops == [("m", "withdrawn"), ("m", "withdrawn")]


def test_what_was_withdrawn_is_not_shown_as_the_reason_of_an_open_turn() -> None:
    stand = Stand()
    stand.desk.batch(batch("a", chat("m"), chat("n", "u2")))
    stand.desk.heard(part("a", 0.1))
    assert stand.desk.withdraw(Withdrawn(author_id="u1")) == []
    assert [line["id"] for line in stand.state.open["a"].item()["messages"]] == ["n"]
    assert stand.drops == []


def test_what_was_withdrawn_is_not_answered_as_long_as_nothing_of_its_answer_was_heard() -> None:
    stand = Stand()
    stand.desk.batch(batch("a", chat("m"), chat("n", "u2")))
    stand.desk.batch(batch("b", chat("o")))
    first, second = stand.desk.withdraw(Withdrawn(author_id="u1"))[:2]
    assert [first, second] == [Stop(turn="a", again=True), Stop(turn="b")]
    assert stand.drops == [("m", "withdrawn"), ("o", "withdrawn")]
    assert list(stand.state.open) == ["a+"]
    assert [line["id"] for line in stand.state.open["a+"].item()["messages"]] == ["n"]


orders = st.sampled_from(
    [
        ("batch",),
        ("gift",),
        ("topic",),
        ("pause", True),
        ("pause", False),
        ("approving", True),
        ("approving", False),
        ("approve",),
        ("reject",),
        ("skip",),
        ("stop",),
        ("say", False),
        ("say", True),
        ("over",),
        ("sound",),
        ("tick",),
    ]
)


def _do(stand: Stand, number: int, order: tuple[Any, ...]) -> list[Any]:
    desk, state = stand.desk, stand.state
    held, open_ = next(iter(state.held), "none"), next(iter(state.open), "none")
    match order:
        case ("batch",):
            return desk.batch(batch(f"b{number}"))
        case ("gift",):
            return desk.batch(gift(f"g{number}"))
        case ("topic",):
            return desk.batch(batch(f"t{number}", topic="날씨"))
        case ("pause", to):
            return desk.pause(to)
        case ("approving", to):
            return desk.approving(to)
        case ("approve",):
            return desk.approve(held) or []
        case ("reject",):
            return desk.reject(held) or []
        case ("skip",):
            return desk.skip(open_) or []
        case ("stop",):
            return desk.stop()
        case ("say", at_once):
            return desk.say("말", None, at_once=at_once)
        case ("over",):
            return desk.speaking(over(open_))
        case ("sound",):
            desk.heard(part(open_, 0.0))
            return []
        case _:
            return desk.tick()


@given(st.lists(orders, max_size=40))
def test_every_batch_passes_once_or_is_refused_once_or_waits(story: list[tuple[Any, ...]]) -> None:
    stand = Stand()
    came: list[str] = []
    given_: list[Any] = []
    for number, order in enumerate(story):
        stand.at += 7.0
        if order[0] in ("batch", "gift"):
            came.append(f"{order[0][0]}{number}")
        given_ += _do(stand, number, order)
    again = {event.turn for event in given_ if isinstance(event, Stop) and event.again}
    ends: list[Any] = [event for event in given_ if isinstance(event, ChatBatch) and event.events]
    passed = [event.turn.rstrip("+") for event in ends if event.turn not in again]
    refused = [id_ for id_, _ in stand.drops]
    waiting = [turn.rstrip("+") for turn, held in stand.state.held.items() if held.batch.events]
    assert sorted(passed + refused + waiting) == sorted(came)
    assert not [id_ for id_, reason in stand.drops if id_.startswith("g") and reason == "stale"]


@given(st.lists(orders, max_size=40))
def test_no_turn_ends_unheard_unless_it_was_skipped_or_the_voice_gave_up_on_it(story: list[tuple[Any, ...]]) -> None:
    stand = Stand()
    for number, order in enumerate(story):
        stand.at += 7.0
        answers = [turn for turn in stand.state.open.values() if turn.batch and turn.batch.events]
        unheard = [turn.id for turn in answers if not turn.sounded]
        stops = [event for event in _do(stand, number, order) if isinstance(event, Stop)]
        if order[0] != "skip":
            assert all(stop.again for stop in stops if stop.turn in unheard)


@pytest.mark.parametrize("order", ["skip", "approve", "reject", "unsay"])
def test_an_order_for_a_turn_that_never_was_changes_nothing(order: str) -> None:
    stand = Stand()
    assert getattr(stand.desk, order)("none") is None
    assert stand.state == State()


def test_a_turn_that_the_streamers_voice_cut_off_is_told_as_cut_and_one_that_nobody_heard_comes_again() -> None:
    for share, outcome in ((0.4, "cut"), (0.0, "again")):
        stand = Stand()
        stand.desk.batch(batch("a"))
        stand.desk.heard(part("a", 0.1))
        stand.desk.speaking(replace(over("a"), heard=share))
        assert stand.outcomes() == [("a", outcome)]


def test_what_the_streamer_says_needs_nobodys_approval_and_waits_while_all_is_paused() -> None:
    line = batch("h", HostLine(id="h", author="방송인"), lane="host")
    stand = Stand()
    stand.desk.approving(True)
    assert stand.desk.batch(batch("a")) == []
    assert stand.desk.batch(line) == [line]
    stand = Stand()
    stand.desk.pause(True)
    assert stand.desk.batch(line) == []
    assert stand.desk.pause(False) == [line]
