import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from graphs.engine.flow.files import ProjectFiles
from nodes.services import Files
from schemas.chat import ChatBatch, ChatMessage
from schemas.playback import Heard, Speaking
from schemas.pose import PoseFrame
from schemas.reply import TRIED_OUT, Emotion
from tests.harness import ROOT, Ran, run

HAPPY = Emotion(turn="t", emotion="happy")
QUIET: dict[str, Any] = {"idle": []}


def go(given: dict[str, Any], seconds: float = 2.0, **settings: Any) -> Ran:
    ran = run("pose.interpolate", {"emotion": [], **given}, settings=settings, complete_at=seconds)
    assert ran.error is None
    assert ran.completed_at == seconds
    return ran


def frames(ran: Ran) -> list[PoseFrame]:
    return ran.events()


def test_a_frame_comes_sixty_times_a_second_and_deadlines_do_not_drift() -> None:
    ran = go({}, 10.0)
    assert len(ran.out) in (600, 601)
    assert all(at == pytest.approx(number / 60, abs=1e-5) for number, (at, _, _) in enumerate(ran.out))
    assert frames(ran)[0].at == 0.0


def test_the_rate_can_be_set() -> None:
    assert len(go({}, 5.0, rate_hz=30).out) in (150, 151)


def test_the_frame_after_a_feeling_has_moved() -> None:
    ran = go({"emotion": [(1.0, HAPPY)]}, **QUIET)
    before = [event for at, _, event in ran.out if at < 1.0]
    after = [event for at, _, event in ran.out if at > 1.0]
    assert len({event.values["MouthSmile"] for event in before}) == 1
    assert after[0].values["MouthSmile"] > before[0].values["MouthSmile"]
    assert after[0].at - 1.0 <= 1 / 60 + 1e-6


def test_a_feeling_is_held_while_speaking_and_fades_after() -> None:
    speaking = [(0.5, Speaking(turn="t", speaking=True)), (6.0, Speaking(turn="t", speaking=False))]
    ran = go({"emotion": [(0.4, HAPPY)], "speaking": speaking}, 12.0, hold_s=1.0, decay_s=1.0, **QUIET)
    smile = {round(at, 2): event.values["MouthSmile"] for at, _, event in ran.out}
    assert smile[6.9] == pytest.approx(0.95, abs=0.01)
    assert smile[11.9] == pytest.approx(0.45, abs=0.01)


def test_the_eyes_go_to_the_chat_before_an_answer() -> None:
    message = ChatMessage(id="m", author="하늘")
    batch = ChatBatch(turn="t", lane="chat", events=(message,))
    ran = go({"batch": [(0.3, batch)]}, 1.0, idle=["gaze"], chat_x=-0.8)
    assert min(event.values["EyeLeftX"] for event in frames(ran)) < -0.6


@pytest.mark.parametrize(("word", "more"), [("face", set()), ("legs", {"LegL"}), ("mouse", {"LegL", "Mouse"})])
def test_one_word_gives_the_motions_of_a_kind_of_model(word: str, more: set[str]) -> None:
    inputs = {"LegL": "AIsChocoLegL", "Mouse": "MousePositionX"}
    values = [each.values for each in frames(go({}, 30.0, idle=word, mapping="config/pose_mapping.json"))]

    def moves(name: str) -> bool:
        return len({each.get(name) for each in values}) > 1

    assert {word for word, name in inputs.items() if moves(name)} == more
    assert all(map(moves, ("EyeLeftX", "EyeOpenLeft", "FaceAngleX", "AIsChocoBreath")))


def test_a_mouse_model_reads_the_chat_before_the_first_sound_and_looks_up_while_it_speaks() -> None:
    batch = ChatBatch(turn="t", lane="chat", events=(ChatMessage(id="m", author="하늘"),))
    speaking = [(4.0, Speaking(turn="t", speaking=True)), (9.0, Speaking(turn="t", speaking=False))]
    ran = go({"batch": [(2.0, batch)], "speaking": speaking}, 9.0, idle="mouse")
    x = {round(at, 1): (event.values["MousePositionX"], event.values["MousePositionY"]) for at, _, event in ran.out}
    assert x[1.9] == (0.0, pytest.approx(0.0, abs=0.7))
    assert x[2.6] == pytest.approx((0.7, -0.7), abs=0.05)
    assert x[3.9] == pytest.approx((0.7, -0.7), abs=0.01)
    assert x[4.3] == pytest.approx((0.7, -0.7), abs=0.01)
    assert x[5.2] == pytest.approx((0.0, 0.0), abs=0.05)


def test_a_feeling_stays_if_the_settings_say_so() -> None:
    smile = [event.values["MouthSmile"] for event in frames(go({"emotion": [(0.1, HAPPY)]}, 30.0, fade=False, **QUIET))]
    assert smile[-1] == pytest.approx(0.95)


def test_the_body_goes_along_with_what_is_heard() -> None:
    heard = Heard(turn="t", sentence=0, text="와!", fraction=0.0)
    ran = go({"heard": [(0.5, heard)]}, 1.5, idle=["gestures"])
    assert max(event.values["BrowLeftY"] for event in frames(ran)) > 0.65


