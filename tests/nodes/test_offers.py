"""nodes/offers.py: what a family registers for a setting is a setting that there is."""

from nodes import load_all
from nodes.offers import offers, registered


def test_everything_is_offered_for_a_setting_of_a_node_type():
    types = load_all()
    for name in registered:
        type_, _, setting = name.rpartition(".")
        assert setting in types[type_].settings.model_fields, name
    assert {"audio.play.device", "speech.kokoro.voice", "speech.ladder.voices"} <= registered.keys()


def test_a_function_is_registered_with_what_can_be_done_beside_it(monkeypatch):
    monkeypatch.setattr("nodes.offers.registered", found := {})

    async def look(_):
        return []

    async def hear(_):
        return b""

    assert offers("a.b.c", hear=hear, endings=(".wav",))(look) is look
    assert (found["a.b.c"].look, found["a.b.c"].hear, found["a.b.c"].take) == (look, hear, None)
    assert found["a.b.c"].endings == (".wav",)
