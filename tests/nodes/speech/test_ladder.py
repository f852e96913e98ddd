from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from graphs.engine.language.check import check
from nodes import load_all
from nodes.services import Budget
from nodes.speech import ladder
from nodes.speech._speaking.voice import Sound, VoiceError
from schemas.graph import GraphError
from schemas.light import Condition
from schemas.playback import Stop
from schemas.reply import Rehearsal
from schemas.speech import SpeechChunk, SpeechEnded
from tests.fakes import FakeBudget
from tests.harness import ROOT, Ran, run
from tests.nodes.speech.stage import RATE, FakeVoice, level, sentence, sound_of, told

TYPES = ("http", "system", "kokoro")
CHOICES = [{"type": "http", "urls": ["http://a:1"]}, {"type": "system"}, {"type": "kokoro"}]
LOUD = {"http": 0.1, "system": 0.2, "kokoro": 0.3}
BROKEN = VoiceError("고장")


class Stand:
    """The three voices of a ladder; each is known by its level."""

    def __init__(self, **voices: FakeVoice) -> None:
        self.voices = {name: voices.get(name, FakeVoice()) for name in TYPES}
        self.workers: list[Any] = []
        for name, voice in self.voices.items():
            usual = [Sound(level(LOUD[name]), RATE)]
            voice.said = {**{str(index): usual for index in range(20)}, **voice.said}

    def make(self, config: Any, worker: Any, clock: Any, log: Any) -> tuple[FakeVoice, tuple[()]]:
        self.workers.append(worker)
        return self.voices[config.type], ()


def say(
    stand: Stand,
    *events: tuple[float, Any],
    choices: Any = CHOICES,
    until: float = 3600.0,
    stops: Any = (),
    lines: Any = (),
    complete_at: float | None = None,
    left: Any = None,
    **options: Any,
) -> Ran:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ladder, "make", stand.make)
        wired = {"sentence": list(events), "stop": list(stops), "rehearsal": list(lines)}
        return run(
            "speech.ladder",
            wired,
            settings={"voices": choices, "pause_s": 0.0, **options},
            until=until,
            complete_at=complete_at,
            services={Budget: FakeBudget(left)},
        )


def turns(count: int, every_s: float = 1.0, **fields: Any) -> list[tuple[float, Any]]:
    """Make this many turns of one sentence."""
    return [
        (every_s * index, sentence(str(index), 0, **{"turn": f"t{index}", "last": True, **fields}))
        for index in range(count)
    ]


def failed(ran: Ran) -> list[bool]:
    return [event.failed for event in ran.events() if isinstance(event, SpeechEnded)]


def heard(ran: Ran) -> list[str]:
    """Which voice was heard, chunk by chunk."""
    names = {value: name for name, value in LOUD.items()}
    found = [event for event in ran.events() if isinstance(event, SpeechChunk) and len(event.samples) > 1000]
    return [names[round(float(event.samples[1000]), 1)] for event in found]


def test_the_first_voice_that_is_ready_speaks() -> None:
    ran = say(Stand(), *turns(2))
    assert (failed(ran), heard(ran)) == ([False, False], ["http", "http"])
    assert ran.log == ["info 목소리 준비 완료", "info 지금 목소리: http"]


def test_a_voice_that_fails_before_its_first_sound_is_replaced_within_the_sentence() -> None:
    ran = say(Stand(http=FakeVoice({"0": [0.5, BROKEN]}), system=FakeVoice({"0": [BROKEN]})), *turns(1))
    assert (failed(ran), heard(ran), ran.completed_at) == ([False], ["kokoro"], 0.5)
    assert "warning 쓸 수 없어 건너뛰는 목소리: http" in ran.log


def test_a_voice_that_fails_in_the_middle_ends_the_sentence_and_the_next_is_said_by_another() -> None:
    stand = Stand(http=FakeVoice({"0": [Sound(level(0.1), RATE), RuntimeError("bug")]}))
    ran = say(stand, *turns(2, every_s=0.0))
    assert failed(ran) == [True, False]
    assert heard(ran) == ["http", "system"]
    assert stand.voices["system"].asked == ["1"]


