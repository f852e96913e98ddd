import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, Never

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reactivex import Observable

import nodes
from graphs.engine.flow.instance import Instance
from nodes import UNWIRED, Feedback, node
from nodes.services import Jobs, Log
from nodes.speech._speaking.speak import Speaking, Style, speak
from nodes.speech._speaking.voice import Sound, VoiceError
from schemas.playback import Stop
from schemas.reply import Sentence
from schemas.speech import Speech, SpeechChunk, SpeechEnded, SpeechStarted
from tests.harness import Ran, run
from tests.nodes.speech.speaking.test_pitch import heard as heard_as
from tests.nodes.speech.speaking.test_pitch import rms, vowel, vowel_as_heard
from tests.nodes.speech.stage import RATE, FakeVoice, level, sentence, sound_of, told

voice = FakeVoice()
beside: list[str] = []


async def _beside() -> AsyncIterator[Never]:
    beside.append("begun")
    try:
        await asyncio.Event().wait()
    finally:
        beside.append("ended")
    yield


@pytest.fixture(autouse=True)
def node_of_the_test() -> Iterator[None]:
    """A node type around ``voice``, known while a test runs."""
    nodes.load_all()

    @node("speech.test")
    def test(  # pyright: ignore[reportUnusedFunction]
        config: Speaking, sentence: Observable[Sentence], stop: Feedback[Stop] = UNWIRED, *, jobs: Jobs, log: Log
    ) -> Observable[Speech]:
        """Speak."""
        return speak(voice, config, sentence, stop, jobs=jobs, log=log, beside=(_beside,))

    beside.clear()
    yield
    del nodes.registry["speech.test"]


def say(*sentences: Sentence, like: FakeVoice | None = None, **options: Any) -> Ran:
    global voice
    voice = like or FakeVoice()
    options.setdefault("complete_at", 0.1 * len(sentences))
    stops = options.pop("stops", [])
    given = [(0.1 * number, one) for number, one in enumerate(sentences)]
    return run("speech.test", {"sentence": given, "stop": stops}, **options)


def test_a_sentence_is_started_spoken_in_pieces_and_ended() -> None:
    pieces = [0.5, Sound(level(0.5), RATE), 0.5, Sound(level(0.5), RATE)]
    ran = say(sentence("안녕", 3, emotion="happy", last=True), like=FakeVoice({"안녕": pieces}))
    started, *chunks, ended = ran.events()
    assert started == SpeechStarted(turn="t1", sentence=3, text="안녕", spoken="안녕", emotion="happy")
    assert ended == SpeechEnded(turn="t1", sentence=3, last=True)
    assert all(isinstance(chunk, SpeechChunk) and chunk.rate == RATE for chunk in chunks)
    assert len(sound_of(ran, 3)) == round(0.2 * RATE)
    assert [at for at, _, event in ran.out if isinstance(event, SpeechChunk)] == [0.5, 1.0, 1.0]


def test_a_pause_stands_behind_every_sentence_but_the_last() -> None:
    ran = say(sentence("하나", 0), sentence("둘", 1, last=True), settings={"pause_s": 0.5})
    assert [len(sound_of(ran, index)) / RATE for index in (0, 1)] == pytest.approx([0.6, 0.1])
    assert not sound_of(ran, 0)[round(0.1 * RATE) :].any()


def test_the_pause_comes_with_the_last_piece_where_the_voice_knows_it() -> None:
    ran = say(
        sentence("하나"), like=FakeVoice({"하나": [Sound(level(0.5), RATE, last=True)]}), settings={"pause_s": 0.5}
    )
    (chunk,) = (event for event in ran.events() if isinstance(event, SpeechChunk))
    assert chunk.seconds == pytest.approx(0.6)


def test_the_pause_comes_by_itself_where_the_sound_has_died_away() -> None:
    quiet = np.concatenate((level(0.5), level(0.0)))
    ran = say(sentence("하나"), like=FakeVoice({"하나": [Sound(quiet, RATE)]}), settings={"pause_s": 0.5})
    assert [event.seconds for event in ran.events() if isinstance(event, SpeechChunk)] == pytest.approx([0.2, 0.5])


def test_a_sentence_without_sound_has_no_pause() -> None:
    ran = say(sentence("...", 0), like=FakeVoice({"...": []}))
    assert told(ran) == [("Started", "t1", 0), ("Ended", "t1", 0)]


