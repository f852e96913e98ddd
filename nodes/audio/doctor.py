"""The exam of ``audio.play``: checks that the sound device is there."""

from collections.abc import Sequence

from nodes.audio import _devices
from nodes.audio.play import Play
from nodes.exams import Finding, Probe, exam
from nodes.sound_devices import pick


@exam("audio.play")
async def play(config: Play, probe: Probe) -> Sequence[Finding]:
    """Look for the device by its name; the remedy lists the names that exist instead."""
    what = f"소리 장치 {config.device} / sound device"
    if config.device in ("page", "none"):
        return [Finding(True, what)]
    found, wrong = await probe.worker.thread(_devices.listed)
    names = [device.name for device in found]
    if config.device == "auto":
        chosen = next((device.name for device in found if device.default), names[0] if names else "")
        return [Finding(True, f"{what}: {chosen or '없음, 페이지에서 소리가 납니다 (none: the page plays)'}")]
    index = pick(config.device, names)
    if index is not None:
        return [Finding(True, f"{what}: {names[index]}")]
    there = ", ".join(names) or "; ".join(wrong) or "-"
    remedy = f"장치를 켜거나, TTS_OUTPUT_DEVICE를 있는 것으로 바꾸세요 (set it). 있는 것 (there are): {there}"
    return [Finding(False, what, remedy)]
