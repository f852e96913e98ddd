"""``overlay.web`` with a stand-in for the web server."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from graphs.engine.flow.instance import Instance
from nodes.overlay import web as module
from nodes.overlay._page import Known, Page
from nodes.overlay._settings import Overlay
from nodes.services import Web
from schemas.chat import ChatBatch, ChatMessage, Donation, HostLine, Withdrawn
from schemas.event import Event
from schemas.playback import Heard
from schemas.reply import Sentence
from schemas.show import ShowState
from tests.fakes import FakeWeb
from tests.harness import Ran, run

ADDRESSES = [
    ("folder", "/"),
    ("data", "/emote"),
    ("get", "/api/state"),
    ("get", "/api/screen"),
    ("post", "/api/clear"),
    ("post", "/api/toggle_streamer_chat"),
    ("channel", "/ws/overlay"),
]
HOST = HostLine(id="h1", author="초코주인", role="streamer", text="초코야 안녕")
CHAT = ChatMessage(id="c1", author="달토끼", text="안녕하세요")
SENTENCE = Sentence(turn="t1", index=0, text="반가워요!", spoken="반가워요!", emotion="excited", last=True)


def heard(fraction: float, *, ended: bool = False) -> Heard:
    return Heard(turn="t1", sentence=0, text="반가워요!", fraction=fraction, ended=ended)


class Shown:
    """One run of the node, with a page that came first and what ``look`` saw at given times."""

    def __init__(
        self,
        given: dict[str, list[tuple[float, Event]]],
        *,
        looks: tuple[float, ...] = (),
        posts: Mapping[float, str | tuple[str, dict[str, Any]]] | None = None,
        **settings: Any,
    ):
        self.web = FakeWeb()
        self.replies: list[Any] = []
        self.page: list[Any] = []
        self.states: list[Any] = []
        self.screens: list[Any] = []
        self.hellos: list[Any] = []

        async def during(_: object) -> None:
            self.page = self.web.opened("/ws/overlay").connect()
            for at in sorted([*looks, *(posts or {})]):
                await asyncio.sleep(at - asyncio.get_running_loop().time())
                if posts and at in posts:
                    path, body = posts[at] if isinstance(posts[at], tuple) else (posts[at], {})
                    self.replies.append(self.web.open["post", path](body))
                    continue
                self.states.append(self.web.open["get", "/api/state"]({}))
                self.screens.append(self.web.open["get", "/api/screen"]({}))
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
    line["processed"] = False
    assert shown.changes("line") == [(1.0, line)]
    assert shown.states[0]["viewer_messages"] == [line]
    assert shown.states[0]["ignore_streamer_chat"] is False
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
    assert shown.web.ever == ADDRESSES
    assert shown.web.open == {}


@pytest.mark.parametrize(("kind", "taken"), ADDRESSES)
def test_it_fails_whole_when_an_address_is_taken(kind: str, taken: str) -> None:
    web = FakeWeb()
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


def test_the_light_of_obs_is_on_while_a_page_that_viewers_see_is_connected() -> None:
    web = FakeWeb()
    lit: list[str | None] = []

    def look(instance: Instance) -> None:
        assert instance.log is not None
        condition = instance.log.conditions.get("obs")
        lit.append(condition and condition.state)

    async def during(instance: Instance) -> None:
        page = web.opened("/ws/overlay")
        page.connect("desk")
        page.say({"type": "anything"}, "desk")
        look(instance)
        for client in ("obs", "second"):
            page.connect(client)
            page.say({"on_air": True}, client)
        look(instance)
        page.leave("obs")
        look(instance)
        page.leave("second")
        look(instance)

    run("overlay.web", {"chat": []}, complete_at=1.0, services={Web: web}, during=during)
    assert lit == [None, "good", "good", "waiting"]


def batch(*events: ChatMessage, turn: str = "t1") -> ChatBatch:
    return ChatBatch(turn=turn, lane="chat", events=events)


OTHER = ChatMessage(id="c2", author="개발하는곰", author_id="u2", text="뭐 해?", sent_at=1.0)


def test_an_answer_names_whom_it_is_for_and_only_their_lines_count_as_answered() -> None:
    given = {"chat": [(1.0, CHAT), (1.1, OTHER)], "batch": [(1.5, batch(OTHER))], "heard": [(2.0, heard(0.0))]}
    shown = Shown(given, looks=(1.8, 3.0))
    assert [line["processed"] for line in shown.states[0]["viewer_messages"]] == [False, False]
    assert [line["processed"] for line in shown.states[1]["viewer_messages"]] == [False, True]
    assert shown.states[1]["assistant_messages"][0]["to"] == [{"id": "c2", "user": "개발하는곰"}]
    assert [change["ids"] for change in shown.page if change["type"] == "answered"] == [["c2"]]


def test_a_line_that_comes_again_was_answered_all_the_same() -> None:
    given = {"chat": [(1.0, OTHER), (3.0, OTHER)], "batch": [(1.5, batch(OTHER))], "heard": [(2.0, heard(0.0))]}
    shown = Shown(given, looks=(4.0,))
    assert [line["processed"] for line in shown.states[0]["viewer_messages"]] == [True]


def test_without_a_voice_an_answer_names_whom_it_is_for_too() -> None:
    given = {"chat": [(1.0, OTHER)], "batch": [(1.5, batch(OTHER))], "reply": [(2.0, SENTENCE)]}
    shown = Shown(given, looks=(3.0,))
    assert shown.states[0]["assistant_messages"][0]["to"] == [{"id": "c2", "user": "개발하는곰"}]
    assert shown.states[0]["assistant_messages"][0]["emotion"] == "excited"


@pytest.mark.parametrize("at", [1.2, 1.7, 2.5])
def test_who_withdrew_a_message_is_named_nowhere(at: float) -> None:
    gone = Withdrawn(author_id="u2", sent_at=1.0, received_at=at)
    given = {
        "chat": [(1.0, CHAT), (1.1, OTHER)],
        "batch": [(1.5, batch(CHAT, OTHER))],
        "heard": [(2.0, heard(0.0))],
        "withdrawn": [(at, gone)],
    }
    shown = Shown(given, looks=(3.0,))
    assert shown.states[0]["assistant_messages"][0]["to"] == [{"id": "c1", "user": "달토끼"}]
    assert [line["id"] for line in shown.states[0]["viewer_messages"]] == ["c1"]
    assert "개발하는곰" not in json.dumps(shown.hellos, ensure_ascii=False)


def test_clearing_empties_the_page_and_what_is_being_said_goes_on_as_a_caption_only() -> None:
    given = {
        "chat": [(1.0, CHAT), (5.0, OTHER)],
        "heard": [(2.0, heard(0.0)), (4.0, heard(0.8)), (6.0, Heard(turn="t2", sentence=0, text="네", fraction=0.0))],
    }
    shown = Shown(given, looks=(3.5, 4.5, 7.0), posts={3.0: "/api/clear"})
    assert shown.replies == [{"ok": True}]
    assert [change["type"] for change in shown.page if change["type"] == "clear"] == ["clear"]
    for state in shown.states[:2]:
        assert (state["viewer_messages"], state["assistant_messages"]) == ([], [])
    assert [state["caption"]["fraction"] for state in shown.states] == [0.0, 0.8, 0.0]
    assert [line["id"] for line in shown.states[2]["viewer_messages"]] == ["c2"]
    assert [answer["id"] for answer in shown.states[2]["assistant_messages"]] == ["t2"]


UNDO = "/api/clear", {"undo": True}


def test_what_was_cleared_by_mistake_comes_back_before_what_came_since() -> None:
    given = {
        "chat": [(1.0, CHAT), (4.0, OTHER)],
        "heard": [(2.0, heard(0.5)), (4.0, heard(0.8)), (6.0, heard(1.0, ended=True))],
    }
    shown = Shown(given, looks=(2.5, 4.5, 5.5, 7.0), posts={3.0: "/api/clear", 3.5: "/api/clear", 5.0: UNDO})
    assert [[line["id"] for line in state["viewer_messages"]] for state in shown.states] == [
        ["c1"],
        ["c2"],
        ["c1", "c2"],
        ["c1", "c2"],
    ]
    assert [[answer["id"] for answer in state["assistant_messages"]] for state in shown.states] == [
        ["t1"],
        [],
        ["t1"],
        ["t1"],
    ]
    assert [(screen["clear"], screen["undo"]) for screen in shown.screens] == [
        (True, False),
        (True, True),
        (True, False),
        (True, False),
    ]
    [change] = [change for change in shown.page if change["type"] == "restore"]
    assert [line["id"] for line in change["lines"]] == ["c1", "c2"]


def test_what_a_moderator_deleted_does_not_come_back_with_what_was_cleared() -> None:
    own = ChatMessage(id="bad", author="누구", author_id="v9", text="나쁜 말")
    given: dict[str, list[tuple[float, Event]]] = {
        "chat": [(1.0, CHAT), (1.0, own)],
        "batch": [(1.5, ChatBatch(turn="t1", lane="chat", events=(CHAT, own)))],
        "heard": [(1.8, heard(1.0, ended=True))],
        "withdrawn": [(2.5, Withdrawn(author_id="v9"))],
    }
    shown = Shown(given, looks=(4.0,), posts={2.0: "/api/clear", 3.0: UNDO})
    assert [line["id"] for line in shown.states[0]["viewer_messages"]] == ["c1"]
    assert shown.states[0]["assistant_messages"][0]["to"] == [{"id": "c1", "user": "달토끼"}]


def test_a_minute_later_what_was_cleared_is_gone() -> None:
    shown = Shown({"chat": [(1.0, CHAT)]}, looks=(61.9, 62.1, 64.0), posts={2.0: "/api/clear", 63.0: UNDO})
    assert [screen["undo"] for screen in shown.screens] == [True, False, False]
    assert [state["viewer_messages"] for state in shown.states] == [[], [], []]


def test_clearing_takes_a_caption_away_that_is_over() -> None:
    shown = Shown({"heard": [(1.0, heard(1.0, ended=True))]}, looks=(3.0,), posts={2.0: "/api/clear"}, caption_s=50.0)
    assert shown.states[0]["caption"] is None


def test_what_the_streamer_said_is_shown_for_as_long_as_the_settings_say_and_is_no_line_of_chat() -> None:
    shown = Shown({"host": [(1.0, HOST)]}, looks=(2.0, 3.9, 4.1), host_s=3.0)
    words = {"user": "초코주인", "text": "초코야 안녕", "until": 4.0}
    assert shown.changes("host") == [(1.0, words)]
    assert [hello["host"] for hello in shown.hellos] == [words, words, None]
    assert [found["host"] for found in shown.states] == [words, words, None]
    assert [found["viewer_messages"] for found in shown.states] == [[], [], []]


def test_what_the_streamer_said_can_be_left_off_the_screen_and_leaves_when_it_is_cleared() -> None:
    assert Shown({"host": [(1.0, HOST)]}, looks=(2.0,), host_s=0.0).changes("host") == []
    shown = Shown({"host": [(1.0, HOST)]}, looks=(3.0,), posts={2.0: "/api/clear"}, host_s=60.0)
    assert [host is None for _, host in shown.changes("host")] == [False, True]
    assert shown.states[0]["host"] is None


@pytest.mark.parametrize(("role", "left"), [("streamer", 0), ("manager", 0), ("viewer", 2)])
def test_the_streamer_and_managers_clear_the_page_by_a_word_in_chat(role: Any, left: int) -> None:
    command = ChatMessage(id="cmd", author="누구", text=" !!클리어 ", role=role)
    shown = Shown({"chat": [(1.0, CHAT), (2.0, command)]}, looks=(3.0,))
    assert len(shown.states[0]["viewer_messages"]) == left


@pytest.mark.parametrize(("role", "left"), [("streamer", ["c2"]), ("manager", ["c2"]), ("viewer", ["c1", "c2"])])
def test_a_word_that_clears_is_heard_before_the_filter_which_may_drop_it(role: Any, left: list[str]) -> None:
    told = ChatMessage(id="cmd", author="누구", text=" !!클리어 ", role=role)
    other = ChatMessage(id="no", author="누구", text="안녕", role="streamer")
    given = {"chat": [(1.0, CHAT), (3.0, OTHER)], "command": [(1.5, other), (2.0, told)]}
    shown = Shown(given, looks=(4.0,))
    assert [line["id"] for line in shown.states[0]["viewer_messages"]] == left


def test_a_word_that_clears_and_passes_the_filter_too_clears_once_and_is_not_shown() -> None:
    told = ChatMessage(id="cmd", author="누구", text="!!클리어", role="streamer")
    given = {"chat": [(1.0, CHAT), (2.2, OTHER), (2.5, told)], "command": [(2.0, told)]}
    shown = Shown(given, looks=(4.0,))
    assert [line["id"] for line in shown.states[0]["viewer_messages"]] == ["c2"]


def test_the_streamers_lines_can_be_hidden_and_shown_again() -> None:
    own = ChatMessage(id="own", author="주인", text="공지", role="streamer")
    path = "/api/toggle_streamer_chat"
    shown = Shown({"chat": [(1.0, CHAT), (1.0, own)]}, looks=(2.5, 4.0), posts={2.0: path, 3.0: path})
    assert shown.replies == [{"ok": True, "ignore_streamer_chat": hidden} for hidden in (True, False)]
    assert [[line["id"] for line in state["viewer_messages"]] for state in shown.states] == [["c1"], ["c1", "own"]]
    assert [hello["streamer_hidden"] for hello in shown.hellos] == [True, False]
    assert [line["id"] for line in shown.hellos[0]["lines"]] == ["c1", "own"], "the page hides them itself"


def test_two_docks_that_hide_the_streamers_lines_do_not_show_them_again() -> None:
    hide = "/api/toggle_streamer_chat", {"hidden": True}
    shown = Shown({"chat": [(1.0, CHAT)]}, looks=(4.0,), posts={2.0: hide, 3.0: hide})
    assert [reply["ignore_streamer_chat"] for reply in shown.replies] == [True, True]
    assert shown.screens[0]["streamer_hidden"] is True


EMOTE = ChatMessage(
    id="e",
    author="달토끼",
    text="{:bear:}",
    emotes={"bear": "https://ssl.pstatic.net/b.png"},
    badges=("https://x.org/b",),
)


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A host of pictures that answers after a second; the list grows with what it was asked for."""
    asked: list[str] = []

    @asynccontextmanager
    async def images(_: object) -> AsyncGenerator[Any]:
        async def get(url: str) -> tuple[bytes, str] | None:
            asked.append(url)
            await asyncio.sleep(1)
            return b"bear", "image/png"

        yield get

    monkeypatch.setattr(module, "images", images)
    return asked


