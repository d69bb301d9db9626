"""Idents of threads, of which two may have the same one after the other."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from course_utils import interleavings
from tests.together import together


class Reentrant:
    """A lock that its owner may acquire again, by its ident."""

    def __init__(self):
        self.lock = threading.Lock()
        self.owner: int | None = None
        self.times = 0

    def __enter__(self):
        me = threading.get_ident()
        if self.owner != me:
            self.lock.acquire()
            self.owner = me
        self.times += 1

    def __exit__(self, *_: object):
        self.times -= 1
        if self.times == 0:
            self.owner = None
            self.lock.release()


def reentrant():
    lock, counts = Reentrant(), [0]

    def work():
        with lock, lock:
            counts[0] += 1

    together(work, work)
    return counts[0]


def openers_own():
    me, found = threading.get_ident(), set[bool]()
    together(lambda: found.add(threading.get_ident() == me), lambda: None)
    return {me: 1}[me], found


def test_told_from_threads_that_live():
    assert set(interleavings(reentrant).outcomes) == {2}
    assert interleavings(openers_own).outcomes == {"(1, {False})": 1}


def noted(note: Callable[[list[int]], Any]):
    def scenario():
        idents = list[int]()
        together(lambda: idents.append(threading.get_ident()), lambda: idents.append(threading.get_ident()))
        return note(idents)

    return scenario


def of_a_thread():
    table: dict[int | None, int] = {}

    def work():
        table[threading.current_thread().ident] = 1

    together(work, work)
    return len(table)


@pytest.mark.parametrize(
    ("scenario", "how"),
    [
        (noted(lambda idents: len(set(idents))), "as a key"),
        (noted(lambda idents: idents[0] == idents[1]), "of a thread that has ended"),
        (noted(lambda idents: idents.count(idents[0])), "of a thread that has ended"),
        (of_a_thread, "as a key"),
    ],
)
def test_had_one_after_the_other(scenario, how):
    with pytest.raises(RuntimeError, match=rf"line \d+ of .* uses an ident {how}, and another thread may get the same"):
        interleavings(scenario)
