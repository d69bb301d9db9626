"""Deadlocks in a chart: who needs whom stands at the lanes' ends, and arrows show it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.circles import needs
from course_utils.deadlock import circle as closed
from course_utils.events import BEGIN, DEADLOCK, END, RESUME, START, WAIT, Event
from course_utils.frame import Frame
from course_utils.layout import layout
from course_utils.panels import panels
from course_utils.recording import Recording
from course_utils.scene import Scene
from tests.examples import Log, caught, circle, deadlock, standstill
from tests.test_gantt import check_labels

axes = pytest.mark.parametrize("axis", ["time", "step"])


def ends_of(scene: Scene) -> list[str]:
    """What stands at the lanes' ends, from top to bottom."""
    return [label.text for label in sorted(scene.labels, key=lambda label: label.y) if label.zone.startswith("end")]


def arrows_of(scene: Scene, box: Frame) -> list[tuple[int, int, float]]:
    """The red arrows between lanes: from which row to which, and where, in order."""
    lines = [line for (layer, role, _), arrays in scene.lines.items() if (layer, role) == ("flows", "bad")
             for line in np.concatenate(arrays) if line[1] < box.rows_bottom(len(box.sides))]  # fmt: skip

    def row(y: float) -> int:
        return int((y - box.top) // box.pitch)

    # An arrow begins at a bar's edge, or under its band, and its line ends a head's length before the other bar.
    found = []
    for x, y0, _, y1 in lines:
        down = y1 > y0
        found.append((row(y0 - 1 if down else y0 + 1), row(y1 + 10 if down else y1 - 16), float(x)))
    return sorted(found)


def legend_of(scene: Scene) -> list[str]:
    return [label.text for label in scene.labels if label.zone == "legend"]


@pytest.mark.parametrize(
    ("lane", "names", "words"),
    [
        ("T0", ("T1",), "needs T1"),
        ("T0", ("T0",), "needs itself"),
        ("T0", (), "waits for ever"),
        ("T0", ("T1", "T2"), "needs T1 and T2"),
        ("T0", ("T1", "T2", "T3", "T4"), "needs T1 and 3 more"),
        ("T0", ("ThreadPoolExecutor-0_0", "ThreadPoolExecutor-0_1"), "needs ThreadPoolExecutor-0_0 and 1 more"),
        ("T0", ("Thread-1 (parse_configuration_file)",), "needs Thread-1 (parse_configu…"),
    ],
)
def test_words(lane: str, names: tuple[str, ...], words: str):
    assert needs(Event(0.1, lane, DEADLOCK, "b_lock", names)) == words


@axes
@pytest.mark.parametrize(
    ("example", "ends", "arrows"),
    [
        (lambda: circle((0, 1), 2), ["✕ Deadlock", "✕ needs T1", "✕ needs T0"], [(1, 2), (2, 1)]),
        (
            lambda: circle((0, 3), 4),
            ["✕ Deadlock", "✕ needs T3", "1st", "2nd", "✕ needs T0"],
            [(1, 4), (4, 1)],
        ),
        (
            lambda: circle((0, 1, 2), 3),
            ["✕ Deadlock", "✕ needs T1", "✕ needs T2", "✕ needs T0"],
            [(1, 2), (2, 3), (3, 1)],
        ),
        (lambda: circle((0,), 1), ["✕ Deadlock", "✕ needs itself"], []),
        (
            lambda: circle((1, 3), 5),
            ["✕ Deadlock", "1st", "✕ needs T3", "2nd", "✕ needs T1", "3rd"],
            [(2, 4), (4, 2)],
        ),
        (standstill, ["✕ needs T0", "✕ waits for ever", "✕ waits for ever"], [(0, 1)]),
    ],
    ids=["two", "far apart", "three", "itself", "pair of five", "standstill"],
)  # fmt: skip
def test_ends_and_arrows(example: Callable[[], Recording], ends: list[str], arrows: list[tuple[int, int]], axis: str):
    scene, box = layout(example(), axis=axis)
    check_labels(scene)
    assert ends_of(scene) == ends
    assert [(source, target) for source, target, _ in arrows_of(scene, box)] == arrows


@axes
def test_arrows_stand_near_the_end_of_the_waits_and_apart(axis: str):
    scene, box = layout(circle((0, 1), 2), axis=axis)
    (_, _, down), (_, _, up) = arrows_of(scene, box)
    assert abs(down - up) >= 6
    scene, box = layout(circle((0, 1), 2))
    (_, _, down), (_, _, up) = arrows_of(scene, box)
    assert all(box.x(0.0255) < x < box.x(0.062) for x in (down, up))
    assert all(box.x(0.062) - x < 40 for x in (down, up))


def test_arrows_that_share_no_gap_stand_over_each_other():
    scene, box = layout(circle((0, 1, 2), 3))
    first, second, back = (x for _, _, x in arrows_of(scene, box))
    assert first == second
    assert abs(back - first) >= 6


def test_the_verdict_and_its_exception_are_no_signs_of_their_own():
    for recording in (circle(), standstill()):
        scene, _ = layout(recording)
        texts = [label.text for label in scene.labels if label.zone != "summary"]
        assert "exception" not in texts
        assert not any("holds a_lock" in text for text in texts)


def test_the_legend_tells_a_circle_from_a_mere_need():
    assert "waits for each other" in legend_of(layout(circle())[0])
    assert "needs" in legend_of(layout(standstill())[0])
    assert "waits for each other" not in legend_of(layout(standstill())[0])
    assert not {"waits for each other", "needs"} & set(legend_of(layout(deadlock())[0]))
    assert not {"waits for each other", "needs"} & set(legend_of(layout(circle((0,), 1))[0]))
    assert "waits for each other" in legend_of(panels([circle(), standstill()]))


def test_who_survives_a_deadlock_has_a_sign_where_it_was():
    scene, box = layout(caught())
    check_labels(scene)
    found = {label.text: label for label in scene.labels if label.text.startswith("needs")}
    assert found.keys() == {"needs T1", "needs T0"}
    assert all(label.role == "bad" and label.x == pytest.approx(box.x(0.05), abs=12) for label in found.values())
    assert [(source, target) for source, target, _ in arrows_of(scene, box)] == [(1, 2), (2, 1)]
    assert ends_of(scene) == ["1st"]  # the other lane is a pool's
    assert "move(1)  ✕ Deadlock, kept in the future" in [label.text for label in scene.labels]


def test_who_waits_for_one_of_a_circle_is_not_part_of_it():
    log = Log(1e-3)
    for lane in ("main", "T0", "T1"):
        log(0, lane, BEGIN, lane, False)
    for lane, needed in (("main", "T0"), ("T0", "T1"), ("T1", "T0")):
        log(5, lane, WAIT, needed, f"join {needed}")
        log(50, lane, DEADLOCK, f"join {needed}", (needed,))
        log(50, lane, RESUME, needed, False)
        log(51, lane, END, "failed", "Deadlock: so and so")
    scene, box = layout(Recording("join_in_a_circle()", log.ordered()))
    assert ends_of(scene) == ["✕ needs T0", "✕ needs T1", "✕ needs T0"]
    assert [(source, target) for source, target, _ in arrows_of(scene, box)] == [(1, 2), (2, 1)]
    assert "waits for each other" in legend_of(scene)


def test_the_sign_of_who_survives_is_where_the_wait_ends():
    log = Log(1e-3)
    for event in caught().events:
        late = 30 if event.time > 0.05 else 0  # waits are looked after now and then: a while after the verdict
        log(1000 * event.time + late, *event[1:])
    scene, box = layout(Recording("late()", log.ordered()))
    signs = [label for label in scene.labels if label.text.startswith("needs")]
    assert len(signs) == 2
    assert all(label.x == pytest.approx(box.x(0.08001), abs=12) for label in signs)


@pytest.mark.parametrize("lanes", range(2, 17))
def test_nothing_overlaps_at_any_number_of_lanes(lanes: int):
    workers = lanes - 1
    for members in {(0, workers - 1), tuple(range(workers)), (workers // 2,)}:
        if len(set(members)) == len(members):
            for axis in ("time", "step"):
                check_labels(layout(circle(members, workers), axis=axis)[0])
    check_labels(panels([circle(tuple(range(workers)), workers)] * 3))


@axes
@pytest.mark.parametrize("unit", [1e-6, 1e-3, 1.0])
def test_nothing_overlaps_in_any_unit(unit: float, axis: str):
    check_labels(layout(circle((1, 0), 2, unit), axis=axis)[0])


@settings(max_examples=60, deadline=None)
@given(data=st.data(), count=st.integers(2, 8), axis=st.sampled_from(["time", "step"]))
def test_any_needs_can_be_drawn(data: st.DataObject, count: int, axis: str):
    names = ["main", *(f"T{number}" for number in range(1, count))]
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    for name in names[1:]:
        log(1, "main", START, name)
        log(1, name, BEGIN, name, False)
    for name in names:
        at = data.draw(st.floats(2, 50))
        log(at, name, WAIT, "x", "x")
        if data.draw(st.booleans()):
            then = data.draw(st.floats(at, 90))
            log(then, name, DEADLOCK, "x", tuple(data.draw(st.lists(st.sampled_from([*names, "gone"]), max_size=3))))
            log(then, name, RESUME, "x", False)
            log(95, name, END, "failed", "Deadlock: so and so")
    recording = Recording("any()", log.ordered())
    scene, box = layout(recording, axis=axis)
    check_labels(scene)
    around = closed({event.lane: event.value for event in recording.instants})
    wanted = {
        (names.index(event.lane), names.index(name))
        for event in recording.instants for name in event.value
        if name in names and name != event.lane and (not around or {event.lane, name} <= around)
    }  # fmt: skip
    found = {(source, target) for source, target, _ in arrows_of(scene, box)}
    assert found <= wanted
    assert bool(found) == bool(wanted)
