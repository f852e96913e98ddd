"""graphs/engine/web/answers.py: files below a folder and nothing else, every answer with its headers."""

from pathlib import Path

import pytest
from aiohttp.web import FileResponse, Response

from graphs.engine.web import answers
from graphs.engine.web.words import script
from nodes import phrases


def test_a_page_carries_the_token_and_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>{{token}}</p>", encoding="utf-8")
    page = answers.file(tmp_path, "", "secret")
    assert isinstance(page, Response)
    assert (page.body, page.headers["Cache-Control"]) == (b"<p>secret</p>", "no-store")


def test_a_page_names_the_language_of_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index.html").write_text('<html lang="{{language}}">', encoding="utf-8")
    for language in ("en", "ko"):
        monkeypatch.setattr(phrases, "_tongue", [language])
        page = answers.file(tmp_path, "", "secret")
        assert isinstance(page, Response)
        assert page.body == f'<html lang="{language}">'.encode()


def test_the_words_of_all_pages_are_a_script() -> None:
    found = answers.shared("/shared/catalogue.js")
    assert isinstance(found, Response)
    assert found.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert found.body == script().encode()


def test_another_file_is_sent_with_the_type_of_its_ending(tmp_path: Path) -> None:
    (tmp_path / "a.js").touch()
    script = answers.file(tmp_path, "a.js", "secret")
    assert isinstance(script, FileResponse)
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("name", ["../a.js", ".a.js", "x//a.js", "a.py", "none.js", "c:a.js", "x\\a.js"])
def test_what_is_no_page_of_the_folder_is_not_found(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    for file in (tmp_path / "a.js", folder / ".a.js", folder / "a.js", folder / "a.py"):
        file.touch()
    assert answers.file(folder, name, "secret").status == 404


@pytest.mark.parametrize("name", [f"{'a' * 300}.js", f"{'a/' * 2500}a.js"])
def test_a_name_longer_than_a_file_can_have_is_not_found(tmp_path: Path, name: str) -> None:
    assert answers.file(tmp_path, name, "secret").status == 404


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("/shared/link.js", "text/javascript; charset=utf-8"),
        ("/shared/fonts/PretendardVariable.woff2", "font/woff2"),
        ("/fonts/PretendardVariable.woff2", "font/woff2"),
    ],
)
def test_what_all_pages_use_is_there(path: str, type_: str) -> None:
    found = answers.shared(path)
    assert isinstance(found, FileResponse)
    assert found.headers["Content-Type"] == type_


@pytest.mark.parametrize(
    "path",
    ["/shared", "/shared/", "/shared/../overlay/index.html", "/shared//link.js", "/fonts/", "/other/link.js", "/"],
)
def test_beside_it_nothing_is_there(path: str) -> None:
    assert answers.shared(path).status == 404


def test_every_answer_may_be_secured_and_keeps_its_own_caching() -> None:
    plain = answers.secure(answers.plain(404, "없음"))
    data = answers.secure(answers.data(b"x", "image/png"))
    assert (plain.status, plain.headers["Cache-Control"]) == (404, "no-cache")
    assert data.headers["Cache-Control"] == "max-age=86400, immutable"
    assert plain.headers["Content-Security-Policy"] == data.headers["Content-Security-Policy"] == answers.POLICY
