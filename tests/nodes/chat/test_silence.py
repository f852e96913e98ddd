"""chat.silence"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from nodes.chat import _quiet
from nodes.chat.silence import parse
from schemas.chat import ChatBatch
from schemas.event import Event
from schemas.playback import Speaking
from schemas.reply import ReplyChunk
from tests.harness import ROOT, Ran, run
from tests.nodes.chat.fakes import chat

Timed = list[tuple[float, Event]]


def batch(turn: str = "t1") -> ChatBatch:
    return ChatBatch(turn=turn, lane="chat", events=(chat("m", author="하늘"),))


def topic(turn: str, text: str) -> ChatBatch:
    return ChatBatch(turn=turn, lane="chat", events=(), topic=text)


def said(turn: str, start: float, end: float) -> Timed:
    return [(start, Speaking(turn=turn, speaking=True)), (end, Speaking(turn=turn, speaking=False))]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "topics.txt").write_text("# 이야기\n하나  둘 # 설명\n\n  셋\n", encoding="utf-8")
    return tmp_path


def quiet(
    root: Path,
    batches: Sequence[tuple[float, Event]] = (),
    speaking: Sequence[tuple[float, Event]] | None = None,
    until: float = 1000.0,
    **settings: Any,
) -> list[tuple[float, str, str]]:
    given: dict[str, Sequence[tuple[float, Event]]] = {"batch": batches}
    if speaking is not None:
        given["speaking"] = speaking
    asked = {"topics": "topics.txt", "after_s": 60.0, "cooldown_s": 120.0, "at_most": 3} | settings
    ran: Ran = run("chat.silence", given, settings=asked, root=root, complete_at=until)
    assert (ran.error, ran.drops) == (None, [])
    assert ran.completed_at == until
    assert all(event.events == () and event.lane == "chat" and event.notes == () for event in ran.events())
    return [(at, event.turn, event.topic) for (at, _, _), event in zip(ran.out, ran.events(), strict=True)]


def test_a_topic_comes_after_the_silence_and_the_next_ones_after_the_cooldown(root: Path) -> None:
    assert quiet(root) == [(60.0, "silence-1", "하나 둘"), (180.0, "silence-2", "셋"), (300.0, "silence-3", "하나 둘")]


def test_with_no_cooldown_the_silence_alone_decides_and_with_no_limit_it_goes_on(root: Path) -> None:
    times = [at for at, _, _ in quiet(root, cooldown_s=0, at_most=0, after_s=100, until=950.0)]
    assert times == [100.0 * number for number in range(1, 10)]


def test_it_never_speaks_first_where_that_is_off(root: Path) -> None:
    assert quiet(root, [(59.9, batch())], enabled=False) == []


def test_a_viewer_starts_the_silence_anew_and_gives_back_the_topics(root: Path) -> None:
    times = [at for at, _, _ in quiet(root, [(59.9, batch()), (500.0, batch("t2"))])]
    assert times == [pytest.approx(119.9), pytest.approx(239.9), pytest.approx(359.9), 560.0, 680.0, 800.0]


def test_the_silence_counts_from_the_last_sample_of_the_voice(root: Path) -> None:
    speaking = said("t1", 3.0, 20.0) + said("silence-1", 81.0, 90.0)
    assert [at for at, _, _ in quiet(root, [(1.0, batch())], speaking, until=220.0)] == [80.0, 200.0]


def test_no_topic_comes_while_a_turn_is_answered_or_spoken(root: Path) -> None:
    thinking = quiet(root, [(1.0, batch())], said("t1", 100.0, 250.0), until=320.0, turn_timeout_s=200)
    assert [at for at, _, _ in thinking] == [310.0]
    queued = said("t1", 3.0, 90.0) + said("t2", 90.0, 150.0)
    assert [
        at for at, _, _ in quiet(root, [(1.0, batch()), (2.0, batch("t2"))], queued, until=220.0, turn_timeout_s=200)
    ] == [210.0]


def test_its_own_turn_that_waits_for_its_voice_is_not_followed_by_another(root: Path) -> None:
    late = said("silence-1", 300.0, 310.0)
    assert [at for at, _, _ in quiet(root, [], late, until=400.0, turn_timeout_s=500)] == [60.0, 370.0]


def test_a_turn_whose_end_is_never_told_is_given_up(root: Path) -> None:
    lost = [(2.0, Speaking(turn="t1", speaking=True))]
    assert [at for at, _, _ in quiet(root, [(1.0, batch())], lost, until=160.0, turn_timeout_s=100)] == [102.0]
    assert quiet(root, [(1.0, batch())], [], until=100.0, turn_timeout_s=200) == []


def test_turns_whose_end_is_never_told_do_not_pile_up(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    sizes: list[int] = []
    heard_of = _quiet._Waiting._heard_of

    def counted(waiting: Any, turn: str, *, over: bool) -> None:
        heard_of(waiting, turn, over=over)
        sizes.append(len(waiting._open))

    monkeypatch.setattr(_quiet._Waiting, "_heard_of", counted)
    busy = [(float(second), batch(f"t{second}")) for second in range(1, 300)]
    assert [at for at, _, _ in quiet(root, busy, [], until=365.0, turn_timeout_s=60)] == [359.0]
    assert len(sizes) == 300
    assert max(sizes) == 60


def test_a_setting_that_is_changed_in_the_middle_of_a_silence_is_heeded_soon(root: Path) -> None:
    asked = {"topics": "topics.txt", "after_s": 60.0, "cooldown_s": 0.0, "at_most": 1}

    async def change(instance: Any) -> None:
        await asyncio.sleep(100.0)
        vars(instance.settings).update(at_most=0)

    ran = run("chat.silence", {"batch": []}, settings=asked, root=root, complete_at=130.0, during=change)
    assert [at for at, _, _ in ran.out] == [60.0, 120.0]

    async def shorten(instance: Any) -> None:
        await asyncio.sleep(10.0)
        vars(instance.settings).update(after_s=20.0)

    asked |= {"after_s": 600.0}
    ran = run("chat.silence", {"batch": []}, settings=asked, root=root, complete_at=130.0, during=shorten)
    assert [at for at, _, _ in ran.out] == [20.0]


def test_the_end_of_another_turn_frees_nothing(root: Path) -> None:
    other = said("t1", 2.0, 30.0) + said("stray", 31.0, 32.0)
    assert [
        at for at, _, _ in quiet(root, [(1.0, batch()), (1.5, batch("t2"))], other, until=110.0, turn_timeout_s=200)
    ] == []


def test_a_viewer_who_writes_while_a_topic_is_on_its_way_is_answered_after_it_and_no_topic_comes_between(
    root: Path,
) -> None:
    """The batch opens beside the topic's turn: the voice says both in order, and the silence counts from the second."""
    speaking = said("silence-1", 61.0, 70.0) + said("t1", 70.0, 80.0)
    came = quiet(root, [(60.5, batch())], speaking, until=190.0, cooldown_s=0)
    assert [at for at, _, _ in came] == [60.0, 140.0]


