from graphs.engine.log import EngineLog
from schemas.chat import ChatMessage


def test_a_line_has_its_fields(capsys):
    EngineLog().info("page", url="http://x", clients=2)
    assert "I page url=http://x clients=2" in capsys.readouterr().err


def test_quiet_keeps_warnings(capsys):
    log = EngineLog(quiet=True)
    log.info("nothing")
    log.warning("look")
    assert "nothing" not in (err := capsys.readouterr().err)
    assert "W look" in err


def test_a_failure_is_kept_for_the_report_without_the_text_of_the_event(capsys):
    log = EngineLog()
    log.failure("filter", "chat.filter", ChatMessage(id="7", author="x", text="secret words"), ValueError("bad"))
    log.failure("speech", "speech.kokoro", None, RuntimeError("worse"))
    assert list(log.errors) == [
        {"node": "filter", "type": "chat.filter", "error": "ValueError: bad", "event": "ChatMessage 7"},
        {"node": "speech", "type": "speech.kokoro", "error": "RuntimeError: worse", "event": None},
    ]
    assert "secret" not in capsys.readouterr().err
