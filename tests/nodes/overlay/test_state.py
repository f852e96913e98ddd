"""The fold behind the overlay, and the page's mirror of it."""

import unicodedata
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nodes.overlay import _state as state
from schemas.chat import NO_CHANNEL, ChatMessage, Donation, HostLine, Subscription
from schemas.playback import Heard
from schemas.reply import Sentence

MOST = 4


def heard(text: str, fraction: float, *, turn: str = "t1", sentence: int = 0, ended: bool = False) -> Heard:
    return Heard(turn=turn, sentence=sentence, text=text, fraction=fraction, ended=ended)


def fold(*events: Heard, shown: state.Snapshot | None = None) -> state.Snapshot:
    shown = shown or state.empty()
    for event in events:
        for change in state.sentence_heard(shown, event, "happy", [], 1.0):
            shown = state.apply(shown, change, MOST)
    return shown


def said(shown: state.Snapshot) -> list[list[str]]:
    return [[part["text"] for part in answer["sentences"]] for answer in shown["answers"]]


class Mirror:
    """What overlay.js does with a hello and the changes after it."""

    def __init__(self, hello: dict[str, Any]) -> None:
        self.shown = dict(hello)

    def take(self, change: dict[str, Any]) -> None:
        shown = self.shown
        match change["type"]:
            case "caption" | "host" | "show" as part:
                shown[part] = change[part]
            case "clear":
                shown["lines"], shown["answers"] = [], []
            case "restore":
                shown["lines"], shown["answers"] = change["lines"], change["answers"]
            case "streamer":
                shown["streamer_hidden"] = change["hidden"]
            case "answered":
                shown["lines"] = [
                    line | {"processed": line["processed"] or line["id"] in change["ids"]} for line in shown["lines"]
                ]
            case "withdraw":
                shown["lines"] = [line for line in shown["lines"] if line["id"] not in change["ids"]]
                shown["answers"] = [
                    said | {"to": [one for one in said["to"] if one["id"] not in change["ids"]]}
                    for said in shown["answers"]
                ]
            case kind:
                by_id = {item["id"]: item for item in shown[f"{kind}s"]}
                by_id[change[kind]["id"]] = change[kind]
                shown[f"{kind}s"] = list(by_id.values())[-MOST:]


lines = st.builds(ChatMessage, id=st.sampled_from("abcdefgh"), author=st.text(max_size=5), text=st.text(max_size=20))
sentences = st.builds(
    Sentence,
    turn=st.sampled_from("uvwxyz"),
    index=st.integers(0, 3),
    text=st.sampled_from(["안녕!", "반가워요.", ""]),
    spoken=st.just(""),
    emotion=st.just("happy"),
)
voice = st.builds(
    Heard,
    turn=st.sampled_from("uvwxyz"),
    sentence=st.integers(0, 3),
    text=st.sampled_from(["안녕!", "반가워요.", ""]),
    fraction=st.floats(0, 1),
    ended=st.booleans(),
)


withdrawals = st.frozensets(st.sampled_from("abcdefgh"), max_size=3)
commands = st.sampled_from(
    [
        {"type": "clear"},
        {"type": "streamer", "hidden": True},
        {"type": "restore", "lines": [{"id": "a", "processed": False}], "answers": []},
    ]
)
to = st.lists(st.sampled_from([{"id": id_, "user": id_.upper()} for id_ in "abcdefgh"]), max_size=3)


@given(st.lists(lines | sentences | voice | withdrawals | commands, max_size=30), st.data())
def test_a_page_that_came_at_any_time_shows_the_snapshot(events: list[Any], data: Any) -> None:
    came = data.draw(st.integers(0, len(events)))
    shown, mirror = state.empty(), None
    for number, event in enumerate([*events, None]):
        if number == came:
            mirror = Mirror(shown)
        match event:
            case ChatMessage():
                changes = [state.viewer_line(event, number)]
            case Sentence():
                changes = list(state.sentence_came(shown, event, data.draw(to), number))
            case frozenset():
                changes = list(state.withdrawal(shown, event))
            case Heard():
                changes = list(state.sentence_heard(shown, event, "happy", data.draw(to), number))
            case _:
                changes = [event] if event else []
        for change in changes:
            shown = state.apply(shown, change, MOST)
            if mirror:
                mirror.take(change)
    assert mirror is not None
    assert mirror.shown == shown
    assert len(shown["lines"]) <= MOST
    assert len(shown["answers"]) <= MOST


