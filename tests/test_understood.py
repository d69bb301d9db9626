"""What nobody sees the inside of is refused; what is looked at on the stack is what is worked on."""

import array
import contextlib
import contextvars
import copy
import functools
import io
import itertools
import operator
import queue
import random
import sys
import threading
import weakref
from collections import ChainMap, UserDict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from course_utils import interleavings
from tests.together import together


class Box:
    def __init__(self):
        self.value = 0


def numbers():
    yield 1
    yield 2


def twice(make):
    """Two threads add one to the first item of what is made."""

    def scenario():
        made = make()

        def update():
            made[0] += 1

        together(update, update)

    return scenario


def taken(make):
    """Two threads call what is made."""

    def scenario():
        made = make()

        def take():
            made()

        together(take, take)

    return scenario


def given(make):
    """Two threads call what is made with the same list."""

    def scenario():
        made, items = make(), [0]
        together(lambda: made(items), lambda: made(items))

    return scenario


def seen(make, look):
    def scenario():
        made = make()
        together(lambda: look(made), lambda: look(made))

    return scenario


def gone_through():
    shared, found = map(str, [1, 2]), list[str]()

    def one():
        for each in shared:
            found.append(each)
            break

    together(one, one)


def sorted_in_place():
    items: list[int] = [2, 1]
    together(lambda: items.sort(key=lambda item: item), lambda: items.append(len(items)))


def initialised():
    found: list[Any] = []
    with ThreadPoolExecutor(2, initializer=lambda: found.append("new")) as pool:
        pool.submit(found.append, 1)


def matched():
    box, found = Box(), list[str]()

    def look():
        match box:
            case Box(value=0):
                found.append("zero")

    together(lambda: setattr(box, "value", 1), look)


def copied():
    box, found = Box(), list[Box]()
    together(lambda: setattr(box, "value", 1), lambda: found.append(copy.copy(box)))


def formatted():
    box, found = Box(), list[str]()
    together(lambda: setattr(box, "value", 1), lambda: found.append("{.value}".format(box)))  # noqa: UP032 - the point


def run_in_context():
    shared = contextvars.copy_context()
    together(lambda: shared.run(print), lambda: shared.run(print))


def printed_into_one_text():
    with contextlib.redirect_stdout(io.StringIO()) as text:
        together(lambda: print("a"), lambda: print("b"))
    return text.getvalue()


def redirected(enter):
    """Two threads print, one of them to somewhere else."""

    def scenario():
        other = contextlib.redirect_stdout(io.StringIO())
        together(lambda: enter(other), lambda: print("b"))

    return scenario


def by_itself(manager):
    with manager:
        print("a")


def by_a_stack(manager):
    with contextlib.ExitStack() as stack:
        stack.enter_context(manager)


@pytest.mark.parametrize(
    "scenario",
    [
        printed_into_one_text,
        redirected(by_itself),
        redirected(by_a_stack),
        twice(lambda: array.array("i", [0])),
        twice(lambda: UserDict({0: 0})),
        twice(lambda: memoryview(bytearray(1))),
        twice(lambda: ChainMap({0: 0})),
        taken(lambda: functools.partial(list[int]().append, 3)),
        taken(lambda: functools.lru_cache(print)),
        taken(lambda: weakref.ref(Box)),
        taken(lambda: itertools.count().__next__),
        taken(lambda: random.Random(3).random),
        given(lambda: operator.itemgetter(0)),
        given(lambda: operator.methodcaller("append", 3)),
        seen(numbers, next),
        seen(io.StringIO, lambda text: text.write("a")),
        seen(io.StringIO, lambda text: print("a", file=text)),
        seen(lambda: threading.Barrier(2), lambda barrier: barrier.n_waiting),
        seen(queue.Queue, lambda inbox: inbox.unfinished_tasks),
        seen(queue.Queue, lambda inbox: inbox.queue),
        seen(lambda: threading.Semaphore(1), lambda free: free._value),
        seen(threading.Lock, lambda lock: lock.locked()),
        gone_through,
        sorted_in_place,
        initialised,
        run_in_context,
        matched,
        copied,
        formatted,
    ],
)
def test_refused(scenario):
    with pytest.raises(RuntimeError, match="nothing can be said of"):
        interleavings(scenario)


def pick(value):
    return value


def bound_method():
    items: list[int] = []
    found: list[int] = []
    add = items.append
    together(lambda: add(1), lambda: found.append(len(items)))
    return found[0]


def two_results_of_one_function():
    one, other, found = [1], [7], []
    together(lambda: found.append(len(pick(one) + pick(other))), lambda: one.append(5))
    return found[0]


def rebound():
    one, other, found = [1], [7], []

    def add():
        some = one
        both = some + (some := other)
        found.append(len(both))

    together(add, lambda: one.append(5))
    return found[0]


