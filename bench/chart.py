"""A chart to PNG, against bare matplotlib that draws as many bars into a picture of the same size."""

from __future__ import annotations

import io
from collections.abc import Callable
from time import perf_counter

from course_utils import events as ev
from course_utils.events import Event
from course_utils.recording import Recording

from .measure import Row, Settings, compare, in_turns

__all__ = ["recording_of", "rows"]

SIZES = ((20, 4), (1_000, 8), (10_000, 16))
"""Intervals and lanes."""


def rows(settings: Settings) -> list[Row]:
    return [_row(settings, count if count == 20 else settings.count(count, 20), lanes) for count, lanes in SIZES]


def _row(settings: Settings, count: int, lanes: int) -> Row:
    from course_utils.gantt import png

    recording = recording_of(count, lanes)
    intervals = sum(len(lane.intervals) for lane in recording.lanes)
    base, ours = in_turns(
        settings.rounds, lambda: _seconds(lambda: _bare(recording)), lambda: _seconds(lambda: png(recording))
    )
    return compare(f"{intervals:,} intervals, {lanes} lanes: chart, in bare matplotlib", base, ours, at_most=2)


def _seconds(draw: Callable[[], object]) -> float:
    began = perf_counter()
    draw()
    return perf_counter() - began


def recording_of(count: int, lanes: int) -> Recording:
    """
    Make a recording with about so many intervals: threads that take a lock in turn, and sleep.

    Args:
        count: how many intervals.
        lanes: how many threads, the opener among them.
    """
    names = ["main", *(f"T{number}" for number in range(1, lanes))]
    log = [Event(0.0, "main", ev.BEGIN, "main", False)]
    for name in names[1:]:
        log += [Event(0.0, "main", ev.START, name, None), Event(0.0, name, ev.BEGIN, name, False)]
    # Each turn makes a lane sleep, and wait for the lock that another one has: four intervals.
    time, turns = 0.001, max(1, (count - lanes) // 4)
    for turn in range(turns):
        lane, other = names[turn % lanes], names[(turn + 1) % lanes]
        log += [
            Event(time, other, ev.ACQUIRE, "_lock", 12),
            Event(time + 0.001, lane, ev.SLEEP, None, 0.002),
            Event(time + 0.003, lane, ev.WAKE, None, None),
            Event(time + 0.004, lane, ev.WAIT, "_lock", "_lock"),
            Event(time + 0.006, other, ev.RELEASE, "_lock", None),
            Event(time + 0.007, lane, ev.RESUME, "_lock", True),
        ]
        time += 0.008
    log += [Event(time, name, ev.END, "finished", None) for name in reversed(names)]
    return Recording(f"in_turns(workers={lanes - 1})", log, called=True)


def _bare(recording: Recording) -> bytes:
    """Draw the intervals with matplotlib's own means: one broken_barh a lane, names and a scale."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from course_utils.gantt import SHARPNESS, size

    wide, high = size(recording)
    figure = Figure(figsize=(wide / 100, high / 100), dpi=100 * SHARPNESS)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    colours = {"ACTIVE": "tab:green", "SLEEPING": "tab:blue", "WAITING": "tab:orange"}
    for row, lane in enumerate(recording.lanes):
        spans = [(interval.start, interval.end - interval.start) for interval in lane.intervals]
        axes.broken_barh(spans, (row - 0.3, 0.6), facecolors=[colours[each.state.name] for each in lane.intervals])
    axes.set_yticks(range(len(recording.lanes)), [lane.name for lane in recording.lanes])
    axes.invert_yaxis()
    axes.set_title(recording.title)
    axes.set_xlabel("seconds")
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()
