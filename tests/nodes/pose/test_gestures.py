from random import Random

import pytest

from nodes.pose._eyes import Blink
from nodes.pose._gestures import Gestures
from nodes.pose._motion import Mood
from schemas.playback import Heard

DT = 1 / 60


def heard(text: str, fraction: float = 0.0, *, sentence: int = 0, ended: bool = False) -> Heard:
    return Heard(turn="t", sentence=sentence, text=text, fraction=fraction, ended=ended)


def played(gestures: Gestures, seconds: float = 1.5, begin: float = 0.0) -> list[dict[str, float]]:
    frames: list[dict[str, float]] = []
    for frame in range(round(seconds / DT)):
        values = dict.fromkeys(gestures.inputs, 0.0)
        gestures.apply(values, Mood(now=begin + frame * DT, dt=DT, speaking=True, idle=0.0, energy=1.0))
        frames.append(values)
    return frames


def peak(frames: list[dict[str, float]], name: str) -> tuple[float, float]:
    """(seconds, value) where it is furthest away."""
    frame = max(range(len(frames)), key=lambda frame: abs(frames[frame][name]))
    return frame * DT, frames[frame][name]


def test_an_exclamation_lifts_the_brows_and_nods_while_they_are_up() -> None:
    gestures = Gestures(Random(1), None)
    gestures.heard(heard("정말 고마워요!"), 0.0)
    frames = played(gestures)
    brow_at, brow = peak(frames, "BrowLeftY")
    nod_at, nod = peak(frames, "FaceAngleY")
    assert brow == pytest.approx(0.22, abs=0.01)
    assert -7.0 <= nod <= -3.9
    assert 0.2 <= brow_at <= nod_at <= 0.3
    assert all(abs(value) < 1e-6 for value in frames[-1].values())


def test_a_question_tilts_the_head_towards_its_end_and_once() -> None:
    gestures = Gestures(Random(1), None)
    gestures.heard(heard("뭐라고요?", 0.1), 0.0)
    assert peak(played(gestures), "FaceAngleZ")[1] == 0.0
    gestures.heard(heard("뭐라고요?", 0.7), 2.0)
    frames = played(gestures, begin=2.0)
    assert 5.0 <= abs(peak(frames, "FaceAngleZ")[1]) <= 8.0
    assert peak(frames, "BrowRightY")[1] == pytest.approx(0.18, abs=0.01)
    gestures.heard(heard("뭐라고요?", 0.9), 4.0)
    assert peak(played(gestures, begin=4.0), "FaceAngleZ")[1] == 0.0


def test_a_sentence_ends_with_a_nod_and_a_blink() -> None:
    blink = Blink(Random(1))
    gestures = Gestures(Random(1), blink)
    gestures.heard(heard("네.", 1.0, ended=True), 0.5)
    assert peak(played(gestures, begin=0.5), "FaceAngleY")[1] == pytest.approx(-3.0, abs=0.05)
    values = {"EyeOpenLeft": 1.0, "EyeOpenRight": 1.0}
    blink.apply(dict(values), Mood(now=0.5, dt=DT, speaking=True, idle=0.0, energy=1.0))
    blink.apply(values, Mood(now=0.62, dt=DT, speaking=True, idle=0.0, energy=1.0))
    assert values["EyeOpenLeft"] == 0.0


def test_a_plain_sentence_and_what_is_heard_on_the_way_move_nothing() -> None:
    gestures = Gestures(Random(1), None)
    for fraction in (0.0, 0.3, 0.8):
        gestures.heard(heard("그렇군요.", fraction), 0.0)
    assert all(not any(each.values()) for each in played(gestures))


def test_gestures_do_not_pile_up() -> None:
    gestures = Gestures(Random(1), None)
    for sentence in range(50):
        gestures.heard(heard("와!", sentence=sentence), 0.005 * sentence)
    assert peak(played(gestures), "BrowLeftY")[1] < 0.3


def test_a_question_and_its_end_do_not_come_at_once() -> None:
    gestures = Gestures(Random(1), None)
    gestures.heard(heard("네?", 1.0, ended=True), 0.0)
    frames = played(gestures)
    assert peak(frames, "FaceAngleY")[1] == 0.0
    assert abs(peak(frames, "FaceAngleZ")[1]) >= 5.0
