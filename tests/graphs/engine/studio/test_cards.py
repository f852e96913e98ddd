"""graphs/engine/studio/cards.py: every setting has one card."""

import pytest

from graphs.engine.studio.cards import ADVANCED, CARDS, place_of
from nodes import load_all


def test_a_setting_is_on_one_card_and_the_rest_is_advanced():
    assert place_of("", "character") == ("character", 0)
    assert place_of("chat.batch", "quiet_s")[0] == "rules"
    assert place_of("chat.batch", "turn_timeout_s") == (ADVANCED, 0)
    assert place_of("speech.kokoro", "speed") == place_of("speech.http", "speed")
    assert place_of("chat.replay", "speed")[0] == "chzzk"


@pytest.mark.parametrize("card", CARDS)
def test_what_a_card_names_is_there(card):
    known = {f"{spec.name}.{name}" for spec in load_all().values() for name in spec.settings.model_fields}
    known |= {f"{name.split('.')[0]}.*.{name.rpartition('.')[2]}" for name in known} | {"character"}
    assert [name for name in CARDS[card] if name not in known] == []


def test_no_setting_is_named_twice():
    names = [name for settings in CARDS.values() for name in settings]
    assert len(names) == len(set(names))
