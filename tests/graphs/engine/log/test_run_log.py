import json
import traceback

import pytest
from pydantic import SecretStr

from graphs.engine.log.engine_log import EngineLog
from graphs.engine.log.lines import _HALF
from nodes.phrases import phrase
from schemas.alarm import Alarm
from schemas.chat import ChatMessage, Withdrawn
from schemas.settings import Settings


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def failed(error):
    try:
        raise error
    except Exception as raised:
        return raised


# Failures.


def test_a_failure_is_kept_for_the_report_without_the_text_of_the_event(capsys):
    log = EngineLog()
    log.failure("filter", "chat.filter", ChatMessage(id="7", author="x", text="secret words"), ValueError("bad"))
    log.failure("speech", "speech.kokoro", None, RuntimeError("worse"))
    assert list(log.errors) == [
        {"node": "filter", "type": "chat.filter", "error": "ValueError: bad", "event": "ChatMessage 7"},
        {"node": "speech", "type": "speech.kokoro", "error": "RuntimeError: worse", "event": None},
    ]
    assert "secret" not in capsys.readouterr().err


class Broken(Exception):
    def __str__(self):
        raise ValueError("no text")


def test_a_failure_without_a_text_is_told_and_its_event_is_kept(made, tmp_path, capsys):
    log = made()
    log.failure("filter", "chat.filter", ChatMessage(id="7", author="x"), failed(Broken()))
    assert "Broken: <exception str() failed>" in capsys.readouterr().err
    assert "Broken" in log.errors[0]["error"]
    for name in ("logs/error.log", "dead_letters.jsonl"):
        assert "Broken" in (tmp_path / "history" / name).read_text("utf-8")


def test_of_a_failure_with_an_endless_text_little_is_written_and_no_half_of_a_secret(made, tmp_path):
    log = made()
    log.hide("hunter2-hunter2")
    begins = len("".join(traceback.format_exception(failed(ValueError("")))))
    text = "-" * (_HALF - begins - 5) + "hunter2-hunter2" + "." * 5_000_000 + "hunter2-hunter2" + "-" * (_HALF - 10)
    log.failure("speech", "speech.http", None, failed(ValueError(text)))
    written = (tmp_path / "history" / "logs" / "error.log").read_text("utf-8")
    assert "ValueError: ---" in written
    assert len(written) < 40_000
    assert "hunt" not in written + (tmp_path / "history" / "logs" / "app.log").read_text("utf-8")


@pytest.mark.parametrize("value", ["0", "no", "off", "FALSE"])
def test_nicknames_may_be_written_whole_if_the_operator_wants(capsys, value):
    log = EngineLog(env={"LOG_MASK_NAMES": value})
    said = ChatMessage(id="1", author="새벽고양이", text="우리 집은 서울")
    log.failure("filter", "chat.filter", said, failed(KeyError("우리 집은 서울", "새벽고양이")))
    err = capsys.readouterr().err
    assert "새벽고양이" in err
    assert "서울" not in err
    assert log.name("새벽고양이") == "새벽고양이"


def test_what_was_withdrawn_leaves_the_dead_letters(made, tmp_path):
    EngineLog().forget(Withdrawn(author_id="u1"))
    log = made()
    log.failure("filter", "chat.filter", ChatMessage(id="1", author="a", author_id="u1"), failed(ValueError("bad")))
    letters = tmp_path / "history" / "dead_letters.jsonl"
    assert "u1" in letters.read_text("utf-8")
    log.forget(Withdrawn(author_id="u1"))
    assert letters.read_text("utf-8") == ""


