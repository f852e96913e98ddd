import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.pose._vowels import SYLLABLE_S, Sentences, syllables
from schemas.speech import SpeechChunk, SpeechEnded, SpeechStarted

RATE = 24_000


def sound(seconds, level=0.3):
    return np.full(round(seconds * RATE), level, np.float32)


def spoken(*pieces, text="아이", ended=True, turn="t", sentence=0):
    """Sentences with one sentence whose chunks are (seconds, level, text of the chunk)."""
    known = Sentences()
    known.take(SpeechStarted(turn=turn, sentence=sentence, text="", spoken=text))
    for number, (seconds, level, said) in enumerate(pieces):
        chunk = sound(seconds, level)
        known.take(SpeechChunk(turn=turn, sentence=sentence, samples=chunk, rate=RATE, sequence=number, text=said))
    if ended:
        known.take(SpeechEnded(turn=turn, sentence=sentence))
    return known


def line(known, *times, turn="t", sentence=0):
    return "".join(known.vowel(turn, sentence, at) or "-" for at in times)


@pytest.mark.parametrize(
    ("text", "vowels"),
    [
        ("아이우에오", "AIUEO"),
        ("여유의 왜", "OUIE"),
        ("네, OK! ㅋㅋ 3번", "EO"),
        ("괜찮아", "EAA"),
        ("", ""),
        ("쉬워요", "IOO"),
    ],
)
def test_the_vowels_of_hangul_are_read_and_all_else_is_passed_over(text, vowels):
    assert "".join(one.vowel for one in syllables(text)) == vowels


def test_a_closed_or_strong_syllable_is_longer():
    assert [one.weight for one in syllables("가강까깡")] == [1.0, 1.35, 1.15, 1.5]


def test_the_vowels_share_the_voiced_time():
    known = spoken((1.0, 0.3, ""), text="아이우에오")
    assert line(known, 0.1, 0.3, 0.5, 0.7, 0.9) == "AIUEO"


def test_silence_has_no_vowel_and_takes_none_of_the_time():
    known = spoken((0.2, 0.0, ""), (0.2, 0.3, ""), (0.6, 0.0, ""), (0.2, 0.3, ""), text="아이")
    assert line(known, 0.1, 0.25, 0.35, 0.7, 1.05, 1.15) == "-AA-II"


def test_a_chunk_that_tells_its_text_has_its_own_time():
    known = spoken((0.2, 0.3, "아"), (1.0, 0.3, "이우"), text="아이우")
    assert line(known, 0.1, 0.3, 0.6, 0.8, 1.1) == "AIIUU"


def test_a_sentence_that_still_arrives_is_spoken_at_the_usual_rate():
    known = spoken((0.5, 0.3, ""), text="아이우에오아이우에오", ended=False)
    times = [SYLLABLE_S * (number + 0.5) for number in range(3)]
    assert line(known, *times) == "AIU"


def test_before_its_sound_and_for_strangers_nothing_is_known():
    known = Sentences()
    known.take(SpeechChunk(turn="x", sentence=0, samples=sound(0.1), rate=RATE))
    known.take(SpeechEnded(turn="x", sentence=0))
    known.take(SpeechStarted(turn="t", sentence=0, text="", spoken="아"))
    assert line(known, 0.0) == "-"
    assert known.vowel("x", 0, 0.0) is None


def test_turns_that_are_over_and_too_many_sentences_are_forgotten():
    known = spoken((0.1, 0.3, ""))
    known.forget("t")
    assert line(known, 0.05) == "-"
    for number in range(Sentences.KEPT + 1):
        known.take(SpeechStarted(turn="u", sentence=number, text="", spoken="아"))
        known.take(SpeechChunk(turn="u", sentence=number, samples=sound(0.1), rate=RATE))
    assert known.vowel("u", 0, 0.05) is None
    assert known.vowel("u", 1, 0.05) == "A"


@given(
    text=st.text(max_size=20),
    pieces=st.lists(st.tuples(st.floats(0.0, 0.3), st.sampled_from([0.0, 0.01, 0.3]), st.text(max_size=4)), max_size=6),
    at=st.floats(0.0, 3.0),
    ended=st.booleans(),
)
def test_whatever_is_said_a_moment_has_one_vowel_or_none(text, pieces, at, ended):
    assert spoken(*pieces, text=text, ended=ended).vowel("t", 0, at) in (None, *"AIUEO")
