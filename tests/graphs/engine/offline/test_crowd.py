import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.offline.crowd import RAIDERS, Crowd, crowd, texts_of
from graphs.engine.offline.recording import Read
from schemas.chat import RawPayload
from tests.harness import ROOT, run

DEMO = ROOT / "tests" / "recordings" / "seven_minutes.jsonl"


def test_the_same_seed_gives_the_same_viewers_and_another_one_others():
    how = Crowd(60.0, rate=5.0)
    assert list(crowd(how, 1)) == list(crowd(how, 1))
    assert list(crowd(how, 1)) != list(crowd(how, 2))


@given(st.floats(1.0, 120.0), st.floats(0.1, 20.0), st.floats(0.0, 1.0), st.integers(0, 3), st.booleans())
def test_what_comes_is_in_the_order_of_time_and_within_the_show(seconds, rate, spam, bursts, raid):
    times = [at for at, _ in crowd(Crowd(seconds, rate, spam, bursts, raid), 3)]
    assert times == sorted(times)
    assert all(0 <= at <= seconds for at in times)


def test_every_event_is_as_the_service_sends_it():
    lines = list(crowd(Crowd(120.0, rate=3.0), 5))
    ran = run("chat.parse", {"payload": lines})
    assert ran.malformed == []
    kinds = Counter(type(event).__name__ for event in ran.events("chat"))
    assert kinds["ChatMessage"] > 100
    assert kinds["Donation"] + kinds["Subscription"] == 10
    assert len({event.id for event in ran.events("chat")}) >= len(lines) - 1


def test_the_rate_is_half_at_the_ends_and_whole_in_the_middle():
    how = Crowd(100.0, rate=4.0, raid=False)
    assert how.at(0.0) == pytest.approx(2.0)
    assert how.at(50.0) == pytest.approx(4.0)
    assert how.at(100.0) == pytest.approx(2.0)


def test_a_raid_brings_many_new_viewers_at_once():
    def in_raid(raid):
        lines = crowd(Crowd(100.0, rate=4.0, bursts=0, raid=raid), 7)
        return [json.loads(event.payload)["profile"]["nickname"] for at, event in lines if 60.0 <= at < 80.0]

    assert len(in_raid(True)) > 3 * len(in_raid(False))
    assert len(set(in_raid(True)) - set(in_raid(False))) > RAIDERS / 2


@pytest.mark.parametrize(("spam", "low", "high"), [(0.0, 0.0, 0.0), (0.3, 0.2, 0.4), (1.0, 1.0, 1.0)])
def test_the_part_that_is_spam(spam, low, high):
    lines = list(crowd(Crowd(200.0, rate=5.0, spam=spam, bursts=0, raid=False), 9))
    spammed = sum("도배꾼" in str(event.payload) for _, event in lines)
    assert low <= spammed / len(lines) <= high


def test_viewers_write_what_a_recording_has_but_not_what_the_streamer_wrote():
    texts = texts_of(Read(DEMO))
    assert "초코야 안녕! 오늘 첫방문이에요" in texts
    assert "다들 어서 와요! 오늘은 초코랑 같이 합니다" not in texts
    assert len(texts) == len(set(texts)) > 100
    written = {json.loads(event.payload)["content"] for _, event in crowd(Crowd(60.0, 5.0, 0.0, 0, False), 1, texts)}
    assert written <= set(texts)


@pytest.mark.parametrize("payload", ["{", "null", "[]", '{"content": 3}', '{"content": " "}'])
def test_lines_without_a_text_give_none(payload):
    assert texts_of([(0.0, RawPayload(event="CHAT", payload=payload))]) == []
