"""Fuzz the web server of a running show with schemathesis: ``python -m tests.fuzz.http --examples 300 --seed 1``.

It starts a show of its own without a voice, sends what tests/fuzz/openapi.yaml and assets/dock/openapi.yaml permit and
what they forbid, and reports what broke a law: an answer that is a failure and not a refusal, a status that is not
listed there, a traceback in the log, a program that no longer answers, or a viewer event that nothing accounts for.
Needs schemathesis (``pip install schemathesis``), which is not a requirement of the project. The exit code is 1 if
anything was found.
"""

import argparse
import json
import re
import signal
import sys
import tempfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.e2e.show import Show, accounted
from tests.fuzz.attack import Attack, attack, installed
from tests.harness import ROOT

ROUTES = Path(__file__).with_name("openapi.yaml")
REMOTE = ROOT / "assets" / "dock" / "openapi.yaml"
"""The orders that may be given from outside of our pages too."""
GRAPH = """
name: fuzz
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  filter: {type: chat.filter, in: parse, min_length: 1}
  batch: {type: chat.batch, in: filter, withdrawn: parse, quiet_s: 0.1, max_wait_s: 0.5, max_items: 10}
  dock: {type: overlay.dock, batch: batch, reply: split.sentence, withdrawn: parse}
  reply: {type: reply.canned, in: dock.batch}
  split: {type: reply.split, in: [reply, dock.said]}
  overlay: {type: overlay.web, chat: filter, command: parse, withdrawn: parse, batch: batch, reply: split.sentence}
"""


class Found(NamedTuple):
    """The result of a run of the fuzzer."""

    attack: Attack
    viewers: Mapping[str, Any]
    """The counts of viewer events at the end."""
    broken: list[str]
    """The laws that were broken; empty if all held."""


def routes() -> dict[str, Any]:
    """Return the description of all addresses."""
    every, remote = (yaml.safe_load(file.read_text(encoding="utf-8")) for file in (ROUTES, REMOTE))
    for path, methods in remote["paths"].items():
        every["paths"].setdefault(path, {}).update(methods)
    every["components"]["schemas"] = remote["components"]["schemas"]
    return every


def fuzz(folder: Path, *, examples: int, seed: int) -> Found:
    """Start a show in ``folder`` (empty), fuzz it and end it.

    Args:
        examples: the most random requests for each address, beside those that follow from its description.
    """

    def prepare(root: Path) -> None:
        (root / "graphs" / "fuzz.yaml").write_text(GRAPH, encoding="utf-8")

    with Show(folder, "graphs/fuzz.yaml", prepare=prepare) as show:
        show.until(lambda: show.get("/api/graph"))
        headers = [f"X-Token:{token(show)}"]
        described = folder / "openapi.json"
        described.write_text(json.dumps(routes()), encoding="utf-8")
        done = attack(described, show.url, folder, headers=headers, examples=examples, seed=seed)
        broken = list(done.broken)
        if show.process.poll() is not None:
            broken.append(f"the program ended with {show.process.returncode}")
        elif show.get("/health") != {"ok": True}:
            broken.append("the program does not answer")
        else:
            show.signal(signal.SIGINT)
        if re.search(r"Traceback| failed: |Unhandled", show.log):
            broken.append(f"the log tells of a failure:\n{show.log[-8000:]}")
        report = show.report if show.report_file.exists() else {}
        viewers = report.get("viewer_events", {})
        if not viewers or not accounted(viewers):
            broken.append(f"not every viewer event is accounted for: {viewers}")
        if report.get("errors"):
            broken.append(f"nodes failed: {report['errors']}")
        return Found(done, viewers, broken)


def token(show: Show) -> str:
    """Return the token that a POST must carry, read from the page that holds it."""
    with urllib.request.urlopen(show.url + "/dock/", timeout=5) as page:
        found = re.search(r'name="aischoco-token" content="([^"{]+)"', page.read().decode())
    assert found, "the page holds no token"
    return found[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="the most requests by chance for each address")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if not installed():
        print("schemathesis is not installed: pip install schemathesis")
        return 2
    with tempfile.TemporaryDirectory(prefix="fuzz-http-") as folder:
        found = fuzz(Path(folder), examples=arguments.examples, seed=arguments.seed)
    print(found.attack.told)
    print(f"viewer events: {dict(found.viewers)}")
    print("\n".join(found.broken) or "every law held")
    return 1 if found.broken else 0


if __name__ == "__main__":
    sys.exit(main())
