"""A stepper in JupyterLab itself: with the mouse and with the keyboard, in either theme, and as a stored table."""

import inspect

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import tests.walks
from tests.browser.lab import DARK, LIGHT, Tab
from tests.browser.sliding import busy
from tests.browser.stepping import STEPPER, Stepping
from tests.notebooks.store import METADATA, store

BUSY = busy("stepper.at == 1", "a button was clicked")
REAL = """import threading
from course_utils import interleavings

def crossed():
    first, second = threading.Lock(), threading.Lock()
    def one():
        with first:
            with second:
                pass
    def other():
        with second:
            with first:
                pass
    threads = [threading.Thread(target=one, name="T0"), threading.Thread(target=other, name="T1")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return "done"

interleavings(crossed).step(outcome="done")"""
CELLS = [inspect.getsource(tests.walks), STEPPER, BUSY, REAL]


@pytest.fixture(scope="module")
def steps(make_lab, tmp_path_factory):
    path = tmp_path_factory.mktemp("notebooks") / "steps.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in CELLS[:2]], metadata=METADATA), path)
    store(path)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells += map(new_code_cell, CELLS[2:])
    nbformat.write(notebook, path)
    return make_lab([path])


@pytest.fixture
def stepping(steps, browser):
    with Tab.opened(steps, browser, "steps") as tab:
        tab.run(0)
        tab.run(1)
        tab.wait_idle()
        yield Stepping(tab)
        assert tab.errors() == []
        assert tab.boxes() == []
        assert tab.complaints == []


def test_with_the_mouse(stepping):
    stepping.wait("before the first of 4 steps, in one of the 4 interleavings (of 6) that return 1")
    stepping.button("forward").click()
    stepping.wait("after step 1 of 4")
    stepping.button("T0: write value").click()
    stepping.wait("after step 2 of 4, in one of the 2 interleavings (of 6) that return 2")
    now = stepping.box.locator("[aria-current=step] th").inner_text()
    assert now.replace("\N{NO-BREAK SPACE}", " ") == "▶ 2"
    assert stepping.button("T0: has ended").is_visible()
    stepping.button("|◀").click()
    stepping.wait("before the first of 4 steps")


def test_with_the_keyboard(stepping):
    keyboard = stepping.tab.page.keyboard
    stepping.button("forward").focus()
    keyboard.press("Enter")
    stepping.wait("after step 1 of 4")
    keyboard.press("Space")
    stepping.wait("after step 2 of 4")
    keyboard.press("Tab")  # to the slider
    keyboard.press("ArrowRight")
    stepping.wait("after step 3 of 4")
    keyboard.press("ArrowLeft")
    stepping.wait("after step 2 of 4")
    keyboard.press("End")
    stepping.wait("after step 4 of 4")
    keyboard.press("Home")
    stepping.wait("before the first of 4 steps")
    keyboard.press("Tab")  # to its number
    keyboard.press("Tab")
    assert stepping.button("T0: read value").evaluate("element => element === document.activeElement")
    keyboard.press("Enter")
    stepping.wait("after step 1 of 4")
    assert stepping.button("T0: write value").evaluate("element => element === document.activeElement")
    outline = stepping.button("T0: write value").evaluate("element => getComputedStyle(element).outlineStyle")
    assert outline == "solid"


def test_nothing_jumps(stepping):
    boxes = []
    for at in range(5):
        parts = (stepping.button("forward"), stepping.button("T1"), *stepping.box.locator(".course-pane").all())
        boxes.append([{side: round(value) for side, value in part.bounding_box().items()} for part in parts])
        if at < 4:
            stepping.button("forward").click()
            stepping.wait(f"after step {at + 1} of 4")
    tops = {tuple((box["y"], box["height"]) for box in each) for each in boxes}
    assert len(tops) == 1, boxes
    assert len({each[0]["x"] for each in boxes}) == 1


def test_while_a_cell_runs(stepping):
    tab = stepping.tab
    tab.start(2)
    tab.wait_for_text(2, "here")
    stepping.button("forward").click()
    tab.wait_for_text(2, "and ")
    assert tab.outputs(2)[0]["text"] == "here\nand here while a button was clicked\n"


def test_into_a_deadlock_and_out_again(stepping):
    stepping.tab.run(3)
    real = Stepping(stepping.tab, 3)
    heights = []

    def measure():
        parts = (real.box, *real.box.locator("button").all())
        heights.append([part.evaluate("element => Math.round(element.offsetHeight)") for part in parts])

    real.wait("before the first of 8 steps, in one of the 4 interleavings (of 6) that return 'done'")
    measure()
    real.button("forward").click()
    real.wait("after step 1 of 8")
    measure()
    real.button("T1: acquire second").click()
    real.wait("after step 2 of 2, in one of the 2 interleavings (of 6) that end in Deadlock")
    measure()
    assert real.button("T0: waits for second").is_visible()
    code = real.box.locator(".course-here").all_inner_texts()
    assert [text.split()[0] for text in code] == ["T0", "T1"]
    real.button("back").click()
    real.wait("after step 1 of 2")
    measure()
    real.button("T0: acquire second").click()
    real.wait("after step 2 of 8")
    measure()
    assert heights == heights[:1] * len(heights)  # and nothing below it has moved


def test_without_a_kernel_there_is_the_table(steps, browser):
    with Tab.opened(steps, browser, "steps") as tab:
        (output,) = tab.outputs(1)
        assert set(output["data"]) == {"text/html", "text/plain"}
        table = tab.output(1).locator("table")
        assert table.locator("tbody tr").count() == 5
        assert table.locator("tbody th[scope=row]").count() == 5
        align = table.locator("td").first.evaluate("element => getComputedStyle(element).textAlign")
        assert align == "left"
        assert table.locator("b").first.inner_text().replace("\N{NO-BREAK SPACE}", " ") == "→ 1"


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_it_can_be_read_in_either_theme(steps, browser, theme):
    steps.theme(theme)
    with Tab.opened(steps, browser, "steps") as tab:
        tab.run(0)
        tab.run(1)
        stepping = Stepping(tab)
        stepping.button("forward").click()
        stepping.wait("after step 1 of 4")
        places = (
            ".course-heading", ".course-muted", ".course-code code", ".course-code td:nth-child(2)", ".course-thread",
            ".course-now th", ".course-changed", ".course-coming td", ".course-coming .course-changed", "caption",
            "button", ".widget-readout",
        )  # fmt: skip
        for place in places:
            for each in stepping.box.locator(place).all():
                contrast = each.evaluate(TINTED)
                assert contrast >= 4.5, f"{place}: {contrast:.1f} to 1"


# As for the sliders, but backgrounds may be tinted: what shines through counts.
TINTED = """element => {
    const numbers = colour => colour.match(/[0-9.]+/g).map(Number);
    const over = ([r, g, b, alpha = 1], back) =>
        [r, g, b].map((part, place) => part * alpha + back[place] * (1 - alpha));
    const light = parts => parts.map(part => part / 255)
        .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
    const behind = [];
    for (let each = element; each; each = each.parentElement)
        behind.push(numbers(getComputedStyle(each).backgroundColor));
    const back = behind.reverse().reduce((under, colour) => over(colour, under), [255, 255, 255]);
    const front = over(numbers(getComputedStyle(element).color), back);
    const [low, high] = [light(front), light(back)].sort((one, other) => one - other);
    return (high + 0.05) / (low + 0.05);
}"""
