"""Functions of C that a pool or a thread calls: what they look at is looked at when they are called."""

import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from course_utils import interleavings
from tests.together import together


def submitted(call: Callable[[ThreadPoolExecutor, list[int]], Any]):
    """One worker calls what is submitted, while the opener appends a 5."""

    def scenario():
        items = [1]
        with ThreadPoolExecutor(1) as pool:
            asked = call(pool, items)
            items.append(5)
        return asked.result() if hasattr(asked, "result") else next(iter(asked))

    return scenario


@pytest.mark.parametrize(
    ("call", "before", "since"),
    [
        (lambda pool, items: pool.submit(len, items), 1, 2),
        (lambda pool, items: pool.submit(sum, items), 1, 6),
        (lambda pool, items: pool.submit(tuple, items), (1,), (1, 5)),
        (lambda pool, items: pool.submit(repr, (items,)), "([1],)", "([1, 5],)"),
        (lambda pool, items: pool.submit(partial(max, items)), 1, 5),
        (lambda pool, items: pool.submit(items.__getitem__, -1), 1, 5),
        (lambda pool, items: pool.map(len, [items]), 1, 2),
        (lambda pool, items: pool.map(Counter, [items]), "Counter({1: 1})", "Counter({1: 1, 5: 1})"),
    ],
)
def test_submitted(call, before, since):
    counts = interleavings(submitted(call))
    assert counts.outcomes == {before: 1, since: 1}
    assert interleavings(submitted(call), merge=False).outcomes == counts.outcomes


def extended():
    items, more = list[int](), [1]
    thread = threading.Thread(target=items.extend, args=(more,))
    thread.start()
    more.append(2)
    thread.join()
    return tuple(items)


def stored():
    table: dict[str, int] = {}
    thread = threading.Thread(target=table.__setitem__, args=("a", 1))
    thread.start()
    seen = len(table)
    thread.join()
    return seen


def at_a_barrier():
    items, seen = [1], list[int]()
    barrier = threading.Barrier(2, action=items.clear)
    together(barrier.wait, barrier.wait, lambda: seen.append(len(items)))
    return seen[0]


def by_default():
    items, table = [1], defaultdict[str, list[int]](list)
    table.default_factory = items.copy
    found = list[int]()
    together(lambda: found.append(len(table["a"])), lambda: items.append(2))
    return found[0]


def asked_one_after_the_other():
    items, found = [1], list[bool]()
    together(lambda: found.append(any(map(items.__contains__, [5, 2]))), lambda: items.append(2))
    return found[0]


@pytest.mark.parametrize(
    ("scenario", "outcomes"), [(at_a_barrier, {0, 1}), (by_default, {1, 2}), (asked_one_after_the_other, {True, False})]
)
def test_called_on_the_way(scenario, outcomes):
    counts = interleavings(scenario)
    assert set(counts.outcomes) == outcomes
    assert interleavings(scenario, merge=False).outcomes == counts.outcomes


@pytest.mark.parametrize(("scenario", "outcomes"), [(extended, {(1,): 1, (1, 2): 1}), (stored, {0: 1, 1: 1})])
def test_run_by_a_thread(scenario, outcomes):
    assert interleavings(scenario).outcomes == outcomes
    assert interleavings(scenario, merge=False).outcomes == outcomes
