import wave

import pytest

from nodes.audio import _session
from nodes.audio._session import Cue, Session

RATE = 24_000


def frames(path):
    """Samples of a WAV, which must be exactly as long as its header says."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        assert path.stat().st_size == 44 + 2 * file.getnframes()
        return file.readframes(file.getnframes())


def names(folder):
    return sorted(path.name for path in folder.iterdir())


class FullDisk:
    """``open`` of a disk on which the n-th write, cut or opening fails (from 1), or none."""

    def __init__(self, monkeypatch):
        self.left = None
        real = _session.Path.open

        def opened(path, *arguments, **named):
            self.count()
            return FullFile(real(path, *arguments, **named), self)

        monkeypatch.setattr(_session.Path, "open", opened)

    def count(self):
        if self.left is not None:
            self.left -= 1
            if self.left <= 0:
                raise OSError(28, "No space left on device")


class FullFile:
    def __init__(self, file, disk):
        self._file, self._disk = file, disk

    def __getattr__(self, name):
        return getattr(self._file, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def write(self, data):
        try:
            self._disk.count()
        except OSError:
            if len(data) > _session.HEADER_BYTES:
                self._file.write(data[: len(data) // 2])  # a full disk takes what still fits
            raise
        return self._file.write(data)


def test_the_wav_is_valid_after_every_write_without_closing(tmp_path):
    session = Session(lambda: tmp_path, RATE)
    for count in (1, 2, 3):
        session.add(b"\1\2" * 100, [])
        assert frames(tmp_path / "session.wav") == b"\1\2" * 100 * count
    session.close()


def test_captions_are_numbered_and_have_the_times_of_the_wav(tmp_path):
    session = Session(lambda: tmp_path, RATE)
    session.add(b"\0\0" * RATE, [Cue(0, RATE, "하나")])
    session.add(b"\0\0" * RATE, [Cue(RATE, 2 * RATE - 12, "둘")])
    session.close()
    assert (tmp_path / "session.srt").read_text(encoding="utf-8") == (
        "1\n00:00:00,000 --> 00:00:01,000\n하나\n\n2\n00:00:01,000 --> 00:00:02,000\n둘\n\n"
    )


def test_half_a_character_in_a_caption_is_no_hindrance(tmp_path):
    session = Session(lambda: tmp_path, RATE)
    session.add(b"\0\0" * RATE, [Cue(0, RATE, "하나\ud83d")])
    session.add(b"\0\0" * RATE, [Cue(RATE, 2 * RATE, "둘")])
    session.close()
    assert "하나?\n\n2\n" in (tmp_path / "session.srt").read_text(encoding="utf-8")


def test_a_second_player_of_the_same_run_does_not_overwrite_the_first(tmp_path):
    for _ in range(3):
        session = Session(lambda: tmp_path, RATE)
        session.add(b"\0\0", [])
        session.close()
    assert names(tmp_path) == sorted(f"session{n}.{kind}" for n in ("", "_2", "_3") for kind in ("srt", "wav"))


def test_whichever_call_the_disk_refuses_the_files_are_whole_and_go_on_when_there_is_room(tmp_path, monkeypatch):
    disk = FullDisk(monkeypatch)
    first, second, third = b"\1\0" * 50, b"\2\0" * 70, b"\3\0" * 30
    for begun in (False, True):
        refused = 0
        for number in range(1, 20):
            folder = tmp_path / f"{begun}_{number}"
            folder.mkdir()
            session = Session(lambda folder=folder: folder, RATE)
            if begun:
                session.add(first, [Cue(0, 50, "가")])
            disk.left = number
            try:
                session.add(second, [Cue(50, 120, "나")])
            except OSError:
                refused += 1
                disk.left = None
                if begun:
                    assert frames(folder / "session.wav") == first
                    assert (folder / "session.srt").read_text("utf-8").count("-->") == 1
                else:
                    assert names(folder) == []
                session.add(second, [Cue(50, 120, "나")])
            disk.left = None
            session.add(third, [])
            session.close()
            assert names(folder) == ["session.srt", "session.wav"]
            assert frames(folder / "session.wav") == (first if begun else b"") + second + third
            assert (folder / "session.srt").read_text("utf-8").count("나") == 1
        assert refused >= 3


def test_a_folder_that_cannot_be_made_is_asked_for_again(tmp_path):
    asked = []

    def folder():
        asked.append(1)
        if len(asked) == 1:
            raise OSError("read-only")
        return tmp_path

    session = Session(folder, RATE)
    with pytest.raises(OSError, match="read-only"):
        session.add(b"\0\0", [])
    session.add(b"\0\0", [])
    session.close()
    assert frames(tmp_path / "session.wav") == b"\0\0"


def test_files_that_are_gone_when_the_disk_is_back_are_followed_by_new_ones(tmp_path, monkeypatch):
    disk = FullDisk(monkeypatch)
    session = Session(lambda: tmp_path, RATE)
    session.add(b"\1\0" * RATE, [Cue(0, RATE, "하나")])
    disk.left = 1
    with pytest.raises(OSError, match="No space"):
        session.add(b"\2\0" * RATE, [])
    disk.left = None
    for path in tmp_path.iterdir():
        path.unlink()
    session.add(b"\2\0" * RATE, [Cue(RATE // 2, 2 * RATE, "둘")])
    session.close()
    assert frames(tmp_path / "session.wav") == b"\2\0" * RATE
    assert (tmp_path / "session.srt").read_text("utf-8") == "1\n00:00:00,000 --> 00:00:01,000\n둘\n\n"
