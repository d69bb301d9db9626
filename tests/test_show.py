"""How a recording shows in a notebook."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import IPython.display
import pytest
from PIL import Image

from course_utils.gantt import gantt
from course_utils.recording import Recording
from course_utils.show import PLAIN_WORDS, WORDS_BEGIN, bundles, plain, words_html
from tests.examples import alone, handover, strange_names


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What is displayed: data and metadata."""
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def display(data: dict[str, Any], *, metadata: dict[str, Any] | None = None, raw: bool = False) -> None:
        assert raw
        found.append((data, metadata or {}))

    monkeypatch.setattr(IPython.display, "display", display)
    return found


def test_a_recording_shows_a_picture_and_its_words(shown: list[tuple[dict[str, Any], dict[str, Any]]]):
    handover()._ipython_display_()
    (picture, metadata), (words, _) = shown
    assert picture["text/plain"] == "locked_update(workers=2) · 3 lanes"
    image = Image.open(io.BytesIO(base64.b64decode(picture["image/png"])))
    size = metadata["image/png"]
    assert image.width == 2 * size["width"]
    assert "height" not in size
    assert "T1 waited 102 ms for _lock" in size["alt"]
    assert words["text/plain"] == PLAIN_WORDS
    assert "held _lock for 103 ms" in words["text/html"]


def test_what_is_compared_does_not_change_from_run_to_run():
    """The regular expression is the one that nbval is given."""
    left = []
    for recording in (handover(), handover(3.0)):
        left.append([
            {kind: re.sub(r'(?s)<details class="course-words">.*?</details>', "", text) for kind, text in data.items()
             if kind != "image/png"}
            for data, _ in bundles(recording)
        ])  # fmt: skip
    assert left[0] == left[1]


def test_words_are_folded_and_escaped():
    html = words_html(Recording("<script>alert(1)</script> & </details>", handover().events))
    assert html.startswith(WORDS_BEGIN)
    assert html.count("</details>") == 1
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_names_can_be_encoded():
    for data, metadata in bundles(strange_names()):
        for text in data.values():
            text.encode("utf-8")
        str(metadata).encode("utf-8")


def test_plain():
    assert plain(alone()) == "alone() · 1 lane"
    assert plain(Recording("two\nlines", [])) == "two\\nlines · 0 lanes"


def test_an_open_recording_says_so(shown: list[tuple[dict[str, Any], dict[str, Any]]]):
    Recording("not yet")._ipython_display_()
    assert shown == [({"text/plain": "<Recording 'not yet', still open>"}, {})]


def test_a_recording_without_lanes_shows_one_line_and_no_chart(shown: list[tuple[dict[str, Any], dict[str, Any]]]):
    Recording("program.py", [], note="exit status 1")._ipython_display_()
    assert shown == [({"text/plain": "program.py: exit status 1  ·  nothing was recorded"}, {})]


def test_a_figure_shows_itself_without_pyplot(shown: list[tuple[dict[str, Any], dict[str, Any]]]):
    figure: Any = gantt(handover())
    figure._ipython_display_()
    ((data, metadata),) = shown
    assert data["text/plain"] == "locked_update(workers=2) · 3 lanes"
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.width == 2 * metadata["image/png"]["width"] == 1920
    assert figure.dpi == 100
