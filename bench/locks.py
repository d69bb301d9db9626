"""A recorded lock, against the floor and a plain lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from .loops import TIMES, floor, in_threads, pairs, recorded, seen_lock
from .measure import Row, Sample, Settings, compare, in_turns

__all__ = ["rows"]

THREADS = 2


def rows(settings: Settings) -> list[Row]:
    count = settings.count(TIMES)
    plain, seen = threading.Lock(), seen_lock()
    base, bare, idle, pair = in_turns(
        settings.rounds,
        lambda: floor(count), lambda: pairs(plain, count), lambda: pairs(seen, count),
        recorded(lambda: pairs(seen, count)),
    )  # fmt: skip
    return [
        compare("floor: append((perf_counter_ns(), get_ident(), …)), in plain lock pairs", bare, base),
        compare("stand-in lock, nothing recorded, in plain lock pairs", bare, idle, at_most=3),
        compare("recorded pair, alone, with the acquiring line, in floors", base, pair, at_most=5),
        compare("recorded pair, alone, in plain lock pairs", bare, pair),
        _contended(settings, f"{THREADS} threads want one lock", _busy, settings.count(5_000)),
        _contended(settings, f"{THREADS} threads, every pair waits for the other", _yielding, settings.count(500)),
    ]


def _contended(
    settings: Settings, what: str, work: Callable[[AbstractContextManager[Any], int], None], count: int
) -> Row:
    """Compare the time that threads take together for so many pairs each."""

    def sample() -> float:
        lock = threading.Lock()
        return in_threads(lambda: work(lock, count), THREADS) / (THREADS * count)

    plain: Sample = sample
    return compare(f"{what}: recorded, in plain", *in_turns(settings.rounds, plain, recorded(sample)))


def _busy(lock: AbstractContextManager[Any], count: int) -> None:
    total = 0
    for number in range(count):
        with lock:
            for part in range(20):  # about a microsecond's work
                total += number * part


def _yielding(lock: AbstractContextManager[Any], count: int) -> None:
    for _ in range(count):
        with lock:
            time.sleep(1e-6)  # the other comes to the lock meanwhile
