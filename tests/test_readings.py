"""Reads and writes in a chart: nothing overlaps, a lost update is always seen, values say what they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.events import ACQUIRE, BEGIN, END, EXCEPTION, LOG, MARK, PRINT, READ, RELEASE, START, WRITE
from course_utils.frame import Frame
from course_utils.layout import layout
from course_utils.marks import sign
from course_utils.panels import panels
from course_utils.recording import Recording
from course_utils.scene import Scene
from tests.examples import EXAMPLES, Log, alone, increments, locked_race, pooled_race, race, transfer
from tests.test_gantt import check_labels, row_of

axes = pytest.mark.parametrize("axis", ["time", "step"])
accessing = pytest.mark.parametrize(
    "name", [name for name in EXAMPLES if any(word in name for word in ("race", "increments", "places", "transfer"))]
)


def accesses(*found: tuple[float, str, str], lane: str = "main", span: float = 100) -> Recording:
    """Reads ("r") and writes ("w") of one lane, at ms, with their values."""
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    for at, kind, value in found:
        place, _, value = value.rpartition("=")
        log(at, lane, READ if kind == "r" else WRITE, place or "database.value", value)
    log(span, "main", END, "finished")
    return Recording("accesses()", log.ordered())


def signs_of(scene: Scene, box: Frame, role: str = "text") -> list[tuple[float, float, bool]]:
    """Where the triangles on the bars are: centre, the bar's row, and whether it is solid."""
    found = []
    for corners in scene.shapes.get(("marks", role), []):
        x, top = corners[:, 0].mean() if len(corners) == 3 else corners[0, 0], corners[:, 1].min()
        row = round((top + 6 - box.top - box.above) / box.pitch)
        if row < len(box.sides) and abs(top + 5 - box.bar_top(row)) < 4 and len(corners) != 4:
            found.append((float(x), row, len(corners) == 3))
    return sorted(found)


def legend_of(scene: Scene) -> list[str]:
    return [label.text for label in scene.labels if label.zone == "legend"]


def values_of(recording: Recording, row: int = 0, axis: str = "time") -> list[str]:
    scene, _ = layout(recording, axis=axis)
    check_labels(scene)
    return [label.text for label in row_of(scene, row)]


@axes
def test_values_stand_over_reads_and_writes(axis: str):
    scene, box = layout(race(2), axis=axis)
    first, second = row_of(scene, 1), row_of(scene, 2)
    assert [label.text for label in first] == ["0", "1"]
    assert [(label.text, label.role) for label in second] == [("0", "text"), ("1  lost update", "bad")]
    black, red = signs_of(scene, box), signs_of(scene, box, "bad")
    assert [(row, solid) for _, row, solid in black if row] == [(1, False), (2, False), (1, True)]
    assert [(row, solid) for _, row, solid in red] == [(2, True)]
    for label, (x, _, _) in zip(first, [each for each in black if each[1] == 1], strict=True):
        left, _, right, bottom = label.box
        assert (left + right) / 2 == pytest.approx(x, abs=5)
        assert bottom <= box.bar_top(1) - 3


def test_where_nothing_is_lost_nothing_is_red():
    scene, box = layout(locked_race())
    assert [label.text for row in (1, 2) for label in row_of(scene, row)] == ["0", "1", "1", "2"]
    assert not signs_of(scene, box, "bad")


def test_signs_are_where_the_accesses_are():
    recording = race(4)
    scene, box = layout(recording)
    rows = {lane.name: row for row, lane in enumerate(recording.lanes)}
    expected = sorted((box.x(event.time), rows[event.lane]) for event in recording.instants)
    found = sorted((x, row) for role in ("text", "bad") for x, row, _ in signs_of(scene, box, role) if row)
    assert [row for _, row in found] == [row for _, row in expected]
    assert [x for x, _ in found] == pytest.approx([x for x, _ in expected], abs=0.6)


def test_the_legend_has_reads_and_writes_only_if_there_are_any():
    assert legend_of(layout(race(2))[0])[-3:] == ["read", "write", "lost update"]
    assert legend_of(layout(locked_race())[0])[-2:] == ["read", "write"]
    assert legend_of(layout(accesses((50, "r", "0")))[0]) == ["active", "read"]
    assert legend_of(layout(alone())[0]) == ["active"]
    assert {"read", "write", "lost update"} <= set(legend_of(panels([alone(), race(2)])))


