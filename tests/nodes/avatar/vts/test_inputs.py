"""nodes/avatar/_vts/inputs.py: the inputs of our own are ones that VTube Studio creates."""

import pytest
from pydantic import TypeAdapter, ValidationError

from nodes.avatar._vts.inputs import OURS, CustomInput, Name

NAMES: TypeAdapter[str] = TypeAdapter(Name)


@pytest.mark.parametrize("name", OURS)
def test_an_input_of_ours_has_a_name_that_is_taken_and_rests_within_its_range(name: str) -> None:
    given = OURS[name]
    assert NAMES.validate_python(name) == name
    assert given.min <= given.rest <= given.max
    assert 0 < len(given.explanation) <= 255


@pytest.mark.parametrize("name", ["abc", "a" * 33, "with blank", "한글이름", "a-b-c-d"])
def test_a_name_that_vtube_studio_refuses_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        NAMES.validate_python(name)


def test_an_explanation_has_an_end() -> None:
    with pytest.raises(ValidationError):
        CustomInput(min=0, max=1, explanation="x" * 256)
