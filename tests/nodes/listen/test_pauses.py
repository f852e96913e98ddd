"""What is voice and what silence within an utterance."""

import numpy as np
import pytest

from nodes.listen._blocks import BLOCK, RATE, Block
from nodes.listen._pauses import DOUBTED, HOLDS, Pauses, Room


def tone(level: float, hz: float) -> Block:
    return np.round(level * 32768 * np.sin(2 * np.pi * hz * np.arange(BLOCK) / RATE)).astype(np.int16)


def room(level: float = 0.01, hz: float = 1000.0, blocks: int = Room.KNOWN) -> Room:
    made = Room()
    for _ in range(blocks):
        made.hear(tone(level, hz))
    return made


def after(story: str) -> tuple[int, int, int]:
    """Return (voiced, the latest stretch, silence) after ``v``: a voice, ``c``: one that the room covers, ``-``."""
    pauses = Pauses()
    for sign in story:
        pauses.take(sign != "-", covered=sign == "c")
    return pauses.voiced, pauses.run, pauses.silence


def test_a_room_is_known_after_half_a_second_and_covers_what_is_no_louder_than_it() -> None:
    assert not room(blocks=Room.KNOWN - 1).covers(tone(0.001, 1000))
    assert room().covers(tone(0.0111, 1000))
    assert not room().covers(tone(0.0115, 1000))


def test_a_single_knock_does_not_make_a_room_louder_and_a_room_that_becomes_quieter_is_known_in_three_seconds() -> None:
    made = room(blocks=60)
    made.hear(tone(0.5, 1000))
    assert not made.covers(tone(0.0115, 1000))
    for _ in range(Room.LATEST):
        made.hear(tone(0.001, 1000))
    assert not made.covers(tone(0.002, 1000))


@pytest.mark.parametrize("hz", [31.25, 62.5, 7000.0])
def test_a_rumble_or_a_hiss_covers_no_voice(hz: float) -> None:
    assert not room(0.1, hz).covers(tone(0.02, 500))
    assert room(0.01, 500).covers(tone(0.1, hz))


def test_voice_and_silence_are_counted_and_a_stretch_ends_only_with_a_pause() -> None:
    assert after("vvvv---") == (4, 4, 3)
    assert after("vvvv" + "-" * (HOLDS - 1) + "vv") == (6, 6, 0)
    assert after("vvvv" + "-" * HOLDS + "vv") == (6, 2, 0)


def test_what_the_room_covers_after_a_voice_is_silence_already() -> None:
    assert after("vvvvcc---") == (6, 6, 5)
    assert after("vvvv--c--c-") == (6, 6, 7), "a moment of doubt does not begin the silence again"


def test_a_voice_that_is_as_soft_as_the_room_goes_on_and_the_latest_of_it_may_be_silence() -> None:
    assert after("vvvv" + "c" * 40) == (44, 44, DOUBTED)
    assert after("vvvv" + "c" * 40 + "---")[2] == DOUBTED + 3
    assert after("vvvv" + "-" * HOLDS + "c" * (DOUBTED + 1)) == (9, 1, DOUBTED), "it began again"
    assert after("vvvvccvc--")[2] == 3