@given(st.text(max_size=200))
def test_cleaned_text_is_one_line_that_can_be_sent(text: str) -> None:
    plain = state.clean(text, 50)
    assert len(plain) <= 50
    assert plain == plain.strip()
    plain.encode()
    assert not [sign for sign in plain if unicodedata.category(sign) == "Cc" or sign in "\u202e\u2066\u200b\u2028"]
    assert state.clean(plain, 50) == plain


def test_towers_of_marks_lose_their_upper_floors() -> None:
    assert state.clean("a" + "\u0301" * 9 + "b", 50) == "a\u0301\u0301b"


def test_half_a_character_becomes_a_blank() -> None:
    assert state.clean("가\ud83d나", 50) == "가 나"


def test_a_family_emoji_stays_whole() -> None:
    assert state.clean("👨\u200d👩\u200d👧", 50) == "👨\u200d👩\u200d👧"


def test_a_long_text_ends_with_an_ellipsis() -> None:
    assert state.clean("가" * 400, state.LONGEST) == "가" * 299 + "…"


def test_a_donation_shows_its_amount_and_hides_an_anonymous_giver() -> None:
    gift = Donation(id="d", author="비밀", text="힘내요", amount=1000, anonymous=True)
    line = state.viewer_line(gift, 2.0)["line"]
    assert line == {
        "id": "d",
        "kind": "donation",
        "user": "익명의 후원자",
        "role": "viewer",
        "message": "힘내요",
        "processed": False,
        "ts": 2.0,
        "amount": 1000,
    }
    named = state.viewer_line(Donation(id="d", author="달토끼", amount=1000), 2.0)["line"]
    assert named["user"] == "달토끼"


def test_a_subscription_shows_its_months_and_tier() -> None:
    line = state.viewer_line(Subscription(id="s", author="달토끼", months=6, tier_name="코코아"), 2.0)["line"]
    assert (line["kind"], line["months"], line["tier"]) == ("subscription", 6, "코코아")


def test_a_line_knows_its_channel_unless_it_was_typed_here() -> None:
    def channel(channel_id: str) -> Any:
        return state.viewer_line(ChatMessage(id="c", author="x", channel_id=channel_id), 2.0)["line"].get("channel")

    assert [channel(one) for one in ("ab12", "", NO_CHANNEL)] == ["ab12", None, None]


def test_withdrawn_lines_leave_and_what_is_not_shown_is_not_told() -> None:
    shown = state.empty()
    for name in "abc":
        shown = state.apply(shown, state.viewer_line(ChatMessage(id=name, author="달토끼"), 1.0), MOST)
    (change,) = state.withdrawal(shown, ["c", "gone", "a"])
    assert change == {"type": "withdraw", "ids": ["a", "c"]}
    assert [line["id"] for line in state.apply(shown, change, MOST)["lines"]] == ["b"]
    assert list(state.withdrawal(shown, ["gone"])) == []


def test_the_sentences_of_a_turn_become_one_answer() -> None:
    shown = fold(heard("안녕!", 0.0), heard("안녕!", 1.0, ended=True), heard("반가워요.", 0.0, sentence=1))
    assert said(shown) == [["안녕!", "반가워요."]]
    assert shown["answers"][0]["emotion"] == "happy"


def test_the_caption_follows_the_voice() -> None:
    shown = fold(heard("안녕!", 0.5))
    assert shown["caption"] == {"turn": "t1", "sentence": 0, "text": "안녕!", "fraction": 0.5, "ended": False}


def test_an_answer_is_sent_once_however_often_the_voice_reports() -> None:
    shown = fold(heard("안녕!", 0.0))
    again = list(state.sentence_heard(shown, heard("안녕!", 0.4), "happy", [], 9.0))
    assert [change["type"] for change in again] == ["caption"]


def test_of_a_sentence_that_was_cut_only_what_was_heard_stays() -> None:
    shown = fold(heard("하나 둘 셋 넷", 0.0), heard("하나 둘 셋 넷", 0.5, ended=True))
    assert said(shown) == [["하나 둘…"]]
    assert shown["caption"]["text"] == "하나 둘…"


def test_a_sentence_of_which_nothing_was_heard_leaves_nothing() -> None:
    shown = fold(heard("안녕!", 0.0, ended=True))
    assert shown == state.empty()


def test_a_sentence_that_began_and_was_taken_back_leaves_the_answer() -> None:
    shown = fold(
        heard("안녕!", 1.0, ended=True), heard("또", 0.0, sentence=1), heard("또", 0.0, sentence=1, ended=True)
    )
    assert said(shown) == [["안녕!"]]
    assert shown["caption"] is None


