"""From a key or a click to what it shows, in JupyterLab in a Chromium without a window, as its tests do."""

from __future__ import annotations

import inspect
import json
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .measure import Row, Settings, limit, skipped
from .slider import CHANGES, verdict

__all__ = ["rows"]

WHAT = "slider's key to picture painted in JupyterLab"

STEP = 0.2
"""Seconds: the goal for a click in a stepper."""

REPORT = """import json
print(json.dumps({"own": times, "intervals": sum(len(lane.intervals) for lane in panel.recording.lanes)}))"""


def rows(settings: Settings) -> list[Row]:
    if find_spec("playwright") is None:
        return [skipped(WHAT, "playwright is not installed")]
    if find_spec("jupyterlab") is None:
        return [skipped(WHAT, "jupyterlab is not installed")]
    from tests.browser.lab import chromium

    path = chromium()
    if path is None:
        return [skipped(WHAT, "no Chromium is installed")]
    delays, found, steps = _measure(path, settings.count(CHANGES, 2))
    taken = [delay - own for delay, own in zip(delays, found["own"][1:], strict=True)]
    rows = verdict(f"{WHAT}, {found['intervals']} intervals", taken)
    return [*rows, limit(f"stepper's click to its table painted: worst of {len(steps)}", steps, STEP, worst=True)]


def _measure(path: str, changes: int) -> tuple[list[float], dict[str, Any], list[float]]:
    """The seconds from each key to its picture, what the notebook says of the runs, a stepper's seconds."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook
    from playwright.sync_api import sync_playwright

    import tests.walks
    from tests.browser.lab import ARGUMENTS, Lab, Tab
    from tests.browser.sliding import PANEL, SCENARIO, Sliding
    from tests.browser.stepping import STEPPER, Stepping

    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        notebook = Path(folder) / "panel.ipynb"
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        cells = [new_code_cell(source) for source in (SCENARIO, PANEL, REPORT, inspect.getsource(tests.walks), STEPPER)]
        nbformat.write(new_notebook(cells=cells, metadata=kernel), notebook)
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            with Lab(Path(folder) / "lab", [notebook]) as lab, Tab.opened(lab, browser, "panel") as tab:
                tab.run(0)
                tab.run(1)
                tab.wait_idle()
                sliding = Sliding(tab, 1)
                handle = sliding.handle(1)
                handle.focus()
                keys = ("ArrowRight", "ArrowLeft")
                delays = sliding.delays(changes, lambda number: handle.press(keys[number % 2]))
                tab.run(2)
                tab.wait_idle()
                found = json.loads(tab.outputs(2)[0]["text"])
                tab.run(3)
                tab.run(4)
                return delays, found, Stepping(tab, 4).delays(changes)
        finally:
            browser.close()
