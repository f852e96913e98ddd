"""Fuzz the voice server with schemathesis: ``python -m tests.fuzz.voice --examples 300 --seed 1``.

It starts ``serve-tts`` with a voice of tones, sends what tests/fuzz/voice.yaml permits and what it forbids, and reports
what broke a law: an answer that is not listed there, a failure in its output, a server that no longer answers or does
not end. Needs schemathesis (``pip install schemathesis``), which is not a requirement of the project. The exit code is
1 if anything was found.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.attack import Attack, attack, installed
from tests.harness import ROOT

ROUTES = Path(__file__).with_name("voice.yaml")
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_SECONDS_A_CHARACTER = 0.001


class Found(NamedTuple):
    """The result of a run of the fuzzer."""

    attack: Attack
    broken: list[str]
    """The laws that were broken; empty if all held."""


def fuzz(folder: Path, *, examples: int, seed: int) -> Found:
    """Start a server, fuzz it and end it; its files go into ``folder``."""
    said = folder / "server.txt"
    with said.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.peers.tts_peer", "--port", "0", "--queue", "64"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=output,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", "TTS_PEER_S_PER_CHAR": str(_SECONDS_A_CHARACTER)},
            text=True,
            encoding="utf-8",
        )
    assert server.stdout is not None
    try:
        first = server.stdout.readline()
        url = re.search(r"http://\S+", first)
        if url is None:
            return Found(Attack({}, {}, []), [f"it did not start: {first}{said.read_text(encoding='utf-8')}"])
        done = attack(ROUTES, url[0], folder, examples=examples, seed=seed)
        return Found(done, [*done.broken, *_after(server, url[0]), *_told(said.read_text(encoding="utf-8"))])
    finally:
        if server.poll() is None:
            server.kill()
        server.wait(10)
        server.stdout.close()


def _after(server: "subprocess.Popen[str]", url: str) -> list[str]:
    """Check that the server still speaks, that no request is waiting, and that it ends when asked to."""
    if server.poll() is not None:
        return [f"the server ended with {server.returncode}"]
    broken: list[str] = []
    with _NO_PROXY.open(f"{url}/health", timeout=10) as answer:
        health = json.load(answer)
    if health["status"] != "ok" or health["waiting"]:
        broken.append(f"after the last answer: {health}")
    asked = urllib.request.Request(
        f"{url}/synthesize", json.dumps({"text": "안녕하세요." * 20}).encode(), {"Content-Type": "application/json"}
    )
    with _NO_PROXY.open(asked, timeout=10) as answer:
        sound = answer.read()
    if not sound.startswith(b"RIFF") or len(sound) < 1000:
        broken.append(f"it says nothing any more: {sound[:100]!r}")
    server.send_signal(signal.SIGINT)
    try:
        if code := server.wait(10):
            broken.append(f"it ended with {code}")
    except subprocess.TimeoutExpired:
        broken.append("it does not end")
    return broken


def _told(output: str) -> list[str]:
    return [f"it tells of a failure:\n{output[-8000:]}"] if re.search("Traceback|Error|Unhandled", output) else []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="the most requests by chance for each address")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if not installed():
        print("schemathesis is not installed: pip install schemathesis")
        return 2
    with tempfile.TemporaryDirectory(prefix="fuzz-voice-") as folder:
        found = fuzz(Path(folder), examples=arguments.examples, seed=arguments.seed)
    print(found.attack.told)
    print("\n".join(found.broken) or "every law held")
    return 1 if found.broken else 0


if __name__ == "__main__":
    sys.exit(main())
