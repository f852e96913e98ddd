from typing import Any

import pytest

from nodes.avatar._vts.hotkeys import MOST, Hotkey, Shown, names, open_page, read
from tests.fakes import FakeWeb

WAVE = Hotkey("h1", "손 흔들기", "TriggerAnimation", "wave.motion3.json")


class Page:
    def __init__(self, *, connected: bool = True) -> None:
        self.web = FakeWeb()
        self.pressed: list[Hotkey] = []
        self.opened = open_page(self.web, lambda: Shown(connected, (WAVE,), {"happy": "웃음"}), self.pressed.append)

    def press(self, **body: Any) -> Any:
        return self.web.open["post", "/api/avatar/hotkey"](body)


@pytest.mark.parametrize(
    "answer", [{}, {"availableHotkeys": None}, {"availableHotkeys": ["x", {}, {"name": 3}, {"hotkeyID": "half\ud83d"}]}]
)
def test_what_cannot_be_read_is_no_hotkey(answer: dict[str, Any]) -> None:
    assert read(answer) == ()


def test_a_hotkey_may_have_no_name_or_no_id() -> None:
    found = read({"availableHotkeys": [{"hotkeyID": "h1"}, {"name": "Wave"}, {"name": "Wave", "hotkeyID": "h3"}]})
    assert [(each.id, each.name) for each in found] == [("h1", ""), ("", "Wave"), ("h3", "Wave")]
    assert names(found) == "h1, Wave"


def test_a_model_with_very_many_hotkeys_is_read_up_to_a_number() -> None:
    assert len(read({"availableHotkeys": [{"name": f"{number}"} for number in range(MOST + 9)]})) == MOST


def test_the_page_shows_the_hotkeys_and_those_of_the_settings() -> None:
    shown = Page().web.open["get", "/api/avatar/hotkeys"]({})
    wave = {"id": "h1", "name": "손 흔들기", "type": "TriggerAnimation", "file": "wave.motion3.json"}
    assert shown == {"connected": True, "hotkeys": [wave], "chosen": {"happy": "웃음"}}


@pytest.mark.parametrize("name", ["h1", "H1", "손 흔들기"])
def test_a_press_triggers_it_by_name_or_id(name: str) -> None:
    page = Page()
    assert page.press(hotkey=name) == {"done": True}
    assert page.pressed == [WAVE]


def test_a_press_of_what_is_not_there_is_told() -> None:
    page, alone = Page(), Page(connected=False)
    assert page.press(hotkey="Jump") == {"done": False, "note": "지금 모델에 없는 단축키예요."}
    assert alone.press(hotkey="h1") == {"done": False, "note": "아바타에 연결되어 있지 않아요."}
    assert page.pressed == alone.pressed == []


@pytest.mark.parametrize("body", [{}, {"hotkey": 3}, {"hotkey": ""}, {"hotkey": "x" * 129}])
def test_a_press_without_a_name_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="hotkey: "):
        Page().press(**body)


def test_two_avatars_cannot_have_the_same_page() -> None:
    page = Page()
    with pytest.raises(ValueError, match="belongs to another node"):
        open_page(page.web, lambda: Shown(False, (), {}), page.pressed.append)
    page.opened.dispose()
    assert not page.web.open