def test_a_voice_that_is_gone_is_not_waited_for(root: Path) -> None:
    settings = {"topics": "topics.txt", "at_most": 1, "after_s": 60.0, "turn_timeout_s": 5000.0}
    ran = run(
        "chat.silence", {"batch": [(1.0, batch())], "speaking": []}, settings=settings, root=root, complete_at=200.0
    )
    assert ran.out == []  # both inputs end at 200 s, and with the batches the node
    alone = run("chat.silence", {"batch": [(1.0, batch())]}, settings=settings, root=root, complete_at=200.0)
    assert [at for at, _, _ in alone.out] == [61.0]


def test_without_a_model_a_topic_is_said_as_it_is_written() -> None:
    ran = run("reply.canned", {"batch": [(0.0, topic("silence-1", "비가 오네요. 파전 먹을까요?"))]})
    assert ran.events() == [
        ReplyChunk(turn="silence-1", text="비가 오네요. ", emotion="neutral", rung="canned"),
        ReplyChunk(turn="silence-1", text="파전 먹을까요?", last=True),
    ]


@pytest.mark.parametrize("text", ["", "# 하나\n", " \n#\n"])
def test_a_file_without_a_topic_is_told_with_its_line(text: str) -> None:
    with pytest.raises(ValueError, match="1번째 줄: "):
        parse(text)


def test_the_list_that_comes_with_it_has_thirty_topics_that_can_be_said_as_they_are() -> None:
    topics = parse((ROOT / "config" / "topics.txt").read_text(encoding="utf-8"))
    assert len(topics) == len(set(topics)) >= 30
    assert all(line[-1] in ".?!" and 15 <= len(line) <= 80 for line in topics)
    assert parse("문제 #1 이야기\nC# 이야기")[1] == "C# 이야기"