def test_an_event_that_a_node_failed_on_becomes_a_dead_letter(made, tmp_path):
    log = made()
    log.failure("filter", "chat.filter", ChatMessage(id="7", author="x"), ValueError("bad"))
    log.failure("filter", "chat.filter", None, ValueError("bad"))
    letters = (tmp_path / "history" / "dead_letters.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(letter)["event"]["id"] for letter in letters] == ["7"]


# The same again and again.


def test_the_same_warning_is_written_once_in_ten_seconds_with_how_many_were_left_out(capsys):
    clock = Clock()
    log = EngineLog(clock=clock)
    for step in range(25):
        clock.now = 100.0 + step
        log.warning("the device is gone", number=step)
        log.info("fine")
    out = [line for line in capsys.readouterr().err.splitlines() if "device" in line]
    assert len(out) == 3
    assert out[0].endswith("the device is gone number=0")
    assert out[1].endswith("the device is gone (그사이 같은 일 9번 더) number=10")
    assert out[2].endswith("the device is gone (그사이 같은 일 9번 더) number=20")
    log.close()
    assert "the device is gone (같은 일 4번 더)" in capsys.readouterr().err
    log.close()
    assert capsys.readouterr().err == ""


def test_what_is_written_into_the_files_alone_is_counted_there_alone(made, capsys, tmp_path):
    log = made()
    for _ in range(3):
        log.note("the loop was late")
    log.close()
    assert "late" not in capsys.readouterr().err
    lines = (tmp_path / "history" / "logs" / "app.log").read_text("utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["the loop was late", "the loop was late (같은 일 2번 더)"]


def test_the_same_warning_of_another_node_is_another_one(capsys):
    log = EngineLog(clock=Clock())
    log.of("a", "chat.a").warning("late")
    log.of("b", "chat.b").warning("late")
    assert capsys.readouterr().err.count("late") == 2


def test_what_is_remembered_of_warnings_is_bounded(capsys):
    log = EngineLog(clock=Clock())
    for number in range(600):
        log.warning(f"line {number}")
    log.warning("line 599")
    log.warning("line 0")
    assert capsys.readouterr().err.count("line 0\n") == 2
    assert len(log._repeats._seen) == 500


def test_a_failure_that_was_raised_with_a_sentence_is_told_in_one_language_and_the_file_has_the_rest(tmp_path, capsys):
    log = EngineLog(history=tmp_path)
    log.failure("stage", "avatar.stage", None, OSError(98, phrase("the port is in use")))
    log.close()
    assert "E stage: (avatar.stage) 실패했어요: 다른 프로그램이 쓰는 포트예요\n" in capsys.readouterr().err
    assert log.errors[0]["error"] == "다른 프로그램이 쓰는 포트예요"
    assert "OSError: [Errno 98]" in (tmp_path / "logs" / "error.log").read_text(encoding="utf-8")


# Several graphs.


def test_the_lines_of_a_show_carry_its_name_and_its_failures_are_its_own(capsys):
    shared = EngineLog()
    choco, mint = shared.under("choco"), shared.under("mint")
    choco.info("on air")
    choco.of("parse", "chat.parse").info("hello")
    choco.failure("parse", "chat.parse", None, ValueError("broken"))
    choco.under("left").warning("alone")
    mint.warning("alone")
    shared.info("still here")
    assert [line.partition(" ")[2] for line in capsys.readouterr().err.splitlines() if line[:2].isdigit()] == [
        "I choco: on air",
        "I choco/parse: hello",
        "E choco/parse: (chat.parse) 실패했어요: ValueError: broken",
        "W choco/left: alone",
        "W mint: alone",
        "I still here",
    ]
    assert [error["node"] for error in choco.errors] == ["parse"]
    assert not shared.errors
    assert not mint.errors


def test_a_trouble_of_one_show_is_not_taken_for_that_of_another(capsys):
    shared = EngineLog()
    choco, mint = shared.under("choco"), shared.under("mint")
    for log in (choco, mint, choco):
        log.trouble("server", "gone")
    choco.well("server", "back")
    mint.trouble("server", "gone")
    written = [line.partition(" ")[2] for line in capsys.readouterr().err.splitlines()]
    assert written == ["W choco: gone", "W mint: gone", "I choco: back"]


class WithKey(Settings):
    key: SecretStr = SecretStr("a key of choco")


def test_a_secret_that_one_show_hides_is_in_no_line_of_its_neighbours(capsys):
    shared = EngineLog()
    choco, mint = shared.under("choco"), shared.under("mint")
    choco.hide_settings(WithKey())
    choco.of("chzzk", "chat.chzzk").hide("obtained on the way")
    mint.of("parse", "chat.parse").warning("a key of choco, obtained on the way")
    assert "mint/parse: ***, ***" in capsys.readouterr().err


def test_what_a_show_failed_on_is_a_dead_letter_until_it_is_withdrawn(made, tmp_path):
    show = made().under("choco")
    show.failure("filter", "chat.filter", ChatMessage(id="1", author="a", author_id="u1"), failed(ValueError("bad")))
    letters = tmp_path / "history" / "dead_letters.jsonl"
    assert "u1" in letters.read_text("utf-8")
    show.forget(Withdrawn(author_id="u1"))
    assert letters.read_text("utf-8") == ""


# Alarms.


def test_a_line_that_is_an_alarm_reaches_those_who_follow_with_its_node_and_without_secrets():
    log, taken = EngineLog(quiet=True), []
    log.hide("very secret")
    following = log.follow(taken.append)
    node = log.of("chzzk", "chat.chzzk")
    node.warning("lost: very secret", alarm="chat")
    node.warning("lost: very secret", alarm="chat")  # the log leaves out a repeated line; who follows hears it
    node.info("back", alarm="chat")
    node.warning("nothing", alarm="another kind")
    node.warning("nothing")
    following.dispose()
    node.warning("later", alarm="chat")
    assert taken == [
        Alarm("chat", "chzzk", "lost: ***"),
        Alarm("chat", "chzzk", "lost: ***"),
        Alarm("chat", "chzzk", "back", over=True),
    ]


def test_a_follower_of_one_graph_hears_nothing_of_another():
    log, taken = EngineLog(quiet=True), []
    log.under("one").follow(taken.append)
    log.under("two").of("n", "chat.x").warning("lost", alarm="chat")
    assert taken == []
