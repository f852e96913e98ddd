"""The exam of ``audio.play``: checks that the sound device is there."""

from collections.abc import Sequence

from nodes.audio import _devices
from nodes.audio._settings import Play
from nodes.exams import Finding, Probe, exam
from nodes.phrases import joined, phrase
from nodes.sound_devices import pick


@exam("audio.play")
async def play(config: Play, probe: Probe) -> Sequence[Finding]:
    """Look for the device by its name; the remedy lists the names that exist instead."""
    what = phrase("sound device {device}", device=config.device)
    if config.device in ("page", "none"):
        return [Finding(True, what)]
    found, wrong = await probe.worker.thread(_devices.listed)
    names = [device.name for device in found]
    if config.device == "auto":
        chosen = next((device.name for device in found if device.default), names[0] if names else "")
        return [_good(what, chosen) if chosen else Finding(True, phrase("{what}: none, the page plays", what=what))]
    index = pick(config.device, names)
    if index is not None:
        return [_good(what, names[index])]
    there = ", ".join(names) or joined(wrong) or "-"
    remedy = phrase("switch the device on, or set TTS_OUTPUT_DEVICE to one that is there: {there}", there=there)
    return [Finding(False, what, remedy)]


def _good(what: str, device: str) -> Finding:
    return Finding(True, phrase("{what}: {device}", what=what, device=device))
