from pathlib import Path

import pytest

from graphs.engine.commands.running.closing import closing


def report(seconds: float, answered: int, thanked: int):
    return {"seconds": seconds, "viewer_events": {"answered": answered, "thanked": thanked}}


def test_the_last_line_tells_length_answers_thanks_and_files():
    told = closing(report(3725.4, 38, 3), Path("history/sessions/2026-11-29_20-00-00"))
    assert told == (
        "방송을 마쳤어요. 1시간 2분 5초 · 채팅 38개에 대답했어요 · 후원과 구독 3번에 고마워했어요"
        " · 녹음과 자막: history/sessions/2026-11-29_20-00-00"
    )


@pytest.mark.parametrize(("seconds", "length"), [(0.2, "0초"), (59.6, "1분"), (61, "1분 1초"), (7200, "2시간")])
def test_what_did_not_happen_is_not_told(seconds, length):
    assert closing(report(seconds, 0, 0), None) == f"방송을 마쳤어요. {length} · 채팅 0개에 대답했어요"