def test_an_unknown_feeling_is_told_once() -> None:
    odd = Emotion(turn="t", emotion="sleepy")
    ran = go({"emotion": [(0.1, odd), (0.2, odd)]}, 1.0)
    assert ran.log == ["warning config/pose_mapping.json에 없는 감정이라 무표정으로 보여 줘요: sleepy"]


def test_a_file_that_is_saved_in_mid_motion_takes_effect_without_a_jump(tmp_path: Path) -> None:
    file = tmp_path / "map.json"
    file.write_text(json.dumps({"emotions": {"happy": {"FaceAngleX": 20}}}), encoding="utf-8")
    files = ProjectFiles(tmp_path)

    async def save(_: object) -> None:
        import asyncio

        await asyncio.sleep(1.1)
        file.write_text(json.dumps({"emotions": {"happy": {"FaceAngleX": -20}}}), encoding="utf-8")
        assert files.refresh(file, file.read_bytes()) == []

    ran = run(
        "pose.interpolate",
        {"emotion": [(1.0, HAPPY)]},
        settings={"mapping": "map.json", "idle": []},
        complete_at=3.0,
        services={Files: files},
        during=save,
    )
    turned = [event.values["FaceAngleX"] for event in frames(ran)]
    assert max(turned) > 1.0
    assert turned[-1] == pytest.approx(-20.0, abs=0.5)
    assert max(abs(b - a) for a, b in itertools.pairwise(turned)) < 3.5


def test_a_file_that_is_wrong_at_the_start_says_where(tmp_path: Path) -> None:
    (tmp_path / "map.json").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="1번째 줄: JSON이 아니에요"):
        run("pose.interpolate", {"emotion": []}, settings={"mapping": str(tmp_path / "map.json")}, root=ROOT)


def test_frames_that_the_machine_is_late_for_are_left_out() -> None:
    async def stall(_: object) -> None:
        import asyncio

        await asyncio.sleep(0.5)
        asyncio.get_running_loop().now += 0.3  # type: ignore[attr-defined]

    ran = run("pose.interpolate", {"emotion": []}, complete_at=2.0, during=stall)
    times = [at for at, _, _ in ran.out]
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert 0.3 <= max(gaps) < 0.34
    assert min(gaps) > 0.0
    assert sorted(gaps)[-2] == pytest.approx(1 / 60, abs=1e-4)
    assert len(times) < 105


def test_a_node_in_its_place_goes_on_from_the_same_pose() -> None:
    from reactivex.scheduler.eventloop import AsyncIOScheduler

    async def again(instance: Any) -> None:
        import asyncio

        await asyncio.sleep(1.0)
        instance.jobs.end_sources()
        instance.start(AsyncIOScheduler(asyncio.get_running_loop()))

    ran = run("pose.interpolate", {"emotion": [(0.2, HAPPY)]}, settings=QUIET, complete_at=1.5, during=again)
    smile = [event.values["MouthSmile"] for at, _, event in ran.out if at > 0.7]
    assert min(smile) > 0.9


def test_the_feeling_of_a_turn_that_is_made_ahead_waits_until_that_turn_is_heard() -> None:
    speaking = [(0.5, Speaking(turn="s", speaking=True)), (3.0, Speaking(turn="s", speaking=False))]
    ran = go({"emotion": [(2.0, HAPPY)], "speaking": speaking}, 5.0, **QUIET)
    smile = {round(at, 2): event.values["MouthSmile"] for at, _, event in ran.out}
    assert smile[2.9] == smile[0.4]
    assert smile[4.5] > smile[0.4] + 0.2


def test_a_feeling_that_is_tried_out_is_shown_at_once_also_while_a_turn_is_heard() -> None:
    speaking = [(0.5, Speaking(turn="s", speaking=True))]
    tried = Emotion(turn=TRIED_OUT, emotion="happy")
    ran = go({"emotion": [(1.0, tried)], "speaking": speaking}, 3.0, **QUIET)
    smile = {round(at, 2): event.values["MouthSmile"] for at, _, event in ran.out}
    assert smile[2.0] > smile[0.4] + 0.2


def test_the_eyes_go_to_the_chat_between_two_answers_of_which_the_second_is_ready() -> None:
    message = ChatMessage(id="m", author="하늘")
    batches = [(1.0, ChatBatch(turn="b", lane="chat", events=(message,)))]
    speaking = [
        (0.5, Speaking(turn="a", speaking=True)),
        (2.0, Speaking(turn="a", speaking=False)),
        (2.0, Speaking(turn="b", speaking=True)),
    ]
    ran = go({"batch": batches, "speaking": speaking}, 4.0, idle=["gaze"])
    eyes = {round(at, 2): event.values["EyeLeftX"] for at, _, event in ran.out}
    assert max(abs(eyes[2.3] - eyes[1.9]), abs(eyes[2.4] - eyes[1.9])) > 0.2
