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
    DEADLOCK,
    DONE,
    END,
    EXCEPTION,
    GET,
    LOG,
    MARK,
    PRINT,
    PUT,
    QUEUE,
    READ,
    RELEASE,
    RESUME,
    SLEEP,
    START,
    SUBMIT,
    TASK,
    WAIT,
    WAKE,
    WRITE,
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


def race(workers: int = 2, unit: float = 1e-3) -> Recording:
    """Threads that read, sleep and write, with nothing that keeps them apart: all updates but one are lost."""
    log = Log(unit)
    names = _begun(log, workers)
    for number, name in enumerate(names):
        log(3.2 + number, name, READ, "database.value", "0")
        log(3.9 + number, name, SLEEP, None, 100 * unit)
        log(103.9 + number, name, WAKE)
        log(104.6 + number, name, WRITE, "database.value", "1")
        log(106.2 + number, name, END, "finished")
    log(108 + workers, "main", END, "finished")
    return Recording(f"lost_update(workers={workers})", log.ordered(), result=1, called=True)


def locked_race(unit: float = 1e-3) -> Recording:
    """The same with a lock around it: nothing is lost."""
    log = Log(unit)
    for event in handover(1.0).events:
        if event.kind != MARK:
            _again(log, event)
    for at, name, kind, value in (
        (2.8, "T0", READ, 0), (104.9, "T0", WRITE, 1), (108.0, "T1", READ, 1), (209.9, "T1", WRITE, 2),
    ):  # fmt: skip
        log(at, name, kind, "database.value", str(value))
    return Recording("locked_update(workers=2)", log.ordered(), result=2, called=True)


def pooled_race(unit: float = 1e-3) -> Recording:
    """The same as tasks of a pool."""
    log = Log(unit)
    for event in race(3, 1.0).events:
        _again(log, event)
        if event.kind == READ:
            log(event.time - 0.2, "main", SUBMIT, f"update({event.lane[1:]}, …)", "executor")
            log(event.time - 0.1, event.lane, TASK, f"update({event.lane[1:]}, …)")
        if event.kind == WRITE:
            log(event.time + 0.1, event.lane, DONE, f"update({event.lane[1:]}, …)")
    return Recording("lost_update(workers=3)", log.ordered(), result=1, called=True)


def increments(workers: int = 2, times: int = 5, gap: float = 20.0, places: tuple[str, ...] = ("counter.value",),
               unit: float = 1e-3) -> Recording:  # fmt: skip
    """Threads that add 1, a read and a write 2 µs apart, `gap` ms after another; two at a time lose an update."""
    log = Log(unit)
    value = dict.fromkeys(places, 0)
    names = _begun(log, workers)
    for turn in range(times):
        for number, name in enumerate(names):
            for step, place in enumerate(places):
                at = 8.0 + turn * gap + number * gap / workers + step * 0.01
                log(at, name, READ, place, str(value[place]))
                if number % 4 != 3:
                    value[place] += 1
                    log(at + 0.002, name, WRITE, place, str(value[place]))
                else:
                    log(at + 0.001, names[0], WRITE, place, str(value[place] + 1))
                    log(at + 0.002, name, WRITE, place, str(value[place] + 1))
    end = 10 + times * gap
    for name in (*names, "main"):
        log(end, name, END, "finished")
    return Recording(f"add_up(workers={workers})", log.ordered(), result=tuple(value.values()), called=True)


def transfer() -> Recording:
    """Two accounts, whose balances are changed one after the other."""
    log = Log(1e-3)
    names = _begun(log, 2)
    for number, name in enumerate(names):
        for step, (place, value) in enumerate((("a.balance", 100), ("b.balance", 50))):
            at = 5 + number + 45 * step
            log(at, name, READ, place, str(value))
            log(at + 1, name, SLEEP, None, 0.03)
            log(at + 31, name, WAKE)
            log(at + 32, name, WRITE, place, str(value - 10))
        log(90 + number, name, END, "finished")
    log(100, "main", END, "finished")
    return Recording("transfer()", log.ordered())


def _again(log: Log, event: Event) -> None:
    """Add an event of a recording in whole units."""
    value = event.value * log.unit if event.kind == SLEEP else event.value
    log(event.time, event.lane, event.kind, event.object, value)


def _begun(log: Log, count: int) -> list[str]:
    """Begin main and so many threads."""
    log(0, "main", BEGIN, "main", False)
    names = [f"T{number}" for number in range(count)]
    for number, name in enumerate(names):
        log(1 + number * 0.1, "main", START, name)
        log(1.5 + number * 0.1, name, BEGIN, name, False)
    return names


