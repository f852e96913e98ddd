"""The folder of recordings of one voice: ``ref`` for every day, ``ref_<emotion>`` for the emotions that have one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nodes.phrases import phrase, said_by
from nodes.speech._qwen.sample import SUFFIXES, Sample, SampleError, read
from nodes.written import NotText, contents, written

DEFAULT = "neutral"


@dataclass(frozen=True, slots=True)
class SampleSet:
    """What could be read from a folder."""

    samples: Mapping[str, Sample]
    """Emotion -> recording; ``DEFAULT`` is always there."""
    refused: tuple[str, ...]
    """A report for each recording that cannot be used."""

    def reports(self) -> list[str]:
        """Return what a person should know about the recordings, good and bad."""
        return [*(sample.report() for sample in self.samples.values()), *self.refused]


def read_all(folder: Path) -> SampleSet:
    """Read ``ref.*`` and every ``ref_<emotion>.*`` of a folder, with their texts.

    The text of ``ref_<emotion>`` is ``ref_text_<emotion>.txt``, ``ref_<emotion>.txt`` or, if all recordings say the
    same, ``ref_text.txt``. Without ``ref.*`` the recording for neutral stands in, without that the first one.

    Raises:
        SampleError: there is no recording that can be used; the text says what to do.
    """
    found = _recordings(folder)
    if not found:
        text = phrase(
            "There is no recording of a voice. Put one of 3 s or more at {sound}, and its text at {text}.",
            sound=folder / "ref.wav",
            text=folder / "ref_text.txt",
        )
        raise SampleError(text)
    samples: dict[str, Sample] = {}
    refused: list[str] = []
    for emotion, path in found.items():
        try:
            samples[emotion] = read(path, _transcript(folder, emotion))
        except SampleError as error:
            refused.append(said_by(error))
    if not samples:
        raise SampleError("\n".join([phrase("No recording of a voice can be used."), *refused]))
    everyday = samples.get("") or samples.get(DEFAULT) or next(iter(samples.values()))
    named = {emotion: sample for emotion, sample in samples.items() if emotion}
    return SampleSet({DEFAULT: everyday} | named, tuple(refused))


def _recordings(folder: Path) -> dict[str, Path]:
    """Return emotion ("" for ``ref``) -> file; of two forms of the same name the first of ``SUFFIXES``."""
    found: dict[str, Path] = {}
    for suffix in SUFFIXES:
        for path in sorted(folder.glob(f"ref*{suffix}")):
            name = path.stem
            if name == "ref" or name.startswith("ref_"):
                found.setdefault(name[4:], path)
    return dict(sorted(found.items()))


def _transcript(folder: Path, emotion: str) -> str:
    names = [f"ref_text_{emotion}.txt", f"ref_{emotion}.txt", "ref_text.txt"] if emotion else ["ref_text.txt"]
    for path in (folder / name for name in names):
        if path.is_file():
            raw = contents(path)
            try:
                return written(raw).text.strip()
            except NotText:
                return raw.decode("utf-8-sig", "replace").strip()
    return ""
