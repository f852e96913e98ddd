import asyncio
import socket
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from nodes.speech import serve
from nodes.speech._qwen.settings import Qwen
from nodes.speech._speaking.voice import VoiceError
from tests.nodes.speech.stage import FakeVoice


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch) -> FakeVoice:
    fake = FakeVoice()
    monkeypatch.setattr(serve, "local", lambda *_: fake)
    return fake


def call(*argv: str, **env: str) -> int:
    return serve.serve_tts(argv, Path(), env)


@pytest.mark.parametrize("words", [("--voice", "tape"), ("--port", "many")])
def test_a_voice_or_a_port_that_cannot_be_is_refused(
    capsys: pytest.CaptureFixture[str], words: tuple[str, str]
) -> None:
    with pytest.raises(SystemExit):
        call(*words)
    assert words[0] in capsys.readouterr().err


def test_an_address_that_others_reach_needs_a_token(capsys: pytest.CaptureFixture[str], voice: FakeVoice) -> None:
    assert call("--host", "0.0.0.0") == 2
    assert call(TTS_SERVER_HOST="192.168.0.2") == 2
    assert "--token-file" in capsys.readouterr().out
    assert voice.prepares == 0


@pytest.mark.parametrize(
    ("argv", "env", "told"),
    [
        (("--token", "a secret"), {}, True),
        (("--token-file", "{file}"), {}, False),
        ((), {"TTS_SERVER_TOKEN": "a secret"}, False),
    ],
)
def test_a_token_that_others_can_see_is_told_and_one_in_a_file_or_the_environment_is_not(
    capsys: pytest.CaptureFixture[str],
    voice: FakeVoice,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    argv: tuple[str, ...],
    env: dict[str, str],
    told: bool,
) -> None:
    file = tmp_path / "token.txt"
    file.write_text("\ufeffa secret\n", encoding="utf-8")
    tokens: list[str] = []

    async def serving(_: object, asked: Any) -> None:
        tokens.append(asked.token)

    monkeypatch.setattr(serve, "_serve", serving)
    assert call("--host", "0.0.0.0", *(each.format(file=file) for each in argv), **env) == 0
    assert tokens == ["a secret"]
    said = capsys.readouterr().out
    assert ("--token-file" in said) is told
    assert "a secret" not in said


def test_a_token_file_that_cannot_be_read_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert call("--token-file", str(tmp_path / "none.txt")) == 2
    assert "none.txt" in capsys.readouterr().out


@pytest.mark.parametrize("settings", ["nonsense", "[]", '{"threads": 99}', '{"tape": 1}'])
def test_wrong_settings_are_told(capsys: pytest.CaptureFixture[str], settings: str) -> None:
    assert call("--settings", settings) == 2
    assert capsys.readouterr().out.startswith("--settings: ")


def test_a_voice_that_cannot_speak_here_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeVoice(prepared=[VoiceError("sudo apt install espeak-ng")])
    monkeypatch.setattr(serve, "local", lambda *_: fake)
    assert call("--port", "0") == 1
    assert "espeak-ng" in capsys.readouterr().out
    assert fake.closed == 1


def test_an_address_that_is_taken_is_told(capsys: pytest.CaptureFixture[str], voice: FakeVoice) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert call(TTS_SERVER_PORT=str(taken.getsockname()[1])) == 1
    assert "목소리 서버를 열지 못했어요" in capsys.readouterr().out


def test_it_serves_until_it_is_interrupted(
    capsys: pytest.CaptureFixture[str], voice: FakeVoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[str] = []
    run = asyncio.run

    def interrupted(main: Any) -> None:
        async def story() -> None:
            async with asyncio.timeout(10), asyncio.TaskGroup() as group:
                serving = group.create_task(main)
                printed = ""
                while "http://" not in printed:
                    await asyncio.sleep(0.01)
                    printed += capsys.readouterr().out
                url = printed.partition(": ")[2].split()[0]
                answers.append(await asyncio.to_thread(_get, url + "/health"))
                serving.cancel()

        run(story())
        raise KeyboardInterrupt

    monkeypatch.setattr(serve.asyncio, "run", interrupted)
    assert call("--port", "0", "--host", "::1" if socket.has_dualstack_ipv6() else "127.0.0.1") == 0
    assert '"status": "ok"' in answers[0]
    assert capsys.readouterr().out == "목소리 서버를 닫았어요.\n"
    assert voice.closed == 1


def test_what_is_no_http_is_refused_without_a_word_to_the_operator(
    capsys: pytest.CaptureFixture[str], voice: FakeVoice, caplog: pytest.LogCaptureFixture
) -> None:
    answers: list[bytes] = []

    async def story() -> None:
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            asked = serve._parser({}).parse_args(["--port", "0"])
            serving = group.create_task(serve._serve(voice, asked))
            printed = ""
            while "http://" not in printed:
                await asyncio.sleep(0.01)
                printed += capsys.readouterr().out
            port = int(printed.partition("127.0.0.1:")[2].split()[0])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: \0\r\n\r\n")
            answers.append(await reader.read())
            writer.close()
            await writer.wait_closed()
            serving.cancel()

    asyncio.run(story())
    assert answers[0].startswith(b"HTTP/1.0 400") or answers[0].startswith(b"HTTP/1.1 400")
    assert caplog.records == []
    serve._log.exception("a handler", exc_info=ValueError("broke"))
    assert [record.getMessage() for record in caplog.records] == ["a handler"]


def _get(url: str) -> str:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url) as response:
        return response.read().decode()


def test_the_variables_of_the_first_servers_are_heeded() -> None:
    config = serve._settings("qwen", "{}", {"REF_AUDIO_DIR": "voices", "MODELS_DIR": "models", "MODEL_FOLDER": "0.6B"})
    assert isinstance(config, Qwen)
    assert (config.samples, config.model) == (Path("voices"), str(Path("models/0.6B")))
    config = serve._settings("qwen", '{"samples": "mine"}', {"REF_AUDIO_DIR": "voices", "REF_MODEL_PATH": "here"})
    assert (config.samples, config.model) == (Path("mine"), "here")
    assert serve._settings("kokoro", '{"voice": "jm_kumo"}', {"REF_MODEL_PATH": "here"}).voice == "jm_kumo"


def test_blocking_work_is_done_by_one_other_thread() -> None:
    async def story() -> None:
        hand = serve.Hand()
        names = {await hand.thread(lambda: threading.current_thread().name) for _ in range(3)}
        assert len(names) == 1
        assert names != {threading.current_thread().name}
        begun = time.monotonic()
        await hand.sleep(0.01)
        assert time.monotonic() - begun >= 0.009
        hand.close()

    asyncio.run(story())


def test_the_terminal_shows_what_belongs_to_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = serve._Terminal()
    terminal.warning("늦음", seconds=2)
    terminal.hide("secret")
    assert capsys.readouterr().out == "늦음 seconds=2\n"