def test_a_read_and_a_write_on_the_same_pixels_stand_side_by_side():
    scene, box = layout(accesses((50, "r", "0"), (50.002, "w", "1")))
    read, written = [each for each in signs_of(scene, box) if each[1] == 0]
    assert (read[2], written[2]) == (False, True)
    assert 9 <= written[0] - read[0] <= 11
    assert (read[0] + written[0]) / 2 == pytest.approx(box.x(0.05), abs=1)
    assert values_of(accesses((50, "r", "0"), (50.002, "w", "1"))) == ["0→1"]
    assert values_of(accesses((50, "w", "1"), (50.002, "r", "1"))) == ["1, 1"]


def test_by_step_they_stand_apart():
    assert values_of(accesses((50, "r", "0"), (50.002, "w", "1")), axis="step") == ["0", "1"]


def test_more_of_them_have_signs_but_no_values():
    found = [(50 + n / 1000, "rw"[n % 2], str(n)) for n in range(10)]
    scene, box = layout(accesses(*found))
    assert len([each for each in signs_of(scene, box) if each[1] == 0]) == 2
    assert values_of(accesses(*found)) == []


def test_several_places_are_named_as_room_allows():
    one = accesses((50, "r", "a.total=0"), (80, "w", "b.value=1"))
    assert values_of(one) == ["a.total=0", "b.value=1"]
    tight = accesses(*[(4 + 9 * n, "r", f"{'ab'[n % 2]}ccount_of_customer.{'tv'[n % 2]}otal={n}") for n in range(10)])
    assert set(values_of(tight)) >= {"total=2", "votal=3"}
    # Where the attribute's name alone doesn't tell which, nothing is said that may be misunderstood.
    alike = accesses(*[(4 + 9 * n, "r", f"{'ab'[n % 2]}ccount_of_customer.total={n}") for n in range(10)])
    assert not any(text.startswith("total") for text in values_of(alike))
    assert values_of(transfer(), 1) == ["a.balance=100", "a.balance=90", "b.balance=50", "b.balance=40"]


def test_a_value_stands_beside_an_arrow_that_leaves_from_its_sign():
    """A write, and at the same moment the release of a lock that the lane above holds."""
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    log(0, "main", ACQUIRE, "lock")
    log(0.1, "main", START, "T0")
    log(0.2, "T0", BEGIN, "T0", False)
    log(50, "T0", WRITE, "pipe.message", "17")
    log(50.01, "T0", RELEASE, "lock")
    for lane in ("T0", "main"):
        log(100, lane, END, "finished")
    scene, box = layout(Recording("hasty()", log))
    check_labels(scene)
    assert "released by another thread" in legend_of(scene)
    (value,) = row_of(scene, 1)
    assert value.text == "17"
    left, _, right, _ = value.box
    arrow = box.x(0.05)
    assert left > arrow or right < arrow
    assert max(arrow - right, left - arrow) < 12


def test_long_values_are_cut():
    (text,) = values_of(accesses((50, "w", "'a very long text that says a lot'")))
    assert text == "'a very long text…"


def test_a_lost_update_stays_whatever_is_near():
    """Among a thousand accesses, one is lost."""
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    log(0.1, "main", START, "T1")
    log(0.2, "T1", BEGIN, "T1", False)
    for number in range(500):
        log(1 + number / 10, "main", READ, "counter", str(number))
        if number == 250:
            log(1.01 + number / 10, "T1", WRITE, "counter", "0")
        log(1.02 + number / 10, "main", WRITE, "counter", str(number + 1))
        log(1.03 + number / 10, "main", MARK, None, "here")
    for lane in ("T1", "main"):
        log(60, lane, END, "finished")
    recording = Recording("one()", log)
    assert len(recording.lost_updates) == 1
    scene, box = layout(recording)
    check_labels(scene)
    (red,) = signs_of(scene, box, "bad")
    assert red[0] == pytest.approx(box.x(recording.lost_updates[0].time), abs=12)
    assert "lost update" in legend_of(scene)


@axes
@accessing
def test_signs_do_not_cover_each_other(name: str, axis: str):
    scene, box = layout(EXAMPLES[name](), axis=axis)
    by_row: dict[float, list[float]] = {}
    for role in ("text", "bad"):
        for x, row, _ in signs_of(scene, box, role):
            by_row.setdefault(row, []).append(x)
    for row, places in by_row.items():
        if len(places) > 1:
            assert np.diff(sorted(places)).min() >= 8.9, (name, row)


