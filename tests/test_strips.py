"""How full the queues were, under the lanes; and why a thread waited at one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.events import ACQUIRE, BEGIN, END, GET, PUT, QUEUE, RELEASE, RESUME, START, WAIT, Item
from course_utils.frame import STRIP, height_of
from course_utils.gantt import gantt, size
from course_utils.layout import layout
from course_utils.palette import palette
from course_utils.panels import panels
from course_utils.recording import Recording
from course_utils.scene import Label, Scene
from tests.examples import Log, burst, handover, many, pipeline, queues, reentrant
from tests.test_gantt import check_labels

axes = pytest.mark.parametrize("axis", ["time", "step"])


def strip_of(scene: Scene, number: int = 0) -> list[Label]:
    return [label for label in scene.labels if label.zone == f"queue {number}"]


def bars_of(recording: Recording) -> list[str]:
    scene, _ = layout(recording)
    check_labels(scene)
    return [label.text for label in scene.labels if label.zone.startswith("bar")]


def legend_of(scene: Scene) -> list[str]:
    return [label.text for label in scene.labels if label.zone == "legend"]


@axes
def test_a_curve_is_as_high_as_the_queue_was_full(axis: str):
    recording = burst(6, 3)
    scene, box = layout(recording, axis=axis)
    check_labels(scene)
    low, high = box.rows_bottom(3), box.bottom(3)
    areas = np.concatenate([area for area in scene.rects["bars", "sleep"] if len(area)])
    areas = areas[(areas[:, 1] > low) & (areas[:, 3] < high)]
    unit = 18 / 3
    levels = (areas[:, 3] - areas[:, 1]) / unit
    assert np.allclose(levels, levels.round())
    assert levels.max() == 3
    shown = ((areas[:, 2] - areas[:, 0]) * levels).sum()
    if axis == "time":
        (fill,) = recording.fills
        ends = [*(time for time, _ in fill.levels[1:]), recording.duration]
        held = sum(level * (end - time) for (time, level), end in zip(fill.levels, ends, strict=True))
        # Steps of less than a pixel are put together.
        assert shown / box.scale == pytest.approx(held, rel=0.01)


def test_name_and_most_and_numbers_stand_beside_the_curve():
    texts = [label.text for label in strip_of(layout(burst(6, 3))[0])]
    assert texts[:2] == ["inbox", "max 3 of 3"]
    assert set(texts[2:]) == {"1", "2", "3"}
    assert [label.text for label in strip_of(layout(burst(6, None))[0])][:2] == ["inbox", "max 6"]


def test_in_panels_it_says_as_much_as_there_is_room_for():
    scene = panels([burst(6, 3), burst(12, 10), burst(6, None)])
    check_labels(scene)
    ends = [label.text for label in strip_of(scene) if label.text[-1] in "0123456789" and not label.text.isdigit()]
    assert ends == ["3 of 3", "10 of 10", "max 6"]
    assert {"max 3 of 3", "max 10 of 10"} <= {label.text for label in strip_of(panels([burst(6, 3), burst(12, 10)]))}


def crowded(period: float, count: int, low: int = 0) -> tuple[Scene, list[float], list[np.ndarray]]:
    """
    A queue that gets an item and loses it again so many times, so many pixels apart.

    Returns:
        the scene; the lengths of the lines that go up or down; the areas, the light ones and the dark ones.
    """

    def recording(step: float) -> Recording:
        log = Log(1.0)
        for lane in ("A", "B"):
            log(0, lane, BEGIN, lane, False)
        for number in range(low):
            log(0, "A", PUT, "inbox", Item(-number, "x"))
        for number in range(1, count + 1):
            log(number * step, "A", PUT, "inbox", Item(number, "x"))
            log((number + 0.5) * step, "B", GET, "inbox", Item(number, "x"))
        for lane in ("A", "B"):
            log(1, lane, END, "finished")
        return Recording("crowd()", log)

    scale = layout(recording(1 / 2 / count))[1].scale
    scene, box = layout(recording(period / scale))
    check_labels(scene)
    lines = np.concatenate(scene.lines["edges", "flow", 1.2])
    areas = []
    for role in ("sleep", "sleep edge"):
        found = np.concatenate([*scene.rects.get(("bars", role), []), np.empty((0, 4))])
        areas.append(found[found[:, 1] > box.rows_bottom(2)])
    return scene, [abs(y1 - y0) for x0, y0, x1, y1 in lines if x0 == x1 and y0 != y1], areas


def test_a_curve_too_dense_to_be_followed_is_an_area_between_its_limits():
    _, steps, (light, dark) = crowded(2.5, 200, low=2)
    assert len(steps) < 12
    assert (dark[:, 2] - dark[:, 0]).sum() == pytest.approx(500, abs=15)
    # The first two items came at the same moment as the crowd.
    assert np.allclose(dark[1:, 3] - dark[1:, 1], 18 / 3)
    assert np.allclose(dark[:, 1], light[:, 3].max() - 18)
    assert np.allclose(dark[1:, 0], dark[:-1, 2]), "one area, without gaps"


@pytest.mark.parametrize("period", [1.0, 2.0, 3.0, 4.0, 5.0])
def test_no_stretch_of_a_curve_is_a_dark_block(period: float):
    """Lines 1.2 thick leave a good part of what is behind them."""
    _, steps, (_, dark) = crowded(period, 100)
    assert len(steps) * 1.2 + (dark[:, 2] - dark[:, 0]).sum() * 0.1 < 0.65 * 100 * period


def test_a_curve_that_can_be_followed_is_drawn_in_full():
    _, steps, (_, dark) = crowded(7.0, 100)
    assert len(steps) == 200
    assert not len(dark)


@pytest.mark.parametrize(("capacity", "drawn"), [(None, False), (3, True), (12, True), (1000, False)])
def test_the_capacity_is_a_dashed_line_unless_it_is_far_away(capacity: int | None, drawn: bool):
    scene, box = layout(burst(4, capacity))
    lines = np.concatenate(scene.lines.get(("hatch", "wait", 1.0), [np.empty((0, 4))]))
    dashes = lines[(lines[:, 1] == lines[:, 3]) & (lines[:, 1] > box.rows_bottom(3)) & (lines[:, 1] < box.bottom(3))]
    assert bool(len(dashes)) is drawn
    if drawn:
        assert len(set(dashes[:, 1])) == 1
        assert dashes[:, 1][0] == pytest.approx(box.bottom(3) - 8 - 18)


def test_only_queues_between_lanes_are_shown_and_only_a_few():
    assert size(handover())[1] == height_of(3)
    assert not layout(handover())[1].strips
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    log(1, "main", PUT, "own", Item(1, "1"))
    log(2, "main", GET, "own", Item(1, "1"))
    log(3, "main", PUT, "unread", Item(2, "2"))
    log(4, "main", END, "finished")
    assert not layout(Recording("alone()", log))[1].strips
    names = ("first", "second", "third", "fourth")
    scene, box = layout(burst(4, 2, names))
    assert [strip.name for strip in box.strips] == ["first", "second", "third"]
    assert size(burst(4, 2, names)) == (960, height_of(9, 3))
    assert height_of(9, 3) == height_of(9) + 3 * STRIP
    assert scene.height == height_of(9, 3)


def test_nothing_else_in_a_chart_moves():
    _, with_queue = layout(queues())
    rows = len(queues().lanes)
    assert with_queue.rows_bottom(rows) == layout(many(rows))[1].bottom(rows)
    (over,) = gantt(queues()).axes
    (plain,) = gantt(many(rows)).axes
    assert over.get_ylim() == plain.get_ylim()
    high = with_queue.height
    assert (1 - over.get_position().y0) * high == pytest.approx(with_queue.rows_bottom(rows))


def test_panels_have_strips_too():
    scene = panels([burst(4, 3), handover(), burst(6, 2), queues()])
    check_labels(scene)
    assert [label.text for label in scene.labels].count("inbox") >= 3


@axes
@pytest.mark.parametrize("unit", [1e-6, 1e-3, 1.0])
@pytest.mark.parametrize("pairs", range(1, 9))
def test_nothing_overlaps(pairs: int, unit: float, axis: str):
    log = Log(unit)
    for event in burst(5, 2, tuple(f"queue_number_{number}" for number in range(pairs))).events:
        log(event.time, *event[1:])
    scene, _ = layout(Recording("pairs()", log), axis=axis)
    check_labels(scene)


@settings(max_examples=60, deadline=None)
@given(
    moves=st.lists(st.tuples(st.floats(0, 100), st.booleans(), st.integers(0, 30)), min_size=1, max_size=60),
    capacity=st.none() | st.integers(1, 50),
    axis=st.sampled_from(["time", "step"]),
)
def test_any_curve_stays_in_its_strip(moves: list[tuple[float, bool, int]], capacity: int | None, axis: str):
    log = Log(1e-3)
    for lane in ("A", "B"):
        log(0, lane, BEGIN, lane, False)
    if capacity is not None:
        log(0, "A", QUEUE, "inbox", capacity)
    log(0, "A", PUT, "inbox", Item(99, "x"))
    for at, put, number in moves:
        log(at, "A" if put else "B", PUT if put else GET, "inbox", Item(number, "x"))
    log(100, "B", GET, "inbox", Item(99, "x"))
    for lane in ("A", "B"):
        log(100, lane, END, "finished")
    scene, box = layout(Recording("any()", log.ordered()), axis=axis)
    check_labels(scene)
    low, high = box.rows_bottom(2) + 1, box.bottom(2) - 1
    curve = np.concatenate(scene.lines["edges", "flow", 1.2]).reshape(-1, 2)
    assert (curve[:, 1] > low).all()
    assert (curve[:, 1] < high).all()
    assert (curve[:, 0] >= box.left - 0.01).all()
    assert (curve[:, 0] <= box.right + 0.01).all()


# Waits


def waiting(on: str, before: int, capacity: int | None) -> Recording:
    """A lane that waits at a queue in which so many items are."""
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    log(0, "main", START, "T0")
    log(0, "T0", BEGIN, "T0", False)
    if capacity is not None:
        log(0, "T0", QUEUE, "inbox", capacity)
    for number in range(before):
        log(1 + number, "T0", PUT, "inbox", Item(number, "x"))
    log(10, "main", WAIT, "inbox", on)
    if on.endswith("get"):
        log(80, "T0", PUT, "inbox", Item(50, "x"))
        log(80, "main", RESUME, "inbox", True)
        log(80.1, "main", GET, "inbox", Item(0 if before else 50, "x"))
    else:
        log(79, "T0", GET, "inbox", Item(0, "x"))
        log(80, "main", RESUME, "inbox", True)
        log(80, "main", PUT, "inbox", Item(50, "x"))
    for lane in ("T0", "main"):
        log(100, lane, END, "finished")
    return Recording("waiting()", log)


@pytest.mark.parametrize(
    ("on", "before", "capacity", "words"),
    [
        ("inbox.get", 0, None, "inbox.get: empty  70 ms"),
        ("inbox.get", 1, None, "inbox.get  70 ms"),  # for another thread that was at the queue
        ("inbox.put", 3, 3, "inbox.put: full  70 ms"),
        ("inbox.put", 2, 3, "inbox.put  70 ms"),
        ("inbox.put", 3, None, "inbox.put  70 ms"),  # of which it isn't known how many it takes
        ("inbox.join", 0, 3, "inbox.join  70 ms"),
    ],
)
def test_why_a_thread_waits_is_said_where_it_is_known(on: str, before: int, capacity: int | None, words: str):
    assert bars_of(waiting(on, before, capacity)) == [words]


def test_waits_to_put_are_hatched_the_other_way():
    def slants(recording: Recording) -> set[bool]:
        scene, box = layout(recording)
        lines = np.concatenate(scene.lines["hatch", "wait", 1.3])
        return {bool((x1 - x0) * (y1 - y0) > 0) for x0, y0, x1, y1 in lines if y1 < box.rows_bottom(2)}

    assert slants(waiting("inbox.put", 3, 3)) == {True}
    assert slants(waiting("inbox.get", 0, 3)) == {False}
    assert "waiting to put" in legend_of(layout(waiting("inbox.put", 3, 3))[0])
    assert "waiting" not in legend_of(layout(waiting("inbox.put", 3, 3))[0])
    assert "waiting to put" not in legend_of(layout(waiting("inbox.get", 3, 3))[0])


def test_items_and_places_freed_are_told_apart():
    scene, _ = layout(burst(8, 2))
    assert {"item", "place freed"} <= set(legend_of(scene))
    assert "place freed" not in legend_of(layout(queues())[0])


def test_in_small_charts_too_a_place_freed_is_broken_and_hollow():
    scene = panels((burst(8, 2), burst(8, 1), burst(8, 8)))
    (whole,) = [
        np.concatenate(ends) for (layer, role, _), ends in scene.lines.items() if (layer, role) == ("flows", "flow")
    ]
    (broken,) = [
        np.concatenate(ends) for (layer, role, _), ends in scene.lines.items() if (layer, role) == ("flows", "wait")
    ]
    long = [np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]) for ends in (whole, broken)]
    assert max(long[1]) < 4 < min(long[0])
    heads, holes = scene.shapes["flows", "wait"], scene.shapes["flows", "card"]
    assert len(heads) == len(holes) > 8
    roles = [role for layer, role in scene.shapes if layer == "flows"]
    assert roles.index("wait") < roles.index("card")  # or the holes would be filled again


# Locks that others release, and that are taken again


def test_who_released_anothers_lock_is_shown():
    scene, box = layout(pipeline())
    assert "released by another thread" in legend_of(scene)
    ends = [hold.end for hold in pipeline().holds if (hold.lane, hold.released_by) == ("producer", "consumer")]
    role = "lock 1"
    heads = [corners[0] for corners in scene.shapes["flows", role]]
    below = box.bar_bottom(1) + box.gap + box.band
    for end in ends:
        assert any(abs(x - box.x(end)) < 1.5 and abs(y - below) < 2 for x, y in heads)
    assert "released by another thread" not in legend_of(layout(handover())[0])


@axes
def test_a_lock_held_deeper_has_a_thicker_band_and_says_how_deep(axis: str):
    recording = reentrant()
    scene, box = layout(recording, axis=axis)
    check_labels(scene)
    texts = [label.text for label in scene.labels if label.zone == "lock 1"]
    assert texts == ["rlock", "×2", "×3", "×2"]
    bands = np.concatenate(scene.rects["bands", "lock 0"])
    mine = bands[(bands[:, 1] > box.bar_bottom(1)) & (bands[:, 3] < box.bar_top(2))]
    tall = (mine[:, 3] - mine[:, 1]).round(2).tolist()
    assert tall == [2.5, 3.75, 5.0, 3.75, 2.5]
    assert np.allclose(mine[1:, 0], mine[:-1, 2])


def test_under_several_bands_it_is_said_which_lock_is_held_deeper():
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    for at, kind, lock in (
        (5, ACQUIRE, "outer"), (20, ACQUIRE, "inner"), (60, ACQUIRE, "outer"), (70, RELEASE, "outer"),
        (80, RELEASE, "inner"), (90, RELEASE, "outer"),
    ):  # fmt: skip
        log(at, "main", kind, lock, 3 if kind == ACQUIRE else None)
    log(100, "main", END, "finished")
    scene, _ = layout(Recording("two()", log))
    check_labels(scene)
    labels = {label.text: label.role for label in scene.labels if label.zone == "lock 0"}
    assert labels == {"outer": "lock 0 text", "inner": "lock 1 text", "outer ×2": "lock 0 text"}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_names_of_locks_stand_under_the_bands_and_not_on_them(count: int):
    log = Log(1e-3)
    for lane in ("main", "T0"):
        log(0, lane, BEGIN, lane, False)
    for number in range(count):
        log(10 + 20 * number, "main", ACQUIRE, f"fork #{number}")
    for number in range(count):
        log(90 + number, "main", RELEASE, f"fork #{number}")
    for lane in ("main", "T0"):
        log(100, lane, END, "finished")
    scene, box = layout(Recording("dine()", log))
    check_labels(scene)
    names = [label for label in scene.labels if label.zone == "lock 0"]
    assert len(names) == count
    bottom = max(np.concatenate(scene.rects["bands", role])[:, 3].max() for role in ("lock 0", f"lock {count - 1}"))
    for name in names:
        assert bottom + 0.5 <= name.box[1], name
        assert name.box[3] <= box.bar_top(1) - box.above + 1
    assert bottom >= box.bar_bottom(0) + box.gap + box.band - 0.01


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_roles_are_known(theme: str):
    for recording in (burst(), pipeline(), reentrant()):
        scene, _ = layout(recording)
        roles = {role for _, role in scene.rects} | {role for _, role, _ in scene.lines} | {
            role for _, role in scene.shapes} | {label.role for label in scene.labels}  # fmt: skip
        assert roles <= palette(theme).keys()
