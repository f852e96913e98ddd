"""graphs/engine/studio/types.py: a page learns of every setting what it needs to make a form of it."""

import json
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, SecretStr

from graphs.engine.studio.cards import CARDS
from graphs.engine.studio.types import form_of, types_state
from nodes import load_all
from nodes.phrases import all_in_tongue
from schemas.settings import Live, Settings, WatchedFile


class Inner(Settings):
    token: SecretStr = Field(SecretStr(""), description="x")


class Every(Settings):
    on: bool = Field(False, description="x")
    wait_s: Annotated[float, Live()] = Field(1.5, gt=0, le=9, title="Wait", description="x")
    size: int | None = Field(None, ge=1, description="x")
    ahead: Annotated[float, Field(ge=0, le=10)] | Literal["auto"] = Field("auto", description="x")
    how: Literal["a", "b"] = Field("a", description="x")
    name: str = Field(min_length=1, description="x")
    key: SecretStr = Field(SecretStr("hush"), description="x")
    words: WatchedFile = Field(Path("config/x.txt"), description="x")
    folder: Path | None = Field(None, description="x")
    lines: tuple[str, ...] = Field(("a",), description="x")
    parts: Literal["all"] | tuple[Literal["x", "y"], ...] = Field("all", description="x")
    labels: dict[str, str] = Field(default_factory=dict[str, str], description="x")
    voices: tuple[Inner, ...] = Field((), description="x")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("on", {"kind": "switch", "empty": False}),
        ("wait_s", {"kind": "number", "empty": False, "above": 0, "max": 9}),
        ("size", {"kind": "whole", "empty": True, "min": 1}),
        ("ahead", {"kind": "number", "empty": False, "min": 0, "max": 10, "words": ["auto"]}),
        ("how", {"kind": "choice", "empty": False, "choices": ["a", "b"]}),
        ("name", {"kind": "text", "empty": False, "least": 1}),
        ("key", {"kind": "secret", "empty": False}),
        ("words", {"kind": "file", "empty": False}),
        ("folder", {"kind": "path", "empty": True}),
        ("lines", {"kind": "list", "empty": False, "of": "string", "files": False}),
        ("parts", {"kind": "marks", "empty": False, "choices": ["x", "y"]}),
        ("labels", {"kind": "map", "empty": False}),
        ("voices", {"kind": "other", "empty": False}),
    ],
)
def test_what_a_setting_may_hold_decides_its_control(name, form):
    assert dict(form_of(Every, name)) == form


def test_a_page_knows_which_outputs_fit_an_input():
    found = types_state(load_all())["types"]
    chat, speaking, *_ = found["chat.batch"]["inputs"]
    assert chat == {"name": "chat", "event": "ViewerEvent", "optional": False, "feedback": False} | {
        "takes": ["HostLine", "ViewerEvent"]
    }
    assert (speaking["name"], speaking["optional"], speaking["feedback"]) == ("speaking", True, True)
    assert {"name": "speaking", "event": "Speaking"} in found["audio.play"]["outputs"]


def test_every_setting_has_a_title_and_help_in_both_languages_a_card_and_a_kind():
    state = types_state(load_all())
    wrong = []
    for type_, each in state["types"].items():
        for setting in each["settings"]:
            titles = {all_in_tongue(setting["title"], tongue) for tongue in ("ko", "en")}
            helps = {all_in_tongue(setting["about"], tongue) for tongue in ("ko", "en")}
            same = titles <= {"Client ID", "클라이언트 ID"}
            if (len(titles) < 2 and not same) or len(helps) < 2 or setting["card"] not in CARDS:
                wrong.append((type_, setting["name"], titles))
    assert wrong == []
    assert len(state["types"]) > 25


def test_units_live_ones_and_defaults_are_told_and_no_secret_is():
    state = types_state(load_all())
    batch = {each["name"]: each for each in state["types"]["chat.batch"]["settings"]}
    assert batch["quiet_s"].items() >= {"unit": "s", "live": True, "default": 0.4, "kind": "number", "min": 0}.items()
    assert batch["yield_after_s"]["empty"] is True
    speech = {each["name"]: each for each in state["types"]["speech.kokoro"]["settings"]}
    assert speech["gain_db"]["unit"] == "dB"
    key = next(each for each in state["types"]["llm.reply"]["settings"] if each["name"] == "api_key")
    assert key["kind"] == "secret"
    assert "default" not in key
    assert json.loads(json.dumps(all_in_tongue(state, "ko")))["graph"][0]["title"] == "캐릭터의 이름"
