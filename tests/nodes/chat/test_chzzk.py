"""The node ``chat.chzzk`` as the graph sees it; its session is tested in chzzk/test_session.py."""

import pytest
from pydantic import ValidationError

from nodes import load_all
from nodes.chat.chzzk import Chzzk
from schemas.chat import RawPayload
from tests.harness import run
from tests.nodes.chat.chzzk_service import Stage

MARKED = "marked-secret-0123456789"


def test_it_gives_raw_payloads_and_two_generations_never_run_at_a_time() -> None:
    spec = load_all()["chat.chzzk"]
    assert spec.inputs == ()
    assert [port.event for port in spec.outputs] == [RawPayload]
    assert spec.exclusive


def test_without_a_login_it_says_what_to_do_once_and_stays_alive() -> None:
    ran = run("chat.chzzk", {}, until=2000.0)
    assert ran.error is None
    assert ran.completed_at is None
    assert len(ran.log) == 1
    assert "python aischoco.py login" in ran.log[0]


def test_the_account_and_the_websocket_are_closed_when_it_is_told_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch)
    stage.service.subscribe_s = 0.1

    async def end(instance) -> None:
        import asyncio

        await asyncio.sleep(5.0)
        instance.complete()

    ran = run("chat.chzzk", {}, until=10.0, during=end)
    assert ran.completed_at == 5.0
    assert stage.service.link.closed_at == 5.0
    assert stage.service.closed == 1


def test_its_secrets_do_not_show() -> None:
    settings = Chzzk(client_secret=MARKED, access_token=MARKED)
    assert MARKED not in repr(settings)
    assert MARKED not in settings.model_dump_json()


def test_an_api_that_would_carry_tokens_in_the_clear_is_refused() -> None:
    with pytest.raises(ValidationError):
        Chzzk(api_url="http://example.com")


def test_what_the_service_says_comes_out_as_it_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch)
    ran = stage.play((1.0, lambda: stage.service.link.emit("CHAT", "안녕")), until=5.0)
    assert ran.events() == [RawPayload(event="CHAT", payload="안녕")]