def _unwind(log: Log, at: float, lane: str, waits: str, needs: tuple[str, ...], held: tuple[str, ...] = ()) -> None:
    """The verdict at a time, and what follows it within microseconds."""
    log(at, lane, DEADLOCK, waits, needs)
    log(at + 0.01, lane, RESUME, waits.removeprefix("join "), False)
    for number, lock in enumerate(held):
        log(at + 0.02 + 0.01 * number, lane, RELEASE, lock)
    log(at + 0.05, lane, EXCEPTION, "Deadlock", "T0 holds a_lock and waits for b_lock; T1 holds b_lock and so on")
    log(at + 0.06, lane, END, "failed", "Deadlock: T0 holds a_lock and waits for b_lock; T1 holds b_lock and so on")


def circle(members: tuple[int, ...] = (0, 1), lanes: int = 2, unit: float = 1e-3) -> Recording:
    """Threads that take two locks, each its own and the next one's; those that aren't members go on."""
    log = Log(unit)
    names = _begun(log, lanes)
    locks = {member: f"{chr(97 + place)}_lock" for place, member in enumerate(members)}
    for number, name in enumerate(names):
        if number not in members:
            log(5, name, SLEEP, None, 0.08)
            log(85, name, WAKE)
            log(86, name, END, "finished")
            continue
        following = members[(members.index(number) + 1) % len(members)]
        log(3 + number * 0.5, name, ACQUIRE, locks[number], 5)
        if following != number:
            log(4 + number * 0.5, name, SLEEP, None, 0.02)
            log(24 + number * 0.5, name, WAKE)
        log(25 + number * 0.5, name, WAIT, locks[following], locks[following])
        _unwind(log, 62, name, locks[following], (f"T{following}",), (locks[number],))
    log(4, "main", WAIT, f"T{members[0]}", f"join T{members[0]}")
    log(62.2, "main", RESUME, f"T{members[0]}", False)
    log(62.3, "main", EXCEPTION, "Deadlock", "T0 holds a_lock and so on")
    log(90, "main", END, "failed", "Deadlock: T0 holds a_lock and so on")
    return Recording("transfer_both_ways()", log.ordered())


def standstill() -> Recording:
    """Nobody will ever put anything in: two consumers, and main that joins them."""
    log = Log(1e-3)
    for name in _begun(log, 2):
        log(3, name, WAIT, "inbox", "inbox.get")
        _unwind(log, 40, name, "inbox.get", ())
    log(4, "main", WAIT, "T0", "join T0")
    _unwind(log, 40, "main", "join T0", ("T0",))
    return Recording("nobody_puts()", log.ordered())


def caught() -> Recording:
    """Deadlocks that the threads survive: one catches the exception, the other is a pool's worker."""
    log = Log(1e-3)
    names = _begun(log, 2)
    log(2, "main", SUBMIT, "move(1)", "executor")
    log(2.1, "T1", TASK, "move(1)")
    for number, (name, needed) in enumerate(zip(names, reversed(names), strict=True)):
        log(3, name, ACQUIRE, f"lock_{number}", 4)
        log(10, name, WAIT, f"lock_{1 - number}", f"lock_{1 - number}")
        log(50, name, DEADLOCK, f"lock_{1 - number}", (needed,))
        log(50.01, name, RESUME, f"lock_{1 - number}", False)
        log(50.02, name, RELEASE, f"lock_{number}")
    log(50.03, "T1", DONE, "move(1)", "Deadlock: T0 holds lock_0 and waits for lock_1, and so on")
    for name in (*names, "main"):
        log(90, name, END, "finished")
    return Recording("survivors()", log.ordered())


def reentrant() -> Recording:
    """An RLock taken again by its holder, and once more."""
    log = Log(1e-3)
    names = _begun(log, 2)
    for number, name in enumerate(names):
        at = 5.0 + 60 * number
        if number:
            log(6, name, WAIT, "rlock", "rlock")
            log(at - 0.1, name, RESUME, "rlock", True)
        for step in (0.0, 10.0, 20.0):
            log(at + step, name, ACQUIRE, "rlock", 3)
        for step in (40, 50, 59.8):
            log(at + step, name, RELEASE, "rlock")
        log(at + 59.9, name, END, "finished")
    log(126, "main", END, "finished")
    return Recording("nested_calls()", log.ordered())


