"""``overlay.web`` with a stand-in for the web server."""

import asyncio
from typing import Any

import pytest

from nodes.services import Web
from schemas.chat import ChatMessage, Donation, Withdrawn
from schemas.event import Event
from schemas.playback import Heard
from schemas.reply import Sentence
from tests.fakes import FakeWeb
from tests.harness import Ran, run

CHAT = ChatMessage(id="c1", author="달토끼", text="안녕하세요")
SENTENCE = Sentence(turn="t1", index=0, text="반가워요!", spoken="반가워요!", emotion="excited", last=True)


def heard(fraction: float, *, ended: bool = False) -> Heard:
    return Heard(turn="t1", sentence=0, text="반가워요!", fraction=fraction, ended=ended)


class Shown:
    """One run of the node, with a page that came first and what ``look`` saw at given times."""

    def __init__(self, given: dict[str, list[tuple[float, Event]]], *, looks: tuple[float, ...] = (), **settings: Any):
        self.web = FakeWeb()
        self.page: list[Any] = []
        self.states: list[Any] = []
        self.hellos: list[Any] = []

        async def during(_: object) -> None:
            self.page = self.web.opened("/ws/overlay").connect()
            for at in looks:
                await asyncio.sleep(at - asyncio.get_running_loop().time())
                self.states.append(self.web.open["get", "/api/state"]({}))
                self.hellos.append(next(iter(self.web.opened("/ws/overlay").hello())))

        self.ran: Ran = run(
            "overlay.web", given, settings=settings, complete_at=100.0, services={Web: self.web}, during=during
        )
        assert self.ran.error is None, self.ran.error

    def changes(self, kind: str) -> list[Any]:
        return [(change["now"], change[kind]) for change in self.page if change["type"] == kind]


def test_a_viewers_line_reaches_the_page_and_the_state() -> None:
    shown = Shown({"chat": [(1.0, CHAT)]}, looks=(2.0,))
    line = {"id": "c1", "kind": "chat", "user": "달토끼", "role": "viewer", "message": "안녕하세요", "ts": 1.0}
    assert shown.changes("line") == [(1.0, line)]
    assert shown.states[0]["viewer_messages"] == [{**line, "processed": False}]
    assert shown.states[0]["assistant_messages"] == []


def test_a_line_is_processed_once_an_answer_came_after_it() -> None:
    late = Donation(id="d1", author="달토끼", amount=1000)
    shown = Shown({"chat": [(1.0, CHAT), (3.0, late)], "heard": [(2.0, heard(0.0))]}, looks=(4.0,))
    assert [line["processed"] for line in shown.states[0]["viewer_messages"]] == [True, False]


def test_an_answer_waits_for_the_voice() -> None:
    shown = Shown({"reply": [(1.0, SENTENCE)], "heard": [(2.0, heard(0.0))]}, looks=(1.5, 2.5))
    assert shown.states[0]["assistant_messages"] == []
    [answer] = shown.states[1]["assistant_messages"]
    assert (answer["message"], answer["ts"], answer["emotion"]) == ("반가워요!", 2.0, "excited")


def test_without_a_voice_an_answer_and_its_caption_come_with_the_sentence() -> None:
    shown = Shown({"reply": [(1.0, SENTENCE)]}, caption_s=2.0)
    assert [at for at, _ in shown.changes("answer")] == [1.0]
    (came, caption), (left, nothing) = shown.changes("caption")
    assert (came, caption["text"], caption["fraction"]) == (1.0, "반가워요!", 1.0)
    assert (left, nothing) == (3.0, None)


def test_a_silent_sentence_shows_nothing() -> None:
    silent = Sentence(turn="t1", index=0, text="", spoken="", emotion="happy", last=True)
    assert len(Shown({"reply": [(1.0, silent)]}).page) == 1
    empty = Heard(turn="t1", sentence=0, text=" ", fraction=1.0)
    assert len(Shown({"heard": [(1.0, empty)]}).page) == 1


def test_a_caption_leaves_some_time_after_the_voice_ended() -> None:
    shown = Shown({"heard": [(1.0, heard(0.0)), (2.0, heard(0.6)), (3.0, heard(1.0, ended=True))]}, caption_s=3.0)
    assert [(at, caption and caption["fraction"]) for at, caption in shown.changes("caption")] == [
        (1.0, 0.0),
        (2.0, 0.6),
        (3.0, 1.0),
        (6.0, None),
    ]


def test_a_caption_stays_while_its_sentence_pauses() -> None:
    shown = Shown({"heard": [(1.0, heard(0.5))]}, looks=(50.0,), caption_s=1.0)
    assert shown.states[0]["caption"]["fraction"] == 0.5


