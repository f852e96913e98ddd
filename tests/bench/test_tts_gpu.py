from pathlib import Path

import pytest

from nodes.speech._qwen import packages, saying
from nodes.speech._qwen.guard import Guard
from nodes.speech._speaking.voice import VoiceError
from tests import tiny_qwen
from tests.bench import tts_gpu

component = [pytest.mark.component, pytest.mark.filterwarnings("default"), pytest.mark.timeout(180)]


class TestWithThePackages:
    pytestmark = component

    def test_the_bench_runs_on_the_cpu_with_the_tiny_model(self, capsys: pytest.CaptureFixture[str]) -> None:
        tiny_qwen.folder()
        argv = ["--tiny", "--device", "cpu", "--sentences", "2", "--ramp", "1,2,4,8"]
        assert tts_gpu.main(argv) == 0
        told = capsys.readouterr().out
        assert told.startswith("CPU (")
        cells = told.strip().splitlines()[-1].split("|")[1:-1]
        assert len(cells) == tts_gpu.HEAD.splitlines()[0].count("|") - 1
        assert (cells[0].strip(), cells[1].strip()) == ("tiny", "1,2,4,8")
        assert all(float(cell) > 0 for cell in cells[2:6])
        assert saying.Guard is Guard

    def test_without_a_card_it_refuses_and_says_what_can_be_run(self, capsys: pytest.CaptureFixture[str]) -> None:
        tiny_qwen.folder()
        torch, _ = packages.load()
        if torch.cuda.is_available():
            pytest.skip("there is a card")
        assert tts_gpu.main([]) == 1
        assert "--tiny --device cpu" in capsys.readouterr().err

    @pytest.mark.parametrize(("size", "millions"), [("1.7B", 1928.7), ("0.6B", 914.6)])
    def test_the_shapes_are_those_of_the_published_models(self, size: str, millions: float, tmp_path: Path) -> None:
        """Parameters as counted from the published config.json."""
        tiny_qwen.folder()
        torch, _ = packages.load()
        from qwen_tts.core import models  # type: ignore[import-not-found]

        config = tts_gpu.real_config(size, tiny_qwen.write_tokenizer(tmp_path))
        with torch.device("meta"):
            made = models.Qwen3TTSForConditionalGeneration(models.Qwen3TTSConfig(**config))
        assert sum(each.numel() for each in made.parameters()) / 1e6 == pytest.approx(millions, abs=0.1)

    def test_the_codec_is_that_of_the_published_models(self) -> None:
        tiny_qwen.folder()
        torch, _ = packages.load()
        from qwen_tts import core  # type: ignore[import-not-found]

        with torch.device("meta"):
            made = core.Qwen3TTSTokenizerV2Model(core.Qwen3TTSTokenizerV2Config(**tts_gpu.real_codec()))
        count = [sum(each.numel() for each in part.parameters()) / 1e6 for part in (made.encoder, made.decoder)]
        assert count == pytest.approx([39.4, 114.3], abs=0.1)


def test_packages_that_are_missing_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> None:
        raise VoiceError("torch 패키지가 없습니다")

    monkeypatch.setattr(packages, "check", missing)
    assert tts_gpu.main([]) == 1
    assert capsys.readouterr().err.strip() == "torch 패키지가 없습니다"


def test_a_row_of_the_table_has_median_and_most() -> None:
    row = tts_gpu.Row("1.7B", "1,2", [1.0, 2.0, 300.0], 9.0, 0.11, [4.0, 6.0, 8.0], 4.56, 0)
    cells = [cell.strip() for cell in row.markdown().split("|")[1:-1]]
    assert cells == ["1.7B", "1,2", "2.0", "300.0", "9.00", "0.110", "6.0", "8.0", "4.56 GB", "0"]
