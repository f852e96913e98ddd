from pathlib import Path
from types import SimpleNamespace

import pytest

from graphs.engine.reload.progress import Progress, outcome
from graphs.engine.reload.reloader import Applied


def test_it_names_the_file_the_time_and_the_nodes_only_while_a_change_is_under_way():
    runtime = SimpleNamespace(now=lambda: 10.0, files=SimpleNamespace(shown=lambda path: path.name))
    ending = {}
    progress = Progress(runtime, ending)
    assert progress.report() is None
    with progress.to(Path("night.yaml")):
        runtime.now = lambda: 17.04
        ending["voice"] = "audio.play"
        assert progress.report() == {
            "file": "night.yaml",
            "seconds": 7.0,
            "waits": [{"name": "voice", "type": "audio.play"}],
        }
    assert progress.report() is None


def test_a_change_that_fails_is_no_longer_under_way():
    progress = Progress(SimpleNamespace(now=lambda: 0.0, files=None), {})
    with pytest.raises(OSError, match="disk"), progress.to(Path("a.yaml")):
        raise OSError("disk")
    assert progress.report() is None


def test_the_outcome_says_which_types_came_and_went():
    assert outcome(None) is None
    told = outcome(Applied(2, "a added", 0.00012, came=("chat.chzzk",), went=("chat.replay",), changes=("a added",)))
    assert told == {
        "summary": "a added",
        "changes": ["a added"],
        "seconds": 0.0001,
        "forced": [],
        "came": ["chat.chzzk"],
        "went": ["chat.replay"],
    }
