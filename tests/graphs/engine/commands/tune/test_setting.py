import pytest
import yaml

from graphs.engine.commands.tune.setting import NotChanged, with_setting
from graphs.engine.language.load import load

TEXT = """\
# 맨 위의 말
name: live  # 이름
budget_s: 4.0
nodes:
  chzzk:
    type: chat.chzzk   # 채팅
    # 열쇠
    access_token: "${TOKEN:-}"
  speech: {type: speech.ladder, in: guard, patience_s: 8, voices: [{type: kokoro}]}   # 목소리
  voice: {type: audio.play, in: speech}
  long:
    type: "chat.filter"
    words: [a,
      b]
"""


def changed(path, value, text=TEXT):
    return with_setting(load(text, "x.yaml", {"TOKEN": "t"}), path, value)


def difference(new, old=TEXT):
    return [line for line in new.splitlines() if line not in old.splitlines()]


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (("budget_s",), 5.5, "budget_s: 5.5"),
        (
            ("nodes", "speech", "patience_s"),
            12.0,
            "  speech: {type: speech.ladder, in: guard, patience_s: 12.0, voices: [{type: kokoro}]}   # 목소리",
        ),
        (("nodes", "voice", "record"), False, "  voice: {type: audio.play, record: false, in: speech}"),
        (("nodes", "voice", "in"), "guard", '  voice: {type: audio.play, in: "guard"}'),
        (("nodes", "chzzk", "api_url"), "https://x", '    api_url: "https://x"'),
        (("nodes", "long", "min_length"), 2, "    min_length: 2"),
    ],
)
def test_one_line_changes_and_means_what_was_asked_for(path, value, line):
    new = changed(path, value)
    assert difference(new) == [line]
    old_data, data = yaml.safe_load(TEXT), yaml.safe_load(new)
    at = old_data
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    assert data == old_data


def test_a_setting_is_added_below_the_type_and_before_its_comment_is_not_lost():
    new = changed(("nodes", "chzzk", "api_url"), "https://x")
    assert "    type: chat.chzzk   # 채팅\n    api_url: " in new


def test_a_promise_is_added_where_there_is_none():
    text = TEXT.replace("budget_s: 4.0\n", "")
    assert "name: live  # 이름\nbudget_s: 5.0\n" in changed(("budget_s",), 5.0, text)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_file_ends_as_it_ended(end):
    text = f"nodes:\n  a:\n    type: chat.typed{end}"
    new = changed(("nodes", "a", "x"), 1, text)
    assert yaml.safe_load(new) == {"nodes": {"a": {"type": "chat.typed", "x": 1}}}


@pytest.mark.parametrize("path", [("nodes", "chzzk", "access_token"), ("nodes", "long", "words"), ("nodes", "no", "x")])
def test_what_is_not_one_plain_value_is_left_to_a_person(path):
    with pytest.raises(NotChanged):
        changed(path, 1)
