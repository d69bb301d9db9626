"""Sliders in JupyterLab itself: what is moved is shown, and the kernel stays free."""

import json
import time
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser.lab import DARK, LIGHT, Tab
from tests.browser.sliding import Sliding
from tests.notebooks.store import METADATA

SETUP = """%load_ext course_utils
import threading, time
from course_utils import record, run, tweak
times = []
def many_threads(workers=6, pause=0.05):
    began = time.perf_counter()
    threads = [threading.Thread(target=time.sleep, args=(pause,), name=f"T{n}") for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.append(time.perf_counter() - began)
    return workers"""
PANEL = "panel = tweak(many_threads, workers=(1, 30), pause=(0.0, 0.3))"
BUSY = """print("here", flush=True)
for tenth in range(300):
    time.sleep(0.1)
    if panel.runs == 2:
        print("and here while a slider was moved")
        break
else:
    print("and nothing happened")"""
REPORT = """import json, re
panel.wait(20)
left = [t.name for t in threading.enumerate() if re.match("T[0-9]|course_utils", t.name)]
print(json.dumps({"title": panel.recording.title, "left": left, "times": times,
                  "intervals": sum(len(lane.intervals) for lane in panel.recording.lanes)}))"""
RECORD = """with record("the cell's") as recording:
    time.sleep(1.0)
recording.title"""
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


def wait_for_text(tab: Tab, cell: int, text: str) -> None:
    """Wait until a cell has printed a text."""
    tab.page.wait_for_function(
        "([cell, text]) => window.jupyterapp.shell.currentWidget.content.widgets[cell].model.sharedModel.toJSON()"
        ".outputs.some(output => output.text?.includes(text))",
        arg=[cell, text],
    )


def report(tab: Tab) -> dict[str, Any]:
    tab.run(NUMBER["report"])
    wait_for_text(tab, NUMBER["report"], "title")
    found: dict[str, Any] = json.loads(tab.outputs(NUMBER["report"])[0]["text"])
    return found


def test_the_bundle(tab):
    (output,) = tab.outputs(NUMBER["panel"])
    assert set(output["data"]) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"}
    assert output["data"]["text/plain"] == "tweak(many_threads, workers=(1, 30), pause=(0.0, 0.3))"


def test_twenty_changes_within_two_seconds(tab):
    sliding = Sliding(tab, NUMBER["panel"])
    handle = sliding.handle(0)
    handle.focus()
    began = time.monotonic()
    for _ in range(20):
        handle.press("ArrowRight")
        tab.page.wait_for_timeout(60)
    took = time.monotonic() - began
    sliding.settle()
    tab.page.wait_for_timeout(1000)
    notes = sliding.notes()
    found = report(tab)
    assert took < 5
    assert found["title"] == "many_threads(workers=26, pause=0.05)"
    assert found["left"] == []
    assert min(notes["heights"]) > 300  # the picture never collapses
    # The last values' picture comes within the scenario's time and 0.3 s; a machine kept busy gets ten times that.
    shown = next(at for at in notes["painted"] if at > notes["keys"][-1])
    print(f"{took:.2f} s for 20 changes; the last one's picture {shown - notes['keys'][-1]:.0f} ms after it")
    assert shown - notes["keys"][-1] < 3500


def test_another_cell_runs_meanwhile(tab):
    sliding = Sliding(tab, NUMBER["panel"])
    tab.page.evaluate(
        "number => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = number;"
        " window.jupyterapp.commands.execute('notebook:run-cell'); }",
        NUMBER["busy"],
    )
    wait_for_text(tab, NUMBER["busy"], "here")
    sliding.handle(0).focus()
    sliding.handle(0).press("ArrowRight")
    tab.page.wait_for_function("window._notes.painted.length > 0")
    wait_for_text(tab, NUMBER["busy"], "and")  # "idle" is said of the slider's message too
    assert tab.outputs(NUMBER["busy"])[0]["text"] == "here\nand here while a slider was moved\n"
    assert report(tab)["title"] == "many_threads(workers=7, pause=0.05)"


def test_a_cell_that_records_goes_first(tab):
    sliding = Sliding(tab, NUMBER["panel"])
    pause = sliding.handle(1)
    pause.focus()
    pause.press("End")  # 0.3 s: the cell meets it under way
    tab.run(NUMBER["record"])
    assert tab.outputs(NUMBER["record"])[0]["data"]["text/plain"] == '"the cell\'s"'
    sliding.settle()
    assert report(tab)["title"] == "many_threads(workers=6, pause=0.3)"


def test_keys_and_button(tab):
    sliding = Sliding(tab, NUMBER["panel"])
    assert sliding.state() == "run 1"
    sliding.handle(0).focus()
    tab.page.keyboard.press("Home")
    sliding.settle()
    tab.page.keyboard.press("ArrowUp")
    tab.page.wait_for_timeout(300)
    assert sliding.settle() == "run 3"
    tab.page.keyboard.press("Tab")  # to the number beside it
    tab.page.keyboard.press("Tab")
    assert sliding.handle(1).evaluate("element => element === document.activeElement")
    sliding.panel.get_by_role("button", name="Run again").click()
    tab.page.wait_for_function(
        "panel => panel.innerText.includes('run 4')", arg=sliding.panel.element_handle(), timeout=5000
    )
    sliding.panel.get_by_role("button", name="the chart in words").click()
    sliding.panel.get_by_text("T1: from").wait_for()
    assert report(tab)["title"] == "many_threads(workers=2, pause=0.05)"


def test_slider_to_picture(tab):
    sliding = Sliding(tab, NUMBER["panel"])
    handle = sliding.handle(1)
    handle.focus()
    delays = sliding.delays(25, lambda number: handle.press("ArrowLeft" if number % 2 else "ArrowRight"))
    found = report(tab)
    beyond = sorted(delay - own for delay, own in zip(delays, found["times"][1:], strict=True))
    print(f"{found['intervals']} intervals: median {beyond[12]:.3f} s, worst {beyond[-1]:.3f} s of 25")
    assert beyond[12] < 0.75  # five times what it takes; bench/ measures


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
