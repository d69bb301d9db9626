"""Every interleaving: what we take to account for them all, against running them all."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

from course_utils import interleavings

from .measure import Row, Settings, compare, in_turns, limit

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


def _click(rounds: int) -> Row:
    """A choice in the stepper of three threads, to its answer: the scenario is run by it, and its page written anew."""
    shown = interleavings(_count, threads=3, update="update").step()

    def click() -> float:
        shown.go(0)
        other = next(choice.key for choice in shown.moment.choices if choice.key != shown.walk.keys[0])
        began = perf_counter()
        shown.choose(other)
        return perf_counter() - began

    (taken,) = in_turns(rounds, click)
    return limit("a choice in the stepper to its answer, 3 threads", taken, 0.2)


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
    found.append(_click(rounds))
    return found
