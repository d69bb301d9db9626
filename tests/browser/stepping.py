"""Step through an interleaving in a browser tab."""

import re
from typing import TYPE_CHECKING, Final

from tests.browser.lab import Tab

if TYPE_CHECKING:
    from playwright.sync_api import Locator

__all__ = ["STEPPER", "Stepping"]

STEPPER: Final = """from course_utils.stepper import StepThrough
stepper = StepThrough(Updates(), ["T0", "T1", "T0", "T1"])
stepper"""
"""A cell that shows a stepper for what `tests/walks.py`, in another cell, defines."""

# The table is set last; a frame that has been asked for is painted before the next task runs.
_WATCH = """box => {
    const notes = {clicks: [], painted: []};
    new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => notes.painted.push(performance.now()))))
        .observe(box.querySelectorAll(".course-pane")[1], {childList: true, subtree: true});
    box.addEventListener("click", () => notes.clicks.push(performance.now()), true);
    window._steps = notes;
}"""


class Stepping:
    """
    A stepper in a notebook.

    Args:
        tab: where the notebook is open.
        cell: the cell that shows the stepper.
    """

    def __init__(self, tab: Tab, cell: int = 1) -> None:
        self.tab = tab
        self.box = tab.output(cell).locator(".course-stepper")
        self.box.wait_for()

    def button(self, name: str) -> "Locator":
        """Locate a button, by part of what stands on it."""
        return self.box.get_by_role("button", name=name)

    def wait(self, text: str, seconds: float = 20.0) -> None:
        """
        Wait until the stepper says where it stands, and all else in it shows that too.

        Args:
            text: what it says, or how that begins.
            seconds: how long at most.
        """
        self.box.locator("[role=status]", has_text=text).wait_for(timeout=seconds * 1000)
        (at,) = re.findall(r"step (\d+) of|$", text)[:1]
        # The table is set last.
        row = self.box.locator("[aria-current=step] th", has_text=re.compile(rf"▶\s{at or 0}$"))
        row.wait_for(timeout=seconds * 1000)

    def delays(self, moves: int) -> list[float]:
        """Click forward and back in turn; return the seconds from each click to the table painted after it."""
        self.box.evaluate(_WATCH)
        found = []
        for number in range(moves):
            self.button("back" if number % 2 else "forward").click()
            self.tab.page.wait_for_function("window._steps.painted.at(-1) > window._steps.clicks.at(-1)", polling=20)
            found.append(self.tab.page.evaluate("(window._steps.painted.at(-1) - window._steps.clicks.at(-1)) / 1000"))
            self.wait("before the first of 4" if number % 2 else "after step 1 of 4")
        return found
