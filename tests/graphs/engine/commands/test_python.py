"""Which Pythons it runs on; aischoco.py refuses the others."""

import subprocess
import sys

import pytest

from graphs.engine.commands._python import refusal
from tests.harness import ROOT


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 1), (3, 13, 0), (3, 14, 8)])
def test_a_python_that_works_is_not_refused(version):
    assert refusal(version) == ""


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 15, 0), (4, 0, 0), (2, 7, 18)])
def test_a_python_that_does_not_work_is_refused_in_both_languages_with_the_one_to_take(version):
    korean, english = refusal(version).splitlines()
    for line in (korean, english):
        assert ".".join(map(str, version)) in line
        assert "py -3.13" in line
    assert "설치" in korean
    assert "해요" in korean
    assert "합니다" not in korean
    assert "Install" in english


def test_an_old_python_reads_nothing_of_ours_before_it_is_refused():
    """An annotation such as ``Callable[[], object]`` is an error before 3.9."""
    asked = "import sys, aischoco; print(*sorted(name for name in sys.modules if name.partition('.')[0] == 'graphs'))"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [
        "graphs",
        "graphs.engine",
        "graphs.engine.commands",
        "graphs.engine.commands._python",
    ]
