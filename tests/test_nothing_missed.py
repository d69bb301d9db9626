"""Programs of which orders are easily missed: each is counted as all of its orders that are run."""

import abc
import array
import collections
import contextlib
import decimal
import io
import itertools
import operator
import queue
import sys
import threading
import time
import types
from collections import Counter, defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from course_utils import Deadlock, interleavings
from tests.together import together

pytestmark = pytest.mark.slow  # each runs every order, and there are many


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


# What is looked at, and what is learned by it.


def beside(work, look):
    """One thread works, another notes what it sees."""

    def scenario():
        made, found = Made(), []
        together(lambda: work(made), lambda: found.append(look(made)))
        return found[0] if found else "failed"

    return scenario


class Made:
    """Whatever the scenarios below work on, made anew for each run."""

    def __init__(self):
        self.counter: Counter[str] = Counter()
        self.items = [1]
        self.deque = deque([1])
        self.table: dict[str, Any] = {}
        self.inner = [1]
        self.rows = [[], self.inner]
        self.default: defaultdict[str, int] = defaultdict(int)
        self.view = types.MappingProxyType(self.table)
        self.view_of_two = collections.ChainMap(self.table, {"a": 0})
        self.both = itertools.chain(self.items, [1])


def passed_on(made):
    def each():
        yield from made.items
        yield len(made.items)

    return sum(each())


def gone_through(made):
    number = 0
    for each in made.deque:
        number += each
    return number


class Parent:
    number = 0


class Child(Parent):
    def parents_number(self):
        return super().number


def of_parent():
    Parent.number = 0
    child, found = Child(), list[int]()
    together(lambda: setattr(Parent, "number", 1), lambda: found.append(child.parents_number()))
    return found[0]


def global_of_its_module():
    module: Any = sys.modules[__name__]
    module.total = 0
    found: list[int] = []

    def update():
        module.total = 1

    together(update, lambda: found.append(total))
    return found[0]


total = 0


@pytest.mark.parametrize(
    ("scenario", "outcomes"),
    [
        (beside(lambda made: made.counter.update("a"), lambda made: made.counter["a"]), {0: 2, 1: 1}),
        (beside(lambda made: made.counter.subtract(a=1), lambda made: made.counter.total()), {0: 2, -1: 1}),
        (beside(lambda made: made.counter.update("a"), lambda made: len(+made.counter)), {0: 2, 1: 1}),
        (beside(lambda made: made.deque.append(3), gone_through), {4: 1, "failed": 2, 1: 2}),
        (beside(lambda made: made.items.append(3), passed_on), {6: 2, 3: 1, 2: 2}),
        (beside(lambda made: made.table.update(a=1), lambda made: len(made.view)), {0: 2, 1: 1}),
        (beside(lambda made: made.table.update(a=1), lambda made: made.view_of_two["a"]), {0: 2, 1: 1}),
        (beside(lambda made: made.default["q"], lambda made: len(made.default)), {0: 2, 1: 1}),
        (beside(lambda made: made.inner.append(2), lambda made: f"{made.rows!r}"), {"[[], [1]]": 2, "[[], [1, 2]]": 1}),
        (beside(lambda made: made.inner.append(2), lambda made: "%s" % (made.inner,)), {"[1]": 2, "[1, 2]": 1}),  # noqa: UP031 - the point
        (beside(lambda made: made.inner.clear(), lambda made: len(list(filter(None, made.rows)))), {1: 2, 0: 1}),
        (beside(lambda made: made.items.append(2), lambda made: sum(made.both)), {2: 2, 4: 1}),
        (of_parent, {0: 2, 1: 1}),
        (global_of_its_module, {0: 2, 1: 1}),
    ],
)
def test_looked_at(scenario, outcomes):
    assert counted(scenario) == outcomes


def fails_or_not(make, work):
    """Two threads do what the second of them may no longer do; one has much to do before."""

    def scenario():
        made, busy, failed = make(), Box(), Box()

        def once():
            try:
                work(made)
            except Exception:
                failed.value = 1

        def later():
            for _ in range(3):
                busy.value = 1
            with contextlib.suppress(Exception):
                work(made)

        together(once, later)
        return failed.value

    return scenario


def deleted(name):
    def work(made):
        delattr(made, name)

    return work


def slot_deleted(made):
    del made.value


def item_deleted(made):
    del made[0]


def item_stored(made):
    made[0] = 1
    made.clear()


@pytest.mark.parametrize(
    ("make", "work"),
    [
        (Box, slot_deleted),
        (Box, deleted("value")),
        (lambda: [1], item_deleted),
        (lambda: {0: 1}, item_deleted),
        (lambda: [1], item_stored),
        (lambda: deque([1], maxlen=2), lambda made: made.insert(0, 1)),
    ],
)
def test_whoever_changes_learns_whether_that_could_be(make, work):
    assert set(counted(fails_or_not(make, work))) == {0, 1}


# What the library does on behalf of own code.


def shared_arguments():
    given: list[int] = [0]
    found, threads = list[int](), []
    for number in range(2):
        given[0] = number
        thread = threading.Thread(target=lambda number: found.append(number), args=given)
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    return tuple(sorted(found))


def waited_for_a_list():
    ready, items = threading.Condition(), list[int]()

    def wait():
        with ready:
            ready.wait_for(lambda: items)

    def put():
        items.append(1)
        with ready:
            ready.notify()

    together(wait, put)
    return len(items)