def test_a_voice_that_came_back_speaks_again_from_the_next_turn_on() -> None:
    stand = Stand(http=FakeVoice({"0": [BROKEN]}))
    same = [(at, sentence(str(index), index, turn="t")) for index, at in enumerate((0.0, 3.0, 6.0))]
    ran = say(stand, *same, (7.0, sentence("9", 0, turn="next", last=True)))
    assert heard(ran) == ["system", "system", "system", "http"]
    assert stand.voices["http"].prepares == 2
    assert ran.log[-1] == "info 지금 목소리: http"


def test_a_voice_that_stays_broken_is_tried_again_ever_more_seldom_and_told_once() -> None:
    stand = Stand(http=FakeVoice(prepared=[BROKEN] * 100))
    ran = say(stand, *turns(2, every_s=200.0))
    assert heard(ran) == ["system", "system"]
    assert 7 <= stand.voices["http"].prepares <= 9
    assert len([line for line in ran.log if line.startswith("warning")]) == 1


class KeepingVoice(FakeVoice):
    """One that can make sentences ahead."""

    rehearsed: tuple[str, ...] = ()

    async def rehearse(self, sentence: Any, idle: Any) -> bool:
        assert idle()
        self.rehearsed += (sentence.spoken,)
        return True


@pytest.mark.parametrize(("better", "made"), [(FakeVoice(prepared=[BROKEN] * 100), ("반가워요.",)), (FakeVoice(), ())])
def test_lines_are_made_ahead_only_while_the_voice_that_keeps_them_is_the_best(
    better: FakeVoice, made: tuple[str, ...]
) -> None:
    stand = Stand(http=better, kokoro=KeepingVoice())
    line = (0.0, Rehearsal(sentence=sentence("반가워요.")))
    say(stand, *turns(1), choices=[CHOICES[0], CHOICES[2]], lines=[line], complete_at=30.0)
    assert stand.voices["kokoro"].rehearsed == made


def test_one_that_loads_for_long_keeps_nobody_waiting() -> None:
    stand = Stand(
        http=FakeVoice(prepared=[30.0]), system=FakeVoice(prepared=[2.0]), kokoro=FakeVoice(prepared=[BROKEN])
    )
    ran = say(stand, *turns(3, every_s=20.0))
    assert heard(ran) == ["system", "system", "http"]
    assert next(at for at, _, event in ran.out if isinstance(event, SpeechChunk)) == 2.0
    assert len({id(worker) for worker in stand.workers}) == 3


def test_one_that_gives_no_sound_in_time_is_passed_over() -> None:
    stand = Stand(http=FakeVoice({"0": [60.0]}), system=FakeVoice({"0": [Sound(level(0.2), RATE), 60.0]}))
    ran = say(stand, *turns(1), patience_s=3.0)
    assert (failed(ran), heard(ran), ran.completed_at) == ([True], ["system"], 6.0)
    assert stand.voices["http"].broken_off == stand.voices["system"].broken_off == ["0"]
    late = "3초 동안 소리가 오지 않았어요"
    assert ran.logged("error") == [late, late]
    assert f"warning 목소리를 만들지 못해 자막만 나가요: http: {late}. system: {late}" in ran.log


def test_that_no_voice_can_be_used_is_told_with_the_reason_of_each() -> None:
    stand = Stand(**{name: FakeVoice(prepared=[VoiceError(f"{name} 없음")] * 9) for name in TYPES})
    ran = say(stand, *turns(1), until=1.0)
    why = "http: http 없음. system: system 없음. kokoro: kokoro 없음"
    assert ran.logged("error")[:3] == ["http 없음", "system 없음", "kokoro 없음"]
    assert f"warning 목소리를 아직 쓸 수 없어 자막만 나가요: {why}" in ran.log
    assert failed(ran) == [True]


