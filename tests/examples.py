"""
Recordings made by hand, for tests of what is drawn and said.

    >>> log = Log()
    >>> log(0.0, "main", BEGIN, "main", False)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_utils.events import (
    ACQUIRE,
    ASK,
    BEGIN,
    CPU,
    DONE,
    END,
    EXCEPTION,
    GET,
    LOG,
    MARK,
    PRINT,
    PUT,
    RELEASE,
    RESUME,
    SLEEP,
    START,
    SUBMIT,
    TASK,
    WAIT,
    WAKE,
    Event,
    Item,
)  # fmt: skip
from course_utils.recording import Recording


class Log(list[Event]):
    """A list of events that is added to by calling it; `unit` is how many seconds its times are in."""

    def __init__(self, unit: float = 1.0) -> None:
        super().__init__()
        self.unit = unit

    def __call__(self, time: float, lane: str, kind: str, name: str | None = None, value: Any = None) -> None:
        self.append(Event(time * self.unit, lane, kind, name, value))

    def ordered(self) -> list[Event]:
        """The events in order of time; those of one time stay in the order they were added."""
        return sorted(self, key=lambda event: event.time)


def empty() -> Recording:
    """A recording without a single event."""
    return Recording("nothing()", [])


def alone() -> Recording:
    """One thread that does one thing."""
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    log(12, "main", END, "finished")
    return Recording("alone()", log, result=None, called=True)


def handover(unit: float = 1e-3) -> Recording:
    """Two threads and a lock: the second waits until the first hands it over."""
    log = Log(unit)
    log(0.0, "main", BEGIN, "main", False)
    log(1.0, "main", START, "T0")
    log(1.5, "T0", BEGIN, "T0", False)
    log(2.0, "main", START, "T1")
    log(2.5, "T0", ACQUIRE, "_lock", 12)
    log(3.0, "T1", BEGIN, "T1", False)
    log(3.1, "main", WAIT, "T0", "join T0")
    log(4.0, "T0", SLEEP, None, 100 * unit)
    log(4.2, "T1", WAIT, "_lock", "_lock")
    log(104.0, "T0", WAKE)
    log(105.5, "T0", RELEASE, "_lock")
    log(106.3, "T1", RESUME, "_lock", True)
    log(106.4, "T1", ACQUIRE, "_lock", 12)
    log(107.0, "T0", END, "finished")
    log(107.2, "main", RESUME, "T0", True)
    log(107.3, "main", WAIT, "T1", "join T1")
    log(109.0, "T1", SLEEP, None, 100 * unit)
    log(150.0, "T1", MARK, None, "half way")
    log(209.0, "T1", WAKE)
    log(210.5, "T1", RELEASE, "_lock")
    log(211.0, "T1", END, "finished")
    log(211.5, "main", RESUME, "T1", True)
    log(214.0, "main", END, "finished")
    return Recording("locked_update(workers=2)", log, result=2, called=True)


def deadlock() -> Recording:
    """Two threads, two locks, two orders: all are cut off while they wait."""
    log = Log(1e-3)
    log(0.0, "main", BEGIN, "main", False)
    log(0.5, "main", START, "T0")
    log(0.7, "T0", BEGIN, "T0", False)
    log(1.0, "main", START, "T1")
    log(1.3, "T1", BEGIN, "T1", False)
    log(2.0, "T0", ACQUIRE, "a_lock", 5)
    log(2.2, "main", WAIT, "T0", "join T0")
    log(3.0, "T0", SLEEP, None, 0.02)
    log(3.1, "T1", ACQUIRE, "b_lock", 9)
    log(4.0, "T1", SLEEP, None, 0.02)
    log(23.0, "T0", WAKE)
    log(24.0, "T0", WAIT, "b_lock", "b_lock")
    log(24.5, "T1", WAKE)
    log(26.0, "T1", WAIT, "a_lock", "a_lock")
    for lane in ("T0", "T1", "main"):
        log(62.0, lane, END, "cut off")
    return Recording("transfer_both_ways()", log)


def pool() -> Recording:
    """Two workers, five tasks; one fails and nobody asks, one fails and somebody does."""
    log = Log(1e-3)
    log(0.0, "main", BEGIN, "main", False)
    names = [f"fetch-{number}" for number in range(5)]
    for number, name in enumerate(names):
        log(0.5 + number * 0.2, "main", SUBMIT, name, "executor")
        if number < 2:
            log(0.55 + number * 0.2, "main", START, f"worker-{number}")
            log(0.6 + number * 0.2, f"worker-{number}", BEGIN, f"worker-{number}", False)
    log(1.9, "main", WAIT, "executor", "executor.shutdown")
    for worker, task, begin, end, failure in (
        (0, 0, 1, 40, None), (1, 1, 1.2, 25, "ValueError: no such page: /index/of/everything"), (1, 2, 25.5, 70, None),
        (0, 3, 40.5, 90, "TimeoutError: too slow"), (1, 4, 70.5, 110, None),
    ):  # fmt: skip
        log(begin, f"worker-{worker}", TASK, names[task])
        log(begin + 0.3, f"worker-{worker}", SLEEP, None, (end - begin) * 1e-3)
        log(end - 0.4, f"worker-{worker}", WAKE)
        log(end, f"worker-{worker}", DONE, names[task], failure)
    log(111, "worker-0", END, "finished")
    log(111.2, "worker-1", END, "finished")
    log(111.5, "main", RESUME, "executor", True)
    log(112, "main", ASK, names[3])
    log(112, "main", EXCEPTION, "TimeoutError", "too slow")
    log(113, "main", END, "finished")
    return Recording("fetch_all(workers=2, pages=5)", log.ordered(), result=["ok", None, "ok"], called=True)


def endings() -> Recording:
    """A daemon that is cut off, a thread that fails, one that finishes; logged and printed lines; CPU time."""
    log = Log(1e-3)
    log(0.0, "main", BEGIN, "main", False)
    for number, name in enumerate(("heartbeat", "Thread-1 (parse_configuration_file)", "worker")):
        log(1 + number, "main", START, name)
        log(1.5 + number, name, BEGIN, name, name == "heartbeat")
    log(5, "heartbeat", SLEEP, None, 0.5)
    log(6, "main", LOG, "INFO", "all threads started")
    log(7, "main", WAIT, "worker", "join worker")
    log(30, "Thread-1 (parse_configuration_file)", LOG, "WARNING", "unknown key\nin line 3")
    log(35, "Thread-1 (parse_configuration_file)", PRINT, "stdout", "giving up")
    log(40, "Thread-1 (parse_configuration_file)", CPU, None, 0.0312)
    log(40, "Thread-1 (parse_configuration_file)", END, "failed", "KeyError: 'colour'")
    log(20, "worker", PRINT, "stdout", "working")
    log(50, "worker", MARK, None, "half done")
    log(80, "worker", CPU, None, 0.0711)
    log(80, "worker", END, "finished")
    log(81, "main", RESUME, "worker", True)
    log(82, "main", LOG, "INFO", "done")
    log(90, "main", CPU, None, 0.0021)
    log(90, "main", END, "finished")
    log(90, "heartbeat", END, "cut off")
    return Recording("daemon_and_failure()", log.ordered(), result=None, called=True)


def nested() -> Recording:
    """A thread that holds three locks at once, and one that gets them one by one."""
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    for number, lock in enumerate(("accounts", "ledger", "audit")):
        log(5 + 10 * number, "main", ACQUIRE, lock, 3 + number)
    log(6, "main", START, "clerk")
    log(7, "clerk", BEGIN, "clerk", False)
    for number, lock in enumerate(("audit", "ledger", "accounts")):
        log(40 + 20 * number - 2, "clerk", WAIT, lock, lock)
        log(40 + 20 * number + 10, "main", RELEASE, lock)
        log(40 + 20 * number + 10.2, "clerk", RESUME, lock, True)
        log(40 + 20 * number + 10.3, "clerk", ACQUIRE, lock, 20)
        log(40 + 20 * number + 15, "clerk", RELEASE, lock)
    log(97, "clerk", END, "finished")
    log(99, "main", END, "finished")
    return Recording("three_locks()", log.ordered())


def queues(items: int = 6) -> Recording:
    """A producer and a consumer with a queue between them."""
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    for name in ("producer", "consumer"):
        log(0.5, "main", START, name)
        log(0.8, name, BEGIN, name, False)
    log(1, "main", WAIT, "producer", "join producer")
    log(1.2, "consumer", WAIT, "inbox", "inbox.get")
    for number in range(items):
        at = 2 + 10 * number
        log(at, "producer", SLEEP, None, 0.0075)
        log(at + 8, "producer", WAKE)
        log(at + 9, "producer", PUT, "inbox", Item(number, f"'message {number}'"))
        log(at + 9.4, "consumer", RESUME, "inbox", True)
        log(at + 9.5, "consumer", GET, "inbox", Item(number, f"'message {number}'"))
        log(at + 9.9, "consumer", WAIT, "inbox", "inbox.get")
    end = 14.0 + 10 * items
    log(end, "producer", END, "finished")
    log(end + 0.2, "main", RESUME, "producer", True)
    log(end + 1, "consumer", RESUME, "inbox", False)
    log(end + 2, "consumer", END, "finished")
    log(end + 3, "main", END, "finished")
    return Recording("produce_and_consume()", log.ordered(), error=None, result=items, called=True)


def many(lanes: int, unit: float = 1e-3, name: Callable[[int], str] = "T{}".format) -> Recording:
    """A number of lanes that sleep, contend for a lock and finish in another order than they began."""
    log = Log(unit)
    log(0, "main", BEGIN, "main", False)
    others = [name(number) for number in range(lanes - 1)]
    turn = 20.0
    apart = min(0.5, 15 / lanes)
    for number, other in enumerate(others):
        log(1 + number * apart, "main", START, other)
        log(1.3 + number * apart, other, BEGIN, other, number % 5 == 4)
        log(1.5 + number * apart, other, SLEEP, None, 10 * unit)
    order = [others[(place * 7) % len(others) if len(others) % 7 else place] for place in range(len(others))]
    last = order[-1] if order else "nobody"
    log(1.5 + lanes * apart, "main", WAIT, last, f"join {last}")
    for place, other in enumerate(order):
        log(20 + place * 0.1, other, WAKE)
        if place:
            log(20.05 + place * 0.1, other, WAIT, "_lock", "_lock")
            log(turn + 0.2, other, RESUME, "_lock", True)
        log(turn + 0.3, other, ACQUIRE, "_lock", 7)
        log(turn + 0.6, other, MARK, None, f"{place} in")
        log(turn + 9.0, other, SLEEP, None, 8 * unit)
        log(turn + 17.0, other, WAKE)
        log(turn + 19.0, other, RELEASE, "_lock")
        log(turn + 19.5, other, END, "failed" if place == 3 else "finished", "OSError: gone" if place == 3 else None)
        turn += 19.1
    log(turn + 1, "main", RESUME, last, True)
    log(turn + 7, "main", END, "finished")
    return Recording(f"many_threads({lanes})", log.ordered(), result=None, called=True)


def dense(intervals: int, lanes: int = 8) -> Recording:
    """Many short intervals: lanes that wait for one lock in turn, a tenth of the time active."""
    log = Log(1e-3)
    names = ["main", *(f"T{number}" for number in range(1, lanes))]
    for lane in names:
        log(0, lane, BEGIN, lane, False)
    rounds = max(intervals // (2 * lanes), 1)
    for turn in range(rounds):
        for number, lane in enumerate(names):
            log(turn + number * 0.1, lane, WAIT, "_lock", "_lock")
            log(turn + 0.1 + number * 0.1, lane, RESUME, "_lock", True)
            log(turn + 0.1 + number * 0.1, lane, ACQUIRE, "_lock", 7)
            log(turn + 0.18 + number * 0.1, lane, RELEASE, "_lock")
    for lane in names:
        log(rounds + 1, lane, END, "finished")
    return Recording(f"dense({intervals})", log.ordered())


def strange_names() -> Recording:
    """Names with what fonts, mathematics and markup trip over."""
    names = ["$x_1$", "a_b^c", "two\nlines", "线程一号", "🧵 worker", "<b>&amp;", "T" * 60, "tab\there", "\ud800"]
    return many(len(names) + 1, name=lambda number: names[number])


EXAMPLES: dict[str, Callable[[], Recording]] = {
    "empty": empty, "alone": alone, "handover": handover, "deadlock": deadlock, "pool": pool, "endings": endings,
    "nested": nested, "queues": queues, "names": strange_names, "dense": lambda: dense(2000),
    "microseconds": lambda: handover(1e-6), "seconds": lambda: handover(0.02), "minutes": lambda: handover(3.0),
    "two": lambda: many(2), "five": lambda: many(5), "eleven": lambda: many(11), "sixteen": lambda: many(16),
    "thirty-two": lambda: many(32),
}  # fmt: skip