def test_an_answer_that_was_taken_back_whole_has_no_sentences() -> None:
    assert said(fold(heard("또", 0.0), heard("또", 0.0, ended=True))) == [[]]


BEAR = "https://ssl.pstatic.net/bear.png"


def test_an_emote_that_is_used_and_may_be_shown_stands_with_the_line() -> None:
    event = ChatMessage(
        id="e",
        author="달토끼",
        text="{:bear:} {:bear:} {:cat:} {:none:}",
        emotes={"bear": BEAR, "cat": "https://example.org/cat.png", "unused": BEAR},
        badges=(BEAR, "https://example.org/badge.png"),
    )
    line = state.viewer_line(event, 1.0, {BEAR: "k1"}.get)["line"]
    assert (line["emotes"], line["badges"]) == ({"bear": "k1"}, ["k1"])
    plain = state.viewer_line(event, 1.0)["line"]
    assert "emotes" not in plain
    assert "badges" not in plain


def test_more_emotes_and_badges_than_a_line_can_bear_stay_names() -> None:
    emotes = {f"e{number}": BEAR for number in range(50)}
    text = "".join(f"{{:{key}:}}" for key in emotes)
    line = state.viewer_line(
        ChatMessage(id="e", author="a", text=text, emotes=emotes, badges=(BEAR,) * 9), 1.0, lambda _: "k"
    )["line"]
    assert len(line["emotes"]) == state.EMOTES
    assert len(line["badges"]) == state.BADGES


def test_lines_are_marked_once_when_their_answer_begins() -> None:
    shown = state.empty()
    for name in "ab":
        shown = state.apply(shown, state.viewer_line(ChatMessage(id=name, author="달토끼"), 1.0), MOST)
    to = [{"id": "a", "user": "달토끼"}, {"id": "left", "user": "곰"}]
    first = list(state.sentence_heard(shown, heard("안녕!", 0.0), "happy", to, 2.0))
    assert [change["type"] for change in first] == ["answered", "answer", "caption"]
    assert first[0]["ids"] == ["a"]
    for change in first:
        shown = state.apply(shown, change, MOST)
    assert [line["processed"] for line in shown["lines"]] == [True, False]
    assert shown["answers"][0]["to"] == to
    second = state.sentence_heard(shown, heard("또!", 0.0, sentence=1), "happy", to, 3.0)
    assert [change["type"] for change in second] == ["answer", "caption"]


def test_without_a_voice_a_sentence_is_shown_whole_at_once_and_one_without_words_not_at_all() -> None:
    shown = state.empty()
    for index, text in enumerate(("안녕!", " ")):
        said = Sentence(turn="t1", index=index, text=text, spoken=text, emotion="happy", last=index == 1)
        for change in state.sentence_came(shown, said, [], 2.0):
            shown = state.apply(shown, change, MOST)
    assert shown["caption"] == {"turn": "t1", "sentence": 0, "text": "안녕!", "fraction": 1.0, "ended": True}
    assert len(shown["answers"]) == 1


def test_who_withdrew_is_not_named_beside_the_answer_any_more() -> None:
    shown = state.empty()
    to = [{"id": "a", "user": "달토끼"}, {"id": "b", "user": "곰"}]
    for change in state.sentence_heard(shown, heard("안녕!", 0.0), "happy", to, 2.0):
        shown = state.apply(shown, change, MOST)
    (change,) = state.withdrawal(shown, ["a"])
    assert state.apply(shown, change, MOST)["answers"][0]["to"] == [{"id": "b", "user": "곰"}]


def test_what_the_streamer_said_is_a_caption_of_its_own() -> None:
    line = HostLine(id="h1", author="달토끼", role="streamer", text="초코야\u202e 뭐 해?" + "아" * 400)
    change = state.host_line(line, 12.3456)
    host = change["host"]
    assert (host["user"], host["until"]) == ("달토끼", 12.346)
    assert host["text"].startswith("초코야 뭐 해?")
    assert len(host["text"]) == state.LONGEST
    before = fold(heard("안녕!", 0.5))
    shown = state.apply(before, change, MOST)
    assert shown == {**before, "host": host}
    assert state.apply(shown, {"type": "host", "host": None}, MOST) == before
    assert state.host_line(HostLine(id="h2", author="달토끼", text="\u200b"), 1.0)["host"] is None


def test_clearing_leaves_the_caption_to_the_voice() -> None:
    shown = fold(heard("안녕!", 0.5))
    cleared = state.apply(shown, {"type": "clear"}, MOST)
    assert (cleared["lines"], cleared["answers"], cleared["caption"]) == ([], [], shown["caption"])
