"""nodes/speech/offered.py: the voices of a node by names for people, and what a page may hear of them."""

import asyncio

import pytest

from nodes import load_all, offers
from nodes.offers import Ask, File
from nodes.speech import offered
from nodes.speech._kokoro.voice import Kokoro
from nodes.speech._say import PEOPLE
from nodes.speech._supertonic.settings import Supertonic
from tests.nodes.peers_of_exams import probing
from tests.nodes.speech.qwen.test_sample import TEXT, speech, wav

LADDER = [
    {"type": "http", "urls": [""]},
    {"type": "http", "urls": ["http://127.0.0.1:9"], "language": "English"},
    {"type": "supertonic"},
    {"type": "kokoro", "voice": "jm_kumo"},
]


def asked(setting, what="look", inside=(), **settings):
    type_, _, _ = setting.rpartition(".")
    config = load_all()[type_].settings.model_validate(settings)
    call = getattr(offers.registered[setting], what)
    with probing() as probe:
        return asyncio.run(call(Ask(config, inside, "초코", probe)))


@pytest.fixture
def auditioned(monkeypatch):
    """What is to be said, by whom, in which language, on which ladder."""
    found = []

    async def audition(choice, language, character, _, over=None):
        found.append((choice, language, character, over))
        return b"RIFF"

    monkeypatch.setattr(offered, "audition", audition)
    return found


def test_every_voice_of_the_embedded_model_is_listed_by_its_name():
    listed = asked("speech.kokoro.voice")
    assert [each.value for each in listed] == [each.code for each in PEOPLE]
    assert listed[0].name == "네즈미"
    assert "또렷" in listed[0].about
    assert [each.value for each in listed if each.usual] == [Kokoro().voice]


def test_the_voices_of_supertonic_say_whether_they_are_of_women_or_men():
    listed = asked("speech.supertonic.voice")
    assert [(each.value, each.about) for each in listed[4:6]] == [("F5", "여자 목소리"), ("M1", "남자 목소리")]
    assert [each.value for each in listed if each.usual] == [Supertonic().voice]


def test_of_several_voices_each_has_its_list_and_a_server_without_an_address_none():
    listed = asked("speech.ladder.voices", voices=LADDER)
    groups = list(dict.fromkeys((each.group, each.inside) for each in listed))
    assert groups == [("목소리 서버", (1, "type")), ("Supertonic", (2, "voice")), ("내장 목소리", (3, "voice"))]
    assert len([each for each in listed if each.inside == (3, "voice")]) == len(PEOPLE)


def test_the_voice_that_is_set_is_heard(auditioned):
    assert asked("speech.kokoro.voice", "hear", voice="jm_kumo", speed=1.2) == b"RIFF"
    ((choice, language, character, over),) = auditioned
    assert (choice.voice, choice.speed, language, character, over) == ("jm_kumo", 1.2, "korean", "초코", None)


def test_of_several_voices_the_one_that_was_named_is_heard_with_what_comes_on_top(auditioned):
    assert asked("speech.ladder.voices", "hear", (3, "voice"), voices=LADDER, speed=1.5) == b"RIFF"
    asked("speech.ladder.voices", "hear", (1, "type"), voices=LADDER)
    (kumo, korean, _, over), (_, english, _, _) = auditioned
    assert (kumo.voice, over.speed, korean, english) == ("jm_kumo", 1.5, "english", "english")
    with pytest.raises(ValueError, match="목록에"):
        asked("speech.ladder.voices", "hear", (9, "voice"), voices=LADDER)
    with pytest.raises(ValueError, match="목록에"):
        asked("speech.ladder.voices", "hear", ("voice",), voices=LADDER)


def test_recordings_are_offered_to_a_cloned_voice_wherever_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = File("초코.wav", wav(tmp_path / "given.wav", speech()).read_bytes(), TEXT)

    def giving(setting, **settings):
        config = load_all()[setting.rpartition(".")[0]].settings.model_validate(settings)
        with probing() as probe:
            return asyncio.run(offers.registered[setting].take(Ask(config, (), "초코", probe), given))

    assert giving("speech.qwen.samples").offer.value == "assets/voice_samples/초코"
    assert [each.name for each in asked("speech.qwen.samples", samples="assets/voice_samples/초코")] == ["초코"]
    ladder = [{"type": "qwen"}, {"type": "kokoro"}]
    mine = [each for each in asked("speech.ladder.voices", voices=ladder) if each.group == "복제한 목소리"]
    assert [(each.value, each.inside, each.takes) for each in mine] == [
        ("assets/voice_samples", (0, "samples"), True),
        ("assets/voice_samples/초코", (0, "samples"), True),
    ]
    assert giving("speech.ladder.voices", voices=ladder).kept == "assets/voice_samples/초코/ref.wav"


def test_which_voices_a_system_or_a_server_has_is_not_guessed(auditioned):
    for setting in ("speech.system.name", "speech.http.voice"):
        assert asked(setting) == []
        assert asked(setting, "hear") == b"RIFF"