def nested():
    inner, found = [1], []
    outer = [inner]
    together(lambda: found.append(outer == [[1]]), lambda: inner.append(2))
    return found[0]


def in_a_tuple():
    inner, found = [1], []
    outer = (1, (inner,))
    together(lambda: found.append(f"{outer}"), lambda: inner.append(2))
    return found[0]


def view():
    items: dict[str, int] = {}
    found: list[int] = []
    keys = items.keys()

    def put():
        items["a"] = 1

    together(lambda: found.append(len(keys)), put)
    return found[0]


def assigned_twice():
    box: list[Any] = [None]
    found: list[int] = []

    def put():
        mine = box[0] = [0]
        mine[0] += 1

    def look():
        some = box[0]
        found.append(-1 if some is None else some[0])

    together(put, look)
    return found[0]


def perhaps():
    box: list[Any] = [None]
    found: list[int] = []

    def put():
        mine = [0]
        other = mine or None
        box[0] = other
        mine[0] += 1

    def look():
        some = box[0]
        found.append(-1 if some is None else some[0])

    together(put, look)
    return found[0]


def behind_the_class():
    box = Box()

    def update():
        object.__setattr__(box, "value", box.value + 1)

    together(update, update)
    return box.value


def iterated(make, add):
    def scenario():
        items = make()
        found: list[int] = []

        def count():
            number = 0
            for _ in items:
                number += 1
            found.append(number)

        together(count, lambda: add(items))
        return found[0] if found else "changed"

    return scenario


def spread():
    items, found = [1, 2], list[int]()

    def count(*given):
        found.append(len(given))

    together(lambda: items.append(3), lambda: count(*items))
    return found[0]


class Safe(dict):  # type: ignore[type-arg]
    """A dict that has its own ways."""

    def __setitem__(self, key, value):
        super().__setitem__(key, value)

    def __getitem__(self, key):
        return super().__getitem__(key)


def own_subscripts():
    items = Safe(a=0)

    def update():
        items["a"] += 1

    together(update, update)
    return items["a"]


def own_stream():
    found: list[str] = []

    class Out:
        def write(self, text):
            found.append(text)

    with contextlib.redirect_stdout(Out()):  # type: ignore[type-var]
        together(lambda: print("a", end=""), lambda: print("b", end=""))
    return "".join(found)


def standard_streams():
    box, found = Box(), list[int]()

    def look():
        print(box.value, file=sys.stderr)
        sys.stdout.write("looked")
        found.append(box.value)

    together(look, lambda: setattr(box, "value", 1))
    return found[0]


@pytest.mark.parametrize(
    ("scenario", "outcomes"),
    [
        (own_subscripts, {1, 2}),
        (own_stream, {"ab", "ba"}),
        (standard_streams, {0, 1}),
        (iterated(dict, lambda items: items.update(a=1)), {0, 1, "changed"}),
        (iterated(lambda: {0: 0}, lambda items: items.update(a=1)), {1, 2, "changed"}),
        (iterated(lambda: {0}, lambda items: items.add(1)), {1, 2, "changed"}),
        (iterated(lambda: [0], lambda items: items.append(1)), {1, 2}),
        (spread, {2, 3}),
        (bound_method, {0, 1}),
        (two_results_of_one_function, {2, 3}),
        (rebound, {2, 3}),
        (nested, {True, False}),
        (in_a_tuple, {"(1, ([1],))", "(1, ([1, 2],))"}),
        (view, {0, 1}),
        (assigned_twice, {-1, 0, 1}),
        (perhaps, {-1, 0, 1}),
        (behind_the_class, {1, 2}),
    ],
)
def test_seen(scenario, outcomes):
    merged, run = interleavings(scenario), interleavings(scenario, merge=False)
    assert merged.complete
    assert set(merged.outcomes) == outcomes
    assert merged.outcomes == run.outcomes


def test_example_of_a_list_by_itself():
    def scenario():
        items: list[int] = []
        together(lambda: items.append(1), lambda: items.append(2))
        return items

    every = interleavings(scenario)
    assert every.example([2, 1]).result == [2, 1]
    assert every.example("[2, 1]").result == [2, 1]
    with pytest.raises(KeyError, match="no interleaving has the outcome"):
        every.example([3])


def waited_for(predicate):
    def scenario():
        ready, items, told = threading.Condition(), list[int](), threading.Event()

        def wait():
            with ready:
                ready.wait_for(predicate(items, told))

        def put():
            with ready:
                items.append(1)
                told.set()
                ready.notify()

        together(wait, put)
        return len(items)

    return scenario


def test_asked_by_the_library():
    assert set(interleavings(waited_for(lambda items, _: items.__len__)).outcomes) == {1}
    with pytest.raises(RuntimeError, match=r"Event\.is_set is called by the library, .*have it called by a function"):
        interleavings(waited_for(lambda _, told: told.is_set))
