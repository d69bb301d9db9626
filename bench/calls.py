"""Other recorded calls, against plain ones."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter_ns

from course_utils import mark, record

from .loops import calls, floor, in_threads, recorded
from .measure import Row, Sample, Settings, compare, in_turns
from .others import _logger

__all__ = ["rows"]


def rows(settings: Settings) -> list[Row]:
    return [
        _mark(settings),
        *_watched(settings),
        *(_row(settings, what, sample) for what, sample in _samples(settings).items()),
        _logging(settings),
    ]


def _row(settings: Settings, what: str, sample: Sample) -> Row:
    return compare(f"{what}: recorded, in plain", *in_turns(settings.rounds, sample, recorded(sample)))


def _mark(settings: Settings) -> Row:
    count = settings.count(20_000)
    base, ours = in_turns(
        settings.rounds, lambda: floor(count), recorded(lambda: calls(lambda: mark("half way"), count))
    )
    return compare("mark(), in floors", base, ours)


class _Box:
    def __init__(self) -> None:
        self.value = 0

    def read(self, count: int) -> float:
        return calls(lambda: self.value, count)

    def write(self, count: int) -> float:
        def write() -> None:
            self.value = 1

        return calls(write, count)


def _watched(settings: Settings) -> list[Row]:
    count = settings.count(20_000)

    def plain(sample: Callable[[_Box, int], float]) -> float:
        return sample(_Box(), count)

    def watched(sample: Callable[[_Box, int], float]) -> float:
        with record(watch={_Box: "value"}):
            return plain(sample)

    found: list[Row] = []
    for what, sample in (("read", _Box.read), ("written", _Box.write)):
        base, bare, ours = in_turns(
            settings.rounds, lambda: floor(count), partial(plain, sample), partial(watched, sample)
        )
        found.append(compare(f"watched attribute {what}, in floors", base, ours))
        found.append(compare(f"watched attribute {what}, in plain", bare, ours))
    return found


def _logging(settings: Settings) -> Row:
    count = settings.count(2_000)
    with _logger() as logger:
        return _row(settings, "logging.info to a null stream", lambda: calls(lambda: logger.info("x"), count))


def _samples(settings: Settings) -> dict[str, Sample]:
    return {
        "Queue.put, get": lambda: calls(_queue(), settings.count(2_000)),
        "Queue of 1 place, a producer and a consumer, per item": lambda: _pipeline(settings.count(500)),
        "Event.set, wait, clear": lambda: calls(_event(), settings.count(2_000)),
        "Semaphore pair": lambda: calls(_semaphore(), settings.count(2_000)),
        "Condition: with, notify": lambda: calls(_condition(), settings.count(2_000)),
        "Thread made, started, joined": lambda: calls(_thread, settings.count(200), perf_counter_ns),
        "ThreadPoolExecutor(2): submit, result": lambda: _pool(settings.count(500)),
        "time.sleep(0)": lambda: calls(lambda: time.sleep(0), settings.count(10_000), perf_counter_ns),
    }


def _queue() -> Callable[[], object]:
    inbox: queue.Queue[int] = queue.Queue()

    def put_and_get() -> None:
        inbox.put(1)
        inbox.get()

    return put_and_get


def _pipeline(count: int) -> float:
    pipeline: queue.Queue[int] = queue.Queue(1)
    sides = iter(("put", "get"))

    def work() -> None:
        if next(sides) == "put":
            for number in range(count):
                pipeline.put(number)
        else:
            for _ in range(count):
                pipeline.get()

    return in_threads(work, 2) / count


def _event() -> Callable[[], object]:
    ready = threading.Event()

    def set_and_wait() -> None:
        ready.set()
        ready.wait()
        ready.clear()

    return set_and_wait


def _semaphore() -> Callable[[], object]:
    permits = threading.Semaphore(2)

    def take_and_give() -> None:
        with permits:
            pass

    return take_and_give


def _condition() -> Callable[[], object]:
    changed = threading.Condition()

    def notify() -> None:
        with changed:
            changed.notify()

    return notify


def _thread() -> None:
    thread = threading.Thread(target=int, name="T0")
    thread.start()
    thread.join()


def _pool(count: int) -> float:
    with ThreadPoolExecutor(2, thread_name_prefix="worker") as pool:
        return calls(lambda: pool.submit(int).result(), count, perf_counter_ns)
