"""What the other tests of this folder look for, they would see."""

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from tests.browser import lab
from tests.browser.lab import DARK, Tab
from tests.notebooks.rules import WIDGET
from tests.notebooks.store import METADATA

PICTURE = """from base64 import b64encode
from io import BytesIO
from IPython.display import Image
from PIL import Image as Pillow
with BytesIO() as file:
    Pillow.new("RGB", (40, 20), "red").save(file, "png")
    picture = Image(file.getvalue())
picture"""
SLIDER = "import ipywidgets\nslider = ipywidgets.IntSlider(3, description='workers')\nslider"


@pytest.fixture(scope="module")
def small(make_lab, tmp_path_factory):
    """Serve notebooks with one fault each, and one without."""
    folder = tmp_path_factory.mktemp("notebooks")
    widget = new_output("display_data", {WIDGET: {"model_id": "1", "version_major": 2, "version_minor": 0}})
    cells = [new_markdown_cell("# One"), *map(new_code_cell, ("print(1 + 1)", PICTURE, SLIDER))]
    notebooks = {
        "good": new_notebook(cells=cells, metadata=METADATA),
        "question": new_notebook(cells=[new_code_cell("1")]),
        "box": new_notebook(cells=[new_code_cell("1", outputs=[widget])], metadata=METADATA),
        "error": new_notebook(cells=[new_code_cell("1 / 0"), new_code_cell("2")], metadata=METADATA),
        "long": new_notebook(
            cells=[*(new_markdown_cell("line\n\n" * 20) for _ in range(20)), *cells[1:]], metadata=METADATA
        ),
    }
    paths = [folder / f"{name}.ipynb" for name in notebooks]
    for path in paths:
        nbformat.write(notebooks[path.stem], path)
    return make_lab(paths)


def test_good(small, browser, tmp_path):
    with Tab.opened(small, browser, "good") as tab:
        assert tab.dialogs() == []
        assert tab.outputs(1) == []
        tab.run_all()
        assert tab.outputs(1)[0]["text"] == "2\n"
        assert tab.errors() == []
        assert tab.boxes() == []
        assert tab.pictures(2) == [(40, 20)]
        assert tab.output(3).locator(".widget-slider").is_visible()
        assert tab.complaints == []
        assert tab.screenshot(tmp_path / "all.png").stat().st_size > 5_000
        assert tab.screenshot(tmp_path / "slider.png", cell=3).stat().st_size > 200


def test_each_tab_has_a_fresh_kernel(small, browser):
    for _ in range(2):
        with Tab.opened(small, browser, "good") as tab:
            tab.run(1)
            assert tab.cells()[1]["execution_count"] == 1
    assert small.ask("sessions") == []


def test_far_down(small, browser):
    with Tab.opened(small, browser, "long") as tab:
        tab.run_all()
        assert tab.pictures(21) == [(40, 20)]
        assert tab.output(22).locator(".widget-slider").is_visible()


def test_a_long_notebook_is_seen_whole(small, browser, tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "TALLEST", 8000)
    with Tab.opened(small, browser, "long") as tab:
        tab.run_all()
        (first, *others) = [tab.screenshot(tmp_path / "long.png"), *sorted(tmp_path.glob("long-*.png"))]
    assert len(others) >= 2
    for path in (first, *others):
        with Image.open(path) as image:
            shades = np.asarray(image.convert("L")).astype(int)
        lines = np.flatnonzero(np.ptp(shades[:, 60:-60], axis=1) > 60)
        assert len(shades) <= 8000
        # A line of text or a picture every now and then, down to the end.
        assert np.diff([0, *lines, len(shades)]).max() < 400, path


def test_question(small, browser):
    with Tab.opened(small, browser, "question", idle=False) as tab:
        tab.page.locator(".jp-Dialog").wait_for()
        assert "Select kernel" in tab.dialogs()[0]


def test_box(small, browser):
    with Tab.opened(small, browser, "box") as tab:
        assert tab.boxes() == []  # what isn't trusted isn't shown as a widget
    small.trust("box")
    with Tab.opened(small, browser, "box") as tab:
        assert "Error displaying widget" in tab.boxes()[0]


def test_error(small, browser):
    with Tab.opened(small, browser, "error") as tab:
        tab.run_all()
        assert tab.errors() == ["cell 0: ZeroDivisionError: division by zero"]


def test_dark(small, browser):
    small.theme(DARK)
    with Tab.opened(small, browser, "good") as tab:
        assert tab.page.evaluate("document.body.dataset.jpThemeLight") == "false"
