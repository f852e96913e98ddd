"""From one shipped graph to another while the real voice is in the middle of a long answer."""

import json
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.show import Show
from tests.ports import free_port

pytestmark = [pytest.mark.component, pytest.mark.alone, pytest.mark.timeout(180)]

SENTENCE = "이 이야기는 길어서 한참을 더 들려 드려야 할 것 같아요."
SENTENCES = 8
NOTHING = ("CHZZK_CLIENT_ID", "CHZZK_CLIENT_SECRET", "CHZZK_ACCESS_TOKEN", "GROQ_API_KEY", "TTS_REMOTE_URL")
STOPPED_S = 6.0
"""The sentence that is being heard takes 4 s; a busy machine may need a little longer to end the voice's work."""


def talkative(root: Path) -> None:
    """Let every answer of the demonstration be a long one."""
    lines = " ".join([SENTENCE] * SENTENCES)
    kinds = ("chat", "donation", "subscription")
    rules = [f"- {{name: {kind}, when: {{kind: {kind}}}, lines: ['{lines}']}}\n" for kind in kinds]
    (root / "config" / "canned_replies.yaml").write_text("".join(rules), encoding="utf-8")


def ordered(show: Show, order: dict[str, Any]) -> None:
    with urllib.request.urlopen(f"{show.url}/dock/", timeout=5) as page:
        found = re.search(r'name="aischoco-token" content="([^"]+)"', page.read().decode())
    assert found is not None
    headers = {"Content-Type": "application/json", "X-Token": found[1]}
    request = urllib.request.Request(f"{show.url}/api/reload", json.dumps(order).encode(), headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.status == 200


def test_from_the_demonstration_to_a_live_show_only_the_sentence_being_heard_is_waited_for(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    env = {**dict.fromkeys(NOTHING, ""), "VTS_PORT": str(free_port()), "HF_HUB_OFFLINE": "1"}
    with Show(tmp_path, "graphs/demo.yaml", env=env, prepare=talkative) as show:
        show.until(show.speaks, 60)
        ordered(show, {"file": "live.yaml"})
        show.until(lambda: (show.get("/api/graph") or {}).get("name") == "live", 60)
        last = show.until(lambda: (show.get("/api/reload") or {}).get("last"), 30)
        ordered(show, {"undo": True})
        show.until(lambda: (show.get("/api/graph") or {}).get("name") == "demo", 60)
    figure(f"{last['seconds']:.1f} s")
    assert last["forced"] == []
    assert last["seconds"] < STOPPED_S
