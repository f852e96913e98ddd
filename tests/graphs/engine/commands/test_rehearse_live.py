"""graphs/engine/commands/_rehearse_live.py: a rehearsal takes as long as was asked, and says how far it is."""

import asyncio
import re

import pytest

from graphs.engine.commands._rehearse_live import live, muted, progress
from graphs.engine.language.read import read_graph
from graphs.engine.offline.crowd import Crowd
from graphs.engine.offline.play import virtually
from tests.graphs.engine.commands.test_rehearse import CAPTIONS, LIVE
from tests.harness import ROOT, run

SLOW = CAPTIONS.replace("caption_s_per_char: 0.0", "caption_s_per_char: 1.0")


@pytest.fixture(autouse=True)
def stay(monkeypatch):
    monkeypatch.chdir(ROOT)


def graph(tmp_path, text):
    file = tmp_path / "captions.yaml"
    file.write_text(text, encoding="utf-8")
    return read_graph(file, ROOT)


def test_a_rehearsal_makes_no_sound_and_remembers_nothing():
    quiet = muted(read_graph(LIVE, ROOT)).nodes
    assert quiet["reply"].settings.history is None
    assert quiet["voice"].settings.device == "none"
    assert quiet["voice"].settings.record is False
    assert quiet["batch"] == read_graph(LIVE, ROOT).nodes["batch"]


def test_a_rehearsal_opens_no_microphone(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("nodes.listen.mic.Ear.tend", lambda _: opened.append("tend") or nothing())
    monkeypatch.setattr("nodes.listen.mic.Ear.hear", lambda _: nothing())

    async def nothing():
        for event in ():
            yield event

    heard = CAPTIONS + (
        "  mic: {type: listen.mic, mode: open, speaking: voice.speaking}\n"
        "  words: {type: listen.text, in: mic.utterance, engines: [{type: whisper}]}\n"
    )
    found = virtually(live(graph(tmp_path, heard), Crowd(10.0, 1.0), ROOT, 1))
    assert found.decisions.lines[-1]["viewer_events"]["answered"] > 0
    assert opened == []
    run("listen.mic", {}, settings={"mode": "open"}, complete_at=1.0, until=2.0)
    assert opened == ["tend"]


def test_it_takes_as_long_as_was_asked_also_when_the_chat_ends_early_or_answers_are_slow(tmp_path):
    few = virtually(live(graph(tmp_path, CAPTIONS), Crowd(60.0, 0.05, bursts=0, raid=False), ROOT, 1))
    assert few.seconds == pytest.approx(60.0, abs=0.2)
    many = virtually(live(graph(tmp_path, SLOW), Crowd(60.0, 2.0), ROOT, 1))
    assert many.decisions.lines[-1]["viewer_events"]["waiting"] > 0
    assert many.seconds == pytest.approx(60.0, abs=0.2)


def test_it_ends_at_once_when_asked_to_and_still_tells_what_was(tmp_path):
    async def story():
        ended = asyncio.Event()
        asyncio.get_running_loop().call_later(10.0, ended.set)
        return await live(graph(tmp_path, CAPTIONS), Crowd(600.0, 2.0), ROOT, 1, ended=ended)

    found = virtually(story())
    assert found.seconds == pytest.approx(10.0, abs=0.2)
    assert found.decisions.lines[-1]["viewer_events"]["answered"] > 0


def test_a_line_now_and_then_says_how_far_it_is(tmp_path, capsys):
    virtually(live(graph(tmp_path, CAPTIONS), Crowd(60.0, 2.0), ROOT, 1))
    lines = capsys.readouterr().err.splitlines()
    assert "captions: 예행연습 1분. 가짜 시청자들이" in lines[0]
    told = [line for line in lines if "/1:00" in line]
    assert 10 <= len(told) <= 12  # one each 5 s
    assert re.search(r"□{10} 0:05/1:00 · 받음 \d+ · 대답 \d+ · 기다림 \d+ · 넘김 \d+", told[0])


def test_the_bar_is_full_at_the_end():
    counts = {"in": 9, "answered": 4, "waiting": 2, "dropped": {"link": 2, "stale": 1}}
    assert progress(0.0, 90.0, counts) == "□□□□□□□□□□ 0:00/1:30 · 받음 9 · 대답 4 · 기다림 2 · 넘김 3"
    assert progress(95.0, 90.0, counts).startswith("■■■■■■■■■■ 1:35/1:30")
