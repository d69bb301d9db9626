"""Several recordings as one picture: one scale, nothing overlaps, and only recordings are taken."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from typing import Any

import IPython.display
import numpy as np
import pytest
from PIL import Image

import course_utils
from course_utils import record
from course_utils.frame import WIDTH
from course_utils.palette import palette
from course_utils.panels import columns, panels
from course_utils.recording import Recording
from course_utils.row import MOST, Comparison, compare
from course_utils.scene import Scene
from course_utils.show import PLAIN_WORDS
from course_utils.view import view
from tests.examples import EXAMPLES, alone, deadlock, empty, endings, handover, many, pool
from tests.test_gantt import check_labels, check_shapes

examples = pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)


def titles(scene: Scene) -> list[tuple[float, float, str]]:
    return [(label.y, label.x, label.text) for label in scene.labels if label.zone == "title"]


def test_it_is_offered_and_no_module_hides_it():
    assert course_utils.compare is compare
    assert "compare" in course_utils.__all__


@examples
def test_nothing_overlaps_or_leaves_the_picture(example: Callable[[], Recording]):
    recording = example()
    for count in (1, 2, 3, 5):
        scene = panels([recording] * count)
        check_labels(scene)
        check_shapes(scene)


def test_nor_does_it_where_recordings_differ():
    scene = panels([empty(), handover(), endings(), pool(), many(16), deadlock(), alone()])
    check_labels(scene)
    check_shapes(scene)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7])
def test_panels_stand_in_rows_from_left_to_right(count: int):
    scene = panels([Recording(f"no. {number}", handover().events) for number in range(count)])
    found = titles(scene)
    assert [text for *_, text in sorted(found)] == [f"no. {number}" for number in range(count)]
    assert len({y for y, *_ in found}) == -(-count // columns(count))
    assert scene.width == WIDTH


def test_a_second_is_equally_long_in_all():
    scene = panels([handover(1e-3), handover(2e-3)])
    sleeps = np.concatenate(scene.rects["bars", "sleep"])
    widths = sleeps[:, 2] - sleeps[:, 0]
    assert widths[2] == pytest.approx(2 * widths[0], abs=1)


def test_a_lock_has_one_colour_and_stands_in_the_legend_once():
    scene = panels([deadlock(), handover()])
    said = [label.text for label in scene.labels if label.zone == "legend"]
    assert sorted(text for text in said if text.endswith("lock")) == ["_lock", "a_lock", "b_lock"]
    assert {role for layer, role in scene.rects if layer == "bands" and role.startswith("lock")} == {
        "lock 0", "lock 1", "lock 2"
    }  # fmt: skip
    assert said.count("active") == 1


def test_the_legend_has_what_occurs_in_any():
    said = {label.text for label in panels([alone(), handover()]).labels if label.zone == "legend"}
    assert {"active", "sleeping", "waiting"} <= said


def test_each_end_is_written():
    scene = panels([endings(), handover()])
    texts = [label.text for label in scene.labels]
    assert "cut off" in texts
    assert "daemon" in texts


def test_recordings_of_nothing_are_a_picture():
    assert Image.open(io.BytesIO(compare(empty(), empty()).png(sharpness=1))).width == WIDTH


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What is displayed: data and metadata."""
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def display(data: dict[str, Any], *, metadata: dict[str, Any] | None = None, raw: bool = False) -> None:
        assert raw
        found.append((data, metadata or {}))

    monkeypatch.setattr(IPython.display, "display", display)
    return found


def test_it_shows_one_picture_and_all_the_words(shown: list[tuple[dict[str, Any], dict[str, Any]]]):
    compare(handover(), alone())._ipython_display_()
    (picture, metadata), (words, _) = shown
    assert picture["text/plain"] == "locked_update(workers=2) · 3 lanes\nalone() · 1 lane"
    image = Image.open(io.BytesIO(base64.b64decode(picture["image/png"])))
    assert image.width == 2 * metadata["image/png"]["width"] == 2 * WIDTH
    assert "T1 waited 102 ms for _lock" in metadata["image/png"]["alt"]
    assert words["text/plain"] == PLAIN_WORDS
    assert "held _lock for 103 ms" in words["text/html"]
    assert "main: from 0 s to 12 ms" in words["text/html"]
    assert words["text/html"].count("<details") == 1


def test_what_is_compared_does_not_change_from_run_to_run():
    left = []
    for unit in (1e-3, 3e-3):
        left.append([
            {kind: re.sub(r'(?s)<details class="course-words">.*?</details>', "", text) for kind, text in data.items()
             if kind != "image/png"}
            for data, _ in compare(handover(unit), alone()).bundles()
        ])  # fmt: skip
    assert left[0] == left[1]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_drawn_in_either_theme(theme: str):
    image = Image.open(io.BytesIO(compare(alone()).png(theme=theme, sharpness=1))).convert("RGB")
    card = palette(theme)["card"].lstrip("#")
    assert image.getpixel((2, 2)) == tuple(bytes.fromhex(card))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((), "nothing to compare"),
        ((alone(), 3), "no. 2 is 3, not a recording"),
        ((alone,), "not a recording"),
        (([alone()],), "not a list of them"),
    ],
)
def test_what_is_no_recording_is_refused(given: tuple[Any, ...], message: str):
    with pytest.raises(TypeError, match=message):
        compare(*given)


def test_one_still_open_is_refused():
    with record("early") as recording, pytest.raises(ValueError, match="'early', is still open"):
        compare(recording)
    assert isinstance(compare(recording), Comparison)


def test_too_many_are_refused():
    compare(*[alone()] * MOST).png(sharpness=1)
    with pytest.raises(ValueError, match=f"{MOST + 1} charts are too many"):
        compare(*[alone()] * (MOST + 1))


def test_the_scale_is_that_of_the_longest():
    scene = panels([handover(), alone()])
    assert view(handover(), "time").span == pytest.approx(0.214)
    assert [label.text for label in scene.labels if label.zone == "scale"].count("200") == 2
    assert [label.text for label in scene.labels if label.zone == "caption"] == [
        "ms since the recording began, the same scale in all"
    ]
