"""Move a panel's sliders in a browser tab, and note when each picture is painted."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from tests.browser.lab import Tab

if TYPE_CHECKING:
    from playwright.sync_api import Locator

__all__ = ["PANEL", "SCENARIO", "Sliding", "busy"]

SCENARIO: Final = """import threading, time
from course_utils import record, tweak
begun, times = [], []
def many_threads(workers=6, pause=0.05):
    begun.append(time.perf_counter())
    threads = [threading.Thread(target=time.sleep, args=(pause,), name=f"T{n}") for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.append(time.perf_counter() - begun[-1])
    return workers"""
"""A cell that defines a scenario of some 20 intervals; `times` has what each of its whole runs took."""

PANEL: Final = "panel = tweak(many_threads, workers=(1, 30), pause=(0.0, 2.0, 0.05))"
"""A cell that shows sliders for it."""

# A frame that has been asked for is painted before the next task runs.
_WATCH = """image => {
    const notes = {keys: [], painted: [], heights: []};
    image.addEventListener("load", () => requestAnimationFrame(() => setTimeout(() => {
        notes.painted.push(performance.now());
        notes.heights.push(image.clientHeight);
    })));
    new MutationObserver(() => notes.heights.push(image.clientHeight)).observe(image, {attributes: true});
    document.addEventListener("keydown", () => notes.keys.push(performance.now()), true);
    window._notes = notes;
}"""

_FRAMES = """() => new Promise(done =>
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => setTimeout(done)))))"""

# A run's first picture has as many pixels as it is wide; the finer one, which comes last, has twice as many.
_SETTLED = """([panel, values, run]) => {
    const state = panel.querySelector(".course-controls .widget-html").innerText.trim();
    const image = panel.querySelector("img");
    return /^run [0-9]+$/.test(state) && (!run || state === `run ${run}`)
        && panel.querySelector("[role=status]").textContent.startsWith(values)
        && image.complete && image.naturalWidth > 1.5 * image.getAttribute("width");
}"""


class Sliding:
    """
    A panel in a notebook.

    Args:
        tab: where the notebook is open.
        cell: the cell that shows the panel.
    """

    def __init__(self, tab: Tab, cell: int) -> None:
        self.tab = tab
        self.panel = tab.output(cell).locator(".course-panel")
        self.panel.locator("img").evaluate(_WATCH)

    def handle(self, number: int) -> "Locator":
        """Locate a slider's handle, by its place in the panel."""
        return self.panel.locator(".noUi-handle").nth(number)

    def state(self) -> str:
        """Read which run is shown, as "run 12", and whether there is more to come."""
        return self.panel.locator(".course-controls .widget-html").inner_text()

    def settle(self, values: str = "", *, run: int | None = None, seconds: float = 30.0) -> str:
        """
        Wait until a run is shown in its finer picture, and none is under way.

        The run before is both until the kernel has heard of a key: say what is waited for.

        Args:
            values: the scenario as called, "many_threads(workers=1, pause=0.05)".
            run: its number.
            seconds: how long at most.

        Returns:
            the state.
        """
        self.tab.page.wait_for_function(
            _SETTLED, arg=[self.panel.element_handle(), f"{values}:" if values else "", run], timeout=seconds * 1000
        )
        return self.state()

    def notes(self) -> Any:
        """Read what was noted: `keys` and `painted` in milliseconds, the picture's `heights` in pixels."""
        return self.tab.page.evaluate("window._notes")

    def wait_for_picture(self) -> float:
        """Wait until a picture has been painted after the last key; return the seconds from that key to it."""
        self.tab.page.wait_for_function("window._notes.painted.at(-1) > window._notes.keys.at(-1)", polling=20)
        notes = self.notes()
        last: float = notes["keys"][-1]
        shown: float = next(at for at in notes["painted"] if at > last)
        return (shown - last) / 1000

    def delays(self, moves: int, move: Callable[[int], None]) -> list[float]:
        """
        Move a slider many times and measure.

        Args:
            moves: how many times.
            move: makes the move of that number, with one key.

        Returns:
            list of seconds from each key to the first picture painted after it.
        """
        found = []
        self.settle()
        for number in range(moves):
            self.tab.page.evaluate(_FRAMES)  # the picture before has been painted, and noted
            before = int(self.state().split()[1])
            move(number)
            found.append(self.wait_for_picture())
            self.settle(run=before + 1)
        return found


def busy(condition: str, what: str) -> str:
    """
    Write a cell that is kept busy until something holds, or for 30 s.

    Args:
        condition: an expression that the cell asks for again and again.
        what: is printed when it holds, after "and here while ".
    """
    return f"""import time
print("here", flush=True)
for tenth in range(300):
    time.sleep(0.1)
    if {condition}:
        print("and here while {what}")
        break
else:
    print("and nothing happened")"""
