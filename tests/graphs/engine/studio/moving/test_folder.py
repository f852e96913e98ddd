"""``aischoco.py init --from``: a folder as the original AIsChoco leaves it."""

import json
import os

import pytest

from graphs.engine.books.journal_folder import take
from graphs.engine.commands import init
from graphs.engine.language.env import env_of
from nodes.llm._memory.store import Store
from nodes.pose._mapping import parse
from schemas.command import FAILED, OK
from tests.harness import ROOT

SUMMARY = {"summary": "하늘님은 딸기를 좋아한다.", "timestamp": "2026-02-15T10:15:00.123456", "message_count": 42}
MAPPING = {
    "parameter_mapping": {"angle_x": "ParamAngleX"},
    "emotions": {"happy": {"angle_x": 0.2, "eye_l_open": 0.9, "brow_l_y": 0.7}, "sad": {"eye_r_open": 0.5}},
    "default": {"eye_l_open": 1.0, "eye_r_open": 1.0},
}
ENV = """\
CHZZK_CLIENT_ID=the-client
CHZZK_CLIENT_SECRET='s p#c'
CHZZK_ACCESS_TOKEN=a-day-long
GROQ_API_KEY=gsk_of_the_test
TTS_OUTPUT_DEVICE=CABLE 입력
TAROT_ENABLED=1
"""
SECRETS = ("the-client", "s p#c", "a-day-long", "gsk_of_the_test", "vts-of-the-test")


@pytest.fixture
def old(tmp_path):
    """A folder of the original program."""
    old = tmp_path / "AIsChoco"
    for name in ("history/summaries", "config", "src/chat", "assets/voice_samples"):
        (old / name).mkdir(parents=True)
    text = json.dumps(SUMMARY, ensure_ascii=False)
    (old / "history" / "summary.json").write_text(text, "utf-8")
    (old / "history" / "summaries" / "summary_20260215_101500.json").write_text(text, "utf-8")
    (old / "history" / "notes.txt").write_text("x", "utf-8")
    (old / "config" / "character.txt").write_bytes("너는 초코야. 밝고 다정하게 말해.".encode("cp949"))
    (old / "config" / "pose_mapping.json").write_text(json.dumps(MAPPING), "utf-16")
    (old / "config" / "vts_token.txt").write_bytes(b"vts-of-the-test")
    (old / "assets" / "voice_samples" / "ref.wav").write_bytes(b"RIFF")
    (old / ".env").write_text(ENV, "utf-8-sig")
    (old / "README.md").write_text("x", "utf-8")
    return old


@pytest.fixture
def here(tmp_path):
    here = tmp_path / "here"
    (here / "config").mkdir(parents=True)
    for name in (".env.example", "config/character.txt", "config/pose_mapping.json"):
        (here / name).write_bytes((ROOT / name).read_bytes())
    return here


def files(folder):
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def moved(old, here, capsys):
    rc = init.main(["--from", str(old)], here)
    told = capsys.readouterr()
    return rc, told.out + told.err


def test_a_folder_of_the_original_moves_in_and_is_told_file_by_file(old, here, capsys):
    before, shipped = files(old), (here / "config" / "character.txt").read_bytes()
    rc, told = moved(old, here, capsys)
    assert rc == OK
    assert files(old) == before, "nothing of the other folder was changed"
    found = Store(here / "history").read()
    assert [(piece.text, piece.messages) for piece in found.state.pieces] == [(SUMMARY["summary"], 42)]
    summaries = here / "history" / "summaries"
    assert [path.name for path in summaries.iterdir()] == ["summary_20260215_101500.json"]
    assert (here / "config" / "character.txt").read_text("utf-8") == "너는 초코야. 밝고 다정하게 말해."
    assert (here / "config" / "character.txt.before").read_bytes() == shipped
    poses = parse((here / "config" / "pose_mapping.json").read_text("utf-8")).poses
    assert (poses["happy"]["EyeOpenLeft"], poses["happy"]["BrowLeftY"], poses["sad"]["EyeOpenRight"]) == (0.9, 0.7, 0.5)
    assert (here / "config" / "vts_token.txt").read_text("utf-8") == "vts-of-the-test\n"
    assert (here / "assets" / "voice_samples" / "ref.wav").read_bytes() == b"RIFF"
    variables = env_of((here / ".env").read_bytes())
    assert {name: variables.get(name) for name in ("CHZZK_CLIENT_ID", "CHZZK_CLIENT_SECRET", "TTS_OUTPUT_DEVICE")} == {
        "CHZZK_CLIENT_ID": "the-client",
        "CHZZK_CLIENT_SECRET": "s p#c",
        "TTS_OUTPUT_DEVICE": "CABLE 입력",
    }
    assert "CHZZK_ACCESS_TOKEN" not in variables
    assert "#CHZZK_ACCESS_TOKEN=a-day-long" in (here / ".env").read_text("utf-8")
    assert [secret for secret in SECRETS if secret in told] == []
    for line in (
        "  history/summary.json: 옮겼어요.",
        "  history/summaries/summary_20260215_101500.json: 옮겼어요.",
        "  config/character.txt: 옮겼어요. 있던 파일은 character.txt.before 파일로 남겼어요.",
        "    CP949에서 UTF-8로 바꿨어요.",
        "  config/pose_mapping.json: 옮겼어요.",
        "  config/vts_token.txt: 옮겼어요.",
        "  assets/voice_samples/ref.wav: 옮겼어요.",
        "  .env: 옮겼어요.\n    새로 넣은 이름: CHZZK_CLIENT_ID, CHZZK_CLIENT_SECRET, GROQ_API_KEY, ",
        "이 프로그램이 아직 읽지 않는 이름: TAROT_ENABLED.",
        "옮기지 않은 것: README.md, history/notes.txt, src/",
    ):
        assert line in told