@pytest.mark.parametrize("lanes", range(2, 17))
def test_nothing_overlaps_at_any_number_of_lanes(lanes: int):
    for recording in (race(lanes - 1), increments(lanes - 1, 6, 18.0), increments(lanes - 1, 40, 1.0)):
        for axis in ("time", "step"):
            scene, _ = layout(recording, axis=axis)
            check_labels(scene)
            count = sum(each.lane != "main" for each in recording.lost_updates)
            assert (("marks", "bad") in scene.shapes) == bool(count)


@pytest.mark.parametrize("unit", [1e-6, 1e-3, 1.0])
def test_nothing_overlaps_in_any_unit(unit: float):
    for recording in (race(4, unit), locked_race(unit), pooled_race(unit), increments(4, 6, 18.0, unit=unit)):
        for axis in ("time", "step"):
            check_labels(layout(recording, axis=axis)[0])
    check_labels(panels([race(2, unit), pooled_race(unit), locked_race(unit)]))


_kinds = st.sampled_from([READ, WRITE, MARK, EXCEPTION])


@settings(max_examples=60, deadline=None)
@given(
    found=st.lists(st.tuples(st.integers(0, 2), st.floats(0, 100), _kinds, st.integers(0, 1), st.integers(0, 10**6))),
    axis=st.sampled_from(["time", "step"]),
)
def test_nothing_overlaps_whatever_is_read_and_written(found: Sequence[tuple[int, float, str, int, int]], axis: str):
    log = Log(1e-3)
    lanes = ["main", "T1", "T2"]
    for lane in lanes:
        log(0, lane, BEGIN, lane, False)
    for row, at, kind, place, value in found:
        log(at, lanes[row], kind, None if kind == MARK else ("a.value", "b.value")[place], str(value))
    for lane in lanes:
        log(100, lane, END, "finished")
    recording = Recording("anything()", log.ordered())
    scene, box = layout(recording, axis=axis)
    check_labels(scene)
    red = [each for each in signs_of(scene, box, "bad") if each[2]]
    rows = {lane: row for row, lane in enumerate(lanes)}
    for lost in recording.lost_updates if axis == "time" else ():
        assert any(row == rows[lost.lane] and abs(x - box.x(lost.time)) < 30 for x, row, _ in red), lost


@pytest.mark.parametrize("off", [-9.0, -3.0, 0.0, 2.0, 8.0, 14.0])
@pytest.mark.parametrize("kinds", ["r", "w", "rw"])
@pytest.mark.parametrize(("line", "called"), [(PRINT, "print"), (LOG, "log")])
def test_reads_and_writes_stand_beside_marks_and_hide_lines(kinds: str, off: float, line: str, called: str):
    """`off` in pixels."""
    _, box = layout(accesses((50, "r", "0")))
    log = Log(1e-3)
    for event in accesses(*((50 + number / 1000, kind, "0") for number, kind in enumerate(kinds))).events:
        log.append(event)
    mark = Log(1e-3)
    mark(50 + 1000 * off / box.scale, "main", MARK, None, "here")
    printed = Log(1e-3)
    printed(50, "main", line, "stdout", "a line")
    scene, box = layout(Recording("marked()", sorted([*log, *mark, *printed], key=lambda event: event.time)))
    check_labels(scene)
    assert called not in legend_of(scene)
    (diamond,) = [corners for corners in scene.shapes["marks", "text"] if len(corners) == 4 and corners[0, 1] < 120]
    middle = diamond[:, 0].mean()
    places = [x for x, row, _ in signs_of(scene, box) if row == 0]
    assert len(places) == len(kinds)
    assert all(abs(x - middle) >= 9.7 for x in places)
    assert all(abs(x - box.x(0.05)) < 25 for x in places)


def test_a_mark_and_a_write_look_different():
    """Both are solid signs on the bar's edge."""
    mark, write = Scene(20, 20), Scene(20, 20)
    sign(mark, MARK, 10, 10)
    sign(write, WRITE, 10, 10)
    assert [len(corners) for corners in mark.shapes["marks", "text"]] == [4]
    assert [len(corners) for corners in write.shapes["marks", "text"]] == [3]


def test_values_and_the_names_of_tasks_share_their_strip():
    scene, _ = layout(pooled_race())
    texts = [[label.text for label in row_of(scene, row)] for row in (1, 2, 3)]
    assert texts[0] == ["0", "update(0, …)  1st", "1"]
    assert texts[1] == ["0", "update(1, …)  2nd", "1  lost update"]


def test_values_are_left_out_where_rows_are_too_low():
    scene, box = layout(race(29))
    assert box.above < 13
    assert not [label for label in scene.labels if label.zone.startswith("above")]
    assert len(signs_of(scene, box, "bad")) == 28
