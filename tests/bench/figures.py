"""Saves the figures of a bench to a file and compares them: ``--save FILE`` and ``--compare FILE`` of every bench.

A file is JSON: ``{"bench": name, "date": ..., "machine": ..., "load": [1, 5, 15 minutes], "figures": {name: number}}``.
"""

import argparse
import json
import os
import platform
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any


class Wrong(Exception):
    """Raised when a file does not hold figures of this bench; the text says why."""


def options(parser: argparse.ArgumentParser) -> None:
    """Add the two options."""
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the figures to a file")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="print them beside those of a file")


def done(arguments: argparse.Namespace, bench: str, figures: Mapping[str, float]) -> None:
    """Do what the options ask for; call it once the bench has its figures.

    Raises:
        SystemExit: the file to compare with does not hold figures of this bench.
    """
    if arguments.compare is not None:
        try:
            old = read(arguments.compare, bench)
        except Wrong as error:
            raise SystemExit(str(error)) from None
        print(
            f"\nbefore: {old['date']}, {old['machine']}, load {old['load'][0]:g}; now: {machine()}, load {load()[0]:g}"
        )
        print("\n".join(compared(old["figures"], figures)))
    if arguments.save is not None:
        save(arguments.save, bench, figures)


def save(file: Path, bench: str, figures: Mapping[str, float]) -> None:
    """Write a file that ``read`` accepts."""
    told = {
        "bench": bench,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "load": load(),
        "figures": dict(figures),
    }
    file.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read(file: Path, bench: str) -> dict[str, Any]:
    """Read a file that ``save`` wrote.

    Raises:
        Wrong: the file cannot be read, or belongs to another bench.
    """
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        of, _, _, _ = told["bench"], told["date"], told["machine"], told["load"][0]
        figures = {str(name): float(value) for name, value in told["figures"].items()}
    except OSError as error:
        raise Wrong(f"{file}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise Wrong(f"{file} holds no figures that --save has written") from None
    if of != bench:
        raise Wrong(f"{file} holds the figures of {of}, not of {bench}")
    return {**told, "figures": figures}


def compared(old: Mapping[str, float], new: Mapping[str, float]) -> Iterator[str]:
    """Yield the lines of a table: name, old value, new value, and the change as a percentage of the old value."""
    names = [*new, *(name for name in old if name not in new)]
    width = max(map(len, names), default=0)
    yield f"{'':{width}} {'before':>10} {'now':>10} {'':>8}"
    for name in names:
        before, now = old.get(name), new.get(name)
        change = f"{(now / before - 1) * 100:+.1f} %" if before and now is not None else ""
        yield f"{name:{width}} {_shown(before):>10} {_shown(now):>10} {change:>8}".rstrip()


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


@cache
def machine() -> str:
    """Describe cores, processor, system and Python."""
    return f"{os.cpu_count()} x {_processor()}, {platform.system()}, Python {platform.python_version()}"


def load() -> list[float]:
    """Return the load averages of 1, 5 and 15 minutes; zeros where the system does not report them."""
    return [round(each, 2) for each in os.getloadavg()] if hasattr(os, "getloadavg") else [0.0, 0.0, 0.0]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
