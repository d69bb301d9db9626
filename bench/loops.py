"""
The loops that are timed; each returns seconds per operation. This file's code is "own" code to a recorder.

What doesn't wait is timed by the thread's CPU clock, which stands still while others have the core.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import repeat
from threading import get_ident
from time import perf_counter_ns, thread_time_ns
from typing import Any

from course_utils import record

__all__ = ["TIMES", "calls", "floor", "in_threads", "pairs", "recorded", "seen_lock"]

TIMES = 20_000
"""Operations in a sample of something that takes less than a microsecond or two."""


def floor(count: int) -> float:
    """Take down events the cheapest way there is: what no recorder in Python can go below."""
    log: list[tuple[int, int, str, object, object]] = []
    append, now, ident, kind, about = log.append, perf_counter_ns, get_ident, "acquire", object()
    began = thread_time_ns()
    for _ in repeat(None, count):
        append((now(), ident(), kind, about, None))
    return (thread_time_ns() - began) / count / 1e9


def pairs(lock: AbstractContextManager[Any], count: int) -> float:
    """Take a lock and let it go."""
    began = thread_time_ns()
    for _ in repeat(None, count):
        with lock:
            pass
    return (thread_time_ns() - began) / count / 1e9


def calls(call: Callable[[], object], count: int, clock: Callable[[], int] = thread_time_ns) -> float:
    """Call something; if it waits, by another clock."""
    began = clock()
    for _ in repeat(None, count):
        call()
    return (clock() - began) / count / 1e9


def in_threads(work: Callable[[], object], threads: int) -> float:
    """
    Do some work in several threads at a time.

    Returns:
        seconds from before the first start to after the last join, all in all.
    """
    every = [threading.Thread(target=work, name=f"T{number}") for number in range(threads)]
    began = perf_counter_ns()
    for thread in every:
        thread.start()
    for thread in every:
        thread.join()
    return (perf_counter_ns() - began) / 1e9


def recorded(sample: Callable[[], float]) -> Callable[[], float]:
    """Take a sample inside a recording of its own; opening and closing it is not part of the time."""

    def recorded_sample() -> float:
        with record():
            return sample()

    return recorded_sample


def seen_lock() -> AbstractContextManager[Any]:
    """Make a lock while something is recorded: a stand-in."""
    with record():
        return threading.Lock()
