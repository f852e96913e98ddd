import json
import logging

import pytest
from pydantic import SecretStr

from graphs.engine.log.engine_log import EngineLog
from schemas.chat import ChatMessage
from schemas.settings import Settings


@pytest.fixture
def lines(tmp_path):
    def read(name):
        path = tmp_path / "history" / "logs" / f"{name}.log"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    return read


def failed(error):
    try:
        raise error
    except Exception as raised:
        return raised


# The terminal.


def test_a_line_has_its_fields(capsys):
    EngineLog().info("page", url="http://x", clients=2)
    assert "I page url=http://x clients=2" in capsys.readouterr().err


def test_quiet_keeps_warnings(capsys):
    log = EngineLog(quiet=True)
    log.info("nothing")
    log.warning("look")
    assert "nothing" not in (err := capsys.readouterr().err)
    assert "W look" in err


def test_a_note_is_in_the_file_and_not_on_the_terminal(made, lines, capsys):
    log = made()
    log.note("everything stood still", seconds=0.3)
    log.warning("look")
    assert [line["text"] for line in lines("app")] == ["everything stood still", "look"]
    assert "stood still" not in (err := capsys.readouterr().err)
    assert "look" in err


def test_the_level_of_the_terminal_comes_from_the_environment(capsys):
    log = EngineLog(env={"LOG_CONSOLE_LEVEL": "warning"})
    log.info("nothing")
    log.warning("look")
    assert "nothing" not in (err := capsys.readouterr().err)
    assert "W look" in err


def test_a_level_that_does_not_exist_is_told_and_info_is_used(capsys):
    EngineLog(env={"LOG_CONSOLE_LEVEL": "LOUD"}).info("here")
    err = capsys.readouterr().err
    assert "W LOG_CONSOLE_LEVEL에는" in err
    assert "I here" in err


def test_what_a_viewer_wrote_is_in_no_line_and_nicknames_are_masked(made, lines, capsys, tmp_path):
    log = made(env={})
    said = ChatMessage(id="1", author="새벽고양이", author_id="u1", text="우리 집은 서울")
    log.failure("filter", "chat.filter", said, failed(KeyError("우리 집은 서울", "새벽고양이")))
    written = capsys.readouterr().err + str(log.errors)
    for file in (tmp_path / "history" / "logs").rglob("*.log"):
        written += file.read_text("utf-8")
    assert "서울" not in written
    assert "고양이" not in written
    assert "새***" in written
    assert "Traceback" in lines("error")[0]["traceback"]
    assert log.name("새벽고양이") == "새***"


# Files.


def test_every_line_is_in_app_log_as_json(made, lines):
    made().info("page", url="http://x", clients=2)
    (line,) = lines("app")
    assert line.pop("t").startswith("20")
    assert line == {"level": "INFO", "text": "page", "fields": {"url": "http://x", "clients": 2}}


def test_a_line_of_a_node_carries_its_name_and_is_in_the_file_of_its_family(made, lines, capsys):
    log = made()
    log.of("voice", "audio.play").info("the voice goes to: x")
    log.of("reply", "llm.reply").warning("slow")
    log.of("vts", "avatar.vts").info("connected")
    log.of("parse", "chat.parse").info("odd")
    log.of("gate", "flow.gate").info("open")
    assert [(line["node"], line["text"]) for line in lines("tts")] == [("voice", "the voice goes to: x")]
    assert [(line["node"], line["level"]) for line in lines("ai")] == [("reply", "WARNING")]
    assert [line["node"] for line in lines("vtuber")] == ["vts"]
    assert [line["node"] for line in lines("chat")] == ["parse"]
    assert [line["node"] for line in lines("app")] == ["voice", "reply", "vts", "parse", "gate"]
    assert "W reply: slow" in capsys.readouterr().err


def test_a_failure_is_one_line_on_the_terminal_and_has_its_traceback_in_the_files(made, lines, capsys):
    made().failure("voice", "audio.play", None, failed(ValueError("bad")))
    assert capsys.readouterr().err.count("\n") == 1
    for name in ("app", "error", "tts"):
        (line,) = lines(name)
        assert (line["level"], line["node"]) == ("ERROR", "voice")
        assert "in failed" in line["traceback"]


def test_files_are_rotated_by_size(made, tmp_path):
    log = made(env={"LOG_MAX_MB": "0.001", "LOG_BACKUP_COUNT": "2"})
    for number in range(60):
        log.info(f"line {number} " + "x" * 100)
    files = sorted((tmp_path / "history" / "logs").glob("app.log*"))
    assert [file.name for file in files] == ["app.log", "app.log.1", "app.log.2"]
    assert all(file.stat().st_size < 1400 for file in files)


