"""Step through an interleaving in a browser tab."""

import re
from typing import TYPE_CHECKING

from tests.browser.lab import Tab

if TYPE_CHECKING:
    from playwright.sync_api import Locator

__all__ = ["Stepping"]


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
