"""graphs/engine/studio/entrance.py: a login that a page begins; with CHZZK's own in tests/browser/test_start.py."""

import asyncio

import pytest

from graphs.engine.studio import entrance
from tests.graphs.engine.studio.show import told


@pytest.fixture
def visits(monkeypatch):
    known = {}
    monkeypatch.setattr(entrance, "visits", known)
    return known


def test_the_page_to_open_is_told_and_then_who_is_logged_in(tmp_path, visits):
    agreed = asyncio.Event()

    async def visit(env, desk):
        desk.show(f"https://service.example/{env['CHZZK_CLIENT_ID']}")
        await agreed.wait()
        return "모카 채널로 로그인했습니다."

    async def story(show):
        visits["chzzk"] = visit
        said = (await show.post("/api/start/login")).said["login"]
        assert said == {"state": "waiting", "page": "https://service.example/mine", "text": "", "paste": ""}
        agreed.set()
        while (said := (await show.get("/api/start")).said["login"])["state"] == "waiting":
            await asyncio.sleep(0.01)
        assert said == {"state": "done", "page": "", "text": "모카 채널로 로그인했습니다.", "paste": ""}

    (tmp_path / ".env").write_text("CHZZK_CLIENT_ID=mine\n", "utf-8")
    told(tmp_path, story)


def test_why_there_is_no_login_is_told(tmp_path, visits):
    async def visit(env, desk):
        raise ValueError("8080 포트를 다른 프로그램이 쓰고 있습니다.")

    async def story(show):
        visits["chzzk"] = visit
        said = (await show.post("/api/start/login")).said["login"]
        assert (said["state"], said["page"]) == ("failed", "")
        assert said["text"] == "8080 포트를 다른 프로그램이 쓰고 있습니다."

    told(tmp_path, story)


def test_beginning_again_ends_the_one_that_waits(tmp_path, visits):
    begun, ended = [], []

    async def visit(env, desk):
        begun.append(len(begun) + 1)
        desk.show(f"https://service.example/{begun[-1]}")
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(begun[-1])

    async def story(show):
        visits["chzzk"] = visit
        await show.post("/api/start/login")
        said = (await show.post("/api/start/login")).said["login"]
        assert said["page"].endswith("/2")
        assert ended == [1]

    told(tmp_path, story)
    assert len(ended) == 2, "the end of the show ends the login"


def test_a_service_without_a_login_is_refused(tmp_path, visits):
    async def story(show):
        reply = await show.post("/api/start/login")
        assert reply.status == 400
        assert "chzzk" in reply.said["error"]

    told(tmp_path, story)


def test_an_address_is_pasted_where_it_does_not_come_back_and_a_wrong_one_can_be_mended(tmp_path, visits):
    async def visit(env, desk):
        desk.show("https://service.example/", "8080 is taken.")
        while (pasted := await desk.pasted()) != "right":
            desk.show("https://service.example/", f"{pasted} is wrong.")
        return "모카"

    async def story(show):
        visits["chzzk"] = visit
        assert (await show.post("/api/start/login", pasted="early")).status == 400
        assert (await show.post("/api/start/login")).said["login"]["paste"] == "8080 is taken."
        said = (await show.post("/api/start/login", pasted="left")).said["login"]
        assert (said["state"], said["paste"]) == ("waiting", "left is wrong.")
        said = (await show.post("/api/start/login", pasted="right")).said["login"]
        assert said == {"state": "done", "page": "", "text": "모카", "paste": ""}
        assert (await show.post("/api/start/login", pasted="right")).status == 400

    told(tmp_path, story)
