"""Programs of which orders are easily missed: each is counted as all of its orders that are run."""

import threading
import time
from typing import Any

import pytest

from course_utils import Deadlock, interleavings


def together(*works):
    threads = [threading.Thread(target=work, name=f"T{number}") for number, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Box:
    def __init__(self):
        self.value = 0


def counted(scenario, **options):
    """What is counted, which must be what running every order gives."""
    merged, run = interleavings(scenario, **options), interleavings(scenario, merge=False, **options)
    assert merged.complete
    assert run.complete
    assert merged.outcomes == run.outcomes
    return merged.outcomes


# Nobody waits, or not for long.


def not_joined():
    box = Box()
    threading.Thread(target=lambda: setattr(box, "value", 1)).start()
    return box.value


def not_joined_but_told():
    box, go = Box(), threading.Event()

    def work():
        go.wait()
        box.value = 1

    threading.Thread(target=work).start()
    go.set()
    return box.value


def joined_for_a_while():
    box = Box()

    def work():
        time.sleep(0.05)
        box.value = 1

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(0.02)
    seen = box.value
    thread.join()
    return seen


def alive_after_a_while():
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join(0.02)
    alive = thread.is_alive()
    thread.join()
    return alive


def set_and_cleared():
    go, found = threading.Event(), list[Any]()
    thread = threading.Thread(target=lambda: found.append(go.wait()))
    thread.start()
    time.sleep(0.01)
    go.set()
    go.clear()
    thread.join()
    return found[0]


@pytest.mark.parametrize(
    ("scenario", "clock", "outcomes"),
    [
        (not_joined, "any", {0: 1, 1: 1}),
        (not_joined_but_told, "any", {0: 2, 1: 1}),
        (joined_for_a_while, "any", {0: 1, 1: 1}),
        (joined_for_a_while, "virtual", {0: 1}),
        (alive_after_a_while, "any", {True: 1, False: 1}),
        (set_and_cleared, "any", {True: 2, Deadlock: 1}),
        (set_and_cleared, "virtual", {True: 3}),
    ],
)
def test_time(scenario, clock, outcomes):
    assert counted(scenario, clock=clock) == outcomes