def mapped_while_it_grows():
    items = [1, 2]

    def work(item):
        if item == 1:
            items.append(9)
        return item

    with ThreadPoolExecutor(2) as pool:
        return len(list(pool.map(work, items)))


def read_at_the_end():
    box, words = Box(), io.StringIO()

    def update():
        box.value = 1

    together(lambda: words.write(str(box.value)), update)
    return words.getvalue()


def read_by_others_at_the_end():
    box = Box()
    together(lambda: setattr(box, "value", 1), lambda: setattr(box, "value", 2))
    return operator.attrgetter("value")(box)


class Tickets:
    """An iterator that threads may share."""

    def __init__(self):
        self.left = 2
        self.lock = threading.Lock()

    def __iter__(self):
        return self

    def __next__(self):
        with self.lock:
            if not self.left:
                raise StopIteration
            self.left -= 1
            return self.left


def shared_iterator():
    tickets, found = Tickets(), list[int]()

    def sell():
        for ticket in tickets:
            found.append(ticket)

    together(sell, sell)
    return tuple(sorted(found))


def zipped_to_the_longest():
    """Where the shorter of the two has ended, `zip_longest` keeps nothing, which isn't None."""
    box = Box()

    def work():
        for one, other in itertools.zip_longest([1, 2, 3], [10], fillvalue=0):
            box.value = one + other

    together(work)
    return box.value


@pytest.mark.parametrize(
    ("scenario", "outcomes"),
    [
        (shared_arguments, {(0, 1), (1, 1)}),
        (waited_for_a_list, {1}),
        (mapped_while_it_grows, {2, 3}),
        (read_at_the_end, {"0", "1"}),
        (read_by_others_at_the_end, {1, 2}),
        (shared_iterator, {(0, 1)}),
        (zipped_to_the_longest, {3}),
    ],
)
def test_done_by_the_library(scenario, outcomes):
    assert set(counted(scenario)) == outcomes


# What can't be seen.


class Resource:
    def __del__(self):
        pass


class Key:
    seen = 0

    def __hash__(self):
        Key.seen += 1
        return 1

    def __eq__(self, other):
        return True


def refused(what, work, make=Made):
    """Both threads do it with the same."""

    def scenario():
        made = make()
        together(lambda: work(made), lambda: work(made))

    return pytest.param(scenario, what, id=what)


def renamed(kind):
    kind.__class__ = Box


def called_back(made):
    with contextlib.ExitStack() as stack:
        stack.callback(made.items.append, 1)


def redirected(made):
    with contextlib.redirect_stdout(io.StringIO()):
        pass


def noted(made):
    made.add_note("seen")


def counted_in_the_middle(made):
    made.table[Key()] = len(made.table)


def grown_from_a_generator(made):
    made.items.extend(each for each in range(2))


def made_in_the_middle(made):
    made["a"] += 1


class Registered(abc.ABC):  # noqa: B024 - that is all there is to it
    pass


@pytest.mark.parametrize(
    ("scenario", "what"),
    [
        refused("__del__", lambda made: None, lambda: [Resource()]),
        refused("Resource, whose __del__", lambda made: Resource()),
        refused("a new __class__", renamed, Box),
        refused("a new __len__", lambda made: setattr(Made, "__len__", len)),
        refused("list.append, called by the library", called_back),
        refused("redirects all threads at once", redirected),
        refused("add_note", noted, ValueError),
        refused("a new sys.shown", lambda made: setattr(sys, "shown", 1)),
        refused("a new prec of a Context", lambda made: setattr(made, "prec", 3), decimal.Context),
        refused("a new args of a ValueError", lambda made: setattr(made, "args", ()), ValueError),
        refused("the text of a Event", lambda made: f"{made}", threading.Event),
        refused("Barrier.broken", lambda made: made.broken, lambda: threading.Barrier(2)),
        refused("ABCMeta.register", lambda made: Registered.register(Box)),
        refused("in the middle of an operation", counted_in_the_middle),
        refused("calls own code while", grown_from_a_generator),
        refused("calls own code while", made_in_the_middle, lambda: defaultdict(lambda: 0)),
        refused("array.array that several threads use", lambda made: made.append(1), lambda: array.array("i")),
    ],
)
def test_refused(scenario, what):
    with pytest.raises(RuntimeError, match=what):
        interleavings(scenario)


def test_own_code_in_the_middle_of_a_queues_work():
    class Job:
        compared = 0

        def __lt__(self, other):
            Job.compared += 1
            return True

    def scenario():
        jobs: queue.PriorityQueue[Any] = queue.PriorityQueue()

        def put():
            for _ in range(2):
                jobs.put(Job())

        together(put, lambda: Job.compared)

    with pytest.raises(RuntimeError, match="in the middle of an operation on a lock or queue"):
        interleavings(scenario)


def test_own_function_that_is_named_as_a_builtin_is():
    kept: list[Any] = []
    text = (
        "import threading\ndef list(*given):\n    kept.append([0])\n    return kept[-1]\n"
        "def scenario():\n    kept.clear()\n    def work():\n        mine = list()\n        mine[0] += 1\n"
        "    threads = [threading.Thread(target=work) for _ in range(2)]\n"
        "    for thread in threads:\n        thread.start()\n    for thread in threads:\n        thread.join()\n"
    )
    namespace: dict[str, Any] = {"__name__": "made_up", "kept": kept}
    exec(compile(text, "<made up>", "exec"), namespace)
    with pytest.raises(RuntimeError, match="a variable of its own named list"):
        interleavings(namespace["scenario"])
