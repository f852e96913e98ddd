import pytest

from nodes.bus._settings import Bus, kind_of, subject, token
from schemas.chat import ChatMessage, Donation
from schemas.playback import Level, Stop


def test_a_subject_names_the_place_that_speaks_and_the_class():
    assert subject("two-hosts", "gpu", "speech", "out", "block") == "aischoco.two-hosts.gpu.speech.out.block"


@pytest.mark.parametrize("name", ["내 그래프", "a.b", "a*", "a>", "a b", ""])
def test_every_name_becomes_one_plain_word_and_stays_its_own(name):
    word = token(name)
    assert word == "" if not name else word.isascii() and not set(word) & set(" .*>")
    assert token("a_b") == "a_b"
    assert token("a.b") != token("a b") != token("a_b")


def test_the_class_of_an_event_decides_how_it_travels():
    events = [ChatMessage(id="a", author="b"), Donation(id="a", author="b", amount=1), Stop(turn="t"), Level(rms=0.0)]
    assert [kind_of(event) for event in events] == ["fresh", "sure", "block", "latest"]


def test_how_many_servers_hold_an_event_is_read_from_text_and_no_more_than_there_can_be():
    assert Bus.model_validate({"graph": "g", "place": "pc", "replicas": "3"}).replicas == 3
    for wrong in ("0", "6", "three"):
        with pytest.raises(ValueError, match="replicas"):
            Bus.model_validate({"graph": "g", "place": "pc", "replicas": wrong})
