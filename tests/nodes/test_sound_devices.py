import unicodedata

import pytest

from nodes.sound_devices import pick


@pytest.mark.parametrize(
    ("name", "names", "found"),
    [
        ("CABLE Input", ["Speakers", "CABLE Input (VB-Audio)"], 1),
        ("cable_input", ["CABLE Input"], 0),
        ("CABLE Input", ["CABLE_Input"], 0),
        ("  cable   INPUT ", ["CABLE Input"], 0),
        ("Line", ["Line 2", "Line"], 1),
        ("Line", ["Line 2", "Line 3"], 0),
        ("헤드폰", ["스피커", "헤드폰(2- USB)"], 1),
        ("CABLE Output", ["CABLE Input"], None),
        ("x", [], None),
    ],
)
def test_a_device_is_picked_by_its_name_or_a_part_of_it(name, names, found):
    assert pick(name, names) == found


def test_a_korean_name_is_the_same_in_either_form_of_unicode():
    name = "민지의 AirPods"
    names = ["내장 마이크", name]
    assert pick(unicodedata.normalize("NFD", name), names) == 1
    assert pick("민지", [unicodedata.normalize("NFD", each) for each in names]) == 1
    assert pick("수지", names) is None
