"""Move a panel's sliders in a browser tab, and note when each picture is painted."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.browser.lab import Tab

if TYPE_CHECKING:
    from playwright.sync_api import Locator

__all__ = ["Sliding"]

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

    def settle(self, seconds: float = 30.0) -> str:
        """Wait until nothing runs, and return the state."""
        self.tab.page.wait_for_function(
            "panel => /^run [0-9]+$/.test(panel.querySelector('.course-controls .widget-html').innerText.trim())",
            arg=self.panel.element_handle(), timeout=seconds * 1000,
        )  # fmt: skip
        return self.state()

    def notes(self) -> Any:
        """Read what was noted: `keys` and `painted` in milliseconds, the picture's `heights` in pixels."""
        return self.tab.page.evaluate("window._notes")

    def delays(self, moves: int, move: Callable[[int], None], rest: int = 500) -> list[float]:
        """
        Move a slider many times and measure.

        Args:
            moves: how many times.
            move: makes the move of that number, with one key.
            rest: milliseconds between a picture and the next move.

        Returns:
            list of seconds from each key to the first picture painted after it.
        """
        found = []
        for number in range(moves):
            before = self.notes()
            move(number)
            self.tab.page.wait_for_function(
                "count => window._notes.painted.length > count", arg=len(before["painted"]), polling=20
            )
            after = self.notes()
            found.append((after["painted"][len(before["painted"])] - after["keys"][len(before["keys"])]) / 1000)
            self.settle()
            self.tab.page.wait_for_timeout(rest)
        return found
