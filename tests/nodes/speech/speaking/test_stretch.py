import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.speech._speaking.stretch import Stretch
from tests.nodes.speech.stage import RATE, tone

VOWEL = tone(180, 1.0) + tone(360, 1.0) / 2


def stretched(samples: np.ndarray, tempo: float, pieces: int = 1000) -> np.ndarray:
    stretch = Stretch(RATE, tempo)
    made = [stretch.push(samples[at : at + pieces]) for at in range(0, len(samples), pieces)]
    return np.concatenate([*made, stretch.end()])


def pitch_hz(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * RATE / len(samples))


@pytest.mark.parametrize("tempo", [0.5, 0.8, 1.25, 1.5, 2.0])
def test_the_length_follows_the_tempo_and_the_pitch_stays(tempo: float) -> None:
    made = stretched(VOWEL, tempo)
    assert len(made) * tempo == pytest.approx(len(VOWEL), rel=0.03)
    assert pitch_hz(made) == pytest.approx(180, abs=3)
    assert np.sqrt((made**2).mean()) == pytest.approx(np.sqrt((VOWEL**2).mean()), rel=0.02)


def test_windows_join_without_a_click() -> None:
    assert np.abs(np.diff(stretched(VOWEL, 1.3))).max() < 1.05 * np.abs(np.diff(VOWEL)).max()


def test_at_the_usual_tempo_it_gives_what_it_gets_at_once() -> None:
    assert Stretch(RATE, 1.0).push(VOWEL) is VOWEL
    assert len(Stretch(RATE, 1.0).end()) == 0


def test_the_first_sound_comes_after_40_ms() -> None:
    assert len(Stretch(RATE, 1.5).push(VOWEL[: round(0.04 * RATE)])) > 0


def test_a_sound_shorter_than_a_window_comes_as_it_is() -> None:
    assert np.array_equal(stretched(VOWEL[:100], 2.0), VOWEL[:100])


def test_it_can_be_used_for_another_stream() -> None:
    stretch = Stretch(RATE, 1.5)
    once = np.concatenate([stretch.push(VOWEL), stretch.end()])
    assert np.array_equal(once, np.concatenate([stretch.push(VOWEL), stretch.end()]))


def test_the_tempo_may_change_on_the_way() -> None:
    stretch = Stretch(RATE, 1.0)
    made = [stretch.push(VOWEL)]
    stretch.tempo = 2.0
    made.append(stretch.push(VOWEL))
    stretch.tempo = 1.0
    made += [stretch.push(VOWEL), stretch.end()]
    assert sum(map(len, made)) == pytest.approx(2.5 * RATE, rel=0.05)


@given(
    st.lists(st.integers(1, 4000), min_size=1, max_size=20),
    st.floats(0.5, 2.0),
    st.integers(0, 2**32 - 1),
)
def test_it_does_not_matter_how_the_sound_is_cut(cuts: list[int], tempo: float, seed: int) -> None:
    noise = np.random.default_rng(seed).uniform(-1, 1, sum(cuts)).astype(np.float32)
    stretch = Stretch(RATE, tempo)
    ends = np.cumsum(cuts)
    made = np.concatenate(
        [*(stretch.push(noise[end - cut : end]) for cut, end in zip(cuts, ends, strict=True)), stretch.end()]
    )
    whole = Stretch(RATE, tempo)
    assert np.allclose(made, np.concatenate([whole.push(noise), whole.end()]), atol=1e-5)
    assert np.abs(made).max() <= 1.0
