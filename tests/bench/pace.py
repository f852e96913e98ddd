"""Measures how evenly the body moves on air, in the demonstration's graph with ten messages a second and its voice.

``python -m tests.bench.pace [SECONDS] [VOICE]`` runs ``graphs/demo.yaml`` unchanged, with a recording of ten messages
a second, no sound device, and its avatar connected to a VTube Studio in a process of its own that timestamps what
arrives. VOICE is another node for the voice, such as ``speech.system``. The figures cover frames that arrive while the
mouth moves; a frame that is more than half a period late counts as dropped.
"""

import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.harness import ROOT
from tests.peers.body import Injection, Server, percentile
from tests.ports import free_port

HZ = 60.0
WARM_S, END_S = 15.0, 3.0
"""Excluded: the time until the voice is loaded and speaks, and the end of the show, when its sources stop in turn."""
WORDS = (
    "오늘",
    "초코",
    "노래",
    "점심",
    "게임",
    "날씨",
    "고양이",
    "방송",
    "내일",
    "커피",
    "어제",
    "친구",
    "사진",
    "여행",
)


def recording(path: Path, seconds: float) -> None:
    """Write ten messages a second, each from a different viewer and with a different text."""
    chance = random.Random(1)
    lines: list[str] = []
    for number in range(round(10 * seconds)):
        text = f"{' '.join(chance.sample(WORDS, 3))} {number} 어때요?"
        sender: dict[str, Any] = {
            "nickname": f"시청자{number}",
            "badges": [],
            "verifiedMark": False,
            "userRoleCode": "common_user",
        }
        payload: dict[str, Any] = {
            "channelId": "0" * 32,
            "senderChannelId": f"{number:032x}",
            "chatChannelId": "N2dEmo",
            "profile": sender,
            "content": text,
            "emojis": {},
            "messageTime": 1792234800000 + 100 * number,
        }
        event = {"t": number / 10, "event": "CHAT", "payload": json.dumps(payload, ensure_ascii=False)}
        lines.append(json.dumps(event, ensure_ascii=False))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def graph(port: int, tokens: Path, voice: str) -> str:
    """Return the demonstration's graph with its avatar at that port."""
    text = (ROOT / "graphs" / "demo.yaml").read_text(encoding="utf-8").partition("\ntests:")[0]
    avatar = f"{{type: avatar.vts, in: [pose, lips], port: {port}, token_file: {tokens}, discover: false}}"
    text, found = re.subn(r"^(  \w+:) \{type: avatar\.vts.*\}$", rf"\1 {avatar}", text, flags=re.M)
    assert found == 1, "the demonstration has no avatar.vts on a line of its own"
    return text.replace("type: speech.kokoro", f"type: {voice}") if voice else text


def lateness_ms(times: Iterable[float]) -> list[float]:
    """Return how far each time is from the nearest point of the 60 Hz grid that fits them best."""
    turns = [(at * HZ) % 1.0 for at in times]
    origin = turns[len(turns) // 2]
    near = [(each - origin + 0.5) % 1.0 - 0.5 for each in turns]
    middle = statistics.median(near)
    return [abs((each - middle + 0.5) % 1.0 - 0.5) * 1000 / HZ for each in near]


def told(injections: list[Injection]) -> str:
    times = [at for at, _ in injections]
    spoken = [at for at, values in injections if values.get("MouthOpen", 0.0) > 0.0]
    late = lateness_ms(times)
    aloud = [each for (_, values), each in zip(injections, late, strict=True) if values.get("MouthOpen", 0.0) > 0.0]
    if not spoken:
        return f"{len(times)} frames, and it never spoke: let it run for longer"
    seconds = times[-1] - times[0]
    return (
        f"{len(times)} frames in {seconds:.1f} s: {(len(times) - 1) / seconds:.2f} Hz; {len(spoken)} while speaking\n"
        f"jitter p50 {percentile(late, 0.5):.2f} p99 {percentile(late, 0.99):.2f} ms, "
        f"while speaking p50 {percentile(aloud, 0.5):.2f} p99 {percentile(aloud, 0.99):.2f} ms"
    )


class Bare(threading.Thread):
    """A thread that only sleeps from one 60th of a second to the next, to show the jitter of the machine itself."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._over = threading.Event()
        self._late: list[float] = []

    def run(self) -> None:
        due = time.monotonic()
        while not self._over.wait(max(0.0, due - time.monotonic())):
            self._late.append(1000 * (time.monotonic() - due))
            due += 1 / HZ

    def told(self) -> str:
        self._over.set()
        return (
            f"a bare timer beside it: p50 {percentile(self._late, 0.5):.2f} p99 {percentile(self._late, 0.99):.2f} ms"
        )


def main(seconds: float, voice: str) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        server, tokens, live = Server(folder, "--token", "known"), folder / "token.txt", folder / "pace.yaml"
        tokens.write_text("known\n")
        whole = WARM_S + seconds + END_S
        recording(folder / "chat.jsonl", whole + 5.0)
        ours = {"CHAT_RECORDING": str(folder / "chat.jsonl"), "TTS_OUTPUT_DEVICE": "none", "STAGE_PORT": "0"}
        server.start()
        bare = Bare()
        bare.start()
        try:
            live.write_text(graph(server.port, tokens, voice), encoding="utf-8")
            command = [sys.executable, "aischoco.py", "run", str(live), "--no-open", "--for", str(whole)]
            env = {**os.environ, **ours, "OVERLAY_PORT": str(free_port())}
            subprocess.run(command, cwd=ROOT, env=env, check=True, timeout=whole + 60.0)
        finally:
            server.kill()
        print(bare.told())
        got = server.injections()
        print(f"on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        end = got[-1][0] - END_S
        print(told([each for each in got if end - seconds < each[0] <= end]))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 30.0, sys.argv[2] if len(sys.argv) > 2 else "")
