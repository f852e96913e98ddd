import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nodes.speech._qwen.guard import DEAD_FRAMES, FRAME, Guard, Judgement, most_frames, syllables

SENTENCE = "오늘 날씨가 정말 좋네요."
chance = np.random.default_rng(7)


def speech() -> NDArray[np.float32]:
    """A frame as of speech: another level and another colour each time."""
    at = np.arange(FRAME) / 24_000
    tones = sum(chance.uniform(0, 1) * np.sin(2 * np.pi * pitch * at) for pitch in chance.uniform(100, 4000, 6))
    return (chance.uniform(0.02, 0.2) * tones).astype(np.float32)


def hum(number: int = 0) -> NDArray[np.float32]:
    at = (np.arange(FRAME) + number * FRAME) / 24_000
    noise = chance.normal(0, 0.0005, FRAME)
    return (0.05 * np.sin(2 * np.pi * 120 * at) + 0.02 * np.sin(2 * np.pi * 240 * at) + noise).astype(np.float32)


def silence() -> NDArray[np.float32]:
    return chance.normal(0, 0.0005, FRAME).astype(np.float32)


def heard(frames: list[NDArray[np.float32]], text: str = SENTENCE) -> tuple[Judgement, int]:
    """The first judgement that is not ``fine`` and after how many frames it came."""
    guard = Guard(text)
    for count, frame in enumerate(frames, 1):
        judgement = guard.hear(frame)
        if judgement != "fine":
            return judgement, count
    return "fine", len(frames)


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("...", 0), ("안녕하세요.", 5), ("네", 1), ("GPU 3대", 9), ("ㅋㅋ", 4), ("_", 0)]
)
def test_hangul_counts_by_syllables_and_what_may_be_spelled_counts_twice(text: str, count: int) -> None:
    assert syllables(text) == count


def test_a_sentence_gets_three_times_the_frames_that_it_should_need_and_never_more_than_the_limit() -> None:
    assert most_frames(SENTENCE, 30.0) == 40 + 6 * 10
    assert most_frames("네.", 30.0) == 46
    assert most_frames("가" * 500, 30.0) == 375
    assert most_frames(SENTENCE, 4.0) == 50
    assert most_frames("", 0.01) == 1


@given(st.text(max_size=300), st.text(max_size=300), st.floats(2.0, 60.0))
def test_a_longer_text_never_gets_fewer_frames(text: str, more: str, longest_s: float) -> None:
    assert 1 <= most_frames(text, longest_s) <= most_frames(text + more, longest_s) <= round(longest_s * 12.5)


def test_speech_is_let_through_with_its_pauses() -> None:
    frames = [speech() for _ in range(20)] + [silence() for _ in range(DEAD_FRAMES - 1)] + [speech() for _ in range(20)]
    assert heard(frames) == ("fine", len(frames))


def test_silence_from_the_start_is_nothing() -> None:
    assert heard([silence() for _ in range(40)]) == ("nothing", DEAD_FRAMES)


def test_a_click_before_silence_is_nothing_too() -> None:
    assert heard([silence(), speech(), *(silence() for _ in range(40))]) == ("nothing", DEAD_FRAMES + 2)


def test_a_hum_from_the_start_is_nothing() -> None:
    assert heard([hum(number) for number in range(40)]) == ("nothing", DEAD_FRAMES)


@pytest.mark.parametrize("dead", [hum, silence])
def test_dead_sound_after_all_was_said_is_the_end(dead: type) -> None:
    said = [speech() for _ in range(18)]
    judgement, count = heard(said + [dead() for _ in range(40)])
    assert judgement == "ended"
    assert count <= len(said) + DEAD_FRAMES + 1


@pytest.mark.parametrize("dead", [hum, silence])
def test_dead_sound_in_the_middle_is_a_break(dead: type) -> None:
    assert heard([speech() for _ in range(8)] + [dead() for _ in range(40)])[0] == "broken"


def test_a_held_note_that_swells_is_no_hum() -> None:
    assert heard([(hum(n) * (1 + n / 20)).astype(np.float32) for n in range(40)])[0] == "fine"


def test_a_steady_level_with_another_colour_is_no_hum() -> None:
    frames = [frame * np.float32(0.05 / np.sqrt(np.mean(frame**2))) for frame in (speech() for _ in range(40))]
    assert heard(frames)[0] == "fine"


def test_it_tells_whether_anything_was_audible() -> None:
    guard = Guard(SENTENCE)
    guard.hear(silence())
    assert guard.silent
    guard.hear(speech())
    guard.hear(silence())
    assert not guard.silent