def test_what_is_here_stays_and_a_second_time_changes_nothing(old, here, capsys):
    (here / ".env").write_text("GROQ_API_KEY=gsk_mine\nCHZZK_CLIENT_ID=\n", "utf-8")
    (here / "config" / "vts_token.txt").write_text("127.0.0.1:8001 mine\n", "utf-8")
    rc, told = moved(old, here, capsys)
    assert rc == OK
    assert "이미 다른 값이 있어 그대로 둔 이름: GROQ_API_KEY." in told
    assert (here / ".env").read_text("utf-8").startswith("GROQ_API_KEY=gsk_mine\nCHZZK_CLIENT_ID=the-client\n")
    assert (here / ".env.before").read_text("utf-8") == "GROQ_API_KEY=gsk_mine\nCHZZK_CLIENT_ID=\n"
    assert (here / "config" / "vts_token.txt").read_text("utf-8") == "127.0.0.1:8001 mine\nvts-of-the-test\n"
    if os.name != "nt":
        for name in (".env", ".env.before", "config/vts_token.txt", "config/vts_token.txt.before"):
            assert (here / name).stat().st_mode & 0o777 == 0o600, name
    before = files(here)
    rc, told = moved(old, here, capsys)
    assert (rc, files(here)) == (OK, before)
    assert "history/summary.json: 이미 같은 내용이에요." in told


def test_the_memory_of_shows_since_is_not_replaced_by_the_same_summary_again(old, here, capsys):
    moved(old, here, capsys)
    summary = here / "history" / "summary.json"
    summary.rename(summary.with_name("summary.json.before"))  # as the first show does
    summary.write_text('{"version": 1, "pieces": []}', "utf-8")
    assert "그 뒤의 기억이 있어 그대로 뒀어요" in moved(old, here, capsys)[1]
    assert summary.read_text("utf-8") == '{"version": 1, "pieces": []}'


def test_the_files_may_lie_at_the_top(old, here, capsys):
    for name in ("history/summary.json", "history/summaries", "config/vts_token.txt", "config/pose_mapping.json"):
        (old / name).rename(old / name.partition("/")[2])
    rc, told = moved(old, here, capsys)
    assert rc == OK
    assert "  summary.json → history/summary.json: 옮겼어요." in told
    assert "  summaries/summary_20260215_101500.json → history/summaries/summary_20260215_101500.json: 옮겼" in told
    assert Store(here / "history").read().state.pieces
    assert (here / "config" / "vts_token.txt").exists()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("history/summary.json", b"{", "옮기지 못했어요"),
        ("history/summary.json", b'{"text": 1}', "summary라는 글이 든 JSON이 아니에요"),
        ("history/summary.json", b"[" * 99_999, "옮기지 못했어요"),
        ("config/pose_mapping.json", b"[]", "emotions나 default가 든 JSON이 아니에요"),
        ("config/character.txt", b"\xff\xfe\xfa", "옮기지 못했어요"),
        ("config/vts_token.txt", b"a b c", "한 줄이 아니에요"),
    ],
)
def test_what_cannot_be_moved_is_named_and_the_rest_moves(old, here, capsys, name, content, why):
    (old / name).write_bytes(content)
    before = (here / name).read_bytes() if (here / name).exists() else None
    rc, told = moved(old, here, capsys)
    assert rc == FAILED
    assert f"! {name}: " in told
    assert why in told
    assert ((here / name).read_bytes() if (here / name).exists() else None) == before
    assert "이름: CHZZK_CLIENT_ID" in told


def test_what_is_no_such_folder_is_refused(here, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    refused = {tmp_path / "nowhere": "그런 폴더가 없어요", here: "이 프로그램의 폴더", tmp_path / "empty": "없어요"}
    for folder, why in refused.items():
        rc, told = moved(folder, here, capsys)
        assert rc == FAILED
        assert why in told
    assert not (here / ".env").exists()


def test_a_show_that_runs_here_is_not_disturbed(old, here, capsys):
    held = take(here / "history" / "run")
    try:
        rc, told = moved(old, here, capsys)
    finally:
        os.close(held)
    assert rc == FAILED
    assert "방송이 켜져 있어요" in told
    assert not (here / "history" / "summary.json").exists()