def test_the_picture_of_an_emote_is_fetched_once_and_told_when_it_is_there(host: list[str]) -> None:
    shown = Shown({"chat": [(1.0, EMOTE), (5.0, EMOTE)]}, looks=(1.5, 3.0))
    (key,) = shown.hellos[0]["lines"][0]["emotes"].values()
    assert "badges" not in shown.hellos[0]["lines"][0], "its host is not among those that may be asked"
    assert [hello["images"] for hello in shown.hellos] == [[], [key]]
    assert [(change["now"], change["id"]) for change in shown.page if change["type"] == "image"] == [(2.0, key)]
    assert host == ["https://ssl.pstatic.net/b.png"]


def test_with_no_host_nothing_is_fetched(host: list[str]) -> None:
    shown = Shown({"chat": [(1.0, EMOTE)]}, looks=(3.0,), emote_hosts=[])
    assert "emotes" not in shown.hellos[0]["lines"][0]
    assert host == []


def test_a_program_that_was_killed_comes_back_with_the_same_lines(host: list[str], tmp_path: Path) -> None:
    file = tmp_path / "history" / "overlay.json"
    given = {"chat": [(1.0, EMOTE), (1.0, OTHER)], "batch": [(1.5, batch(OTHER))], "heard": [(2.0, heard(0.5))]}
    contents: list[str] = []

    async def during(_: object) -> None:
        await asyncio.sleep(3)
        contents.append(file.read_text(encoding="utf-8"))

    settings = {"saved": str(file)}
    ran = run("overlay.web", given, settings=settings, complete_at=4.0, services={Web: FakeWeb()}, during=during)
    assert ran.error is None
    file.write_text(contents[0], encoding="utf-8")
    later = {"withdrawn": [(2.0, Withdrawn(author_id="u2", sent_at=1.0, received_at=2.0))], "batch": []}
    again = Shown(later, looks=(1.0, 3.0), saved=str(file))
    before, after = again.states
    assert [(line["id"], line["processed"]) for line in before["viewer_messages"]] == [("e", False), ("c2", True)]
    assert [said["message"] for said in before["assistant_messages"]] == ["반가워요!"]
    assert before["caption"] is None
    assert [line["id"] for line in after["viewer_messages"]] == ["e"], "it can still be withdrawn"
    assert len(again.hellos[1]["images"]) == 1
    assert host == ["https://ssl.pstatic.net/b.png"] * 2


