import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from nodes.avatar import doctor
from nodes.avatar._vts import find as vts_find
from nodes.avatar._vts.find import Found
from nodes.avatar.stage import Stage
from tests.nodes.avatar.vts_peer import Peer
from tests.nodes.peers_of_exams import look, one


class Room:
    """VTube Studio behind the check, and a file with its permission."""

    def __init__(self, monkeypatch, folder: Path) -> None:
        self.peer = Peer()
        self.peer.tokens = ["good"]
        self.file = folder / "token.txt"
        self.file.write_text("127.0.0.1:8001 good\n", encoding="utf-8")
        self.heard: Found | None = None
        monkeypatch.setattr(doctor, "websockets", self.websockets)
        monkeypatch.setattr(vts_find, "find", self.find)

    @asynccontextmanager
    async def websockets(self):
        yield self.peer.connect

    async def find(self, seconds):
        return self.heard

    def look(self, **settings):
        return asyncio.run(look("avatar.vts", token_file=self.file, **settings))


@pytest.fixture
def room(monkeypatch, tmp_path):
    return Room(monkeypatch, tmp_path)


def test_an_avatar_that_allows_us_is_green(room):
    room.peer.hotkeys = [{"name": "Smile", "hotkeyID": "k1"}, {"name": "Wave"}]
    avatar, hotkeys = room.look()
    assert avatar.ok
    assert "초코" in avatar.what
    assert (hotkeys.ok, hotkeys.what) == (True, "아바타의 단축키: Smile, Wave")
    assert room.peer.names("AuthenticationToken") == []


def test_an_avatar_that_is_not_there(room):
    room.peer.up = False
    assert "Start API" in one(room.look()).remedy
    assert "Start API" in one(room.look(discover=False)).remedy
    room.heard = Found(8002, True)
    assert "8002" in one(room.look()).remedy
    room.heard = Found(8001, False)
    assert "API가 꺼져" in one(room.look()).remedy


def test_an_api_that_is_switched_off(room):
    room.peer.api = False
    assert "API가 꺼져" in one(room.look()).remedy


def test_a_permission_that_is_missing_or_was_taken_back(room):
    room.peer.tokens = []
    assert "허용" in one(room.look()).remedy
    room.file.unlink()
    assert "허용" in one(room.look()).remedy
    assert room.peer.names("AuthenticationToken") == [], "a check opens no prompt"


def test_hotkeys_are_known_by_name_in_any_case_or_id(room):
    room.peer.hotkeys = [{"name": "Smile", "hotkeyID": "k1"}, "odd"]
    assert room.look(hotkeys={"happy": "smile", "sad": "K1"})[0].ok
    finding = one(room.look(hotkeys={"happy": "Smile", "sad": "Tears"}))
    assert "Tears" in finding.what
    assert "Smile" not in finding.what
    assert finding.remedy.endswith(": Smile")


def test_inputs_that_are_not_known_are_named(room):
    del room.peer.inputs["MouthOpen"]
    finding = one(room.look())
    assert "MouthOpen" in finding.what
    assert "최신" in finding.remedy
    room.peer.errors["InputParameterList"] = [1]
    assert "FaceAngleX" in one(room.look()).what


def test_a_window_without_a_model(room, monkeypatch):
    room.peer.errors["CurrentModel"] = [1]
    assert "모델" in one(room.look()).remedy


def test_an_avatar_that_says_nothing_is_given_up(room, monkeypatch):
    monkeypatch.setattr(doctor, "ANSWER_S", 0.02)
    room.peer.mute.add("APIState")
    assert "다시 켜 주세요" in one(room.look()).remedy


def test_the_built_in_stage_comes_with_the_show(room):
    room.peer.up = False
    stage, hotkeys = room.look(port=8011, graph=(Stage(port=8011),))
    assert stage.ok
    assert hotkeys.ok
    assert "웃음" in hotkeys.what
    assert "폴짝" in hotkeys.what
    assert not room.look(port=8011, graph=(Stage(port=8011),), hotkeys={"happy": "없는 것"})[1].ok


def test_the_stage_of_another_show_may_be_shared_at_a_press_but_vtube_studio_goes_first(room):
    room.peer.up = False
    room.heard = Found(8011, active=True, others=True)
    found = one(room.look())
    assert found.remedy.index("Start API") < found.remedy.index("8011")
    assert found.mend.settings == {"port": 8011}
    assert "8011" in found.mend.text
    assert one(room.look(graph=(Stage(port=8011),))).mend is None, "it is the show's own"
    assert one(room.look(discover=False)).mend is None
