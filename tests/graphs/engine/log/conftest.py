import pytest

from graphs.engine.log.engine_log import EngineLog


@pytest.fixture
def made(tmp_path):
    """Make logs with files; they are closed at the end."""
    logs = []

    def make(**more):
        logs.append(EngineLog(history=tmp_path / "history", **more))
        return logs[-1]

    yield make
    for log in logs:
        log.close()
