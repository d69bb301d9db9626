"""From a deadlock to `Deadlock`, and what it costs to look for one where there is none."""

from __future__ import annotations

import queue
import threading
import warnings
from collections.abc import Callable
from time import perf_counter, process_time_ns

from course_utils import Deadlock, record
from course_utils.session import open_driver

from .loops import pairs
from .measure import Row, Settings, compare, in_turns, limit

__all__ = ["rows"]

GOAL = 0.5
"""Seconds from the last wait until all concerned have been told."""

TIMES = 10
PAIRS = 300_000

TIMEOUT = 5.0
"""Seconds that are taken if nobody is told at all."""


def rows(settings: Settings) -> list[Row]:
    times = settings.count(TIMES)
    return [
        *_delays("two locks in two orders: last wait to Deadlock", [_circle() for _ in range(times)]),
        *_delays("standstill at empty queues: last wait to Deadlock", [_standstill() for _ in range(times)]),
        _looking(settings),
    ]


def _delays(what: str, taken: list[float]) -> list[Row]:
    return [
        limit(f"{what}: median of {len(taken)}", taken, GOAL),
        limit(f"{what}: worst of {len(taken)}", taken, GOAL, worst=True),
    ]


def _circle() -> float:
    """Have each of two threads take the lock that the other waits for."""
    both_hold = threading.Barrier(2)

    def with_locks(told: _Told) -> list[Callable[[], None]]:
        first = threading.Lock()
        second = threading.Lock()

        def take(mine: threading.Lock, others: threading.Lock) -> None:
            with mine:
                both_hold.wait()
                with told, others:
                    pass

        return [lambda: take(first, second), lambda: take(second, first)]

    return _until_told(with_locks)


def _standstill() -> float:
    """Have two threads wait for what nobody puts."""

    def with_queues(told: _Told) -> list[Callable[[], None]]:
        def consume() -> None:
            inbox: queue.Queue[int] = queue.Queue()
            with told:
                inbox.get()

        return [consume, consume]

    return _until_told(with_queues)


class _Told:
    """A block in which a thread waits for ever, and what the clock says before and after."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.ends: list[float] = []

    def __enter__(self) -> None:
        self.waits.append(perf_counter())

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        if kind is not Deadlock:
            return False
        self.ends.append(perf_counter())
        return True


def _until_told(works: Callable[[_Told], list[Callable[[], None]]]) -> float:
    """Measure from the last wait until the last has been told."""
    told = _Told()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of those that were not told, and are cut off
        try:
            with record(timeout=TIMEOUT):
                found = works(told)
                for number, work in enumerate(found):
                    threading.Thread(target=work, name=f"T{number}").start()
        except Deadlock:
            pass
    return max(told.ends) - max(told.waits) if len(told.ends) == len(found) else TIMEOUT


def _looking(settings: Settings) -> Row:
    """Compare the processor time of a thread that takes locks, and of one that waits for its end and looks."""
    count = settings.count(PAIRS)

    def sample(looks: bool) -> float:
        with record():
            driver = open_driver()
            assert driver is not None
            if not looks:
                driver.judge = None
            lock = threading.Lock()
            busy = threading.Thread(target=pairs, args=(lock, count), name="busy")
            began = process_time_ns()
            busy.start()
            busy.join()
            return (process_time_ns() - began) / count / 1e9

    return compare(
        f"{count:,} lock pairs while another joins: looking for deadlocks, in not looking",
        *in_turns(settings.rounds, lambda: sample(False), lambda: sample(True)),
    )
