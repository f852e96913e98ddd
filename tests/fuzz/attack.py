"""Runs schemathesis against a running server; both web servers are fuzzed with it."""

import importlib.util
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)


class Attack(NamedTuple):
    """The result of schemathesis."""

    cases: Mapping[str, int]
    """Requests that were answered, by method and address."""
    statuses: Mapping[int, int]
    broken: list[str]
    """What it reports if a check failed; empty if every check held."""

    @property
    def told(self) -> str:
        """Return the result as text for a person."""
        lines = [f"{count:6d}  {name}" for name, count in sorted(self.cases.items())]
        lines.append(f"{sum(self.cases.values()):6d}  in all; statuses {dict(sorted(self.statuses.items()))}")
        return "\n".join(lines)


def installed() -> bool:
    """Return whether schemathesis is installed."""
    return importlib.util.find_spec("schemathesis") is not None


def attack(routes: Path, url: str, folder: Path, *, headers: Sequence[str] = (), examples: int, seed: int) -> Attack:
    """Send requests that a description of addresses permits, and requests that it forbids.

    Args:
        routes: OpenAPI file; a status that is not in it is a finding.
        folder: for the files that it writes.
        headers: ``Name:value``, sent with every request.
        examples: the most random requests for each address, beside those that follow from its description.
    """
    exchanges = folder / "exchanges.ndjson"
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", str(routes), "--url", url),
        *(word for header in headers for word in ("--header", header)),
        *("--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"),
        *("--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure", "--no-color"),
        *("--generation-database", "none", "--suppress-health-check", "all", "--request-timeout", "10"),
        *("--report", "ndjson", "--report-ndjson-path", str(exchanges)),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    broken = [] if done.returncode == 0 else [f"schemathesis ended with {done.returncode}:\n{done.stdout[-8000:]}"]
    return Attack(*_exchanged(exchanges), broken)


def _exchanged(file: Path) -> tuple[Counter[str], Counter[int]]:
    """Return how many requests were answered, by their operation and by the status of the answer."""
    cases: Counter[str] = Counter()
    statuses: Counter[int] = Counter()
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for interaction in recorder.get("interactions", {}).values():
            if interaction.get("response"):
                cases[recorder["label"]] += 1
                statuses[interaction["response"]["status_code"]] += 1
    return cases, statuses
