"""What holds for the files of the project as a whole."""

import contextlib
import re
import shutil
import subprocess
import tomllib
from collections import Counter
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from graphs.engine.commands._python import NEWEST, OLDEST
from tests.harness import ROOT

MACHINE = re.compile(r"(?<![\w.:-])/(?:work|root|home/[a-z]\w*|Users/\w+)/|[A-Z]:\\Users\\")
REGISTRY_HOST = re.compile(r"--(?:extra-)?index-url|trusted-host|files\.pythonhosted|registry\.npmjs|/simple/")
SECRET = re.compile(
    r"(?:gsk_|sk-|gh[ps]_|hf_)[A-Za-z0-9]{20}|AKIA[A-Z0-9]{16}|eyJ[\w-]{20,}\.eyJ[\w-]{20}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
)
ENVIRONMENT = re.findall(
    r"\w+",
    """
AISCHOCO_LANG CHZZK_API_URL CHZZK_AUTH_URL CHZZK_CLIENT_ID CHZZK_CLIENT_SECRET CHZZK_REDIRECT_URI CHZZK_CHANNEL_ID
CHZZK_ACCESS_TOKEN GROQ_API_KEY GROQ_BASE_URL GROQ_MODEL TTS_REMOTE_URL TTS_REMOTE_TIMEOUT TTS_OUTPUT_DEVICE HF_HOME
HUGGINGFACE_HUB_CACHE OVERLAY_HOST OVERLAY_PORT VTS_HOST VTS_PORT STAGE_HOST STAGE_PORT STAGE_ALLOW CHAT_RECORDING
TAROT_ENABLED TAROT_SELECT_TIMEOUT_SEC WEB_SEARCH_ENABLED CHAT_HISTORY_MAX_TOKENS CHAT_HISTORY_SUMMARY_THRESHOLD
CHAT_HISTORY_SUMMARY_TOKENS LOG_CONSOLE_LEVEL LOG_MASK_NAMES HISTORY_KEEP_DAYS ENGINEIO_LOG_LEVEL LOG_MAX_MB
LOG_BACKUP_COUNT MODELS_DIR MODEL_FOLDER REF_MODEL_PATH REF_AUDIO_PATH REF_TEXT_PATH REF_AUDIO_DIR TTS_SERVER_HOST
TTS_SERVER_PORT NGROK_AUTHTOKEN NGROK_AUTH_TOKEN NAVER_SEARCH_ID NAVER_SEARCH_SECRET TTS_REMOTE_TOKEN
TTS_SERVER_TOKEN HF_TOKEN HF_ENDPOINT OLLAMA_URL OLLAMA_MODEL OVERLAY_KEY REMOTE_KEY STUDIO_REMOTE ALERT_WEBHOOK_URL
MIC_DEVICE MIC_MODE OBS_HOST OBS_PORT OBS_PASSWORD
NATS_URL NATS_USER NATS_PASSWORD NATS_CA NATS_REPLICAS NATS_CERT NATS_KEY NATS_PASSWORD_PC NATS_PASSWORD_GPU
""",
)


def _tracked() -> list[Path]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        return []
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_nothing_waits_by_wait_for_which_swallows_an_end_that_comes_with_the_result_before_python_3_12() -> None:
    sources = [path for folder in ("nodes", "graphs") for path in (ROOT / folder).rglob("*.py")]
    assert len(sources) > 200
    assert [str(path.relative_to(ROOT)) for path in sources if "asyncio.wait_for" in path.read_text("utf-8")] == []


def test_no_room_of_the_engine_has_more_than_20_files_and_no_file_more_than_300_lines() -> None:
    files = list((ROOT / "graphs" / "engine").rglob("*.py"))
    assert len(files) > 80
    rooms = Counter(str(file.parent.relative_to(ROOT)) for file in files)
    assert {room: count for room, count in rooms.items() if count > 20} == {}
    lines = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in files}
    assert {file: count for file, count in lines.items() if count > 300} == {}


def test_no_file_names_a_machine_a_package_host_or_a_secret() -> None:
    files = _tracked()
    if not files:
        pytest.skip("not a git checkout")
    found: list[str] = []
    for path in files:
        raw = path.read_bytes()
        if b"\0" in raw[:4096] or path == Path(__file__).resolve():
            continue
        text = raw.decode("utf-8", "replace")
        if not (MACHINE.search(text) or REGISTRY_HOST.search(text) or SECRET.search(text)):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if MACHINE.search(line) or REGISTRY_HOST.search(line) or SECRET.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert found == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (MACHINE, "see /home/" + "someone/project"),
        (MACHINE, "C:" + "\\Users\\someone"),
        (REGISTRY_HOST, "pip install --index" + "-url https://example.org"),
        (SECRET, "GROQ_API_KEY=gsk_" + "a1" * 15),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)


@pytest.mark.parametrize("path", sorted((ROOT / "graphs").glob("*.yaml")), ids=lambda path: path.name)
def test_the_first_line_of_a_graph_names_its_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert named, first
    assert (path.parent / named[1]).resolve() == ROOT / "schemas" / "graph.schema.json"
    assert (ROOT / "schemas" / "graph.schema.json").is_file()


def test_the_example_environment_has_every_variable_once() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    names = re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)
    assert sorted(names) == sorted(ENVIRONMENT)


def test_the_example_environment_says_truly_which_variables_are_read() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    read, _, later = text.partition("# ---- 아직")
    code = [path for folder in ("graphs", "nodes") for path in (ROOT / folder).rglob("*.py")]
    code += (ROOT / "graphs").glob("*.yaml")
    words = {word for path in code for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    used = words & set(ENVIRONMENT)
    assert set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", read, re.MULTILINE)) == used
    assert not set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", later, re.MULTILINE)) & used


def test_the_pythons_are_the_same_wherever_they_are_named() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={OLDEST[0]}.{OLDEST[1]},<{NEWEST[0]}.{NEWEST[1] + 1}"
    named = [f"3.{minor}" for minor in range(OLDEST[1], NEWEST[1] + 1)]
    for name in ("README.md", "README.ko.md", "requirements.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert re.search(rf"{re.escape(named[0])}(?: to |부터 ){re.escape(named[-1])}", text), name
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert " ".join(named) in ci


PINNED = {
    canonicalize_name(requirement.name): requirement
    for name in ("constraints.txt", "constraints-dev.txt")
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for requirement in [Requirement(line)]
    if requirement.marker is None or requirement.marker.evaluate()
}


def test_every_package_direct_or_transitive_has_one_exact_tested_version() -> None:
    wanted = ["requirements.txt", "requirements-dev.txt", "requirements-bus.txt"]
    lines = [line.partition(" #")[0] for name in wanted for line in (ROOT / name).read_text("utf-8").splitlines()]
    found = [Requirement(line) for line in lines if line[:1] not in ("", "#", "-")]
    seen: set[str] = set()
    while found:
        requirement = found.pop()
        name = canonicalize_name(requirement.name)
        if name in seen or (requirement.marker is not None and not requirement.marker.evaluate({"extra": ""})):
            continue
        seen.add(name)
        assert name in PINNED, f"{name} is in neither of constraints*.txt: run .ci/versions"
        assert re.fullmatch(r"==[\w.!+]+", str(PINNED[name].specifier))
        version = str(PINNED[name].specifier)[2:]
        assert requirement.specifier.contains(version, prereleases=True), f"{requirement} does not allow {version}"
        with contextlib.suppress(metadata.PackageNotFoundError):
            found += [Requirement(line) for line in metadata.requires(name) or []]
    assert len(seen) > 60
