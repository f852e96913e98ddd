"""``aischoco.py listen``: lists the microphones, and gets the model that understands speech on this computer."""

import argparse
import importlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from nodes.commands import command
from nodes.listen._microphone import microphones
from nodes.listen._whisper import FILES, PULL, REPOSITORY, SIZES, is_model
from nodes.phrases import phrase
from nodes.sound_devices import pick
from schemas.command import FAILED, OK

_PATTERNS = [*FILES, "vocabulary.*", "preprocessor_config.json"]


@command("listen", "listen microphones: list them; listen pull: download the Whisper model that understands speech")
def listen(argv: Sequence[str], root: Path, env: Mapping[str, str]) -> int:
    """List the microphones, opening none of them, or download a model, with progress.

    Returns:
        0 done, 1 failed, or there is no microphone.
    """
    parser = argparse.ArgumentParser(prog="aischoco.py listen", description=phrase("What hears the streamer."))
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("microphones", help=phrase("list the microphones; -> marks the one that MIC_DEVICE names"))
    pull = what.add_parser("pull", help=phrase("download a model from Hugging Face into HF_HOME or cache/huggingface"))
    pull.add_argument("model", nargs="?", choices=list(SIZES), default="base")
    given = parser.parse_args(argv)
    return (
        _microphones(env.get("MIC_DEVICE") or "auto") if given.what == "microphones" else _pull(given.model, root, env)
    )


def _microphones(wanted: str) -> int:
    names, wrong = microphones()
    chosen = None if wanted == "auto" else pick(wanted, names)
    for number, name in enumerate(names):
        print(f"{'->' if number == chosen else '  '} {name}")
    for line in wrong:
        print(f"   ({line})")
    if not names:
        print(phrase("There is no microphone. Connect one, and allow this program to use it."))
    elif wanted != "auto" and chosen is None:
        print(phrase("There is no microphone {name}. Set MIC_DEVICE to (a part of) one of these names.", name=wanted))
    return OK if names else FAILED


def _pull(model: str, root: Path, env: Mapping[str, str]) -> int:
    hub = root / (env.get("HF_HOME") or "cache/huggingface") / "hub"
    try:
        download = importlib.import_module("huggingface_hub").snapshot_download
    except ImportError:
        print(phrase("A package is missing: python -m pip install -r requirements-listen.txt"))
        return FAILED
    name = REPOSITORY.format(model)
    try:
        hub.mkdir(parents=True, exist_ok=True)
        if (free := shutil.disk_usage(hub).free) < SIZES[model]:
            print(phrase("Only {free} GB of the disk are free.", free=f"{free / 1e9:.1f}"))
        size = f"{SIZES[model] / 1e6:.0f}"
        print(phrase("{name} (about {size} MB) goes to {folder}.", name=name, size=size, folder=hub))
        folder = Path(
            download(
                name,
                cache_dir=hub,
                allow_patterns=_PATTERNS,
                endpoint=env.get("HF_ENDPOINT") or None,
                token=env.get("HF_TOKEN") or None,
            )
        )
    except KeyboardInterrupt:
        print(phrase("Stopped. To go on with it: {command}", command=PULL.format(model)))
        return FAILED
    except Exception as error:  # the package has errors of its own, of its HTTP library and of the system
        print(phrase("It could not be downloaded: {error}", error=f"{type(error).__name__}: {error}"))
        return FAILED
    if not is_model(folder):
        print(phrase("Files are missing in what was downloaded. Once more: {command}", command=PULL.format(model)))
        return FAILED
    print(phrase("It is here: {folder}", folder=folder))
    return OK
