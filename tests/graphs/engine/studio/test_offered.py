"""graphs/engine/studio/offered.py: a page lists what is offered for a setting, hears it and gives a file."""

import asyncio
import base64
from types import SimpleNamespace

import pytest

from graphs.engine.studio import offered
from nodes import offers
from nodes.offers import Offer, Offers, Verdict
from tests.graphs.engine.studio.show import TYPED, logged, told

pytestmark = pytest.mark.usefixtures("english")

ABOUT = {"node": "filter", "setting": "min_length"}
LIST = "/api/settings/offers?node=filter&setting=min_length"


def wav(text):
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def family(monkeypatch):
    """What a family of nodes offers for a setting of ``chat.filter``; ``go`` lets it be heard."""
    family = SimpleNamespace(go=asyncio.Event(), begun=asyncio.Event(), files=[], wrong=None)

    async def look(ask):
        if family.wrong:
            raise family.wrong
        return [Offer(9, "nine", f"of {ask.character}, now {ask.config.min_length}", (0, "x"), usual=True)]

    async def hear(ask):
        family.begun.set()
        await family.go.wait()
        return f"{ask.config.min_length} {ask.inside}".encode() if ask.config.min_length < 50 else b""

    async def take(_, file):
        family.files.append(file)
        return Verdict(("good",), Offer("mine", "Mine"), "assets/mine.wav") if file.text else Verdict(("bad",))

    monkeypatch.setitem(offers.registered, "chat.filter.min_length", Offers(look, hear, take, (".wav",)))
    family.go.set()
    return family


def setting(value):
    return [{"op": "set", "path": ["nodes", "filter", "min_length"], "value": value}]


def test_a_list_comes_with_everything_that_a_page_shows_of_it(tmp_path, family):
    async def story(show):
        answer = await show.get(LIST)
        assert answer.said == {
            "offers": [
                {"value": 9, "name": "nine", "about": "of demo, now 2", "inside": [0, "x"], "group": ""}
                | {"usual": True, "remedy": "", "audible": True, "takes": False}
            ]
        }
        types = (await show.get("/api/settings/types")).said["types"]
        (form,) = [each for each in types["chat.filter"]["settings"] if each["name"] == "min_length"]
        assert form["offers"] == {"hear": True, "endings": [".wav"]}
        assert (await show.get("/api/settings/offers?node=parse&setting=x")).status == 404
        assert (await show.get("/api/settings/offers?node=nobody&setting=x")).status == 400
        assert (await show.get("/api/settings/offers")).status == 400

    told(tmp_path, story, TYPED.replace("about: a show", "character: demo"))


def test_what_is_heard_is_set_as_the_page_has_it_and_nothing_is_written(tmp_path, family):
    file = tmp_path / "graphs" / "demo.yaml"

    async def story(show):
        before = file.read_bytes()
        answer = await show.post("/api/settings/hear", **ABOUT, edits=setting(7), inside=[1, "voice"])
        assert answer.said == {"wav": wav("7 (1, 'voice')")}
        assert (await show.post("/api/settings/hear", **ABOUT)).said == {"wav": wav("2 ()")}
        assert (await show.post("/api/settings/hear", **ABOUT, edits=setting(60))).said == {}, "it sounded here"
        assert (await show.post("/api/settings/hear", **ABOUT, edits=setting(-1))).status == 422
        assert (await show.post("/api/settings/hear", **ABOUT, inside=[None])).status == 400
        assert file.read_bytes() == before
        assert show.on.runtime.graph.nodes["filter"].settings.min_length == 2

    told(tmp_path, story)


def test_one_is_made_at_a_time_and_not_for_ever(tmp_path, family, monkeypatch):
    async def story(show):
        family.go.clear()
        first = asyncio.create_task(show.post("/api/settings/hear", **ABOUT))
        await family.begun.wait()
        assert (await show.post("/api/settings/hear", **ABOUT)).status == 429
        family.go.set()
        assert (await first).status == 200
        family.go.clear()
        monkeypatch.setattr(offered, "HEAR_S", 0.05)
        assert (await show.post("/api/settings/hear", **ABOUT)).status == 504

    told(tmp_path, story)


def test_why_it_cannot_be_is_told_without_a_secret(tmp_path, family):
    async def story(show):
        for wrong in (ValueError("no, Bearer abcdefghijklmnop"), KeyError("Bearer abcdefghijklmnop")):
            family.wrong = wrong
            answer = await show.get(LIST)
            assert answer.status == 400
            assert "abcdefghijklmnop" not in answer.said["error"]

    told(tmp_path, story)


def test_a_file_is_judged_and_what_was_kept_is_logged(tmp_path, family):
    given = {**ABOUT, "name": "a.WAV", "data": wav("sound")}

    async def story(show):
        answer = await show.post("/api/settings/file", **given)
        assert answer.said == {"lines": ["bad"], "offer": None}
        answer = await show.post("/api/settings/file", **given, text=" what is said\n")
        assert answer.said["offer"]["value"] == "mine"
        assert [(each.name, each.data, each.text) for each in family.files] == [
            ("a.WAV", b"sound", ""),
            ("a.WAV", b"sound", "what is said"),
        ]

    told(tmp_path, story)
    assert logged(tmp_path).count("assets/mine.wav was taken from a page") == 1


def test_a_file_of_another_kind_or_too_large_never_reaches_a_node(tmp_path, family, monkeypatch):
    given = {**ABOUT, "name": "a.wav", "data": wav("sound")}
    monkeypatch.setattr(offered, "FILE_BYTES", 8)

    async def story(show):
        for wrong, status in (
            ({"name": "a.exe"}, 400),
            ({"name": "a" * 200 + ".wav"}, 400),
            ({"name": 1}, 400),
            ({"data": "not base64!"}, 400),
            ({"data": wav("123456789")}, 413),
            ({"text": "a" * 3000}, 400),
        ):
            assert (await show.post("/api/settings/file", **{**given, **wrong})).status == status, wrong
        assert family.files == []

    told(tmp_path, story)


@pytest.mark.parametrize("what", ["hear", "file"])
def test_what_a_setting_does_not_have_is_refused(tmp_path, family, monkeypatch, what):
    monkeypatch.setitem(offers.registered, "chat.filter.min_length", Offers(None))

    async def story(show):
        assert (await show.post(f"/api/settings/{what}", **ABOUT)).status == 404

    told(tmp_path, story)


def test_nobody_but_a_page_of_the_show_may_ask(tmp_path, family):
    async def story(show):
        assert (await show.get(LIST, **{"X-Token": "wrong"})).status == 403
        assert (
            await show.get(LIST, Origin="http://elsewhere.example", **{"Sec-Fetch-Site": "cross-site"})
        ).status == 403
        for path in ("hear", "file"):
            url = f"{show.on.web.url}/api/settings/{path}"
            async with show.client.post(url, json=ABOUT) as reply:
                assert reply.status == 403
            headers = {"X-Token": show.on.web.token, "Origin": "http://elsewhere.example"}
            async with show.client.post(url, json=ABOUT, headers=headers) as reply:
                assert reply.status == 403
        async with show.client.get(show.on.web.url + LIST, headers={"X-Token": show.on.web.token}) as reply:
            assert reply.headers["Cache-Control"] == "no-store"
            assert reply.status == 200

    told(tmp_path, story)
