"""The graphs that users start from, run by the real command with real servers on loopback: they answer aloud."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.show import Show, accounted, read_wav
from tests.peers.llm_peer import SENTENCES, Server, groq_like
from tests.ports import free_port

pytestmark = [pytest.mark.component, pytest.mark.timeout(150)]

NOBODY = "http://127.0.0.1:9"
"""Nothing listens there."""
LINES = ("초코야 안녕", "오늘 저녁 뭐 먹었어요")


def recording(root: Path) -> Path:
    """Write a chat that begins half a second after the start and ends soon."""
    shown = {"nickname": "하늘", "userRoleCode": "common_user", "badges": []}
    file = root / "chat.jsonl"
    with file.open("w", encoding="utf-8") as out:
        for number, text in enumerate(LINES):
            payload = {
                "channelId": "c",
                "senderChannelId": f"u{number}",
                "profile": shown,
                "content": text,
                "messageTime": 1_790_000_000_000 + number,
            }
            line = {"t": 0.5 + 0.1 * number, "event": "CHAT", "payload": json.dumps(payload, ensure_ascii=False)}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
    return file


def small_chat(name: str) -> Callable[[Path], None]:
    """Prepare a copy of the project: the graph reads a recording instead of CHZZK, and is patient with the voice on a
    shared machine; otherwise it is as shipped.
    """

    def prepare(root: Path) -> None:
        recording(root)
        file = root / "graphs" / f"{name}.yaml"
        text = file.read_text(encoding="utf-8").replace("    voices:\n", "    patience_s: 60\n    voices:\n")
        before, _, rest = text.partition("  chzzk:\n")
        if rest:
            after = rest[rest.index("  # 조종판에서") :]
            text = f"{before}  chzzk: {{type: chat.replay, file: chat.jsonl}}\n{after}"
        file.write_text(text, encoding="utf-8")

    return prepare


def speaking(tmp_path: Path, name: str, **env: str) -> tuple[Show, str]:
    """Run a shipped graph until it is in the middle of a sentence, then end it cleanly; return that sentence too."""
    given = {"VTS_PORT": str(free_port()), "CHAT_RECORDING": "chat.jsonl", **env}
    show = Show(tmp_path, f"graphs/{name}.yaml", env=given, prepare=small_chat(name))
    with show:
        said = show.until(show.speaks, 90.0)["text"]
        show.process.terminate()
        assert show.ends(20) == 0, show.log
    report = show.report
    assert report["graph"] == name
    assert accounted(report["viewer_events"]), report["viewer_events"]
    assert report["viewer_events"]["in"] == len(LINES)
    assert report["errors"] == []
    assert report["voice_s"]["turns"] == 1
    return show, said


@contextmanager
def voice_server() -> Iterator[Server]:
    port = free_port()
    server = Server([sys.executable, "-m", "tests.peers.tts_peer", "--port", str(port)], port)
    try:
        yield server
    finally:
        server.stop()


def test_a_model_on_this_machine_answers(tmp_path: Path) -> None:
    with groq_like() as model, voice_server() as voice:
        show, said = speaking(tmp_path, "local-llm", OLLAMA_URL=f"{model.url}/v1", TTS_REMOTE_URL=voice.url)
    (turn,) = show.report["turns"]
    assert (turn["rung"], turn["text"].strip(), turn["lane"]) == ("model", SENTENCES, "mention")
    took = turn["marks"]["first_token"] - turn["marks"]["batched"]
    assert turn["confidence"] == 1.0
    assert took - 0.01 < turn["processing_time"] < 5.0
    sound = read_wav(show.session / "session.wav")
    assert sound.seconds > 0.2
    assert sound.loudest() > 0.01
    assert SENTENCES.startswith(said)


def test_a_voice_on_another_machine_says_the_answer(tmp_path: Path) -> None:
    with groq_like() as model, voice_server() as voice:
        show, _ = speaking(
            tmp_path,
            "live-remote-voice",
            TTS_REMOTE_URL=voice.url,
            GROQ_BASE_URL=f"{model.url}/v1",
            GROQ_API_KEY="a-key-of-the-test",
        )
    (turn,) = show.report["turns"]
    assert turn["rung"] == "model"
    assert "지금 목소리: http" in show.log
    sound = read_wav(show.session / "session.wav")
    assert sound.seconds > 0.2
    assert sound.loudest() > 0.2, "the tone of the server"


def test_without_a_voice_there_are_captions(tmp_path: Path) -> None:
    with groq_like() as model:
        show, said = speaking(tmp_path, "silent", GROQ_BASE_URL=f"{model.url}/v1", GROQ_API_KEY="a-key-of-the-test")
    (turn,) = show.report["turns"]
    assert turn["rung"] == "model"
    assert SENTENCES.startswith(said)
    assert turn["marks"]["first_pcm"] is None
    assert turn["marks"]["first_sound"] is not None
    assert not list((show.root / "history").glob("sessions/*/session.wav"))


def test_a_recording_is_answered_by_the_embedded_voice_with_written_words_where_no_model_is_reached(
    tmp_path: Path,
) -> None:
    show, said = speaking(
        tmp_path, "replay", GROQ_BASE_URL=f"{NOBODY}/v1", GROQ_API_KEY="a-key-of-the-test", TTS_REMOTE_URL=""
    )
    turns = show.report["turns"]
    assert {turn["rung"] for turn in turns} == {"canned"}
    assert said in turns[0]["text"]
    assert read_wav(show.session / "session.wav").loudest() > 0.01
    assert "언어 모델" in show.log
