"""From a slider's move to the picture, in this process: what of it is ours, without JupyterLab and browser."""

from __future__ import annotations

import threading
import time
from time import perf_counter

from .measure import Row, Settings, limit

__all__ = ["CHANGES", "MEDIAN", "WORST", "rows", "verdict"]

CHANGES = 25
MEDIAN, WORST = 0.150, 0.300
"""Seconds: the goals, in JupyterLab."""

own: list[float] = []
"""What the scenario took, run by run."""


def rows(settings: Settings) -> list[Row]:
    from course_utils import tweak

    panel = tweak(many_threads, workers=(1, 30), pause=(0.0, 0.3))
    taken = [_change(panel, 0.05 + 0.01 * (number % 2)) for number in range(settings.count(CHANGES, 2))]
    assert panel.recording is not None
    intervals = sum(len(lane.intervals) for lane in panel.recording.lanes)
    return verdict(f"slider to the Image widget's bytes, {intervals} intervals", taken)


def many_threads(workers: int = 6, pause: float = 0.06) -> int:
    """Sleep in several threads; some 20 intervals."""
    began = perf_counter()
    threads = [threading.Thread(target=time.sleep, args=(pause,), name=f"T{number}") for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    own.append(perf_counter() - began)
    return workers


def _change(panel: object, pause: float) -> float:
    """Move the slider, and wait for the picture: seconds, less the scenario's own."""
    from course_utils.sliders import Panel

    assert isinstance(panel, Panel)
    painted: list[float] = []
    there = threading.Event()

    def note(change: object) -> None:
        painted.append(perf_counter())
        there.set()

    picture = panel._face.picture
    picture.observe(note, names="value")
    began = perf_counter()
    panel.controls["pause"].value = pause
    assert there.wait(60)
    panel.wait(60)  # a finer picture follows
    picture.unobserve(note, names="value")
    return painted[0] - began - own[-1]


def verdict(what: str, taken: list[float]) -> list[Row]:
    """Judge the seconds that pictures took."""
    return [
        limit(f"{what}: median of {len(taken)}", taken, MEDIAN),
        limit(f"{what}: worst of {len(taken)}", taken, WORST, worst=True),
    ]