def test_speed_and_gain_are_heeded() -> None:
    long = {"길게": [Sound(level(0.1, 1.0), RATE)]}
    ran = say(sentence("길게", last=True), like=FakeVoice(long), settings={"speed": 2.0, "gain_db": 6.0})
    assert len(sound_of(ran, 0)) / RATE == pytest.approx(0.5, abs=0.03)
    assert np.median(sound_of(ran, 0)) == pytest.approx(0.2, abs=0.01)


STYLES = {"happy": {"speed": 1.25, "pitch": 4.0, "gain_db": 6.0}, "sad": {"pitch": -3.0}}


@pytest.mark.parametrize(
    ("emotion", "seconds", "semitones", "gain_db"),
    [("happy", 0.8, 4.0, 6.0), ("sad", 1.0, -3.0, 0.0), ("neutral", 1.0, 0.0, 0.0)],
)
def test_each_feeling_has_its_own_tempo_pitch_and_level(
    emotion: str, seconds: float, semitones: float, gain_db: float
) -> None:
    spoken = 0.5 * vowel()
    like = FakeVoice({"아": [Sound(part, RATE) for part in np.array_split(spoken, 6)]})
    ran = say(sentence("아", emotion=emotion, last=True), like=like, settings={"styles": STYLES})
    heard = sound_of(ran, 0)
    assert len(heard) / RATE == pytest.approx(seconds, abs=0.03)
    assert heard_as(heard)[0] / vowel_as_heard()[0] == pytest.approx(2 ** (semitones / 12), rel=0.01)
    assert 20 * np.log10(rms(heard) / rms(spoken)) == pytest.approx(gain_db, abs=1.0)


def test_a_style_comes_on_top_of_the_settings_of_the_voice_and_stays_within_bounds() -> None:
    config = Speaking(speed=1.2, pitch=10.0, gain_db=-2.0, styles={"happy": Style(speed=2.0, pitch=5.0, gain_db=3.0)})
    assert (config.tempo("happy"), config.semitones("happy"), config.level_db("happy")) == (2.0, 12.0, 1.0)
    assert (config.tempo("sad"), config.semitones("sad"), config.level_db("sad")) == (1.2, 10.0, -2.0)


def test_without_pitch_every_piece_is_heard_when_it_is_made() -> None:
    def heard_at(settings: dict[str, Any]) -> list[float]:
        pieces = [0.5, Sound(vowel(seconds=0.08), RATE), 0.5, Sound(vowel(seconds=0.5), RATE)]
        ran = say(sentence("아", last=True), like=FakeVoice({"아": pieces}), settings=settings)
        return [at for at, _, event in ran.out if isinstance(event, SpeechChunk)]

    assert heard_at({})[0] == heard_at({"styles": STYLES})[0] == 0.5
    assert heard_at({"pitch": 2.0})[0] == 1.0


def test_tempo_and_level_change_in_the_middle_of_a_sentence_and_the_pitch_with_the_next() -> None:
    async def change(instance: Instance) -> None:
        await asyncio.sleep(0.75)
        vars(instance.settings).update(gain_db=-12.0, pitch=4.0)

    pieces = [0.5, Sound(0.5 * vowel(), RATE), 0.5, Sound(0.5 * vowel(), RATE)]
    ran = say(
        sentence("아", 0),
        sentence("어", 1, last=True),
        like=FakeVoice({"아": pieces, "어": [Sound(0.5 * vowel(), RATE)]}),
        settings={"pause_s": 0.0},
        during=change,
    )
    first, second = sound_of(ran, 0), sound_of(ran, 1)
    assert len(first) == 2 * RATE
    assert rms(first[RATE:]) / rms(first[:RATE]) == pytest.approx(10 ** (-12 / 20), rel=0.05)
    assert heard_as(first)[0] == pytest.approx(vowel_as_heard()[0], rel=0.01)
    assert heard_as(second)[0] == pytest.approx(vowel_as_heard()[0] * 2 ** (4 / 12), rel=0.01)
    assert not any(event.failed for event in ran.events() if isinstance(event, SpeechEnded))


@pytest.mark.parametrize("error", [VoiceError("끊김"), RuntimeError("bug")])
def test_a_voice_that_breaks_costs_the_sentence_only(error: Exception) -> None:
    like = FakeVoice({"하나": [Sound(level(0.5), RATE), error]})
    ran = say(sentence("하나", 0), sentence("둘", 1, last=True), like=like)
    assert ran.error is None
    assert [event.failed for event in ran.events() if isinstance(event, SpeechEnded)] == [True, False]
    assert sound_of(ran, 0)[-1] == 0.0
    told = str(error) if isinstance(error, VoiceError) else repr(error)
    assert f"warning 목소리를 만들지 못해 자막만 나가요: {told}" in ran.log


