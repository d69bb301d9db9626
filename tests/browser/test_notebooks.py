"""Every notebook opens in JupyterLab as it should, trusted or not, and runs to its end."""

import pytest

from tests.browser.lab import Tab
from tests.notebooks.store import NOTEBOOKS

NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
each = pytest.mark.parametrize("name", NAMES)


def pictured(tab: Tab) -> list[int]:
    """List the cells that have a picture among their outputs, folded ones left out."""
    return [
        number
        for number, cell in enumerate(tab.cells())
        if not cell["metadata"].get("jupyter", {}).get("outputs_hidden")
        and any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
    ]


@pytest.fixture(scope="module", params=["untrusted", "trusted"])
def either(request, make_lab):
    """Serve the course's notebooks, trusted or not."""
    lab = make_lab()
    if request.param == "trusted":
        for name in NAMES:
            lab.trust(name)
    return lab


@each
def test_opens_with_every_picture_and_no_question(either, browser, name):
    with Tab.opened(either, browser, name) as tab:
        assert tab.dialogs() == []
        assert tab.boxes() == []
        assert pictured(tab), "nothing to see before anything is run"
        for cell in pictured(tab):
            assert tab.pictures(cell), f"cell {cell} shows no picture"
        assert tab.errors() == []
        assert tab.dialogs() == []
        assert tab.complaints == []


@each
def test_run_all(lab, browser, name):
    with Tab.opened(lab, browser, name) as tab:
        before = pictured(tab)
        tab.run_all()
        assert tab.errors() == []
        assert tab.boxes() == []
        for cell in before:
            assert tab.pictures(cell), f"cell {cell} has lost its picture"
        assert tab.dialogs() == []
        assert tab.complaints == []
