import json
from typing import Any

from tests.harness import ROOT
from tests.recordings.demo import EMOTES, FILE, show


def lines() -> list[dict[str, Any]]:
    return [json.loads(line) | {"told": json.loads(json.loads(line)["payload"])} for line in show()]


def test_the_recording_is_what_its_script_makes() -> None:
    assert FILE.read_text(encoding="utf-8") == "\n".join(show()) + "\n"


def test_it_lasts_a_minute_and_a_half_in_order_of_time() -> None:
    times = [line["t"] for line in lines()]
    assert times == sorted(times)
    assert 80 <= times[-1] <= 90


def test_the_first_ten_seconds_have_a_greeting_by_name_a_donation_and_a_laugh() -> None:
    early = [line for line in lines() if line["t"] < 10]
    texts = [line["told"].get("content", "") for line in early]
    assert any(text.startswith("{character}야 안녕") for text in texts)
    assert any("ㅋㅋ" in text for text in texts)
    assert any(line["event"] == "DONATION" for line in early)


def test_every_picture_is_one_of_ours() -> None:
    pictures = {url for line in lines() for url in line["told"].get("emojis", {}).values()}
    assert pictures == {f"/emotes/{emote}.svg" for emote in EMOTES}
    assert all((ROOT / "assets" / "overlay" / url.lstrip("/")).is_file() for url in pictures)
