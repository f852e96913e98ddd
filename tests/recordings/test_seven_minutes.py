import json

from tests.recordings.seven_minutes import FILE, broadcast


def test_the_recording_is_what_its_script_makes() -> None:
    assert FILE.read_text(encoding="utf-8") == "\n".join(broadcast()) + "\n"


def test_the_recording_is_long_ordered_and_has_a_flood() -> None:
    lines = [json.loads(line) for line in broadcast()]
    times = [line["t"] for line in lines]
    assert len(lines) >= 320
    assert times == sorted(times)
    assert 360 <= times[-1] <= 480
    assert sum(204 <= at < 214 for at in times) >= 100
    assert {line["event"] for line in lines} >= {"CHAT", "DONATION", "SUBSCRIPTION", "SYSTEM"}
    assert any(isinstance(line["payload"], dict) for line in lines)
