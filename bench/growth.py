"""
Time and bytes per event, from 1,000 to 1,000,000 events: both should stay the same.

Times are the process's CPU time: others' turns on the core would count for long samples and spare short ones.
"""

from __future__ import annotations

import gc
import threading
import tracemalloc
from collections.abc import Callable
from threading import get_ident
from time import perf_counter_ns, process_time_ns
from typing import Any

from course_utils import mark, record
from course_utils.recording import Recording

from .loops import in_threads
from .measure import Row, Settings, compare, in_turns, size

__all__ = ["rows"]

STEPS = (1_000, 100_000, 1_000_000)
BASE = 10_000
"""Events; what others are compared with."""

THREADS, MARKS = 64, 10_000


def rows(settings: Settings) -> list[Row]:
    found: list[Row] = []
    works: dict[str, Callable[[int], float]] = {"marks": _mark_often, "lock pairs": _take_often}
    for what, work in works.items():
        found += _growth(settings, what, work)
    return [*found, *_threads(settings), *_bytes(settings)]


def _mark_often(events: int) -> float:
    began = process_time_ns()
    for _ in range(events):
        mark("half way")
    return (process_time_ns() - began) / 1e9


def _take_often(events: int) -> float:
    lock = threading.Lock()
    began = process_time_ns()
    for _ in range(events // 2):
        with lock:
            pass
    return (process_time_ns() - began) / 1e9


class _Timed:
    """Take samples of recording so many events, and of what is worked out from them, at once."""

    def __init__(self, work: Callable[[int], float], events: int) -> None:
        self.work = work
        self.events = events
        self.built: list[float] = []

    def __call__(self) -> float:
        with record() as recording:
            taken = self.work(self.events)
        self.built.append(_build(recording) / self.events)
        return taken / self.events


def _build(recording: Recording) -> float:
    """The seconds that it takes to have events, lanes, holds and flows of a finished recording."""
    began = process_time_ns()
    assert recording.events
    assert recording.lanes
    return (process_time_ns() - began) / 1e9


def _growth(settings: Settings, what: str, work: Callable[[int], float]) -> list[Row]:
    least = settings.count(BASE)
    steps = [settings.count(step) for step in STEPS]
    timed = [_Timed(work, events) for events in (least, *steps)]
    base, *taken = in_turns(settings.rounds, *timed, warm=False)
    goals = [None] * (len(steps) - 1) + [1.5]  # linear, at the last step; caches and memory cost a little
    return [
        *(
            compare(f"{what}: recording one of {events:,}, of {least:,}", base, ours, at_most=goal)
            for events, ours, goal in zip(steps, taken, goals, strict=True)
        ),
        *(
            compare(f"{what}: building one of {each.events:,}, of {least:,}", timed[0].built, each.built, at_most=goal)
            for each, goal in zip(timed[1:], goals, strict=True)
        ),
    ]


def _threads(settings: Settings) -> list[Row]:
    """Compare 64 threads with one that makes as many marks."""
    marks = settings.count(MARKS)

    def crowd(events: int) -> float:
        began = process_time_ns()
        in_threads(lambda: _mark_often(events // THREADS), THREADS)
        return (process_time_ns() - began) / 1e9

    one, many = _Timed(_mark_often, THREADS * marks), _Timed(crowd, THREADS * marks)
    base, ours = in_turns(settings.rounds, one, many, warm=False)
    what = f"one of {THREADS} × {marks:,} marks, in one of one thread's as many"
    return [
        compare(f"recording {what}", base, ours),
        compare(f"building {what}", one.built, many.built, at_most=1.5),
    ]


def _bytes(settings: Settings) -> list[Row]:
    """Measure memory at two sizes; it is exact, so that once is enough."""
    few, many = settings.count(BASE), settings.count(10 * BASE)
    found: list[Row] = []
    works: dict[str, Callable[[int], Any]] = {"marks": _mark_often, "lock pairs": _take_often}
    floor = _allocated(lambda: _floor_log(many)) / many
    for what, work in works.items():
        (_, built), (more_log, more_built) = (_held(work, events) for events in (few, many))
        found += [
            compare(f"{what}: bytes per event while it is recorded, in the floor's", [floor], [more_log], unit=size),
            compare(f"{what}: bytes per event, built, in those while recorded", [more_log], [more_built], unit=size),
            compare(f"{what}: bytes per event at {many:,}, in those at {few:,}", [built], [more_built], unit=size),
        ]
    return found


def _floor_log(events: int) -> list[Any]:
    return [(perf_counter_ns(), get_ident(), "mark", None, "half way") for _ in range(events)]


def _allocated(make: Callable[[], object]) -> float:
    """The bytes that something holds as long as it lives."""
    gc.collect()  # empties the interpreter's lists of free tuples, too
    tracemalloc.start()
    try:
        made = make()
        held = tracemalloc.get_traced_memory()[0]
        del made
        return held
    finally:
        tracemalloc.stop()


def _held(work: Callable[[int], object], events: int) -> tuple[float, float]:
    """The bytes per event of an open recording, and of one whose events and lanes were asked for."""
    gc.collect()
    tracemalloc.start()
    try:
        with record() as recording:
            work(events)
            held = tracemalloc.get_traced_memory()[0]
        _build(recording)
        return held / events, tracemalloc.get_traced_memory()[0] / events
    finally:
        tracemalloc.stop()
