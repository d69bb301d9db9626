"""The chart: nothing overlaps, nothing is clipped, everyone can read it, and it shows what was recorded."""

from __future__ import annotations

import gc
import io
import itertools
import os
import subprocess
import sys
import threading
import tracemalloc
import warnings
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from course_utils import metrics
from course_utils.arrows import Rooms
from course_utils.bars import NARROW, hatch, wait_words
from course_utils.events import (
    ACQUIRE,
    BEGIN,
    DONE,
    END,
    EXCEPTION,
    MARK,
    PRINT,
    RELEASE,
    START,
    SUBMIT,
    TASK,
)  # fmt: skip
from course_utils.frame import WIDTH, height_of
from course_utils.gantt import Chart, gantt, png, size, svg
from course_utils.layout import layout
from course_utils.metrics import drawable, fit, width
from course_utils.model import State
from course_utils.palette import THEMES, palette
from course_utils.panels import panels
from course_utils.recording import Recording
from course_utils.scene import Label, Room, Scene
from course_utils.units import ticks, unit_for
from tests.examples import (
    EXAMPLES,
    Log,
    alone,
    dense,
    empty,
    endings,
    handover,
    many,
    pool,
    strange_names,
)  # fmt: skip

examples = pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)


def labels_of(recording: Recording, axis: str = "time", behind: Recording | None = None) -> list[Label]:
    return layout(recording, axis=axis, behind=behind)[0].labels


def texts_of(recording: Recording, axis: str = "time") -> list[str]:
    return [label.text for label in labels_of(recording, axis)]


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def check_labels(scene: Scene) -> None:
    """No two texts overlap, and none is outside the chart."""
    boxes = np.array([label.box for label in scene.labels])
    if not len(boxes):
        return
    left, top, right, bottom = boxes.T
    outside = (left < 0) | (top < 0) | (right > scene.width) | (bottom > scene.height)
    assert not outside.any(), [scene.labels[number] for number in np.flatnonzero(outside)]
    # Letters reach the ascent and descent of a line together only by chance: a hair of those may be shared.
    slack = 0.5
    over = (
        (left[:, None] < right[None] - slack) & (right[:, None] > left[None] + slack)
        & (top[:, None] < bottom[None] - slack) & (bottom[:, None] > top[None] + slack)
    )  # fmt: skip
    pairs = np.argwhere(np.triu(over, 1))
    assert not len(pairs), [(scene.labels[a], scene.labels[b]) for a, b in pairs]


def check_shapes(scene: Scene) -> None:
    """No bar, band or line is outside the chart."""
    for arrays in (*scene.rects.values(), *scene.lines.values()):
        points = np.concatenate(arrays).reshape(-1, 2)
        assert (points >= -0.01).all()
        assert (points <= (scene.width + 0.01, scene.height + 0.01)).all()


@examples
def test_nothing_overlaps_or_leaves_the_chart(example: Callable[[], Recording]):
    recording = example()
    for axis in ("time", "step"):
        scene, _ = layout(recording, axis=axis)
        check_labels(scene)
        check_shapes(scene)


@pytest.mark.parametrize("lanes", [1, 2, 5, 16, 32])
def test_no_label_overlaps_at_any_size_and_in_any_unit(lanes: int):
    for unit, axis in itertools.product((1e-6, 1e-3, 1.0, 60.0), ("time", "step")):
        scene, _ = layout(many(lanes, unit), axis=axis)
        check_labels(scene)
        assert scene.height == height_of(lanes)


def test_no_label_overlaps_at_any_number_of_lanes():
    for lanes in range(1, 33):
        check_labels(layout(many(lanes))[0])


@examples
def test_texts_are_as_wide_as_layout_believed(example: Callable[[], Recording]):
    """Against matplotlib's own measure, at a resolution at which hinting no longer matters."""
    figure = Figure(figsize=(1, 1), dpi=1000)
    renderer = FigureCanvasAgg(figure).get_renderer()
    for label in labels_of(example())[:60]:
        text = figure.text(
            0, 0, label.text, fontsize=label.size * 0.72, fontfamily="DejaVu Sans", parse_math=False,
            fontweight="bold" if label.bold else "normal",
        )  # fmt: skip
        left, top, right, bottom = label.box
        measured = text.get_window_extent(renderer)
        assert right - left == pytest.approx(measured.width / 10, rel=0.03, abs=1)
        assert bottom - top >= 0.8 * label.size
        text.remove()


