"""Waiting in line: first come, first served, and nobody is forgotten."""

import threading
import time
from _thread import allocate_lock
from functools import partial
from itertools import pairwise

import pytest

from course_utils import load_ipython_extension, record, run, unload_ipython_extension
from course_utils.lines import Line, Place, ring
from tests.waiting import lanes, until, until_waits


def test_the_first_is_rung_for_first() -> None:
    line, lock = Line(), allocate_lock()
    lock.acquire()
    first, second = (Place(line, lambda: lock.acquire(False), lambda: not lock.locked()) for _ in range(2))
    assert not first.attempt(0)
    assert not second.attempt(0)
    ring(line)
    assert not second.attempt(0.001)
    lock.release()
    assert first.attempt(0.001)
    first.leave()
    assert len(line) == 1


def test_one_who_was_too_slow_is_first_again() -> None:
    line, lock = Line(), allocate_lock()
    lock.acquire()
    first, second = (Place(line, lambda: lock.acquire(False), lambda: not lock.locked()) for _ in range(2))
    assert not first.attempt(0)
    assert not second.attempt(0)
    ring(line)
    assert not first.attempt(1)  # somebody else was quicker
    lock.release()
    assert not second.attempt(0)
    assert first.attempt(0)


def test_who_leaves_passes_the_bell_on() -> None:
    line, lock = Line(), allocate_lock()
    lock.acquire()
    first, second = (Place(line, lambda: lock.acquire(False), lambda: not lock.locked()) for _ in range(2))
    assert not first.attempt(0)
    assert not second.attempt(0)
    lock.release()
    ring(line)
    first.leave()  # its time was out, at that very moment
    assert second.attempt(1)
    second.leave()
    assert not line


def looked_once(name: str) -> bool:
    """Whether a thread that waits for a held lock has found it held, and so comes along no more: it stands in line."""
    return any(lane.name == name and lane.wait is not None and not lane.wait.ready() for lane in lanes())


@pytest.mark.parametrize("hold", [0.2, 0.02])
def test_a_lock_is_handed_over_in_the_order_of_arrival(hold: float) -> None:
    """However long they wait: more slices than one must not change the order."""

    def scenario() -> None:
        lock = threading.Lock()

        def work() -> None:
            with lock:
                pass

        threads = [threading.Thread(target=work, name=f"T{index}") for index in range(5)]
        with lock:
            for thread in threads:
                thread.start()
                until_waits(thread.name)
                until(partial(looked_once, thread.name))
            time.sleep(hold)
        for thread in threads:
            thread.join()

    holds = run(scenario).holds
    assert [hold.lane for hold in holds] == ["main", "T0", "T1", "T2", "T3", "T4"]


def test_nobody_is_forgotten_under_stress() -> None:
    def scenario() -> int:
        lock, rlock, done = threading.Lock(), threading.RLock(), [0]

        def work() -> None:
            for turn in range(200):
                with lock:
                    done[0] += 1
                if turn % 3 == 0 and lock.acquire(timeout=0.0001):
                    lock.release()
                with rlock, rlock:
                    done[0] += 1
                    done[0] -= 1

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return done[0]

    recording = run(scenario)
    assert recording.error is None
    holds = [hold for hold in recording.holds if hold.lock == "lock"]
    assert all(before.end <= after.start for before, after in pairwise(holds))


def test_a_lock_given_back_by_a_block_that_began_before_anything_listened() -> None:
    load_ipython_extension(None)
    inside, go = threading.Event(), threading.Event()
    try:
        lock = threading.Lock()
    finally:
        unload_ipython_extension(None)

    def outsider() -> None:
        with lock:
            inside.set()
            go.wait()

    thread = threading.Thread(target=outsider)
    thread.start()
    inside.wait()
    with record() as recording:
        threading.Thread(target=lock.acquire, name="T0").start()
        until_waits("T0")
        go.set()
    thread.join()
    assert recording.lane("T0").ending == "finished"
