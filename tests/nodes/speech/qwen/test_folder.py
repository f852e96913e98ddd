import json
from pathlib import Path

import pytest

from nodes.speech._qwen.folder import FILES, NEEDS, Folder, find, missing, places
from nodes.speech._speaking.voice import VoiceError

PLENTY = 24e9


def model(folder: Path, *, without: str = "") -> Path:
    for name in (*FILES, "model.safetensors", "speech_tokenizer/model.safetensors"):
        if name != without:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name)
    return folder


def snapshot(hub: Path, name: str, revision: str = "abc", *, without: str = "") -> Path:
    folder = hub / f"models--Qwen--Qwen3-TTS-12Hz-{name}-Base"
    return model(folder / "snapshots" / revision, without=without)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "huggingface"


def test_with_memory_for_it_the_big_model_is_taken(home: Path) -> None:
    paths = {name: snapshot(home / "hub", name) for name in NEEDS}
    assert find("auto", home, PLENTY, {}) == Folder(paths["1.7B"], "1.7B")


def test_with_less_memory_the_small_one_is_taken(home: Path) -> None:
    paths = {name: snapshot(home / "hub", name) for name in NEEDS}
    assert find("auto", home, NEEDS["1.7B"] - 1, {}) == Folder(paths["0.6B"], "0.6B")


def test_a_big_model_that_is_loaded_already_needs_no_more_memory(home: Path) -> None:
    paths = {name: snapshot(home / "hub", name) for name in NEEDS}
    assert find("auto", home, 1e9, {}, [paths["1.7B"]]).name == "1.7B"


def test_on_the_cpu_the_small_one_is_taken(home: Path) -> None:
    for name in NEEDS:
        snapshot(home / "hub", name)
    assert find("auto", home, None, {}).name == "0.6B"
    assert find("1.7B", home, None, {}).name == "1.7B"


def test_the_one_that_is_there_is_taken(home: Path) -> None:
    snapshot(home / "hub", "0.6B")
    assert find("auto", home, PLENTY, {}).name == "0.6B"


def test_without_the_memory_the_need_is_told(home: Path) -> None:
    snapshot(home / "hub", "1.7B")
    with pytest.raises(VoiceError, match=r"3\.0 GB만.+1\.7B는 4\.5 GB, 0\.6B는 2\.5 GB"):
        find("auto", home, 3e9, {})


def test_without_a_model_the_command_that_gets_it_is_told(home: Path) -> None:
    with pytest.raises(VoiceError, match=r"voice pull 1\.7B$") as refused:
        find("auto", home, PLENTY, {})
    assert str(home / "hub") in str(refused.value)
    with pytest.raises(VoiceError, match=r"voice pull 0\.6B$"):
        find("auto", home, 3e9, {})
    with pytest.raises(VoiceError, match=r"0\.6B 모델이 없어요.+voice pull 0\.6B$"):
        find("0.6B", home, 1.0, {})


def test_the_revision_that_main_names_is_taken(home: Path) -> None:
    for revision in ("aaa", "bbb", "ccc"):
        path = snapshot(home / "hub", "1.7B", revision)
    main = path.parent.parent / "refs" / "main"
    main.parent.mkdir()
    main.write_text("bbb\n")
    assert find("1.7B", home, PLENTY, {}).path.name == "bbb"


def test_a_download_that_is_not_whole_is_passed_over(home: Path) -> None:
    snapshot(home / "hub", "1.7B", "aaa", without="speech_tokenizer/model.safetensors")
    with pytest.raises(VoiceError, match="voice pull"):
        find("1.7B", home, PLENTY, {})
    whole = snapshot(home / "hub", "1.7B", "bbb")
    assert find("1.7B", home, PLENTY, {}).path == whole


def test_the_folders_of_the_environment_are_looked_at_first(home: Path, tmp_path: Path) -> None:
    env = {"HF_HOME": str(tmp_path / "elsewhere"), "HF_HUB_CACHE": str(tmp_path / "hub"), "HUGGINGFACE_HUB_CACHE": ""}
    assert places(home, env) == [tmp_path / "hub", tmp_path / "elsewhere" / "hub", home / "hub"]
    assert places(home, {"HF_HOME": str(home)}) == [home / "hub"]
    for hub in (tmp_path / "elsewhere" / "hub", home / "hub"):
        snapshot(hub, "0.6B")
    assert find("auto", home, PLENTY, env).path.is_relative_to(tmp_path / "elsewhere")


def test_a_folder_of_ones_own_can_be_named(tmp_path: Path) -> None:
    own = model(tmp_path / "my-voice")
    assert find(str(own), tmp_path, PLENTY, {}) == Folder(own, "my-voice")


def test_a_folder_that_is_no_model_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    own = model(tmp_path / "my-voice", without="generation_config.json")
    with pytest.raises(VoiceError, match=r"없는 파일: generation_config\.json"):
        find(str(own), tmp_path, PLENTY, {})
    with pytest.raises(VoiceError, match=r"2\.0B.+auto, 1\.7B, 0\.6B"):
        find("2.0B", tmp_path, PLENTY, {})


def test_weights_in_several_files_must_all_be_there(tmp_path: Path) -> None:
    own = model(tmp_path / "m", without="model.safetensors")
    assert missing(own) == ["model.safetensors"]
    index = own / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}))
    assert missing(own) == ["model-1.safetensors", "model-2.safetensors"]
    for number in (1, 2):
        (own / f"model-{number}.safetensors").touch()
    assert missing(own) == []
    for broken in ("[]", "{}", '{"weight_map": []}', "{"):
        index.write_text(broken)
        assert missing(own) == ["model.safetensors"]


def test_the_identity_is_that_of_the_weights(tmp_path: Path) -> None:
    one, other = (Folder(model(tmp_path / name / "m"), "m") for name in ("a", "b"))
    assert one.identity() == other.identity()
    (other.path / "speech_tokenizer" / "model.safetensors").write_text("other weights")
    assert one.identity() != other.identity()
    (one.path / "config.json").write_text("{}")
    assert one.identity().startswith("m-")
    assert len({one.identity(), other.identity()}) == 2