@pytest.mark.parametrize(("left", "at"), [(5.0, 5.0), (1.0, 3.0), (-20.0, 3.0), (90.0, 8.0)])
def test_the_first_sound_of_a_turn_is_waited_for_no_longer_than_the_budget_allows(left: float, at: float) -> None:
    stand = Stand(http=FakeVoice({"0": [60.0]}))
    ran = say(stand, *turns(1), left={"t0": left})
    assert (failed(ran), heard(ran), ran.completed_at) == ([False], ["system"], at)


def test_a_good_voice_is_kept_however_late_its_turn_is() -> None:
    stand = Stand(http=FakeVoice({str(index): [2.5, Sound(level(0.1), RATE)] for index in range(3)}))
    ran = say(stand, *turns(3, every_s=5.0), left={f"t{index}": -30.0 for index in range(3)})
    assert heard(ran) == ["http"] * 3


def test_the_last_voice_that_is_left_has_all_the_time() -> None:
    slow = FakeVoice({"0": [6.0, Sound(level(0.3), RATE)]})
    stand = Stand(http=FakeVoice({"0": [BROKEN]}), system=FakeVoice({"0": [BROKEN]}), kokoro=slow)
    ran = say(stand, *turns(1), left={"t0": 0.5})
    assert (failed(ran), heard(ran)) == ([False], ["kokoro"])


def test_the_budget_is_for_the_first_sound_of_a_turn_and_not_for_the_sentences_after_it() -> None:
    stand = Stand(http=FakeVoice({"1": [6.0, Sound(level(0.1), RATE)]}))
    same = [(0.0, sentence(str(index), index, turn="t")) for index in range(2)]
    assert heard(say(stand, *same, left={"t": 0.5})) == ["http", "http"]


def test_a_timeout_within_a_voice_is_an_error_like_any_other() -> None:
    ran = say(Stand(http=FakeVoice({"0": [TimeoutError("socket")]})), *turns(1))
    assert (failed(ran), heard(ran)) == ([False], ["system"])


def test_without_any_voice_there_are_captions_only_and_the_show_goes_on() -> None:
    stand = Stand(**{name: FakeVoice(prepared=[BROKEN] * 3) for name in TYPES})
    ran = say(stand, *turns(2, every_s=60.0))
    assert failed(ran) == [True, False]
    assert ran.error is None
    assert told(ran)[:2] == [("Started", "t0", 0), ("Ended", "t0", 0)]


def test_an_address_that_is_not_set_is_no_voice() -> None:
    ran = say(Stand(), *turns(1), choices=[{"type": "http", "urls": ["", " "]}, {"type": "system"}])
    assert heard(ran) == ["system"]
    silent = say(Stand(), *turns(1), choices=[{"type": "http", "urls": [""]}])
    assert failed(silent) == [True]
    assert not [line for line in silent.log if line.startswith("warning")]
    assert silent.conditions["voice"] == Condition("none")


def test_nothing_to_say_asks_no_voice() -> None:
    stand = Stand()
    assert failed(say(stand, (0.0, sentence(" ", last=True)))) == [False]
    assert all(not voice.asked for voice in stand.voices.values())


def test_a_stop_breaks_off_the_voice_that_speaks() -> None:
    stand = Stand(http=FakeVoice({"0": [Sound(level(0.1), RATE), 5.0]}))
    ran = say(stand, *turns(2, every_s=4.0), stops=[(1.0, Stop(turn="t0"))])
    assert stand.voices["http"].broken_off == ["0"]
    assert heard(ran) == ["http", "http"], "being broken off is no failure"


def test_every_voice_is_closed_also_when_the_node_is_ended_by_force() -> None:
    for until in (0.5, 3600.0):
        stand = Stand(kokoro=FakeVoice(prepared=[60.0]))
        say(stand, *turns(2), until=until)
        assert [voice.closed for voice in stand.voices.values()] == [1, 1, 1]


def test_a_voice_that_cannot_be_closed_does_not_keep_the_others_open() -> None:
    class Stuck(FakeVoice):
        async def close(self) -> None:
            raise OSError("stuck")

    stand = Stand(http=Stuck())
    assert str(say(stand, *turns(1)).error) == "stuck"
    assert stand.voices["kokoro"].closed == 1


