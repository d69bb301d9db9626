"""Sliders in JupyterLab itself: what is moved is shown, and the kernel stays free."""

import json
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser.lab import DARK, LIGHT, Tab
from tests.browser.sliding import PANEL, SCENARIO, Sliding, busy
from tests.notebooks.store import METADATA

BUSY = busy("panel.runs == 2", "a slider was moved")
REPORT = """import json, re
panel.wait(20)
left = [t.name for t in threading.enumerate() if re.match("T[0-9]|course_utils", t.name)]
print(json.dumps({"title": panel.recording.title, "left": left, "begun": len(begun)}))"""
RECORD = """for hundredth in range(2000):  # until a slider's run is under way
    if len(begun) == 2:
        break
    time.sleep(0.01)
with record("the cell's") as recording:
    time.sleep(0.1)
recording.title"""
SETUP = f"%load_ext course_utils\n{SCENARIO}"
CELLS = {"setup": SETUP, "panel": PANEL, "busy": BUSY, "report": REPORT, "record": RECORD}
NUMBER = {name: number for number, name in enumerate(CELLS)}


@pytest.fixture(scope="module")
def panels(make_lab, tmp_path_factory):
    path = tmp_path_factory.mktemp("notebooks") / "panels.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in CELLS.values()], metadata=METADATA), path)
    return make_lab([path])


@pytest.fixture
def tab(panels, browser):
    with Tab.opened(panels, browser, "panels") as tab:
        tab.run(NUMBER["setup"])
        tab.run(NUMBER["panel"])
        tab.wait_idle()
        yield tab
        assert tab.errors() == []
        assert tab.boxes() == []
        assert tab.complaints == []


def report(tab: Tab) -> dict[str, Any]:
    tab.run(NUMBER["report"])
    tab.wait_for_text(NUMBER["report"], "title")
    found: dict[str, Any] = json.loads(tab.outputs(NUMBER["report"])[0]["text"])
    return found


def test_the_bundle(tab):
    (output,) = tab.outputs(NUMBER["panel"])
    assert set(output["data"]) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"}
    assert output["data"]["text/plain"] == "tweak(many_threads, workers=(1, 30), pause=(0.0, 2.0, 0.05))"


def test_of_twenty_changes_the_last_is_shown(tab):
    sliding = Sliding(tab, NUMBER["panel"])
    handle = sliding.handle(0)
    handle.focus()
    for _ in range(20):
        handle.press("ArrowRight")
        tab.page.wait_for_timeout(60)  # as fast as somebody holds the key down
    sliding.settle("many_threads(workers=26, pause=0.05)")
    sliding.wait_for_picture()
    found = report(tab)
    assert found["title"] == "many_threads(workers=26, pause=0.05)"
    assert found["left"] == []
    assert min(sliding.notes()["heights"]) > 300  # the picture never collapses


def test_another_cell_runs_meanwhile(tab):
    sliding = Sliding(tab, NUMBER["panel"])
    tab.start(NUMBER["busy"])
    tab.wait_for_text(NUMBER["busy"], "here")
    sliding.handle(0).focus()
    sliding.handle(0).press("ArrowRight")
    sliding.wait_for_picture()
    tab.wait_for_text(NUMBER["busy"], "and")  # "idle" is said of the slider's message too
    assert tab.outputs(NUMBER["busy"])[0]["text"] == "here\nand here while a slider was moved\n"
    assert report(tab)["title"] == "many_threads(workers=7, pause=0.05)"


def test_a_cell_that_records_goes_first(tab):
    sliding = Sliding(tab, NUMBER["panel"])
    pause = sliding.handle(1)
    pause.focus()
    pause.press("End")  # 2 s: the cell meets it under way
    tab.run(NUMBER["record"])
    assert tab.outputs(NUMBER["record"])[0]["data"]["text/plain"] == '"the cell\'s"'
    sliding.settle("many_threads(workers=6, pause=2.0)")
    found = report(tab)
    assert found["title"] == "many_threads(workers=6, pause=2.0)"
    assert found["begun"] >= 3  # once for the panel; abandoned; anew


def test_keys_and_button(tab):
    sliding = Sliding(tab, NUMBER["panel"])
    assert sliding.settle() == "run 1"
    sliding.handle(0).focus()
    tab.page.keyboard.press("Home")
    assert sliding.settle("many_threads(workers=1, pause=0.05)") == "run 2"
    tab.page.keyboard.press("ArrowUp")
    assert sliding.settle("many_threads(workers=2, pause=0.05)") == "run 3"
    tab.page.keyboard.press("Tab")  # to the number beside it
    tab.page.keyboard.press("Tab")
    assert sliding.handle(1).evaluate("element => element === document.activeElement")
    sliding.panel.get_by_role("button", name="Run again").click()
    sliding.settle("many_threads(workers=2, pause=0.05)", run=4)
    sliding.panel.get_by_role("button", name="the chart in words").click()
    sliding.panel.get_by_text("T1: from").wait_for()
    assert report(tab)["title"] == "many_threads(workers=2, pause=0.05)"


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_it_can_be_read_in_either_theme(panels, browser, theme, tmp_path):
    panels.theme(theme)
    with Tab.opened(panels, browser, "panels") as tab:
        tab.run(NUMBER["setup"])
        tab.run(NUMBER["panel"])
        panel = tab.output(NUMBER["panel"]).locator(".course-panel")
        assert tab.screenshot(tmp_path / "panel.png", cell=NUMBER["panel"]).stat().st_size > 10_000
        for place in (".course-heading", ".widget-label", ".widget-readout", ".course-muted", ".course-name"):
            contrast = panel.locator(place).first.evaluate(CONTRAST)
            assert contrast >= 4.5, f"{place}: {contrast:.1f} to 1"


CONTRAST = """element => {
    const numbers = colour => colour.match(/[0-9.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(part => part / 255)
        .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
    let behind = element;
    while ((numbers(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) behind = behind.parentElement;
    const back = numbers(getComputedStyle(behind).backgroundColor);
    const [r, g, b, alpha = 1] = numbers(getComputedStyle(element).color);
    const front = [r, g, b].map((part, place) => part * alpha + back[place] * (1 - alpha));
    const [low, high] = [light(front), light(back)].sort((one, other) => one - other);
    return (high + 0.05) / (low + 0.05);
}"""