def test_what_is_known_of_the_show_is_told_when_it_changes_and_is_not_there_after_a_restart(tmp_path: Path) -> None:
    saved = str(tmp_path / "overlay.json")
    told = [(at, ShowState(title="저녁", followers=followers)) for at, followers in ((1.0, 3), (2.0, 3), (3.0, 4))]
    shown = Shown({"show": told}, looks=(0.5, 4.0), saved=saved)
    assert [(at, show["title"], show["followers"]) for at, show in shown.changes("show")] == [
        (1.0, "저녁", 3),
        (3.0, "저녁", 4),
    ]
    assert [hello["show"] and hello["show"]["followers"] for hello in shown.hellos] == [None, 4]
    assert Shown({"show": []}, looks=(1.0,), saved=saved).hellos[0]["show"] is None


def test_the_show_leaves_the_page_with_the_node_that_tells_of_it() -> None:
    clock: Any = SimpleNamespace(now=lambda: 0.0)
    page = Page(Overlay(), clock, Known(), batches=True)
    for change in page.about(ShowState(title="저녁")):
        page.apply(change)
    (change,) = page.about(None)
    assert page.apply(change)["show"] is None
    assert list(page.about(None)) == []


def test_the_last_change_is_saved_when_the_show_ends(tmp_path: Path) -> None:
    file = tmp_path / "overlay.json"
    run("overlay.web", {"chat": [(1.0, CHAT)]}, settings={"saved": str(file)}, services={Web: FakeWeb()})
    assert [line["id"] for line in json.loads(file.read_text(encoding="utf-8"))["lines"]] == ["c1"]