@pytest.mark.parametrize("text", ["waiting for _lock  102 ms", "Ägypten", "✕ KeyError: 'colour'", "Tjq|", "µs"])
@pytest.mark.parametrize("bold", [False, True])
def test_letters_stay_within_ascent_and_descent(text: str, bold: bool):
    extents = metrics.outline(drawable(text), bold=bold).get_extents()
    # An umlaut on a capital reaches a little higher; there is air above every line.
    assert extents.y1 <= metrics.ASCENT + 0.2
    assert extents.y0 >= -metrics.DESCENT
    assert extents.x1 <= width(text, 1, bold=bold) + 0.05


# Colours


def luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_text_has_contrast_enough(theme: str):
    colours = palette(theme)
    for role in colours:
        if role in ("text", "muted", "bad") or role.endswith(" text"):
            assert contrast(colours[role], colours["card"]) >= 4.5, role
    assert contrast(colours["muted"], colours["sleep"]) >= 4.5


@examples
def test_roles_of_labels_are_those_that_were_checked(example: Callable[[], Recording]):
    for role in {label.role for label in labels_of(example())}:
        assert role in ("text", "muted", "bad") or role.endswith(" text")
        assert all(role in palette(theme) for theme in THEMES)


@pytest.mark.parametrize("theme", THEMES)
def test_states_differ_in_grey(theme: str):
    colours = palette(theme)
    assert contrast(colours["active"], colours["sleep"]) >= 3
    assert contrast(colours["active"], colours["card"]) >= 3
    for role in ("wait", *(role for role in colours if role.startswith("lock") and role.count(" ") == 1)):
        # Lines and bands: 3 to 1 is what graphics need, but a light hue on white can't have it and stay a hue.
        assert contrast(colours[role], colours["card"]) >= (2.6 if theme == "light" else 3), role


@pytest.mark.parametrize("theme", THEMES)
def test_themes_have_the_same_roles(theme: str):
    assert palette(theme).keys() == palette(None).keys()


def test_a_theme_that_does_not_exist_is_refused_by_name():
    with pytest.raises(ValueError, match=r"no theme 'blue': there are 'light', 'dark' and None"):
        gantt(handover(), theme="blue")


def test_an_axis_that_does_not_exist_is_refused_by_name():
    with pytest.raises(ValueError, match=r"no axis 'space': there are 'time' and 'step'"):
        gantt(handover(), axis="space")  # type: ignore[arg-type]


def test_the_default_is_a_light_card():
    assert png(alone()) == png(alone(), theme="light")
    for theme in THEMES:
        card = palette(theme)["card"]
        assert pixels(png(alone(), theme=theme))[0, 0].tolist() == [int(card[at : at + 2], 16) for at in (1, 3, 5)]


# What is shown


def test_the_lock_chart_says_what_the_design_asks_for():
    texts = texts_of(handover())
    assert texts[0] == "locked_update(workers=2)"
    assert texts[1] == "returned 2  ·  T1 waited 102 ms for _lock, then T0 handed it over"
    for wanted in ("main", "T0", "T1", "sleep 100 ms", "waiting for _lock  102 ms", "join T0  104 ms", "1st", "2nd",
                   "half way", "_lock", "ms since the recording began", "active", "sleeping", "waiting",
                   "holds / waits for _lock", "hand-over", "mark"):  # fmt: skip
        assert wanted in texts, wanted


def test_endings_daemons_and_cpu_are_written_where_they_belong():
    labels = {label.text: label for label in labels_of(endings())}
    assert labels["cut off"].zone == "end 1"
    assert labels["✕ KeyError: 'colour'"].zone == "end 2"
    assert labels["1st"].zone == "end 3"
    assert {"daemon", "cpu 2.1 ms of 90 ms", "cpu 31 ms of 38 ms", "cpu 71 ms of 76 ms"} <= labels.keys()


def test_cpu_is_compared_with_time_on_the_step_axis_too():
    assert "cpu 71 ms of 76 ms" in texts_of(endings(), "step")


def test_tasks_are_named_and_those_that_failed_say_how():
    texts = texts_of(pool())
    assert "fetch-0  1st" in texts
    assert "fetch-3  ✕ TimeoutError: too slow" in texts
    assert "fetch-1  ✕ kept in the future" in texts


