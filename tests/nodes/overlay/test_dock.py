"""``overlay.dock`` with a stand-in for the web server."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from nodes.services import Web
from schemas.chat import ChatBatch, ChatMessage, Withdrawn
from schemas.event import Event
from schemas.host import Ignored, MicOrder, MicState
from schemas.playback import Heard, Muted, Speaking, Stop
from schemas.reply import Sentence
from schemas.show import ShowState
from tests.fakes import FakeWeb
from tests.harness import Ran, run

BATCH = ChatBatch(turn="t1", lane="chat", events=(ChatMessage(id="m1", author="달토끼", author_id="u1", text="안녕"),))
SENTENCE = Sentence(turn="t1", index=0, text="반가워요!", spoken="반가워요!", emotion="happy", last=True)
Order = tuple[float, dict[str, Any]]


class Shown:
    """One run of the node: a page that is there from the start, and orders at given times."""

    def __init__(
        self,
        given: dict[str, list[tuple[float, Event]]],
        *orders: Order,
        during: Callable[["Shown"], Awaitable[None]] | None = None,
        **settings: Any,
    ) -> None:
        self.web = FakeWeb()
        self.page: list[Any] = []
        self.answers: list[Any] = []

        async def follow(_: object) -> None:
            await asyncio.sleep(0.01)
            self.page = self.web.opened("/ws/dock").connect()
            for at, said in orders:
                await asyncio.sleep(at - asyncio.get_running_loop().time())
                self.answers.append(self.order(said))
            if during is not None:
                await during(self)

        self.ran: Ran = run(
            "overlay.dock", given, settings=settings, complete_at=100.0, services={Web: self.web}, during=follow
        )
        assert self.ran.error is None, self.ran.error

    def order(self, said: dict[str, Any]) -> Any:
        return self.web.open["post", "/api/dock"](said)

    def states(self) -> list[Any]:
        return [message for message in self.page if message["type"] == "state"]

    def out(self, port: str) -> list[tuple[float, Event]]:
        return [(at, event) for at, name, event in self.ran.out if name == port]


def test_a_batch_passes_through_and_the_page_sees_it_answered() -> None:
    shown = Shown(
        {
            "batch": [(1.0, BATCH)],
            "reply": [(2.0, SENTENCE)],
            "heard": [(3.0, Heard(turn="t1", sentence=0, text="반가워요!", fraction=0.25))],
            "speaking": [(2.5, Speaking(turn="t1", speaking=True)), (4.0, Speaking(turn="t1", speaking=False))],
        },
        title="초코",
    )
    assert shown.out("batch") == [(1.0, BATCH)]
    assert shown.page[0] == {"type": "hello", "title": "초코", "channels": {}}
    seen = {state["now"]: state for state in shown.states()}
    [turn] = seen[1.0]["turns"]
    assert (turn["id"], turn["lane"], turn["messages"][0]["message"]) == ("t1", "chat", "안녕")
    assert seen[2.0]["turns"][0]["sentences"][0]["text"] == "반가워요!"
    assert seen[2.5]["turns"][0]["speaking"] is True
    assert {"type": "voice", "turn": "t1", "sentence": 0, "fraction": 0.25} in shown.page
    assert seen[4.0]["turns"] == []
    assert seen[4.0]["past"] == [{"id": "t1", "outcome": "heard", "text": "반가워요!", "lane": "chat"}]


def test_a_sentence_that_only_the_voice_tells_of_is_shown_whole() -> None:
    shown = Shown({"heard": [(1.0, Heard(turn="t1", sentence=0, text="네", fraction=0.5))]})
    [sentence] = shown.states()[1]["turns"][0]["sentences"]
    assert (sentence["text"], sentence["fraction"]) == ("네", 0.5)


def test_an_order_takes_effect_at_once_and_one_that_is_late_says_so() -> None:
    shown = Shown(
        {"batch": [(1.0, BATCH)], "speaking": []},
        (2.0, {"order": "skip", "turn": "t1"}),
        (3.0, {"order": "skip", "turn": "t1"}),
    )
    assert shown.out("stop") == [(2.0, Stop(turn="t1"))]
    assert shown.answers == [{"done": True}, {"done": False, "note": "이미 끝난 일이에요."}]


def test_each_decision_leaves_by_its_own_port() -> None:
    shown = Shown(
        {"batch": [], "speaking": []},
        (1.0, {"order": "say", "text": "공지", "emotion": "happy"}),
        (2.5, {"order": "mute", "to": True}),
        (2.6, {"order": "mute", "to": False}),
        (3.0, {"order": "feel", "emotion": "sad"}),
    )
    assert [(at, getattr(event, "text", "")) for at, event in shown.out("said")] == [(1.0, "공지")]
    assert shown.out("muted") == [(2.5, Muted(muted=True)), (2.6, Muted(muted=False))]
    assert [at for at, _ in shown.out("emotion")] == [3.0]
    assert [event for _, event in shown.out("batch") + shown.out("stop")] == []


def test_a_voice_that_starts_while_it_is_mute_is_told_within_a_second() -> None:
    shown = Shown({"batch": []}, (1.5, {"order": "mute", "to": True}), (4.2, {"order": "mute", "to": False}))
    assert [at for at, _ in shown.out("muted")] == [1.5, 2.0, 3.0, 4.0, 4.2]


def test_held_chat_that_grows_stale_leaves_every_page_by_itself() -> None:
    shown = Shown({"batch": [(1.0, BATCH)]}, (0.5, {"order": "pause", "to": True}), hold_s=10)
    assert shown.ran.drops == [("m1", "stale")]
    assert [at for at, _ in shown.out("stop")] == [11.0]
    told = [(state["now"], [held["id"] for held in state["held"]]) for state in shown.states()]
    assert told[-1] == (11.0, [])
    assert (1.0, ["t1"]) in told


def test_what_is_known_of_the_show_is_on_every_page_and_nothing_where_no_node_says() -> None:
    told = ShowState(title="저녁\u202e 방송", live_since=1.0, live_seen_begin=True, followers=12, new_followers=3)
    shown = Shown({"show": [(2.0, told)]}).states()
    assert [state["show"] is None for state in shown] == [True, False]
    assert shown[-1]["show"] == {
        "title": "저녁 방송",
        "category": "",
        "live_since": 1.0,
        "live_seen_begin": True,
        "followers": 12,
        "new_followers": 3,
        "goal": 0,
    }
    assert Shown({"show": [(2.0, ShowState())]}).states()[-1]["show"]["live_since"] is None


def test_nothing_is_sent_while_nothing_changes() -> None:
    assert len(Shown({"batch": []}).page) == 2


def test_what_was_withdrawn_leaves_the_page() -> None:
    shown = Shown(
        {"batch": [(1.0, BATCH)], "withdrawn": [(2.0, Withdrawn(author_id="u1"))]},
        (0.5, {"order": "approving", "to": True}),
    )
    assert shown.states()[-1]["held"] == []
    assert "안녕" not in str(shown.states()[-1])
    assert shown.ran.drops == [("m1", "withdrawn")]


def test_a_page_that_comes_later_is_told_everything_and_its_own_words_are_nothing() -> None:
    async def later(shown: Shown) -> None:
        dock = shown.web.opened("/ws/dock")
        other = dock.connect("second")
        dock.say({"order": "stop"}, "second")
        shown.answers.append(other[1])
        dock.leave("second")

    shown = Shown({"batch": [(1.0, BATCH)], "speaking": []}, (2.0, {"order": "mute", "to": True}), during=later)
    assert shown.answers[1]["muted"] is True
    assert [turn["id"] for turn in shown.answers[1]["turns"]] == ["t1"]
    assert shown.out("stop") == []


def test_a_wrong_order_is_refused_and_changes_nothing() -> None:
    async def wrong(shown: Shown) -> None:
        with pytest.raises(ValueError, match="order: "):
            shown.order({"order": "dance"})

    assert Shown({"batch": []}, during=wrong).ran.out == []


def test_it_gives_its_addresses_back_when_its_inputs_complete() -> None:
    shown = Shown({"batch": [(1.0, BATCH)]})
    assert shown.ran.completed_at == 100.0
    assert shown.web.ever == [("folder", "/dock"), ("post", "/api/dock"), ("channel", "/ws/dock")]
    assert shown.web.open == {}


@pytest.mark.parametrize("taken", [("folder", "/dock"), ("post", "/api/dock"), ("channel", "/ws/dock")])
def test_it_fails_whole_when_an_address_is_taken(taken: tuple[str, str]) -> None:
    web = FakeWeb()
    web.open[taken] = object()
    ran = run("overlay.dock", {"batch": []}, services={Web: web})
    assert isinstance(ran.error, ValueError)
    assert list(web.open) == [taken]


def test_the_page_sees_how_it_is_with_the_microphone_and_what_was_not_taken_and_orders_reach_it() -> None:
    given: dict[str, list[tuple[float, Event]]] = {
        "listening": [(0.5, MicState(mode="hold", device="USB Mic")), (2.0, MicState(mode="hold", rms=0.2))],
        "ignored": [(1.0 + n / 10, Ignored(utterance="", why="noise", at=1.0, text=f"{n}")) for n in range(5)],
    }
    shown = Shown(given, (1.0, {"order": "talk", "to": True}), (1.1, {"order": "listen", "mode": "open"}))
    assert shown.out("mic") == [(1.0, MicOrder(held=True)), (1.1, MicOrder(mode="open"))]
    first, last = [message for message in shown.page if message["type"] == "mic"]
    assert (first["device"], first["ignored"]) == ("USB Mic", [])
    assert [(each["why"], each["text"]) for each in last["ignored"]] == [("noise", "2"), ("noise", "3"), ("noise", "4")]
    assert shown.answers == [{"done": True}] * 2


def test_a_page_that_opens_later_sees_the_microphone_too() -> None:
    later: list[Any] = []

    async def open_(shown: Shown) -> None:
        await asyncio.sleep(2)
        later.extend(shown.web.opened("/ws/dock").connect())

    Shown({"listening": [(0.5, MicState(mode="name"))]}, during=open_)
    assert [message["mode"] for message in later if message["type"] == "mic"] == ["name"]
