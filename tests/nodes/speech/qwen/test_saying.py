from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nodes.speech._qwen.guard import FRAME
from nodes.speech._qwen.saying import Saying
from nodes.speech._speaking.voice import VoiceError

SENTENCE = "오늘 날씨가 정말 좋네요."
SILENT = 0


@dataclass
class Fake:
    """An utterance whose frames are numbers: 0 is silent, another one a tone of its own."""

    frames: Iterator[int]
    most: int = 100
    decoded: int = 0

    def decode(self, some: Sequence[int]) -> NDArray[np.float32]:
        self.decoded += 1
        return np.concatenate([tone(number) for number in some])


def tone(number: int) -> NDArray[np.float32]:
    at = np.arange(FRAME, dtype=np.float32)
    return (0.0 if number == SILENT else 0.1 + 0.02 * (number % 5)) * np.sin(at * (0.01 + 0.013 * (number % 17)))


def say(*attempts: Iterable[int], ramp: Sequence[int] = (1, 2, 4, 8), most: int = 100) -> tuple[Saying, list[int]]:
    """A sentence with these attempts, and the frames of each of its pieces."""
    saying = saying_of(*attempts, ramp=ramp, most=most)
    return saying, [len(piece) // FRAME for piece in saying.pieces()]


def saying_of(*attempts: Iterable[int], ramp: Sequence[int] = (1, 2, 4, 8), most: int = 100, **more: Any) -> Saying:
    return Saying(SENTENCE, lambda attempt: Fake(iter(attempts[attempt]), most), ramp, **more)


def test_pieces_grow_and_the_rest_comes_last() -> None:
    saying, sizes = say(range(1, 21))
    assert sizes == [1, 2, 4, 8, 5]
    assert (saying.outcome, saying.attempts, saying.frames) == ("ended", 1, 20)


@given(st.lists(st.integers(1, 16), min_size=1, max_size=50), st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_whatever_the_ramp_the_pieces_are_the_whole(frames: list[int], ramp: list[int]) -> None:
    frames = [2 * number + at % 2 for at, number in enumerate(frames)]  # no two alike in a row: that would be a hum
    pieces = list(saying_of(frames, ramp=ramp).pieces())
    assert np.array_equal(np.concatenate(pieces), np.concatenate([tone(number) for number in frames]))


def test_a_piece_comes_before_the_next_frame_is_asked_for() -> None:
    asked: list[int] = []

    def frames() -> Iterator[int]:
        for number in range(1, 30):
            asked.append(number)
            yield number

    pieces = saying_of(frames()).pieces()
    next(pieces)
    assert asked == [1]
    next(pieces)
    assert asked == [1, 2, 3]
    pieces.close()
    assert asked == [1, 2, 3]


def test_silence_before_the_first_sound_is_left_out_but_for_one_frame() -> None:
    saying, sizes = say([SILENT] * 5 + list(range(1, 20)))
    assert sizes == [2, 2, 4, 8, 4]
    assert saying.outcome == "ended"


def test_a_stop_ends_it_before_the_next_frame() -> None:
    made: list[int] = []

    def frames() -> Iterator[int]:
        for number in range(1, 100):
            made.append(number)
            yield number

    saying = saying_of(frames(), ramp=(1, 50), stopped=lambda: len(made) > 10)
    assert [len(piece) // FRAME for piece in saying.pieces()] == [1]
    assert (saying.outcome, len(made)) == ("stopped", 11)


def test_what_is_not_decoded_when_it_is_stopped_stays_so() -> None:
    stopped = False

    def frames() -> Iterator[int]:
        nonlocal stopped
        yield from range(1, 4)
        stopped = True

    fake = Fake(frames())
    saying = Saying(SENTENCE, lambda _: fake, (1, 8), lambda: stopped)
    assert len(list(saying.pieces())) == 1
    assert fake.decoded == 1


def test_a_sentence_that_reaches_its_limit_is_told() -> None:
    saying, sizes = say(range(1, 13), most=12)
    assert (saying.outcome, sum(sizes)) == ("capped", 12)


def test_silence_is_tried_once_more() -> None:
    saying, sizes = say([SILENT] * 60, range(1, 21))
    assert (saying.outcome, saying.attempts, sum(sizes)) == ("ended", 2, 20)
    assert saying.frames == 15 + 20


def test_a_sentence_that_ends_without_a_sound_is_tried_once_more() -> None:
    saying, sizes = say([SILENT] * 3, range(1, 21))
    assert (saying.attempts, sum(sizes)) == (2, 20)


def test_an_empty_sentence_is_tried_once_more() -> None:
    saying, _ = say([], range(1, 21))
    assert saying.attempts == 2


def test_two_silent_attempts_are_an_error_before_the_first_piece() -> None:
    saying = saying_of([SILENT] * 60, [SILENT] * 60)
    with pytest.raises(VoiceError, match="두 번"):
        next(saying.pieces())


def test_a_hum_is_tried_once_more_though_it_was_heard() -> None:
    saying, _ = say([7] * 60, range(1, 21))
    assert (saying.outcome, saying.attempts) == ("ended", 2)
    assert saying.frames <= 15 + 8 + 20


def test_a_hum_that_is_found_in_the_rest_is_tried_once_more() -> None:
    saying, _ = say([7] * 15, range(1, 21), ramp=(16,))
    assert saying.attempts == 2


@pytest.mark.parametrize("dead", [SILENT, 7])
def test_a_voice_that_goes_dead_in_the_middle_ends_with_an_error(dead: int) -> None:
    saying = saying_of([*range(1, 7), *([dead] * 60)])
    got: list[int] = []
    with pytest.raises(VoiceError, match="중간"):
        got.extend(len(piece) // FRAME for piece in saying.pieces())
    assert sum(got) >= 6
    assert saying.attempts == 1


def test_dead_sound_after_all_was_said_is_the_end() -> None:
    saying, sizes = say([*range(1, 20), *([SILENT] * 80)])
    assert saying.outcome == "ended"
    assert sum(sizes) <= 19 + 15 + 8


def test_an_attempt_is_numbered_so_that_it_can_differ() -> None:
    numbers: list[int] = []

    def utter(attempt: int) -> Fake:
        numbers.append(attempt)
        return Fake(iter([SILENT] * 20 if not attempt else range(1, 9)))

    list(Saying(SENTENCE, utter, (1,)).pieces())
    assert numbers == [0, 1]


def test_an_error_of_the_model_goes_through() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise RuntimeError("CUDA error")

    pieces = saying_of(broken()).pieces()
    next(pieces)
    with pytest.raises(RuntimeError, match="CUDA"):
        next(pieces)