def test_a_recording_of_nothing_is_a_chart():
    assert texts_of(empty()) == ["nothing()", "nothing was recorded"]


def test_the_legend_has_only_what_occurs():
    legend = {label.text for label in labels_of(alone()) if label.zone == "legend"}
    assert legend == {"active"}
    assert "the run before" in {label.text for label in labels_of(alone(), behind=alone()) if label.zone == "legend"}


def test_a_legend_too_long_counts_what_it_leaves_out():
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    for number in range(30):
        log(number, "main", ACQUIRE, f"lock_number_{number}", 1)
        log(number + 0.5, "main", RELEASE, f"lock_number_{number}")
    log(31, "main", END, "finished")
    crowd = Recording("many_locks()", log)
    scene, _ = layout(crowd)
    check_labels(scene)
    assert any(label.text.startswith("… and ") for label in scene.labels if label.zone == "legend")


def test_bars_are_where_the_intervals_are():
    recording = handover()
    scene, box = layout(recording)
    (sleeps,) = (np.concatenate(arrays) for (layer, role), arrays in scene.rects.items()
                 if role == "sleep" and layer == "bars")  # fmt: skip
    expected = [interval for lane in recording.lanes for interval in lane.intervals if interval.state is State.SLEEPING]
    for interval in expected:
        want = [box.x(interval.start), box.x(interval.end)]
        assert any(np.allclose(bar[[0, 2]], want, atol=0.3) for bar in sleeps)


