import json
from dataclasses import replace

import pytest
from pydantic import Field, SecretStr

from graphs.engine.observe.settings import settings_state
from schemas.settings import Settings
from tests.graphs.engine.observe.show import SHOW, WIRES
from tests.graphs.engine.stage import graph_of, play

pytestmark = pytest.mark.usefixtures("no_log")


def test_the_settings_of_a_node_are_told_with_their_values_and_secrets_are_hidden():
    class Keyed(Settings):
        api_key: SecretStr = Field(SecretStr(""), description="열쇠")
        size: int = Field(3, description="크기")

    async def story(runtime):
        runtime.stations["a"].entry = replace(runtime.stations["a"].entry, settings=Keyed(api_key=SecretStr("hush-1")))
        told = settings_state(runtime, "a")
        by_name = {each["name"]: each for each in told}
        assert "hush" not in json.dumps(told)
        assert by_name["size"] == {"name": "size", "value": 3, "written": False, "about": "크기"}
        assert by_name["api_key"]["written"] is True
        with pytest.raises(ValueError, match="z 노드가 없어요"):
            settings_state(runtime, "z")

    play(graph_of(SHOW, *WIRES), story)
