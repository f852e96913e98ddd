from pathlib import Path
from typing import ClassVar

import pytest

from graphs.engine.log.engine_log import EngineLog
from graphs.engine.web.address import HOST, PORT, address, foreign, web
from nodes.refused import Refused


@pytest.fixture
def log():
    made = EngineLog(quiet=True)
    yield made
    made.close()


def test_an_empty_address_is_the_usual_one():
    assert address({"OVERLAY_HOST": "", "OVERLAY_PORT": ""}) == address({}) == (HOST, PORT)
    assert address({"OVERLAY_HOST": "::1", "OVERLAY_PORT": "0"}) == ("::1", 0)


@pytest.mark.parametrize("port", ["abc", "-1", "65536", "9" * 5000, "²", "80 "])
def test_a_port_that_is_none_is_told_shortly(port):
    with pytest.raises(ValueError, match="OVERLAY_PORT") as told:
        address({"OVERLAY_PORT": port})
    assert len(str(told.value)) < 120


def test_the_key_of_the_operator_is_taken_and_stands_in_no_log(log):
    made = web({"OVERLAY_KEY": "a key of the streamer"}, log, Path())
    assert made.access.key == "a key of the streamer"
    assert "streamer" not in log.redact.text("it says: a key of the streamer")
    with pytest.raises(ValueError, match="OVERLAY_KEY"):
        web({"OVERLAY_KEY": "short"}, log, Path())


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:9"),
        ("192.168.0.20", "http://192.168.0.20:9"),
        ("0.0.0.0", "http://<이 컴퓨터의 IP>:9"),
        ("::", "http://<이 컴퓨터의 IP>:9"),
    ],
)
def test_other_machines_are_told_an_address_that_they_can_reach(log, host, shown):
    assert foreign(web({"OVERLAY_HOST": host, "OVERLAY_PORT": "9"}, log, Path())) == shown


def test_other_machines_may_change_settings_only_where_that_is_asked_for(log):
    class Request:
        remote = "192.168.0.9"
        headers: ClassVar = {}

    for said, allowed in (({}, False), ({"STUDIO_REMOTE": "0"}, False), ({"STUDIO_REMOTE": "1"}, True)):
        made = web({"OVERLAY_HOST": "0.0.0.0", **said}, log, Path())
        Request.headers = {"X-Token": made.token}
        if allowed:
            made.private.desk(Request)
        else:
            with pytest.raises(Refused, match="STUDIO_REMOTE"):
                made.private.desk(Request)
