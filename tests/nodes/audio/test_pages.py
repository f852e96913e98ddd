import pytest

from nodes.audio._pages import Pages
from schemas.playback import Stop
from tests.fakes import FakeWeb
from tests.nodes.audio.fakes import RATE, FakeClock, frames, orders, sentence, tone
from tests.nodes.audio.stage import TICK, ends, listen, play


@pytest.fixture
def sound():
    """The pages, and the address they come to."""
    web = FakeWeb()
    pages = Pages(web, FakeClock(), 120)
    return pages, web.opened("/ws/sound")


def visit(seconds, *names, web, sent, **options):
    async def during(instance):
        for name in names:
            sent[name] = await listen(instance, web, name, seconds, **options)

    return during


def test_a_page_is_ready_when_its_sound_runs(sound):
    pages, channel = sound
    sent = channel.connect("p")
    assert sent == [{"type": "config", "rate": RATE}]
    assert not pages.ready
    channel.say({"type": "state", "running": False}, "p")
    assert not pages.ready
    channel.say({"type": "state", "running": True}, "p")
    assert pages.ready
    channel.leave("p")
    assert not pages.ready


def test_without_a_page_there_is_none_to_take(sound):
    with pytest.raises(LookupError):
        sound[0].take(1.0)


def test_a_page_whose_sound_is_suspended_is_lost_at_once(sound):
    pages, channel = sound
    channel.connect("p")
    channel.say({"type": "state", "running": True}, "p")
    voice = pages.take(1.0)
    channel.say({"type": "state", "running": False}, "p")
    assert not voice.healthy()


def test_a_page_that_is_distrusted_must_speak_up_again(sound):
    pages, channel = sound
    channel.connect("p")
    channel.say({"type": "state", "running": True}, "p")
    voice = pages.take(1.0)
    pages.distrust(voice)
    assert not pages.ready
    channel.say({"type": "state", "running": True}, "p")
    assert pages.ready
    assert pages.take(0.5) is not voice


def test_a_page_that_left_cannot_come_back_by_being_distrusted(sound):
    pages, channel = sound
    channel.connect("p")
    channel.say({"type": "state", "running": True}, "p")
    voice = pages.take(1.0)
    channel.leave("p")
    pages.distrust(voice)
    assert pages._running == {}


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"type": "state", "running": "yes"},
        {"type": "played", "number": 1, "frames": "9", "underruns": 0},
        {"type": "played", "number": 7, "frames": 9, "underruns": 0},
        {"type": "else"},
    ],
)
def test_what_a_page_should_not_say_changes_nothing(sound, message):
    pages, channel = sound
    channel.connect("p")
    channel.say({"type": "state", "running": True}, "p")
    voice = pages.take(1.0)
    voice.write(tone(0.1))
    channel.say(message, "p")
    assert voice.played() == 0
    assert pages.ready


def test_only_the_page_that_is_the_voice_is_believed(sound):
    pages, channel = sound
    for name in "pq":
        channel.connect(name)
        channel.say({"type": "state", "running": True}, name)
    voice = pages.take(1.0)
    voice.write(tone(0.1))
    report = {"type": "played", "number": 1, "frames": 50, "underruns": 3}
    channel.say(report, "q")
    assert voice.played() == 0
    channel.leave("q")
    channel.say(report, "p")
    assert (voice.played(), voice.underruns) == (50, 3)


def test_a_page_with_running_sound_plays_and_is_the_clock():
    web, sent = FakeWeb(), {}
    ran = play(
        sentence(0.5, "a", 0, 2.0, last=True), web=web, device="page", during=visit(4.0, "p", web=web, sent=sent)
    )
    assert frames(sent["p"]) == 2 * RATE
    assert orders(sent["p"]) == ["config", "begin", "end"]
    assert 2.5 <= ends(ran)[0][0] <= 2.6


def test_a_page_that_comes_while_nobody_hears_plays_the_rest_of_the_sentence():
    web, sent = FakeWeb(), {}
    speech = sentence(0.0, "a", 0, 3.0, last=True)
    ran = play(speech, web=web, device="page", during=visit(5.0, "p", web=web, sent=sent, start=1.0))
    assert frames(sent["p"]) == pytest.approx(2 * RATE, abs=2 * RATE * TICK)
    assert 3.0 <= ends(ran)[0][0] <= 3.2


def test_a_page_that_leaves_mid_sentence_does_not_stop_the_show():
    web, sent = FakeWeb(), {}
    ran = play(
        sentence(0.0, "a", 0, 3.0, last=True), web=web, device="page", during=visit(1.0, "p", web=web, sent=sent)
    )
    assert 3.0 <= ends(ran)[0][0] <= 3.2
    assert "목소리가 나가는 곳: none" in ran.log[-1]


def test_a_page_that_stops_reporting_is_left_after_a_second():
    web, sent = FakeWeb(), {}
    ran = play(
        sentence(0.0, "a", 0, 3.0, last=True),
        web=web,
        device="page",
        during=visit(6.0, "p", web=web, sent=sent, stall_at=1.0),
    )
    assert 3.9 <= ends(ran)[0][0] <= 4.2
    assert orders(sent["p"]) == ["config", "begin", "clear"]


def test_only_one_of_two_pages_sounds_and_the_other_goes_on_when_it_leaves():
    web, sent = FakeWeb(), {}
    other = []

    async def both(instance):
        other.extend([web.opened("/ws/sound").connect("q")])
        web.opened("/ws/sound").say({"type": "state", "running": False}, "q")
        sent["p"] = await listen(instance, web, "p", 1.0)
        assert frames(other[0]) == 0
        web.opened("/ws/sound").leave("q")
        sent["q"] = await listen(instance, web, "q", 3.0, start=0.0)

    play(sentence(0.0, "a", 0, 2.5, last=True), web=web, device="page", during=both)
    assert frames(sent["p"])
    assert frames(sent["q"])
    assert orders(sent["q"]) == ["config", "begin", "end"]


def test_a_stopped_turn_is_cleared_from_the_page_and_the_next_one_is_a_new_take_over():
    web, sent = FakeWeb(), {}
    speech = [*sentence(0.5, "a", 0, 3.0, last=True), *sentence(2.0, "b", 0, 1.0, last=True)]
    ran = play(speech, web=web, device="page", during=visit(5.0, "p", web=web, sent=sent), stop=[(1.0, Stop(turn="a"))])
    assert orders(sent["p"]) == ["config", "begin", "clear", "begin", "end"]
    assert [turn for _, turn, _ in ends(ran)] == ["a", "b"]
    assert ends(ran)[0][0] == pytest.approx(1.0, abs=TICK)
    assert ends(ran)[1][0] == pytest.approx(3.0, abs=0.1)
