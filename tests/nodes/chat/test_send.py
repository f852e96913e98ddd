import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.flow.instance import Instance
from nodes.chat._chzzk.account import Busy, ChzzkError, Forbidden, LoginNeeded, ServiceError
from nodes.chat._chzzk.rest import _error
from nodes.chat.send import LIMIT, SENT, Send, Sent, clipped
from schemas.reply import Sentence
from tests.harness import Ran, run


class Chat:
    """A stand-in for the account: what was written, and the failures to come."""

    def __init__(self) -> None:
        self.lines: list[tuple[float, str]] = []
        self.failures: list[ChzzkError | None] = []
        self.takes_s = 0.0
        self.closed = 0
        self.asked = 0
        self.warn: Any = None

    async def me(self) -> tuple[str, str]:
        self.asked += 1
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        return "me", "하늘방송"

    async def send_chat(self, text: str) -> None:
        assert self.closed == 0
        self.lines.append((round(asyncio.get_running_loop().time(), 6), text))
        await asyncio.sleep(self.takes_s)
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure

    async def close(self) -> None:
        self.closed += 1


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Chat:
    chat = Chat()

    def account(_: Send, warn: Any) -> Chat:
        chat.warn = warn
        return chat

    monkeypatch.setattr(Send, "account", account)
    SENT._lines.clear()
    return chat


def said(turn: str, text: str, index: int = 0, last: bool = True) -> Sentence:
    return Sentence(turn=turn, index=index, text=text, spoken=text, emotion="neutral", last=last)


def play(given: Iterable[tuple[float, Sentence]], complete_at: float = 100.0, **more: Any) -> Ran:
    ran = run("chat.send", {"sentence": given}, complete_at=complete_at, **more)
    assert ran.error is None, ran.error
    assert ran.completed_at is not None
    return ran


def test_a_turn_is_one_message(chat: Chat) -> None:
    play([(1, said("t1", "안녕!", 0, False)), (1.5, said("t1", "반가워\n요.", 1, False)), (2, said("t1", "", 2))])
    assert chat.lines == [(2.0, "안녕! 반가워 요.")]
    assert chat.closed == 1


def test_a_turn_that_is_broken_off_is_not_written(chat: Chat) -> None:
    play([(1, said("t1", "그런데", 0, False)), (2, said("t2", "앗!"))])
    assert chat.lines == [(2.0, "앗!")]


def test_a_turn_without_a_word_is_not_written(chat: Chat) -> None:
    play([(1, said("t1", " \n "))])
    assert chat.lines == []


def test_a_message_comes_every_two_seconds_at_most_and_the_newest_wins(chat: Chat) -> None:
    play([(1.0, said("t1", "하나")), (1.1, said("t2", "둘")), (1.2, said("t3", "셋")), (9.0, said("t4", "넷"))])
    assert chat.lines == [(1.0, "하나"), (3.0, "셋"), (9.0, "넷")]


def test_a_slow_service_holds_nothing_up(chat: Chat) -> None:
    chat.takes_s = 10.0
    play([(1.0, said("t1", "하나")), (2.0, said("t2", "둘")), (3.0, said("t3", "셋"))])
    assert chat.lines == [(1.0, "하나"), (11.0, "셋")]


def test_what_waits_at_the_end_is_still_written(chat: Chat) -> None:
    ran = play([(1.0, said("t1", "하나")), (1.1, said("t2", "둘"))], complete_at=1.2)
    assert chat.lines == [(1.0, "하나"), (3.0, "둘")]
    assert ran.completed_at == 3.0
    assert chat.closed == 1


def test_a_node_that_is_closed_by_force_closes_its_account(chat: Chat) -> None:
    run("chat.send", {"sentence": [(1.0, said("t1", "하나"))]}, complete_at=100.0, until=2.0)
    assert chat.closed == 1


def test_nothing_is_written_while_it_is_not_enabled(chat: Chat) -> None:
    play([(1.0, said("t1", "하나"))], settings={"enabled": False})
    assert chat.lines == []
    assert chat.asked == 0


def test_it_can_be_switched_off_on_air(chat: Chat) -> None:
    async def switch_off(instance: Instance) -> None:
        await asyncio.sleep(5.0)
        object.__setattr__(instance.settings, "enabled", False)

    play([(1.0, said("t1", "하나")), (6.0, said("t2", "둘"))], during=switch_off)
    assert chat.lines == [(1.0, "하나")]


