"""The walls between the rooms hold: a forbidden import, planted in a copy of the sources, breaks its contract."""

import re
import shutil
import subprocess
import sys
import tomllib
from itertools import pairwise, permutations
from pathlib import Path

import pytest

from tests.harness import ROOT

pytestmark = pytest.mark.component  # each case reads all sources again

SOURCES = ("schemas", "nodes", "graphs")
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS = {contract["name"]: contract for contract in LINTER["contracts"]}
LAYERS, PURE, FAMILIES = (
    next(contract for contract in LINTER["contracts"] if holds(contract))
    for holds in (
        lambda contract: contract["type"] == "layers",
        lambda contract: "graphs.engine.language" in contract.get("source_modules", ()),
        lambda contract: contract["type"] == "independence",
    )
)


def planted() -> list[tuple[str, str, str]]:
    """Return (contract, module, import that breaks the contract), one for each wall."""
    walls = [
        ("schemas import nothing of ours", "schemas", "nodes"),
        ("schemas import nothing of ours", "schemas", "graphs"),
        ("a node knows nothing of the engine", "nodes", "graphs.engine.cli"),
        *((PURE["name"], room, name) for room in PURE["source_modules"] for name in PURE["forbidden_modules"]),
        *((FAMILIES["name"], *pair) for pair in pairwise([*FAMILIES["modules"], FAMILIES["modules"][0]])),
    ]
    rows = [row.split(" | ") for row in LAYERS["layers"]]
    rooms = [(low, high) for above, below in pairwise(rows) for low in below for high in above]
    rooms += [pair for row in rows for pair in permutations(row, 2)]
    walls += [(LAYERS["name"], f"graphs.engine.{low}", f"graphs.engine.{high}") for low, high in rooms]
    return walls


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("walls")
    for name in SOURCES:
        for file in (ROOT / name).rglob("*.py"):
            (root / file.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, root / file.relative_to(ROOT))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def broken(root: Path) -> set[str]:
    """Return the contracts that do not hold there."""
    lint = "from importlinter.cli import lint_imports_command as lint; lint()"
    told = subprocess.run([sys.executable, "-c", lint], cwd=root, capture_output=True, text=True, encoding="utf-8")
    found = dict(re.findall(r"^(\S.*) (KEPT|BROKEN)\b", told.stdout, re.MULTILINE))
    assert set(found) == set(CONTRACTS), told.stdout + told.stderr
    assert told.returncode == ("BROKEN" in found.values())
    return {name for name, state in found.items() if state == "BROKEN"}


def test_all_walls_stand_in_the_sources(copy: Path) -> None:
    assert broken(copy) == set()


@pytest.mark.parametrize(("contract", "module", "imported"), planted(), ids=lambda name: name.replace(" ", "-"))
def test_a_forbidden_import_breaks_the_contract_that_is_there_for_it(
    copy: Path, contract: str, module: str, imported: str
) -> None:
    place = copy.joinpath(*module.split("."))
    file = place / "_planted.py" if place.is_dir() else place.with_suffix(".py")
    before = file.read_bytes() if file.exists() else None
    try:
        with file.open("a", encoding="utf-8") as text:
            text.write(f"\nimport {imported}\n")
        assert broken(copy) == {contract}
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_bytes(before)


def test_a_room_without_a_place_in_the_order_is_refused(copy: Path) -> None:
    file = copy / "graphs" / "engine" / "attic.py"
    file.touch()
    try:
        assert broken(copy) == {LAYERS["name"]}
    finally:
        file.unlink()


def test_every_contract_is_broken_once_on_purpose() -> None:
    assert {contract for contract, *_ in planted()} == set(CONTRACTS)
