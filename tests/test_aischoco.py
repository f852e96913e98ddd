"""The command file itself."""

import threading

import pytest

import aischoco


def test_a_process_without_workers_ends_with_its_code():
    with pytest.raises(SystemExit) as ended:
        aischoco.leave(2)
    assert ended.value.code == 2


def test_a_worker_that_nothing_can_interrupt_is_not_waited_for(monkeypatch):
    left = []
    stuck = threading.Event()
    worker = threading.Thread(target=stuck.wait, name="aischoco-voice_0")
    worker.start()
    monkeypatch.setattr(aischoco.os, "_exit", left.append)
    with pytest.raises(SystemExit):
        aischoco.leave(0)
    stuck.set()
    worker.join()
    assert left == [0]


def test_an_interrupt_while_packages_are_read_is_no_traceback(monkeypatch):
    import builtins

    real = builtins.__import__

    def interrupted(name, *rest):
        if name == "graphs.engine.cli":
            raise KeyboardInterrupt
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", interrupted)
    assert aischoco.main() == 130


def test_a_missing_package_is_answered_with_the_command_that_installs_it(monkeypatch, capsys):
    import builtins

    real = builtins.__import__

    def missing(name, *rest):
        if name == "graphs.engine.cli":
            raise ModuleNotFoundError("No module named 'yaml'", name="yaml")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    assert aischoco.main() == 1
    assert "yaml is not installed" in capsys.readouterr().out