def test_the_same_events_by_hand_give_the_same_picture():
    """A reference drawn by hand: one lane, one bar, plain matplotlib."""
    _, box = layout(alone())
    ours = pixels(png(alone(), sharpness=1))
    figure = Figure(figsize=(WIDTH / 100, box.height / 100), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(box.height, 0)
    axes.broken_barh(
        [(box.left, box.right - box.left)], (box.bar_top(0), box.bar), color=palette(None)["active"], linewidth=0
    )
    canvas.draw()
    theirs = np.asarray(canvas.buffer_rgba())[..., :3].astype(int)
    strip = slice(int(box.bar_top(0)) + 1, int(box.bar_bottom(0)) - 1), slice(int(box.left) + 1, int(box.right) - 1)
    assert np.abs(ours[strip] - theirs[strip]).max() <= 8  # the picture has a palette of 256 colours


def test_by_step_every_event_has_the_same_width():
    recording = handover()
    scene, box = layout(recording, axis="step")
    edges = {float(x) for arrays in (scene.rects["bars", "active"], scene.rects["bars", "sleep"])
             for bar in np.concatenate(arrays) if bar[3] < box.bottom(3) for x in bar[[0, 2]]}  # fmt: skip
    steps = np.array(sorted((edge - box.left) / box.scale for edge in edges))
    assert np.abs(steps - steps.round()).max() < 0.6 / box.scale
    assert "events, in order" in texts_of(recording, "step")
    assert "sleep 100 ms" in texts_of(recording, "step") or "100 ms" in texts_of(recording, "step")


def test_what_is_too_narrow_to_see_is_shown_in_proportion():
    recording = dense(10_000, lanes=2)
    scene, _ = layout(recording)
    columns = {role: np.concatenate(arrays) for (layer, role), arrays in scene.rects.items() if layer == "edges"}
    areas = {role: ((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).sum() for role, boxes in columns.items()}
    waited = sum(lane.total(State.WAITING) for lane in recording.lanes)
    lived = sum(lane.ended - lane.started for lane in recording.lanes)
    assert areas["lock 0"] / sum(areas.values()) == pytest.approx(waited / lived, rel=0.05)
    assert sum(len(boxes) for boxes in columns.values()) <= 2 * 2 * (WIDTH / NARROW)


def test_a_single_short_interval_does_not_vanish():
    scene, box = layout(handover())
    slivers = np.concatenate(scene.rects["edges", "active"])
    assert any(abs(x - box.x(0.10725)) < NARROW for x in slivers[:, 0])


def test_hatch_lines_stay_inside_their_rectangles():
    boxes = np.array([[10, 20, 60, 40], [100.5, 20, 103, 40], [0, 0, 1, 1]])
    lines = hatch(boxes, 8)
    for x0, y0, x1, y1 in lines:
        assert any(
            left - 1e-9 <= x0 <= x1 <= right + 1e-9 and top - 1e-9 <= y1 <= y0 <= bottom + 1e-9
            for left, top, right, bottom in boxes
        )
        assert x0 + y0 == pytest.approx(x1 + y1)
    assert hatch(np.empty((0, 4)), 8).shape == (0, 4)


@pytest.mark.parametrize(
    ("on", "words"),
    [
        ("_lock", ["waiting for _lock  102 ms", "waiting for _lock", "_lock"]),
        ("join T0", ["join T0  102 ms", "join T0", "join"]),
        ("inbox.get", ["inbox.get  102 ms", "inbox.get"]),
        ("a task", ["waiting for a task  102 ms", "waiting for a task", "a task"]),
        (None, ["waiting  102 ms", "waiting"]),
    ],
)
def test_words_of_a_wait(on: str | None, words: list[str]):
    assert wait_words(on, 0.102) == words


# Tasks


def tasks(
    *found: tuple[float, float, str, str | None], workers: int = 1, lanes: int = 0, span: float = 1000
) -> Recording:
    """Tasks of a pool: begin and end in ms, name and failure; each lane runs every `workers`-th."""
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    for number in range(max(workers, lanes)):
        log(0, "main", START, f"worker-{number}")
        log(0, f"worker-{number}", BEGIN, f"worker-{number}", False)
        log(span, f"worker-{number}", END, "finished")
    for number, (begin, end, name, failure) in enumerate(found):
        log(0, "main", SUBMIT, name, "executor")
        log(begin, f"worker-{number % workers}", TASK, name)
        log(end, f"worker-{number % workers}", DONE, name, failure)
    log(span, "main", END, "finished")
    return Recording("work()", log.ordered())


def row_of(scene: Scene, row: int) -> list[Label]:
    return sorted((label for label in scene.labels if label.zone == f"above {row}"), key=lambda label: label.x)


def count_of_failed(scene: Scene) -> int:
    """How many failed tasks the signs speak for: "✕" for one, "✕ 3" for three."""
    signs = [label.text.partition("✕")[2].split() for label in scene.labels if "✕" in label.text]
    return sum(int(words[0]) if words and words[0].isdecimal() else 1 for words in signs)


def scenes_of(recording: Recording) -> list[Scene]:
    return [layout(recording)[0], layout(recording, axis="step")[0], panels([recording] * 3)]


@pytest.mark.parametrize("lanes", [1, 3, 4, 16])
@pytest.mark.parametrize("apart", [0.02, 1, 5, 9, 12, 20, 60])
def test_every_failed_task_has_its_sign_however_close_they_are(lanes: int, apart: float):
    for begin in (0, 300, 990):
        failed = [
            (min(at, 999.8 + n / 100), min(at + 0.01, 999.805 + n / 100), f"say_hello({n})", "TypeError: no")
            for n, at in enumerate(begin + n * apart for n in range(8))
        ]
        over = failed[-1][1] + 0.01
        rest = [(over + n, 1000, f"ask({n}, …)", None) for n in range(lanes) if begin < 900 and apart < 60]
        for number, scene in enumerate(scenes_of(tasks(*failed, *rest, workers=lanes))):
            check_labels(scene)
            assert count_of_failed(scene) == 8 * (3 if number == 2 else 1)


def test_signs_that_have_room_for_themselves_are_not_put_together():
    failed = [(100 + 15 * n, 101 + 15 * n, f"say_hello({n})", "TypeError: no") for n in range(5)]
    scene, box = layout(tasks(*failed, (180, 900, "ask(1, …)", None)))
    found = row_of(scene, 1)
    assert [label.text for label in found[:4]] == ["✕"] * 4
    assert all(abs(label.x - box.x(at / 1000)) < 1 for label, (at, *_) in zip(found, failed, strict=False))
    assert found[4].text.startswith("say_hello(4)  ✕")
    assert found[5].text.startswith("ask(1, …)")


def test_failed_tasks_at_one_place_share_a_sign_that_counts_them():
    failed = [(100 + n / 10, 100.05 + n / 10, f"say_hello({n})", "TypeError: no") for n in range(3)]
    texts = texts_of(tasks(*failed, (101, 500, "ask(1, …)", None)))
    assert "say_hello  ✕ 3 kept in the futures" in texts
    mixed = [(at, end, f"f{at:.1f}(1)", failure) for at, end, _, failure in failed]
    assert "✕ 3  TypeError: no, kept in the future" in texts_of(tasks(*mixed))


def test_on_rows_too_low_for_words_failed_tasks_have_a_sign_all_the_same():
    scene, box = layout(tasks((100, 200, "f(1)", "ValueError: no"), (300, 400, "f(2)", "ValueError: no"), lanes=24))
    assert box.above < 8
    (strokes,) = (np.concatenate(arrays) for (_, role, thick), arrays in scene.lines.items()
                  if role == "bad" and thick == 1.8)  # fmt: skip
    assert len(strokes) == 4


@pytest.mark.parametrize("across", [1, 3])
def test_tasks_whose_names_do_not_fit_are_named_by_their_arguments(across: int):
    ten = [(n * 100, n * 100 + 99.9, f"ask_server({n}, …)", None) for n in range(10)]
    scene = panels([tasks(*ten)] * across) if across > 1 else layout(tasks(*ten))[0]
    check_labels(scene)
    texts = [label.text for label in scene.labels]
    for number in range(9):
        assert texts.count(str(number)) >= across
    assert texts.count("9") >= across or "ask_server(9, …)" in texts


def test_names_in_full_come_first_and_none_where_not_even_an_argument_fits():
    wide = [(n * 250, n * 250 + 249, f"ask_server({n}, …)", None) for n in range(4)]
    assert [label.text for label in row_of(layout(tasks(*wide))[0], 1)][:2] == [
        "ask_server(0, …)  1st", "ask_server(1, …)  2nd",
    ]  # fmt: skip
    narrow = [(n * 5, n * 5 + 5, f"ask_server({n}, …)", None) for n in range(200)]
    scene, _ = layout(tasks(*narrow))
    check_labels(scene)
    assert not row_of(scene, 1)


@pytest.mark.parametrize("count", [2, 10, 50])
def test_brackets_that_follow_each_other_can_be_told_apart(count: int):
    each = 1000 / count
    scene, box = layout(tasks(*[(n * each, (n + 1) * each, f"ask({n})", None) for n in range(count)]))
    lines = np.concatenate([part for (_, role, _), arrays in scene.lines.items() if role == "task" for part in arrays])
    flat = lines[(lines[:, 1] == lines[:, 3]) & (lines[:, 1] < box.bar_top(1)) & (lines[:, 1] > box.bar_bottom(0))]
    flat = flat[np.argsort(flat[:, 0])]
    assert len(flat) == count
    gaps = flat[1:, 0] - 0.5 - (flat[:-1, 2] + 0.5)  # a line is one pixel wide
    assert ((gaps >= 1) & (gaps <= 2.01)).all()


# Layout that doesn't jump


def test_size_depends_on_the_number_of_lanes_alone():
    assert size(handover()) == size(many(3)) == size(handover(3.0))
    assert gantt(handover()).get_size_inches().tolist() == gantt(handover(), axis="step").get_size_inches().tolist()


def test_the_run_before_shares_the_scale():
    slow = handover(2e-3)
    _, alone_box = layout(handover())
    _, both = layout(handover(), behind=slow)
    assert both.height == alone_box.height
    assert both.x(slow.duration) <= both.right + 1e-6
    scene, _ = layout(handover(), behind=slow)
    assert any(role == "behind" for _, role, _ in scene.lines)
    check_labels(scene)


def test_lanes_of_the_run_before_that_are_no_more_are_left_out():
    png(many(3), behind=many(8))
    png(many(8), behind=many(3))
    png(empty(), behind=many(3))


# Names


def test_strange_names_are_drawn_as_they_are_and_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        png(strange_names())
        gantt(strange_names()).savefig(io.BytesIO(), format="png")
        svg(strange_names())
    texts = texts_of(strange_names())
    assert {"$x_1$", "a_b^c", "two\\nlines", "□□□□", "□ worker", "<b>&amp;", "tab\\there", "\\ud800"} <= set(texts)


def test_long_names_are_shortened_in_the_middle_and_not_clipped():
    recording = many(4, name=lambda number: f"Thread-{number} (a_function_with_a_very_long_name_{number})")
    labels = [label for label in labels_of(recording) if label.zone.startswith("side")]
    assert all(label.box[0] >= 0 for label in labels)
    assert len({label.text for label in labels}) == 4
    assert all("…" in label.text for label in labels[1:])


def test_fit():
    assert fit("short", 1000, 12) == "short"
    for room in range(0, 120, 7):
        for middle in (False, True):
            text = fit("a rather long name", room, 12, middle=middle)
            assert width(text, 12) <= room
    assert fit("abc", 1, 12) == ""


# Independence


@pytest.mark.slow
def test_pyplot_is_not_imported_and_settings_stay():
    code = (
        "import sys; from tests.examples import handover; import matplotlib\n"
        # Looking at the backend would choose one, and import pyplot.
        "def settings(): return {k: v for k, v in matplotlib.rcParams.copy().items() if k != 'backend'}\n"
        "before = settings()\n"
        "from course_utils.gantt import png, gantt, svg; png(handover()); gantt(handover()); svg(handover())\n"
        "assert 'matplotlib.pyplot' not in sys.modules; assert settings() == before\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=os.path.dirname(os.path.dirname(__file__)), timeout=50)


def test_settings_do_not_change_the_look():
    hostile: Any = {
        "font.size": 40, "font.family": "serif", "text.usetex": True, "axes.facecolor": "red", "path.sketch": (9, 9, 9),
        "figure.facecolor": "black", "savefig.facecolor": "green", "savefig.bbox": "tight", "figure.dpi": 30,
        "savefig.dpi": 20, "lines.linewidth": 9, "patch.linewidth": 9, "figure.autolayout": True, "path.simplify": True,
        "path.simplify_threshold": 1.0, "patch.antialiased": False, "text.antialiased": False, "path.snap": False,
        "figure.figsize": (1, 1), "text.hinting": "none", "hatch.linewidth": 9, "figure.edgecolor": "red",
    }  # fmt: skip
    plain, vector = png(handover()), svg(handover())
    with mpl.rc_context(hostile):
        before = mpl.rcParams.copy()
        assert png(handover()) == plain
        assert svg(handover()) == vector
        gantt(handover())
        assert mpl.rcParams.copy() == before


@pytest.mark.slow
def test_charts_can_be_drawn_by_several_threads_at_once():
    expected = {name: png(EXAMPLES[name]()) for name in ("handover", "pool", "endings")}
    wrong: list[str] = []

    def draw(name: str) -> None:
        for _ in range(2):
            if png(EXAMPLES[name]()) != expected[name]:
                wrong.append(name)

    threads = [threading.Thread(target=draw, args=(name,)) for name in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_figure_takes_additions_in_its_own_units():
    figure = gantt(handover())
    (axes,) = figure.axes
    _, box = layout(handover())
    x, y = axes.transData.transform((0.1, 1))
    assert x == pytest.approx(box.x(0.1))
    top = figure.bbox.height - y
    assert box.bar_top(1) - box.above <= top <= box.bar_bottom(1) + 20
    axes.axvline(0.1)
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")


def test_texts_of_a_figure_can_be_found():
    figure = gantt(handover())
    found = {text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)}
    assert {"main", "T0", "T1", "locked_update(workers=2)"} <= found
    assert isinstance(figure, Chart)


# Units


@pytest.mark.parametrize(
    ("seconds", "name"), [(5e-6, "µs"), (0.2, "ms"), (1.9, "ms"), (20, "s"), (170, "s"), (700, "min")]
)
def test_unit(seconds: float, name: str):
    assert unit_for(seconds).name == name


@pytest.mark.parametrize("span", [0.0013, 0.5, 1, 7.3, 225, 1999, 12345.6])
def test_ticks_are_round_and_few(span: float):
    for count in (1, 4, 9):
        found = ticks(span, count)
        assert found[0] == (0.0, "0") or float(found[0][1]) == 0
        assert 2 <= len(found) <= count + 1 or count == 1
        assert all(float(text) == pytest.approx(at) for at, text in found)
        assert len({text for _, text in found}) == len(found)
        assert all(at == int(at) for at, _ in ticks(span, count, whole=True))


# Room


def test_room():
    room = Room()
    room.take(40, 60)
    assert room.near(0, 100, 30, 35) == 10
    assert room.near(0, 100, 30, 45) == 60
    assert room.near(0, 100, 50, 0) is None
    assert not room.free(50, 70)
    assert room.free(60, 70)
    room.take(70, 80)
    room.give_back(40, 60)
    assert room.near(0, 100, 70, 35) == 0
    assert len(Rooms(3).above) == 3


@pytest.mark.slow
def test_drawing_again_and_again_keeps_no_memory():
    recording = handover()
    for _ in range(3):
        png(recording)
    tracemalloc.start()
    try:
        first = tracemalloc.get_traced_memory()[0]
        for _ in range(20):
            png(recording)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - first < 500_000
    finally:
        tracemalloc.stop()


@examples
def test_pictures_are_small(example: Callable[[], Recording]):
    recording = example()
    if len(recording.lanes) <= 5:
        assert len(png(recording)) < 80_000


def test_every_theme_and_axis_draws():
    for theme, axis in itertools.product((None, "light", "dark"), ("time", "step")):
        assert png(alone(), theme=theme, axis=axis).startswith(b"\x89PNG")  # type: ignore[arg-type]


def test_a_task_that_failed_at_once_is_seen_all_the_same():
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    log(0.1, "main", START, "worker")
    log(0.2, "worker", BEGIN, "worker", False)
    for number in range(3):
        log(0.3, "main", SUBMIT, f"task-{number}", "executor")
    log(0.4, "worker", TASK, "task-0")
    log(0.41, "worker", DONE, "task-0", "ValueError: at once")
    log(0.5, "worker", TASK, "task-1")
    log(60, "worker", DONE, "task-1")
    log(60.1, "worker", TASK, "task-2")
    log(99, "worker", DONE, "task-2")
    log(100, "worker", END, "finished")
    log(100, "main", END, "finished")
    recording = Recording("hidden()", log)
    assert {"task-0  ✕ kept in the future", "task-1  1st", "task-2  2nd"} <= set(texts_of(recording))
    check_labels(layout(recording)[0])


def test_an_exception_that_ended_a_lane_is_told_once():
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    log(5, "main", EXCEPTION, "OSError", "asked for")
    log(9, "main", EXCEPTION, "ValueError", "no")
    log(10, "main", END, "failed", "ValueError: no")
    texts = texts_of(Recording("failing()", log))
    assert texts.count("✕ ValueError: no") == 1
    assert "ValueError: no" not in texts
    assert "OSError: asked for" in texts


def test_of_signs_that_would_cover_each_other_the_one_that_says_most_is_drawn():
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    log(50, "main", PRINT, "stdout", "a line")
    log(50.1, "main", MARK, None, "here")
    log(100, "main", END, "finished")
    texts = texts_of(Recording("marks()", log))
    assert "here" in texts
    assert "mark" in texts
    assert "print" not in texts


def test_texts_of_marks_keep_clear_of_other_signs():
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    for number in range(12):
        log(2 + number * 4, "main", MARK, None, f"a rather long text, number {number}")
    log(60, "main", END, "finished")
    recording = Recording("marks()", log)
    scene, box = layout(recording)
    check_labels(scene)
    texts = [label for label in scene.labels if label.zone == "above 0"]
    assert len(texts) == 12
    signs = [box.x(event.time) for event in recording.instants]
    for label in texts:
        left, _, right, _ = label.box
        assert not any(left < x + 4 and right > x - 4 for x in signs), label


@pytest.mark.parametrize("count", [1, 5, 8, 12, 16, 17, 20, 40])
def test_the_legend_leaves_nothing_out_before_it_has_three_rows(count: int):
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    for number in range(count):
        log(1 + number, "main", ACQUIRE, f"the_lock_{number}")
        log(1.5 + number, "main", RELEASE, f"the_lock_{number}")
    log(60, "main", MARK, None, "here")
    log(70, "main", PRINT, "stdout", "a line")
    log(80, "main", END, "finished")
    recording = Recording("many_locks()", log)
    for scene in (layout(recording)[0], panels([recording, recording])):
        check_labels(scene)
        said = [label for label in scene.labels if label.zone == "legend"]
        rows = sorted({label.y for label in said})
        left_out = [label.text for label in said if label.text.startswith("…")]
        named = [label.text for label in said if label.text not in left_out]
        everything = 3 + count
        assert len(rows) <= 3
        if left_out:
            assert left_out == [f"… and {everything - len(named)} more"]
            assert everything - len(named) > 1
            assert len(rows) == 3
        else:
            assert len(named) == everything
        assert count > 16 or not left_out
        assert count < 40 or left_out
        (caption,) = [label for label in scene.labels if label.zone == "caption"]
        assert caption.y == rows[0]
        lowest = max(
            array[:, 3].max() for (layer, _), arrays in scene.rects.items() if layer == "bars" for array in arrays
        )
        assert lowest + 3 < scene.height