def pipeline(messages: int = 4) -> Recording:
    """Two locks, each taken by one thread and released by the other."""
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    log(0.2, "main", ACQUIRE, "consumer_lock", 7)
    for name in ("producer", "consumer"):
        log(0.5, "main", START, name)
        log(0.8, name, BEGIN, name, False)
    log(1, "consumer", WAIT, "consumer_lock", "consumer_lock")
    for number in range(messages):
        at = 20.0 + 30 * number
        log(at - 19, "producer", SLEEP, None, 0.018)
        log(at - 1, "producer", WAKE)
        log(at, "producer", ACQUIRE, "producer_lock", 12)
        log(at + 0.1, "producer", RELEASE, "consumer_lock")
        log(at + 0.2, "consumer", RESUME, "consumer_lock", True)
        log(at + 0.3, "consumer", ACQUIRE, "consumer_lock", 9)
        log(at + 8, "consumer", RELEASE, "producer_lock")
        log(at + 8.1, "consumer", WAIT, "consumer_lock", "consumer_lock")
        if number + 1 < messages:
            continue
        log(at + 9, "producer", END, "finished")
        log(at + 9, "consumer", RESUME, "consumer_lock", False)
        log(at + 10, "consumer", END, "finished")
        log(at + 11, "main", END, "finished")
    return Recording("two_lock_pipeline()", log.ordered())


def burst(items: int = 10, capacity: int | None = 3, names: tuple[str, ...] = ("inbox",)) -> Recording:
    """A producer that puts all it has as fast as a slow consumer lets it."""
    log = Log(1e-3)
    lanes = _begun(log, 2 * len(names))
    most = items if capacity is None else capacity
    end = 22.0 + 20 * items
    for place, inbox in enumerate(names):
        producer, consumer = lanes[2 * place], lanes[2 * place + 1]
        if capacity is not None:
            log(4, producer, QUEUE, inbox, capacity)
        put = 4.0
        for number in range(items):
            got = 5 + 20 * number
            log(got, consumer, GET, inbox, Item(number, str(number)))
            log(got + 0.1, consumer, SLEEP, None, 0.0195)
            log(got + 19.6, consumer, WAKE)
            put += 0.1
            if number >= most and put < 5 + 20 * (number - most):
                log(put, producer, WAIT, inbox, f"{inbox}.put")
                put = 5.2 + 20 * (number - most)
                log(put, producer, RESUME, inbox, True)
            log(put, producer, PUT, inbox, Item(number, str(number)))
        log(end, producer, END, "finished")
        log(end + 1, consumer, END, "finished")
    log(end + 2, "main", END, "finished")
    return Recording("burst()", log.ordered())


def strange_names() -> Recording:
    """Names with what fonts, mathematics and markup trip over."""
    names = ["$x_1$", "a_b^c", "two\nlines", "线程一号", "🧵 worker", "<b>&amp;", "T" * 60, "tab\there", "\ud800"]
    return many(len(names) + 1, name=lambda number: names[number])


EXAMPLES: dict[str, Callable[[], Recording]] = {
    "empty": empty, "alone": alone, "handover": handover, "deadlock": deadlock, "pool": pool, "endings": endings,
    "nested": nested, "items": queues, "names": strange_names, "dense": lambda: dense(2000),
    "microseconds": lambda: handover(1e-6), "seconds": lambda: handover(0.02), "minutes": lambda: handover(3.0),
    "two": lambda: many(2), "five": lambda: many(5), "eleven": lambda: many(11), "sixteen": lambda: many(16),
    "thirty-two": lambda: many(32), "race": race, "race of five": lambda: race(4), "race of sixteen": lambda: race(15),
    "race in µs": lambda: race(2, 1e-6), "locked race": locked_race, "pooled race": pooled_race,
    "race in s": lambda: race(3, 0.02),
    "increments": increments, "many increments": lambda: increments(15, 12, 9.0),
    "dense increments": lambda: increments(4, 400, 0.5), "transfer": transfer,
    "places": lambda: increments(4, 6, 30.0, ("first.value", "second.value", "third.total")),
    "circle": circle, "far circle": lambda: circle((0, 3), 4), "circle of three": lambda: circle((0, 1, 2), 3),
    "own circle": lambda: circle((0,), 1), "pair of five": lambda: circle((1, 3), 5),
    "circle of sixteen": lambda: circle(tuple(range(15)), 15), "circle in µs": lambda: circle((1, 0), 2, 1e-6),
    "standstill": standstill, "caught": caught, "reentrant": reentrant, "pipeline": pipeline, "burst": burst,
    "long burst": lambda: burst(30, None), "queues": lambda: burst(6, 2, ("first", "second", "third", "fourth")),
}  # fmt: skip