@pytest.mark.parametrize("value", ["many", "-1", "nan", "1e99"])
def test_a_size_that_is_no_size_is_told_and_the_usual_one_is_used(made, lines, value, capsys):
    made(env={"LOG_MAX_MB": value}).info("here")
    assert "LOG_MAX_MB에는 0 이상의 수" in capsys.readouterr().err
    assert lines("app")[-1]["text"] == "here"


def test_warnings_of_libraries_are_written_too(made, lines, capsys):
    log = made()
    library = logging.getLogger("some.library")
    library.warning("odd %s", "thing")
    library.info("nothing")
    (line,) = lines("app")
    assert (line["from"], line["text"]) == ("some.library", "odd thing")
    assert "W some.library: odd thing" in capsys.readouterr().err
    log.close()
    assert not any(handler in logging.getLogger().handlers for handler in logging.getLogger("aischoco").handlers)


def test_half_a_character_and_an_object_can_be_written(made, lines):
    made().info("\ud800", what=object)
    (line,) = lines("app")
    assert line["fields"]["what"] == "<class 'object'>"


# Disks that fail.


def test_a_folder_that_cannot_be_made_costs_one_line(made, tmp_path, capsys):
    (tmp_path / "history").write_text("a file in the way")
    log = made()
    log.info("hello")
    log.failure("a", "chat.a", ChatMessage(id="1", author="x"), ValueError("bad"))
    err = capsys.readouterr().err
    assert err.count("no log files") == 1
    assert "I hello" in err
    assert err.count("\n") == 3


def test_a_file_that_cannot_be_written_costs_one_line(made, tmp_path, capsys):
    (tmp_path / "history" / "logs" / "app.log").mkdir(parents=True)
    log = made()
    log.info("one")
    log.info("two")
    err = capsys.readouterr().err
    assert err.count("app.log cannot be written") == 1
    assert "I two" in err


def test_a_file_that_cannot_be_rotated_goes_on_growing(made, lines, tmp_path, capsys):
    (tmp_path / "history" / "logs" / "app.log.1").mkdir(parents=True)
    log = made(env={"LOG_MAX_MB": "0.0005", "LOG_BACKUP_COUNT": "1"})
    for number in range(9):
        log.info(f"line {number} " + "x" * 100)
    assert [line["text"][:6] for line in lines("app")] == [f"line {number}" for number in range(9)]
    assert capsys.readouterr().err.count("app.log cannot be rotated") == 1


# Secrets.


class WithKey(Settings):
    api_key: SecretStr = SecretStr("from settings")


def test_secrets_are_nowhere(made, lines, capsys, tmp_path):
    log = made(env={"GROQ_API_KEY": "from the environment"})
    log.hide_settings(WithKey())
    log.of("chzzk", "chat.chzzk").hide("obtained on the way")
    log.of("parse", "chat.parse").warning("obtained on the way")
    error = failed(ValueError("401 for from settings, Bearer abcdefgh"))
    log.info("from the environment", url="ws://x?auth=abcdefgh")
    log.failure("llm", "llm.reply", ChatMessage(id="1", author="from settings"), error)
    written = capsys.readouterr().err + str(log.errors)
    for file in (tmp_path / "history").rglob("*.*"):
        written += file.read_text("utf-8")
    assert "401 for ***" in written
    for secret in ("from the environment", "from settings", "abcdefgh", "obtained on the way"):
        assert secret not in written


def test_a_folder_that_could_not_be_made_at_first_gets_its_files_once_it_can(made, tmp_path, lines):
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "logs").write_text("in the way")
    log = made()
    log.info("lost")
    (tmp_path / "history" / "logs").unlink()
    log.info("found")
    assert [line["text"] for line in lines("app")] == ["found"]


def test_an_error_that_a_library_says_again_and_again_is_written_once_in_ten_seconds(made, lines, capsys):
    made()
    for number in range(1000):
        logging.getLogger("asyncio").error("Exception in callback <f at 0x7f%d>\nhandle: <Handle %d>", number, number)
    logging.getLogger("asyncio").error("another one")
    assert capsys.readouterr().err.count("Exception in callback") == 1
    assert [line["text"][:9] for line in lines("app")] == ["Exception", "another o"]
    assert len(lines("error")) == 2
