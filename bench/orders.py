"""Every interleaving: what we take to account for them all, against running them all."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from time import perf_counter
from typing import Any

from course_utils import interleavings

from .measure import Row, Settings, compare, in_turns, limit, skipped

__all__ = ["rows"]


class _Counter:
    def __init__(self) -> None:
        self.value = 0
        self.lock = threading.Lock()

    def update(self) -> None:
        temp = self.value
        self.value = temp + 1

    def locked(self) -> None:
        with self.lock:
            self.update()


def _together(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _count(threads: int, update: str) -> int:
    counter = _Counter()
    _together([getattr(counter, update)] * threads)
    return counter.value


def _hand_over(messages: int) -> list[int]:
    inbox: queue.Queue[int] = queue.Queue(maxsize=3)
    received: list[int] = []

    def produce() -> None:
        for number in range(messages):
            inbox.put(number)

    def consume() -> None:
        for _ in range(messages):
            received.append(inbox.get())

    _together([produce, consume])
    return received


def _seconds(scenario: Callable[[], Any], **how: Any) -> float:
    began = perf_counter()
    assert interleavings(scenario, **how).complete
    return perf_counter() - began


def rows(settings: Settings) -> list[Row]:
    """Time the scenarios of the design's table."""
    rounds = max(1, settings.rounds // 2)
    found = []
    for threads in (2, 3):
        scenario = partial(_count, threads, "update")
        every, merged = in_turns(rounds, partial(_seconds, scenario, merge=False), partial(_seconds, scenario))
        found.append(compare(f"the two-line counter, {threads} threads, against running all", every, merged, at_most=1))
    timed: tuple[tuple[str, Callable[[], Any], float], ...] = (
        ("the two-line counter, 4 threads: 2,520 interleavings", partial(_count, 4, "update"), 1.0),
        ("the locked counter, 3 threads", partial(_count, 3, "locked"), 0.1),
        ("a bounded queue, ten messages", partial(_hand_over, 10), 1.0),
    )
    for what, timed_scenario, at_most in timed:
        (ours,) = in_turns(rounds, partial(_seconds, timed_scenario))
        found.append(limit(what, ours, at_most))
    for name in ("frontrun", "interleave"):
        there = "is installed, but there is nothing here yet to time it with" if find_spec(name) else "is not installed"
        found.append(skipped(f"the two-line counter by {name}", f"{name} {there}"))
    return found
