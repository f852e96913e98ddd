"""``aischoco.py voice``: lets the embedded voices be heard, gets the models of others, checks its recordings."""

import argparse
import importlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from nodes.commands import command
from nodes.phrases import phrase, said_by
from nodes.speech._qwen.folder import FILES, NEEDS, PULL, REPOSITORY, missing, places
from nodes.speech._qwen.sample import SampleError
from nodes.speech._qwen.sample_set import read_all
from nodes.speech._say import PEOPLE, say
from nodes.speech._supertonic import pulling
from schemas.command import FAILED, OK

SIZES = {"1.7B": 4.6e9, "0.6B": 2.6e9}
"""Approximate bytes of a download: weights in bfloat16 and the codec in float32."""
SUPERTONIC = "supertonic"
_PATTERNS = [*FILES, "*.safetensors", "*.safetensors.index.json", "speech_tokenizer/*", "LICENSE*", "README.md"]
_SAMPLES = Path("assets/voice_samples")


@command(
    "voice",
    "voice say: hear the voices; voice pull: download one (Qwen3-TTS, Supertonic); voice check: judge recordings",
)
def voice(argv: Sequence[str], root: Path, env: Mapping[str, str]) -> int:
    """Let voices be heard, download a model, with progress, or report what is wrong with the recordings.

    Returns:
        0 done, 1 failed or no recording can be used.
    """
    parser = argparse.ArgumentParser(prog="aischoco.py voice", description=phrase("The voices."))
    what = parser.add_subparsers(dest="what", required=True)
    hear = what.add_parser("say", help=phrase("hear the embedded voices, all in turn"))
    hear.add_argument("text", nargs="?", default="", help=phrase("what they say, in Hangul; without it, a greeting"))
    hear.add_argument("--voice", default="", metavar="NAME", help=", ".join(each.called for each in PEOPLE))
    hear.add_argument("--out", type=Path, metavar="FILE", help=phrase("write a WAV file"))
    pull = what.add_parser("pull", help=phrase("download a model from Hugging Face into HF_HOME or cache/huggingface"))
    pull.add_argument("model", nargs="?", choices=[*SIZES, SUPERTONIC], default="1.7B")
    source = phrase("of supertonic: a folder that has it, or an address in the place of https://huggingface.co")
    pull.add_argument("--from", dest="source", default="", metavar="PLACE", help=source)
    pull.add_argument("--agree", action="store_true", help=phrase("of supertonic: its licence was read and is kept"))
    check = what.add_parser("check", help=phrase("judge the recordings of a folder"))
    check.add_argument("folder", nargs="?", type=Path, default=_SAMPLES)
    given = parser.parse_args(argv)
    if given.what == "say":
        return say(given.text, given.voice, given.out, root)
    if given.what == "check":
        return _check(root / given.folder)
    if given.model == SUPERTONIC:
        return pulling.pull(given.source, given.agree, root, env)
    return _pull(given.model, root, env)


def _pull(model: str, root: Path, env: Mapping[str, str]) -> int:
    hub = root / places(Path("cache/huggingface"), env)[0]
    try:
        download = importlib.import_module("huggingface_hub").snapshot_download
    except ImportError:
        command = "pip install -r requirements-gpu.txt"
        print(phrase("the package {name} is missing. Install: {command}", name="huggingface_hub", command=command))
        return FAILED
    name = REPOSITORY.format(model)
    try:
        hub.mkdir(parents=True, exist_ok=True)
        _look_for_room(hub, model)
        text = phrase(
            "{name} (about {size} GB) is downloaded to {folder}. If it breaks off, run this again: it goes on there.",
            name=name,
            size=f"{SIZES[model] / 1e9:.1f}",
            folder=hub,
        )
        print(text)
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
        print("\n" + phrase("Stopped. To go on: {command}", command=PULL.format(model)))
        return FAILED
    except Exception as error:  # the package has errors of its own, of its HTTP library and of the system
        print(phrase("It could not be downloaded. {kind}: {why}", kind=type(error).__name__, why=error))
        return FAILED
    if lacking := missing(folder):
        text = phrase(
            "Downloaded, but files are missing ({names}). Run this again: {command}",
            names=", ".join(lacking),
            command=PULL.format(model),
        )
        print(text)
        return FAILED
    print(phrase("Downloaded: {folder}", folder=folder))
    print(phrase("It needs {size} GB of free graphics memory.", size=f"{NEEDS[model] / 1e9:.1f}"))
    print(phrase("Whether your recording is good: {command}", command="python aischoco.py voice check"))
    return OK


def _look_for_room(hub: Path, model: str) -> None:
    free = shutil.disk_usage(hub).free
    if free < SIZES[model]:
        print(phrase("Only {size} GB of the disk are free.", size=f"{free / 1e9:.1f}"))


def _check(folder: Path) -> int:
    try:
        found = read_all(folder)
    except SampleError as error:
        print(said_by(error))
        return FAILED
    for report in found.reports():
        print(report)
    return OK
