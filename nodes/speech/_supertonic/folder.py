"""Where the files of a Supertonic model are. Nothing is downloaded here."""

from pathlib import Path

from nodes.phrases import phrase
from nodes.speech._speaking.voice import VoiceError

REPOSITORY = "Supertone/supertonic-3"
REVISION = "724fb5abbf5502583fb520898d45929e62f02c0b"
"""That of the package ``INSTALL`` names."""
INSTALL = "pip install -r requirements-supertonic.txt"
PULL = "python aischoco.py voice pull supertonic"
SETTINGS, LETTERS = Path("onnx/tts.json"), Path("onnx/unicode_indexer.json")
PARTS = tuple(
    Path(f"onnx/{name}.onnx") for name in ("duration_predictor", "text_encoder", "vector_estimator", "vocoder")
)
STYLES = Path("voice_styles")
_NEEDED = (SETTINGS, LETTERS, *PARTS)


def missing(folder: Path) -> list[str]:
    """Return the files of a model that are not there."""
    lacking = [file.as_posix() for file in _NEEDED if not (folder / file).is_file()]
    return lacking if voices(folder) else [*lacking, f"{STYLES}/*.json"]


def voices(folder: Path) -> list[str]:
    """Return the names of the voices of a model."""
    return sorted(path.stem for path in (folder / STYLES).glob("*.json"))


def style(folder: Path, voice: str) -> Path:
    """Return the file of a voice.

    Raises:
        VoiceError: there is none; the text names those that there are.
    """
    path = Path(voice).expanduser() if voice.endswith(".json") else folder / STYLES / f"{voice}.json"
    if not path.is_file():
        there = ", ".join(voices(folder))
        raise VoiceError(phrase("There is no voice {voice}. Write one of these: {there}", voice=voice, there=there))
    return path


def check(folder: Path) -> None:
    """Look whether the model is whole.

    Raises:
        VoiceError: it is not; the text says what to do.
    """
    if lacking := missing(folder):
        raise VoiceError(
            phrase(
                "There is no Supertonic model in {folder} (missing: {lacking}). To get it: {pull}",
                folder=folder,
                lacking=", ".join(lacking[:3]),
                pull=PULL,
            )
        )