def test_a_node_that_ends_while_its_voices_load_waits_for_none_of_them() -> None:
    stand = Stand(**{name: FakeVoice(prepared=[500.0]) for name in TYPES})
    ran = say(stand, (0.0, sentence("0", last=True)))
    assert failed(ran) == [True]
    assert ran.completed_at is not None
    assert ran.completed_at < 1.0


@pytest.mark.parametrize(
    "choices", [[], [{"type": "tape"}], [{"voice": "kokoro"}], [{"type": "kokoro", "urls": ["http://a"]}]]
)
def test_settings_that_fit_no_voice_are_refused(choices: Any) -> None:
    with pytest.raises(ValidationError):
        ladder.Voices(voices=choices)


STEPS = st.lists(st.one_of(st.floats(0.0, 12.0), st.sampled_from(["sound", "error"])), max_size=4)


@given(
    st.lists(st.tuples(STEPS, STEPS, STEPS), min_size=1, max_size=6),
    st.lists(
        st.lists(st.one_of(st.none(), st.floats(0.1, 30.0), st.just("error")), max_size=4), min_size=3, max_size=3
    ),
    st.lists(st.floats(0.0, 5.0), min_size=6, max_size=6),
)
def test_the_order_is_never_broken_whatever_the_voices_do(stories: Any, prepared: Any, waits: list[float]) -> None:
    def steps(story: list[Any], name: str) -> list[Any]:
        return [{"sound": Sound(level(LOUD[name]), RATE), "error": BROKEN}.get(step, step) for step in story]

    stand = Stand(
        **{
            name: FakeVoice(
                {str(index): steps(story[number], name) for index, story in enumerate(stories)},
                [BROKEN if step == "error" else step for step in prepared[number]],
            )
            for number, name in enumerate(TYPES)
        }
    )
    events = [
        (sum(waits[:index]), sentence(str(index), index, last=index == len(stories) - 1))
        for index in range(len(stories))
    ]
    ran = say(stand, *events)
    assert ran.error is None
    assert ran.completed_at is not None
    lines = [line for line in told(ran) if line[0] != "Chunk"]
    assert lines == [(kind, "t1", index) for index in range(len(stories)) for kind in ("Started", "Ended")]
    for index, over in enumerate(failed(ran)):
        voices = {name for name, event in zip(heard(ran), _long(ran), strict=True) if event.sentence == index}
        assert len(voices) <= 1, "a sentence has one voice"
        silent = any("sound" not in story and "error" not in story for story in stories[index])
        assert over or len(sound_of(ran, index)) or silent, "it is heard, failed, or there was nothing to say"
    assert [voice.closed for voice in stand.voices.values()] == [1, 1, 1]


def _long(ran: Ran) -> list[SpeechChunk]:
    return [event for event in ran.events() if isinstance(event, SpeechChunk) and len(event.samples) > 1000]


@pytest.mark.usefixtures("english")
def test_a_wrong_voice_in_a_graph_is_told_where_it_stands() -> None:
    text = """\
nodes:
  speech:
    type: speech.ladder
    voices:
      - {type: http, token: abc}
      - {type: sytem}
      - {tpe: kokoro}
"""
    fine = "      - {type: http, token: abc}\n      - {type: kokoro, speed: 9, rate: 1}\n"
    told = _problems(text) + _problems(text[: text.index("      - ")] + fine)
    for part in (
        "voices.1: there is no type 'sytem' (did you mean 'system'?)",
        "voices.2 needs type (one of http, qwen, supertonic, system, kokoro)",
        "voices.1.speed must be a number from 0.5 to 2.0, not 9",
        "'voices.1.rate' is not known here",
    ):
        assert part in told
    assert "token is a secret" in _problems(text[: text.index("      - {type: sytem")])


def _problems(text: str) -> str:
    with pytest.raises(GraphError) as caught:
        check(text, "show.yaml", load_all(), {}, ROOT)
    return str(caught.value)