def test_the_voice_is_prepared_before_the_first_sentence() -> None:
    ran = say(sentence("하나"), like=FakeVoice(prepared=[2.0]))
    assert next(at for at, _, event in ran.out if isinstance(event, SpeechStarted)) == 2.0
    assert voice.prepares == 1
    assert ran.log == ["info 목소리 준비 완료"]


def test_a_voice_that_could_not_be_prepared_is_prepared_again_with_the_next_sentence() -> None:
    like = FakeVoice(prepared=[VoiceError("서버가 없음"), VoiceError("서버가 없음")])
    ran = say(sentence("하나", 0), sentence("둘", 1, last=True), like=like)
    assert [event.failed for event in ran.events() if isinstance(event, SpeechEnded)] == [True, False]
    assert ran.log == [
        "warning 목소리를 아직 쓸 수 없어 자막만 나가요: 서버가 없음",
        "info 목소리 준비 완료",
    ]


def test_another_error_while_preparing_fails_the_node() -> None:
    ran = say(sentence("하나"), like=FakeVoice(prepared=[ValueError("damaged")]))
    assert str(ran.error) == "damaged"
    assert voice.closed == 1


def test_a_stop_breaks_the_sentence_off_and_the_next_turn_speaks() -> None:
    like = FakeVoice({"길게": [Sound(level(0.5), RATE), 5.0, Sound(level(0.5), RATE)]})
    ran = say(
        sentence("길게", 0),
        sentence("뒤", 1),
        sentence("다음", turn="t2", last=True),
        like=like,
        stops=[(1.0, Stop(turn="t1"))],
    )
    assert like.broken_off == ["길게"]
    assert like.asked == ["길게", "다음"]
    assert told(ran) == [
        ("Started", "t1", 0),
        ("Chunk", "t1", 0),
        ("Started", "t2", 0),
        ("Chunk", "t2", 0),
        ("Ended", "t2", 0),
    ]


def test_the_voice_is_closed_after_its_last_sentence() -> None:
    ran = say(sentence("하나"), like=FakeVoice({"하나": [3.0, Sound(level(0.5), RATE)]}))
    assert (voice.closed, voice.broken_off, ran.completed_at) == (1, [], 3.0)
    assert len(sound_of(ran, 0))


def test_the_voice_is_closed_when_the_node_is_ended_by_force() -> None:
    for until in (0.05, 2.0):
        say(sentence("하나"), like=FakeVoice({"하나": [3.0]}), complete_at=1.0, until=until)
        assert (voice.closed, voice.broken_off) == (1, ["하나"])


def test_what_runs_beside_it_ends_with_it() -> None:
    say(sentence("하나"))
    assert beside == ["begun", "ended"]


def test_an_error_of_the_input_ends_the_node_and_closes_the_voice() -> None:
    async def fail(instance: Instance) -> None:
        await asyncio.sleep(0.1)
        instance.inlets["sentence"].on_error(RuntimeError("upstream"))

    assert str(say(complete_at=5.0, during=fail).error) == "upstream"
    assert voice.closed == 1


@given(
    st.lists(
        st.lists(st.one_of(st.floats(0.0, 3.0), st.just("sound"), st.just("error")), max_size=5), min_size=1, max_size=6
    ),
    st.integers(0, 3),
)
def test_sentences_never_mix_whatever_the_voice_does(stories: list[list[Any]], failures: int) -> None:
    steps = {"sound": Sound(level(0.5), RATE), "error": VoiceError("끊김")}
    like = FakeVoice(
        {str(index): [steps.get(step, step) for step in story] for index, story in enumerate(stories)},
        [VoiceError("없음")] * failures,
    )
    ran = say(
        *(sentence(str(index), index, last=index == len(stories) - 1) for index in range(len(stories))), like=like
    )
    kinds = [line for line in told(ran) if line[0] != "Chunk"]
    assert kinds == [(kind, "t1", index) for index in range(len(stories)) for kind in ("Started", "Ended")]
    for index, story in enumerate(stories):
        lines = [line[0] for line in told(ran) if line[2] == index]
        assert lines in (["Started", "Ended"], ["Started", "Chunk", "Ended"])
        if index >= failures:
            spoken = story[: story.index("error")] if "error" in story else story
            assert ("Chunk" in lines) == ("sound" in spoken)
    assert ran.completed_at is not None
