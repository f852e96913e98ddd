"""Gets the Supertonic model: from Hugging Face, from another address that serves it alike, or from a folder."""

import importlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from nodes.phrases import phrase
from nodes.speech._supertonic.folder import (
    INSTALL,
    LETTERS,
    PARTS,
    PULL,
    REPOSITORY,
    REVISION,
    SETTINGS,
    STYLES,
    missing,
)
from nodes.speech._supertonic.settings import FOLDER
from schemas.command import FAILED, OK

BYTES = 4e8
LICENCE = "https://huggingface.co/Supertone/supertonic-3/blob/main/LICENSE"
_PATTERNS = [*map(Path.as_posix, (SETTINGS, LETTERS, *PARTS)), f"{STYLES}/*.json", "LICENSE*", "README.md"]


def pull(source: str, agreed: bool, root: Path, env: Mapping[str, str]) -> int:
    """Show the licence, then get the model into the folder of the project.

    Args:
        source: a folder, an address in the place of https://huggingface.co, or empty for that of ``HF_ENDPOINT``.
        agreed: the licence was read before.

    Returns:
        0 done, 1 failed or not agreed.
    """
    print(
        phrase(
            "Supertonic 3 by Supertone Inc.: its code is MIT, its model OpenRAIL-M, a licence that names what it is "
            "not to be used for. Read it before you agree: {licence}",
            licence=LICENCE,
        )
    )
    if not (agreed or _agrees()):
        print(phrase("Nothing was downloaded."))
        return FAILED
    target = root / FOLDER
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(target.parent).free
        if free < BYTES:
            print(phrase("Only {free} MB of the disk are free.", free=round(free / 1e6)))
        print(phrase("About {size} MB go to {target}.", size=round(BYTES / 1e6), target=target))
        if source and Path(source).expanduser().is_dir():
            _copied(Path(source).expanduser(), target)
        else:
            _downloaded(source or env.get("HF_ENDPOINT", ""), target, env)
    except KeyboardInterrupt:
        print()
        print(phrase("It was broken off. To go on: {pull}", pull=PULL))
        return FAILED
    except ImportError:
        print(phrase("The package huggingface_hub is missing. Install it: {install}", install=INSTALL))
        return FAILED
    except Exception as error:  # the package has errors of its own, of its HTTP library and of the system
        print(phrase("It could not be downloaded. {error}", error=f"{type(error).__name__}: {error}"))
        return FAILED
    if lacking := missing(target):
        print(phrase("Files are missing ({lacking}). Try again: {pull}", lacking=", ".join(lacking), pull=PULL))
        return FAILED
    print(phrase("It is there: {target}. In the graph: {line}", target=target, line="{type: supertonic}"))
    return OK


def _agrees() -> bool:
    try:
        return input(phrase("Do you agree? [y/N] ")).strip().lower() in ("y", "yes", "네", "예", "ㅇ", "ㅛ")
    except EOFError:
        return False


def _downloaded(endpoint: str, target: Path, env: Mapping[str, str]) -> None:
    download = importlib.import_module("huggingface_hub").snapshot_download
    download(
        REPOSITORY,
        revision=REVISION,
        local_dir=target,
        allow_patterns=_PATTERNS,
        endpoint=endpoint or None,
        token=env.get("HF_TOKEN") or None,
    )


def _copied(source: Path, target: Path) -> None:
    """Copy the files of a model, each as a whole or not at all.

    Raises:
        OSError: one cannot be read or written.
    """
    for pattern in _PATTERNS:
        for file in sorted(source.glob(pattern)):
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            begun = place.with_name(f"{place.name}.part")
            shutil.copyfile(file, begun)
            begun.replace(place)
