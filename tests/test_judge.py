"""Deadlocks in real threads: what is one, what is none, and who learns of it."""

from __future__ import annotations

import _thread
import os
import queue
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from course_utils import Deadlock, driver, judge, record, run
from course_utils.events import DEADLOCK
from course_utils.judge import Judge
from course_utils.model import State
from course_utils.recording import Recording
from tests.waiting import lanes, until, until_waits, waiting


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look far more often than usual: quick tests, and many more chances to be wrong."""
    monkeypatch.setattr(judge, "PATIENCE", 0.005)
    for module in (driver, judge):
        monkeypatch.setattr(module, "SLICE", 0.002)


def members(recording: Recording) -> dict[str, tuple[str, ...]]:
    """Who waits for ever, and whom each of them needs."""
    return {event.lane: event.value for event in recording.events if event.kind == DEADLOCK}


def endings(recording: Recording) -> dict[str, str]:
    return {lane.name: lane.ending for lane in recording.lanes}


def start(*targets: Callable[[], object], daemon: bool = False) -> list[threading.Thread]:
    threads = [threading.Thread(target=each, name=f"T{n}", daemon=daemon) for n, each in enumerate(targets)]
    for thread in threads:
        thread.start()
    return threads


def join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join()


def nested(first: Any, meeting: threading.Barrier, second: Any, *, joined: bool = True) -> Callable[[], None]:
    def work() -> None:
        with first:
            meeting.wait()
            if joined:
                until_waits("main")  # or main could come to its join after all is told
            with second:
                pass

    return work


def two_orders() -> None:
    a_lock, b_lock, meeting = threading.Lock(), threading.Lock(), threading.Barrier(2)
    join(start(nested(a_lock, meeting, b_lock), nested(b_lock, meeting, a_lock)))


def test_two_locks_in_two_orders() -> None:
    recording = run(two_orders)
    assert isinstance(recording.error, Deadlock)
    assert members(recording) == {"T0": ("T1",), "T1": ("T0",), "main": ("T0",)}
    assert endings(recording) == {"main": "failed", "T0": "failed", "T1": "failed"}
    first = nested.__code__.co_firstlineno
    join_line = join.__code__.co_firstlineno + 2
    assert str(recording.error) == (
        f"T0 holds a_lock (line {first + 2}) and waits for b_lock in line {first + 6}; "
        f"T1 holds b_lock (line {first + 2}) and waits for a_lock in line {first + 6}; "
        f"main waits to join T0 in line {join_line}"
    )
    assert recording.describe().splitlines()[1] == (
        "Deadlock: T0 holds a_lock and waits for b_lock; T1 holds b_lock and waits for a_lock"
    )


def test_nothing_of_it_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    run(two_orders)
    assert capfd.readouterr() == ("", "")


def test_a_block_raises_it() -> None:
    with pytest.raises(Deadlock, match="T0 holds a_lock"), record() as recording:
        two_orders()
    assert isinstance(recording.error, Deadlock)


def acquire_twice() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def enter_twice() -> None:
    lock = threading.Lock()
    with lock, lock:
        pass


@pytest.mark.parametrize("scenario", [acquire_twice, enter_twice])
def test_a_lock_taken_twice(scenario: Callable[[], None]) -> None:
    recording = run(scenario)
    assert members(recording) == {"main": ("main",)}
    assert str(recording.error).startswith("main holds lock (line ")


def test_who_comes_late_behind_a_deadlock_is_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """However short it has waited: it would get the lock that the other lets go on its way out."""
    monkeypatch.setattr(judge, "PATIENCE", 1000)

    def scenario() -> None:
        lock = threading.Lock()

        def first() -> None:
            with lock, lock:
                pass

        def second() -> None:
            until_waits("main", "T0")
            time.sleep(0.02)
            with lock:
                pass

        join(start(first, second))

    def run_out_of_patience() -> None:
        until(lambda: {"main", "T0", "T1"} <= waiting() and lanes()[2].waiting != "sleep")
        early, late = (lane.wait.since for lane in lanes()[1:] if lane.wait is not None)
        monkeypatch.setattr(judge, "PATIENCE", (time.perf_counter_ns() - (early + late) / 2) / 1e9)

    watcher = threading.Thread(target=run_out_of_patience)
    watcher.start()
    recording = run(scenario)
    watcher.join()
    assert members(recording) == {"T0": ("T0",), "T1": ("T0",), "main": ("T0",)}
    assert endings(recording) == {"main": "failed", "T0": "failed", "T1": "failed"}


def test_an_rlock_may_be_taken_twice() -> None:
    def scenario() -> None:
        lock = threading.RLock()
        with lock, lock:
            time.sleep(0.01)

    assert run(scenario).error is None


@pytest.mark.parametrize("kind", ["Lock", "RLock", "Condition"])
def test_a_circle_of_three(kind: str) -> None:
    def scenario() -> None:
        a, b, c = (getattr(threading, kind)() for _ in range(3))
        meeting = threading.Barrier(3)
        join(start(nested(a, meeting, b), nested(b, meeting, c), nested(c, meeting, a)))

    recording = run(scenario)
    assert members(recording) == {"T0": ("T1",), "T1": ("T2",), "T2": ("T0",), "main": ("T0",)}


def test_joining_a_thread_that_waits_for_my_lock() -> None:
    def scenario() -> None:
        lock = threading.Lock()

        def work() -> None:
            with lock:
                pass

        with lock:
            join(start(work))

    recording = run(scenario)
    assert members(recording) == {"main": ("T0",), "T0": ("main",)}


@pytest.mark.parametrize("ask", ["result", "exception"])
def test_a_pool_whose_only_worker_waits_for_a_task_of_the_same_pool(ask: str) -> None:
    ran = []

    def scenario() -> object:
        with ThreadPoolExecutor(1, thread_name_prefix="W") as executor:

            def outer() -> object:
                return getattr(executor.submit(inner), ask)()

            def inner() -> None:
                ran.append("inner")

            return executor.submit(outer).result()

    recording = run(scenario)
    assert members(recording) == {"W_0": ("W_0",), "main": ("W_0",)}
    assert "which no worker of executor is free to run" in str(recording.error)
    assert ran == []  # what would have happened after the deadlock doesn't happen
    worker = recording.lane("W_0")
    waits = [interval.on for interval in worker.intervals if interval.state is State.WAITING]
    assert waits in (["result of inner()"], ["result of inner()", "a task"])  # until the pool is shut down


def slow(value: int) -> int:
    time.sleep(0.02)
    return value


def test_a_free_worker_runs_the_inner_task() -> None:
    def scenario() -> int:
        with ThreadPoolExecutor(2, thread_name_prefix="W") as executor:
            return executor.submit(lambda: executor.submit(slow, 7).result()).result()

    recording = run(scenario)
    assert recording.error is None
    assert recording.result == 7


def get_what_nobody_puts() -> None:
    inbox: queue.Queue[int] = queue.Queue()
    inbox.get()


def put_where_nobody_gets() -> None:
    inbox: queue.Queue[int] = queue.Queue(1)
    inbox.put(1)
    inbox.put(2)


def simple_get() -> None:
    inbox: queue.SimpleQueue[int] = queue.SimpleQueue()
    inbox.get()


def event_never_set() -> None:
    inbox = threading.Event()
    inbox.wait()


def never_notified() -> None:
    inbox = threading.Condition()
    with inbox:
        inbox.wait()


def no_permit() -> None:
    inbox = threading.Semaphore(0)
    inbox.acquire()


@pytest.mark.parametrize(
    ("scenario", "waits"),
    [
        (get_what_nobody_puts, "waits in inbox.get"),
        (put_where_nobody_gets, "waits in inbox.put"),
        (simple_get, "waits in inbox.get"),
        (event_never_set, "waits in inbox.wait"),
        (never_notified, "waits in inbox.wait"),
        (no_permit, "waits for inbox"),
    ],
)
def test_waiting_for_what_never_comes(scenario: Callable[[], None], waits: str) -> None:
    recording = run(scenario)
    assert members(recording) == {"main": ()}
    assert str(recording.error).startswith(f"main {waits} in line ")


def test_a_barrier_for_three_with_two() -> None:
    def scenario() -> None:
        meeting = threading.Barrier(3)

        def work() -> None:
            meeting.wait()

        join(start(work, work))

    recording = run(scenario)
    assert members(recording) == {"T0": (), "T1": (), "main": ("T0",)}
    assert str(recording.error).startswith("T0 waits in meeting.wait in line ")


def test_shutting_a_pool_down_while_holding_what_its_workers_wait_for() -> None:
    def scenario() -> None:
        lock = threading.Lock()

        def work() -> None:
            with lock:
                pass

        with ThreadPoolExecutor(2, thread_name_prefix="W") as executor:
            lock.acquire()  # belongs to nobody: a standstill
            executor.submit(work)
            executor.submit(work)

    recording = run(scenario)
    assert members(recording) == {"main": ("W_0", "W_1"), "W_0": ("main",), "W_1": ("main",)}
    assert [each.split()[0] for each in str(recording.error).split("; ")] == ["main", "W_0", "W_1"]


def test_a_lock_never_given_back() -> None:
    def scenario() -> None:
        lock = threading.Lock()

        def forget() -> None:
            lock.acquire()

        def work() -> None:
            with lock:
                pass

        join(start(forget))
        join(start(work))

    recording = run(scenario)
    line = scenario.__code__.co_firstlineno + 4
    assert f"waits for lock in line {line + 3}, which T0 acquired in line {line} and never released" in str(
        recording.error
    )


def test_two_of_five_while_the_rest_go_on() -> None:
    def scenario() -> None:
        a, b, meeting = threading.Lock(), threading.Lock(), threading.Barrier(2)

        def rest() -> None:
            until(lambda: threads and not any(thread.is_alive() for thread in threads[:2]))
            time.sleep(0.01)
            done.append(1)

        threads: list[threading.Thread] = []
        threads += start(nested(a, meeting, b), nested(b, meeting, a), rest, rest, rest)
        join(threads)

    done: list[int] = []
    recording = run(scenario)
    assert len(done) == 3
    assert endings(recording) == {
        "main": "failed", "T0": "failed", "T1": "failed", "T2": "finished", "T3": "finished", "T4": "finished",
    }  # fmt: skip


def test_the_opener_learns_of_it_at_the_end_if_not_before() -> None:
    def scenario() -> int:
        a, b, meeting = threading.RLock(), threading.RLock(), threading.Barrier(2)
        start(nested(a, meeting, b), nested(b, meeting, a))
        return 5

    recording = run(scenario)
    assert isinstance(recording.error, Deadlock)
    assert recording.result == 5
    assert endings(recording)["main"] == "failed"
    with pytest.raises(Deadlock), record():
        scenario()


def test_an_opener_that_has_caught_it_is_not_told_again() -> None:
    caught = []
    with record() as recording:
        try:
            two_orders()
        except Deadlock as error:
            caught.append(str(error))
    assert len(caught) == 1
    assert recording.error is None
    assert "deadlock: T0 holds a_lock" in recording.describe()


def test_what_a_block_raises_goes_before_it() -> None:
    def scenario() -> None:
        a, b, meeting = threading.Lock(), threading.Lock(), threading.Barrier(2)
        threads = start(nested(a, meeting, b, joined=False), nested(b, meeting, a, joined=False))
        until(lambda: not any(thread.is_alive() for thread in threads))
        raise ValueError("something else")

    assert isinstance(run(scenario).error, ValueError)


def test_members_fail_together() -> None:
    """Whatever one of them lets go on its way out, none of the others gets."""
    got = []

    def scenario() -> None:
        lock, meeting = threading.Lock(), threading.Barrier(4)
        held = [threading.Lock() for _ in range(3)]

        def work(n: int) -> None:
            with held[n]:
                meeting.wait()
                with held[(n + 1) % 3]:
                    got.append(n)

        def outside() -> None:
            meeting.wait()
            until(lambda: threads and not threads[0].is_alive())
            with held[0], lock:
                got.append(-1)  # who has no part in it may have them

        threads: list[threading.Thread] = []
        threads += start(*((lambda n=n: work(n)) for n in range(3)), outside)
        join(threads)

    for _ in range(5):
        run(scenario)
    assert got == [-1] * 5


def test_the_two_lock_pipeline_is_none() -> None:
    def scenario() -> list[int]:
        producer_lock, consumer_lock = threading.Lock(), threading.Lock()
        consumer_lock.acquire()
        slot: list[int] = []
        stored: list[int] = []

        def produce() -> None:
            for message in range(5):
                producer_lock.acquire()
                time.sleep(0.004)
                slot[:] = [message]
                consumer_lock.release()

        def consume() -> None:
            for _ in range(5):
                consumer_lock.acquire()
                time.sleep(0.004)
                stored.extend(slot)
                producer_lock.release()

        join(start(produce, consume))
        return stored

    recording = run(scenario)
    assert recording.error is None
    assert recording.result == [0, 1, 2, 3, 4]


def test_a_timed_wait_is_none() -> None:
    def scenario() -> bool:
        a, b, meeting = threading.Lock(), threading.Lock(), threading.Barrier(2)

        def work(first: threading.Lock, second: threading.Lock, timeout: float) -> None:
            with first:
                meeting.wait()
                if second.acquire(timeout=timeout):
                    second.release()

        join(start(lambda: work(a, b, 0.05), lambda: work(b, a, 0.06)))
        return queue_is_empty()

    def queue_is_empty() -> bool:
        with pytest.raises(queue.Empty):
            queue.Queue[int]().get(timeout=0.02)
        return threading.Event().wait(0.02) is False

    recording = run(scenario)
    assert recording.error is None
    assert members(recording) == {}


def test_a_daemon_that_sleeps_may_yet_act() -> None:
    def scenario() -> str:
        inbox: queue.Queue[str] = queue.Queue()

        def feed() -> None:
            time.sleep(0.05)
            inbox.put("here")
            time.sleep(1000)

        start(feed, daemon=True)
        return inbox.get()

    recording = run(scenario)
    assert recording.error is None
    assert recording.result == "here"


def test_idle_workers_and_daemons_don_t_keep_a_standstill_from_being_one() -> None:
    def scenario() -> None:
        inbox, jobs = queue.Queue[int](), queue.Queue[int]()
        start(jobs.get, daemon=True)
        with ThreadPoolExecutor(2, thread_name_prefix="W") as executor:
            executor.submit(len, "").result()
            inbox.get()

    recording = run(scenario)
    assert members(recording) == {"main": ()}
    assert endings(recording) == {"main": "failed", "T0": "cut off", "W_0": "finished"}


def test_nothing_but_daemons_left_is_none() -> None:
    with record() as recording:
        start(queue.Queue[int]().get, daemon=True)
        until_waits("T0")
        time.sleep(0.03)
    assert endings(recording) == {"main": "finished", "T0": "cut off"}


def test_a_thread_that_nobody_knows_may_yet_act() -> None:
    def scenario() -> bool:
        gate = threading.Event()

        def act() -> None:
            until(lambda: gate._cond._waiters)  # type: ignore[attr-defined]  # Event and Condition have them
            real_sleep(0.05)
            gate.set()

        _thread.start_new_thread(act, ())
        return gate.wait()

    real_sleep = time.sleep
    recording = run(scenario)
    assert recording.error is None
    assert recording.result is True


def test_a_timer_from_before_may_yet_act() -> None:
    gate = threading.Event()
    timer = threading.Timer(0.06, gate.set)
    timer.start()
    assert run(gate.wait).result is True
    timer.join()


def test_a_signal_may_yet_come() -> None:
    gate = threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda *_: gate.set())
    sender = subprocess.Popen(["sh", "-c", f"sleep 0.06; kill -USR1 {os.getpid()}"])
    try:
        assert run(gate.wait).result is True
    finally:
        sender.wait()
        signal.signal(signal.SIGUSR1, before)


def test_a_wait_for_ever_can_be_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "PATIENCE", 1000)

    def interrupt() -> None:
        until_waits("main")
        signal.raise_signal(signal.SIGINT)

    def scenario() -> None:
        inbox: queue.Queue[int] = queue.Queue()
        start(interrupt)
        inbox.get()

    with pytest.raises(KeyboardInterrupt):
        run(scenario)


def test_catching_it_in_a_loop_ends_with_the_recording() -> None:
    def scenario() -> None:
        inbox: queue.Queue[int] = queue.Queue()

        def stubborn() -> None:
            for _ in range(3):
                with pytest.raises(Deadlock):
                    inbox.get()

        join(start(stubborn))

    recording = run(scenario)
    assert endings(recording) == {"main": "failed", "T0": "finished"}


def test_a_real_lock_from_before_is_no_member() -> None:
    gate = threading.Lock()  # made outside a recording, by code that is not seen
    gate.acquire()

    def open_it() -> None:
        time.sleep(0.05)
        gate.release()

    def scenario() -> None:
        start(open_it)
        with gate:
            pass

    assert run(scenario).error is None


# Programs by chance, that can't deadlock, or may.

Act = Callable[["Shared"], object]


class Shared:
    """What the threads of a generated program share."""

    def __init__(self, threads: int) -> None:
        self.locks = [threading.RLock() if n % 2 else threading.Lock() for n in range(4)]
        self.gates = [threading.Lock() for _ in range(12)]
        for gate in self.gates:
            gate.acquire()
        self.events = [threading.Event() for _ in range(12)]
        self.permits = [threading.Semaphore(0) for _ in range(12)]
        self.inboxes: list[queue.Queue[int]] = [queue.Queue() for _ in range(12)]
        self.meeting = threading.Barrier(threads)
        self.changed = threading.Condition()
        self.seen: set[int] = set()


def nest(numbers: list[int], pause: float) -> Act:
    """Take locks in their order, the last one patiently or again and again, and let them go."""

    def act(shared: Shared) -> None:
        if not numbers:
            time.sleep(pause)
            return
        lock = shared.locks[numbers[0]]
        if len(numbers) == 1 and pause:
            while not lock.acquire(timeout=0.003):
                time.sleep(0.001)
            try:
                time.sleep(pause)
            finally:
                lock.release()
            return
        with lock:
            nest(numbers[1:], pause)(shared)

    return act


def signals(kind: str, number: int) -> tuple[Act, Act]:
    """Something given by one thread and waited for by another."""

    def notify(shared: Shared) -> None:
        with shared.changed:
            shared.seen.add(number)
            shared.changed.notify_all()

    def see(shared: Shared) -> None:
        with shared.changed:
            while number not in shared.seen:
                shared.changed.wait()

    pairs: dict[str, Callable[[Shared], tuple[Callable[[], object], Callable[[], object]]]] = {
        "lock": lambda shared: (shared.gates[number].release, shared.gates[number].acquire),
        "event": lambda shared: (shared.events[number].set, shared.events[number].wait),
        "semaphore": lambda shared: (shared.permits[number].release, shared.permits[number].acquire),
        "queue": lambda shared: (lambda: shared.inboxes[number].put(number), shared.inboxes[number].get),
    }
    if kind == "condition":
        return notify, see
    return lambda shared: pairs[kind](shared)[0](), lambda shared: pairs[kind](shared)[1]()


def generated(seed: int) -> Callable[[], int]:
    """
    Write a program that can't deadlock.

    All its actions stand in one line. Locks are taken in their order and let go before anything else is waited
    for, and whatever is waited for is given further ahead in the line: so the first in line can always go on.
    """
    chance = random.Random(seed)
    threads = chance.randint(2, 5)
    line: list[tuple[int, Act]] = []
    for number in range(chance.randint(3, 10)):
        if chance.random() < 0.5:
            numbers = sorted(chance.sample(range(4), chance.randint(1, 3)))
            line.append((chance.randrange(threads), nest(numbers, chance.choice([0, 0.001, 0.004]))))
        elif chance.random() < 0.1:
            line += [(thread, lambda shared: shared.meeting.wait()) for thread in range(threads)]
        else:
            kind = chance.choice(["lock", "event", "semaphore", "queue", "condition"])
            give, take = signals(kind, number)
            line.append((chance.randrange(threads), give))
            line.append((chance.randrange(threads), take))
    pooled = chance.random() < 0.3

    def program() -> int:
        shared = Shared(threads)
        done: list[int] = []

        def work(me: int) -> None:
            for thread, act in line:
                if thread == me:
                    act(shared)
            done.append(me)

        if pooled:
            with ThreadPoolExecutor(threads) as executor:
                for future in [executor.submit(work, me) for me in range(threads)]:
                    future.result()
        else:
            join(start(*((lambda me=me: work(me)) for me in range(threads))))
        return len(done) - threads

    return program


def check_generated(seeds: range) -> None:
    for seed in seeds:
        recording = run(generated(seed), timeout=20)
        assert recording.error is None, (seed, recording.error)
        assert recording.result == 0, seed
        assert members(recording) == {}, seed


def test_programs_that_cannot_deadlock() -> None:
    check_generated(range(15))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_thousand_programs_that_cannot_deadlock() -> None:
    check_generated(range(1000))


def risky(seed: int) -> Callable[[], None]:
    """Write a program whose threads take locks in any order."""
    chance = random.Random(seed)
    plans = [[chance.sample(range(4), chance.randint(2, 3)) for _ in range(3)] for _ in range(chance.randint(2, 4))]

    def program() -> None:
        shared = Shared(1)

        def take(numbers: list[int]) -> None:
            if numbers:
                with shared.locks[numbers[0]]:
                    time.sleep(0.001)
                    take(numbers[1:])

        def work(plan: list[list[int]]) -> None:
            for numbers in plan:
                take(numbers)

        join(start(*((lambda plan=plan: work(plan)) for plan in plans)))

    return program


def told_truly(recording: Recording) -> Iterator[str]:
    """What a recording's own holds have against its deadlock."""
    for event in recording.events:
        if event.kind == DEADLOCK and event.lane != "main":
            holders = {
                hold.lane for hold in recording.holds
                if hold.lock == event.object and hold.start <= event.time <= hold.end
            }  # fmt: skip
            if holders != set(event.value):
                yield f"{event.lane} waits for {event.object}, held by {holders} and not by {event.value}"


def check_risky(seeds: range) -> int:
    found = 0
    for seed in seeds:
        recording = run(risky(seed), timeout=20)
        if members(recording):
            found += 1
            assert isinstance(recording.error, Deadlock)
            assert list(told_truly(recording)) == [], seed
        else:
            assert recording.error is None, seed
            assert set(endings(recording).values()) == {"finished"}, seed
    return found


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_programs_that_may_deadlock_end_or_are_told_truly() -> None:
    assert check_risky(range(200)) > 20


def test_taking_down_what_is_held_costs_the_log_once() -> None:
    """However often somebody looks, each event is read once."""

    class Counting(list[Any]):
        reads = 0

        def __getitem__(self, key: Any) -> Any:
            Counting.reads += isinstance(key, int)
            return super().__getitem__(key)

    listening = driver.Driver()
    listening.log = Counting([(n, "main", "mark", None, "") for n in range(100)])
    looking = Judge(listening)
    for _ in range(3):
        looking._known.read_on()
    assert Counting.reads == 100