def test_a_missing_login_is_told_once_and_noticed_when_it_comes(chat: Chat) -> None:
    chat.failures = [LoginNeeded(), LoginNeeded(), None, None, LoginNeeded()]
    ran = play([(at, said(f"t{at}", f"{at}번")) for at in (5, 10, 15, 20)])
    assert chat.lines == [(15.0, "15번"), (20.0, "20번")]
    assert [line for line in ran.log if "aischoco.py login" in line] == ran.log
    assert len(ran.log) == 2


def test_each_kind_of_failure_is_told_and_none_is_raised(chat: Chat) -> None:
    chat.failures = [None, ServiceError("no network"), ServiceError("no network"), Forbidden("no scope"), None]
    ran = play([(at, said(f"t{at}", f"{at}번")) for at in (5, 10, 15, 20)])
    assert [text for _, text in chat.lines] == ["5번", "10번", "15번", "20번"], "a failed line is not written again"
    assert len(ran.log) == 2
    assert "no network" in ran.log[0]
    assert "no scope" in ran.log[1]


def test_a_busy_service_is_left_alone_as_long_as_it_wants(chat: Chat) -> None:
    chat.failures = [None, Busy("too many", 30.0)]
    play([(1.0, said("t1", "하나")), (5.0, said("t2", "둘")), (20.0, said("t3", "셋"))])
    assert chat.lines == [(1.0, "하나"), (31.0, "셋")]


def test_a_busy_service_is_told_once_however_long_it_wants_to_be_left_alone(chat: Chat) -> None:
    chat.failures = [None, *(_error("/x", 429, "", seconds) for seconds in (3.0, 4.0, 5.0))]
    ran = play([(10.0 * at, said(f"t{at}", f"{at}번")) for at in range(1, 4)])
    assert len(ran.log) == 1


def test_without_settings_it_says_that_a_login_is_needed() -> None:
    ran = play([(1.0, said("t1", "하나")), (5.0, said("t2", "둘"))])
    assert len(ran.log) == 1
    assert "aischoco.py login" in ran.log[0]


def test_what_it_wrote_is_known_when_it_comes_back(chat: Chat) -> None:
    play([(1.0, said("t1", "안녕  하세요"))])
    assert SENT.echo("me", "안녕 하세요 ", 2.0)
    assert not SENT.echo("me", "안녕 하세요", 2.0), "the streamer says the same"


@pytest.mark.parametrize(
    ("sender", "text", "now", "ours"),
    [
        ("me", "안녕", 10.0, True),
        ("me", "안녕", 70.0, True),
        ("me", "안녕", 70.1, False),
        ("other", "안녕", 10.0, False),
        ("me", "아니", 10.0, False),
        ("me", "안녕", 9.0, False),
        ("", "안녕", 10.0, False),
    ],
)
def test_an_echo_has_our_account_our_text_and_comes_within_a_minute(
    sender: str, text: str, now: float, ours: bool
) -> None:
    sent = Sent()
    sent.add("me", "안녕", 10.0)
    assert sent.echo(sender, text, now) is ours


def test_what_was_sent_is_not_remembered_without_bound() -> None:
    sent = Sent()
    for number in range(1000):
        sent.add("me", str(number), 0.0)
    assert len(sent._lines) == 64


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("짧은 말", "짧은 말"),
        ("가" * 100, "가" * 100),
        ("가" * 101, "가" * 99 + "…"),
        ("가" * 60 + " " + "나" * 60, "가" * 60 + "…"),
        ("가" * 98 + ", " + "나" * 60, "가" * 98 + "…"),
        ("가" * 99 + " 나", "가" * 99 + "…"),
        ("가 " + "나" * 120, "가 " + "나" * 97 + "…"),
        ("😀" * 50, "😀" * 50),
        ("😀" * 51, "😀" * 49 + "…"),
    ],
)
def test_a_long_answer_is_cut_behind_a_word(text: str, cut: str) -> None:
    assert clipped(text) == cut


@given(st.text(alphabet="가나 \n.😀a", max_size=220))
def test_a_cut_answer_fits_on_one_line_and_begins_as_the_answer(text: str) -> None:
    cut = clipped(text)
    assert len(cut.encode("utf-16-le")) // 2 <= LIMIT
    assert " ".join(text.split()).startswith(cut.removesuffix("…"))
    assert "\n" not in cut