def test_a_page_that_comes_later_is_told_everything_at_once() -> None:
    shown = Shown({"chat": [(1.0, CHAT)], "heard": [(2.0, heard(0.5))]}, looks=(3.0,), title="초코", fade_s=60.0)
    hello = shown.hellos[0]
    assert (hello["type"], hello["now"], hello["title"], hello["fade_s"]) == ("hello", 3.0, "초코", 60.0)
    assert [line["id"] for line in hello["lines"]] == ["c1"]
    assert [answer["id"] for answer in hello["answers"]] == ["t1"]
    assert hello["caption"]["fraction"] == 0.5


def said(name: str, at: float) -> ChatMessage:
    return ChatMessage(id=name, author="달토끼", author_id="u1", text=name, sent_at=at, received_at=at)


def test_a_withdrawn_message_leaves_every_page_and_no_new_page_gets_it() -> None:
    given = {
        "chat": [(1.0, said("a", 1.0)), (1.0, said("b", 1.5)), (1.0, CHAT)],
        "withdrawn": [(3.0, Withdrawn(author_id="u1", sent_at=1.0, received_at=3.0))],
    }
    shown = Shown(given, looks=(2.0, 4.0))
    assert [change for change in shown.page if change["type"] == "withdraw"] == [
        {"type": "withdraw", "ids": ["a"], "now": 3.0}
    ]
    assert [[line["id"] for line in hello["lines"]] for hello in shown.hellos] == [["a", "b", "c1"], ["b", "c1"]]
    assert [line["id"] for line in shown.states[1]["viewer_messages"]] == ["b", "c1"]


def test_all_of_a_viewer_leaves_and_what_the_viewer_says_later_is_shown() -> None:
    given = {
        "chat": [(1.0, said("a", 1.0)), (3.0, said("late", 1.9)), (3.0, said("new", 3.0))],
        "withdrawn": [(2.0, Withdrawn(author_id="u1", received_at=2.0))],
    }
    shown = Shown(given, looks=(1.5, 4.0))
    assert [[line["id"] for line in hello["lines"]] for hello in shown.hellos] == [["a"], ["new"]]
    assert [line["id"] for _, line in shown.changes("line")] == ["a", "new"], "one that was overtaken is never sent"


def test_what_left_the_page_by_its_age_is_not_remembered() -> None:
    given = {
        "chat": [(1.0, said(name, at)) for name, at in (("a", 1.0), ("b", 2.0), ("c", 3.0))],
        "withdrawn": [(3.0, Withdrawn(author_id="u1", sent_at=1.0))],
    }
    shown = Shown(given, looks=(4.0,), max_lines=2)
    assert [change["type"] for change in shown.page] == ["hello", "line", "line", "line"]
    assert [line["id"] for line in shown.hellos[0]["lines"]] == ["b", "c"]


def test_only_the_newest_lines_are_kept() -> None:
    many = [(1.0 + n / 10, ChatMessage(id=f"c{n}", author="a", text="b")) for n in range(5)]
    shown = Shown({"chat": many}, looks=(2.0,), max_lines=3)
    assert [line["id"] for line in shown.hellos[0]["lines"]] == ["c2", "c3", "c4"]


def test_emotions_of_old_turns_are_forgotten() -> None:
    spoken = [(1.0, Sentence(turn=t, index=0, text="네", spoken="네", emotion="sad")) for t in ("t1", "t2")]
    shown = Shown({"reply": spoken, "heard": [(2.0, heard(0.0))]}, looks=(3.0,), max_lines=1)
    assert shown.states[0]["assistant_messages"][0]["emotion"] == "neutral"


def test_it_gives_its_addresses_back_when_its_inputs_complete() -> None:
    shown = Shown({"chat": [(1.0, CHAT)]})
    assert shown.ran.completed_at == 100.0
    assert shown.web.ever == [("folder", "/"), ("get", "/api/state"), ("channel", "/ws/overlay")]
    assert shown.web.open == {}


@pytest.mark.parametrize("taken", ["/", "/api/state", "/ws/overlay"])
def test_it_fails_whole_when_an_address_is_taken(taken: str) -> None:
    web = FakeWeb()
    kind = {"/": "folder", "/api/state": "get", "/ws/overlay": "channel"}[taken]
    web.open[kind, taken] = object()
    ran = run("overlay.web", {"chat": []}, services={Web: web})
    assert isinstance(ran.error, ValueError)
    assert list(web.open) == [(kind, taken)]


def test_what_the_page_says_is_nothing_to_it() -> None:
    web = FakeWeb()

    async def during(_: object) -> None:
        page = web.opened("/ws/overlay")
        page.connect()
        page.say({"type": "anything"})
        page.leave()

    assert run("overlay.web", {"chat": []}, complete_at=1.0, services={Web: web}, during=during).error is None
