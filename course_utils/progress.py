"""A bar that shows, from the first second on, that something is under way."""

from __future__ import annotations

import sys
import time
from html import escape
from typing import Any

__all__ = ["Progress"]


class Progress:
    """Counts runs and states; it is there from the first second on."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._began = self._shown = time.monotonic()
        self._bar: Any = None

    def __call__(self, runs: int, states: int, limit: int) -> None:
        """Say how far it is."""
        now = time.monotonic()
        if now - self._began < 1 or now - self._shown < 0.2:
            return
        self._shown = now
        text = f"{self._title}: {runs:,} of at most {limit:,} runs, {states:,} states"
        if self._bar is None:
            self._bar = _widget() or sys.stderr
        if self._bar is sys.stderr:
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{text} ")
                sys.stderr.flush()
        else:
            share, words = self._bar.children
            share.value = min(runs, limit) / limit
            words.value = f"{escape(text)}. ■ stops it and shows what has been found."

    def close(self) -> None:
        """Take it away."""
        if self._bar is sys.stderr:
            if sys.stderr.isatty():
                sys.stderr.write("\r\x1b[K")
        elif self._bar is not None:
            for part in (*self._bar.children, self._bar):
                part.close()


def _widget() -> Any:
    """A bar in a notebook; None elsewhere."""
    try:
        shell = sys.modules["IPython"].get_ipython()
    except (KeyError, AttributeError):
        return None
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from IPython.display import display
    from ipywidgets import HTML, Box, FloatProgress

    share = FloatProgress(0.0, min=0.0, max=1.0, layout={"width": "160px", "flex": "0 0 auto"})
    # The text beside it grows and shrinks; in a narrow window it stands below.
    words = HTML(layout={"flex": "0 1 auto", "min_width": "0"})
    bar = Box([share, words], layout={"flex_flow": "row wrap", "align_items": "center", "grid_gap": "0 12px"})
    # The widget alone, without a text beside it: how long a run takes is no part of what a cell shows.
    view = {
        "application/vnd.jupyter.widget-view+json": {"version_major": 2, "version_minor": 0, "model_id": bar.model_id}
    }
    display(view, raw=True)  # type: ignore[no-untyped-call]
    return bar