def test_a_file_that_cannot_be_read_is_told_and_the_page_starts_empty(tmp_path: Path) -> None:
    file = tmp_path / "overlay.json"
    file.write_text("{", encoding="utf-8")
    shown = Shown({"chat": []}, looks=(1.0,), saved=str(file))
    assert shown.hellos[0]["lines"] == []
    assert [line for line in shown.ran.log if "빈 화면으로 시작" in line]


def test_what_could_not_be_saved_is_saved_when_it_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "overlay.json"
    write, refusals = module.saved.write, [PermissionError("in use")]

    def held(path: Path, text: str) -> None:
        if refusals:
            raise refusals.pop()
        write(path, text)

    monkeypatch.setattr(module.saved, "write", held)
    lines: list[str] = []

    async def during(_: object) -> None:
        await asyncio.sleep(4)
        lines.extend(line["id"] for line in json.loads(file.read_text(encoding="utf-8"))["lines"])

    given, settings = {"chat": [(1.0, CHAT)]}, {"saved": str(file)}
    run("overlay.web", given, settings=settings, complete_at=5.0, services={Web: FakeWeb()}, during=during)
    assert lines == ["c1"]


def test_a_disk_that_cannot_be_written_is_told_once_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    many = [(float(number), ChatMessage(id=f"m{number}", author="a", text="b")) for number in range(1, 4)]
    shown = Shown({"chat": many}, looks=(5.0,), saved=str(tmp_path / "file" / "overlay.json"))
    assert len(shown.hellos[0]["lines"]) == 3
    assert len([line for line in shown.ran.log if "화면을 저장하지 못했어요" in line]) == 1
