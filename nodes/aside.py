"""Names for files that are kept aside when another one takes their place."""

from pathlib import Path


def unused(path: Path, why: str) -> Path:
    """Return a name beside a file, as ``summary.json.broken``, that no file has: what was kept before stays."""
    number, aside = 1, path.with_name(f"{path.name}.{why}")
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.{why}{number}")
    return aside
