"""A stepper over real runs: what is seen of threads that stand still."""

import queue
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from course_utils import Deadlock, interleavings, record
from course_utils.outcomes import outcome_of
from course_utils.stepper import StepThrough
from course_utils.walking import among, step_title
from course_utils.witness import in_words
from tests.together import together


class FakeDatabase:
    def __init__(self):
        self.value = 0
        self._lock = threading.Lock()

    def update(self, index, pause):
        local_copy = self.value
        local_copy += 1
        time.sleep(pause)
        self.value = local_copy

    def locked_update(self, index, pause):
        with self._lock:
            self.value = added(self.value)


def added(number):
    return number + 1


def lost_update(workers=2, pause=0.1):
    database = FakeDatabase()
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="T") as executor:
        for index in range(workers):
            executor.submit(database.update, index, pause)
    return database.value


def locked():
    database = FakeDatabase()
    together(lambda: database.locked_update(0, 0), lambda: database.locked_update(1, 0))
    return database.value


def crossed():
    first, second = threading.Lock(), threading.Lock()

    def one():
        with first:
            with second:
                pass

    def other():
        with second:
            with first:
                pass

    together(one, other)
    return "done"


def table(stepper: StepThrough) -> list[list[str]]:
    """Take the text apart: its lines are aligned by two spaces or more."""
    lines = repr(stepper).splitlines()[1:]
    widths = [lines[0].index(name) for name in ["step", *heads(stepper)]]
    starts = [widths[0], widths[0] + 6, *widths[1:]]
    ends: list[int | None] = [*starts[1:], None]
    return [[line[start:end].strip() for start, end in zip(starts, ends, strict=True)] for line in lines]


def heads(stepper: StepThrough) -> list[str]:
    shared = dict.fromkeys(name for moment in stepper.walk.moments for name in moment.watched)
    return [*(f"{lane} {name}" for lane, name in stepper._columns), *shared]


def last(stepper: StepThrough, name: str) -> list[str]:
    """The values of a shared place, from moment to moment."""
    return [moment.watched[name] for moment in stepper.walk.moments]


def test_the_lost_update():
    stepper = interleavings(lost_update).step(outcome=1)
    assert repr(stepper).splitlines()[0] == (
        "interleavings(lost_update).step(outcome=1): 4 steps, in one of the 4 interleavings (of 6) that return 1"
    )
    assert table(stepper) == [
        ["step", "", "T_0 local_copy", "T_1 local_copy", "database.value"],
        ["0", "before the first step", "", "", "0"],
        ["1", "T_0: read value", "→ 1", "", "0"],
        ["2", "T_1: read value", "1", "→ 1", "0"],
        ["3", "T_0: write value", "", "1", "→ 1"],
        ["4", "T_1: write value", "", "", "1"],
    ]


def test_where_threads_stand():
    stepper = interleavings(lost_update).step(outcome=1)
    first = FakeDatabase.update.__code__.co_firstlineno
    lines = [
        {lane: at.line - first for lane, at in moment.positions.items() if lane != "main"}
        for moment in stepper.walk.moments
    ]
    assert lines == [{"T_0": 1, "T_1": 1}, {"T_0": 4, "T_1": 1}, {"T_0": 4, "T_1": 4}, {"T_1": 4}, {}]
    assert stepper.moment.positions["T_0"].function == "FakeDatabase.update"
    assert stepper.moment.idle == {"main": "waits for join T_0"}
    assert stepper.walk.moments[-1].idle == {"main": "has ended", "T_0": "has ended", "T_1": "has ended"}
    assert "self.value = local_copy" in stepper._listing.value


def test_another_way_leads_elsewhere():
    stepper = interleavings(lost_update, workers=2).step(outcome=2)
    assert stepper.walk.keys == ("T_0", "T_0", "T_1", "T_1")
    stepper.forward()
    stepper.choose("T_1")
    assert stepper.walk.keys == ("T_0", "T_1", "T_0", "T_1")
    assert stepper.walk.among == "in one of the 4 interleavings (of 6) that return 1"
    assert stepper._walker.title == "interleavings(lost_update, workers=2).step(outcome=2)"
    stepper._lanes["T_1", 0].click()
    assert stepper.walk.keys == ("T_0", "T_1", "T_1", "T_0")
    assert stepper._error.value == ""


@pytest.mark.slow
def test_every_interleaving_can_be_walked():
    every = interleavings(lost_update)
    stepper: Any = every.step()
    seen: dict[tuple[str, ...], str] = {}
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        keys = waiting.pop()
        walk = stepper._walker.walk(keys)
        if len(keys) == len(walk.keys):
            seen[keys] = walk.moments[-1].watched["database.value"]
        else:
            waiting += [(*keys, choice.key) for choice in walk.moments[len(keys)].choices]
    assert len(seen) == every.total
    assert {int(value): list(seen.values()).count(value) for value in seen.values()} == every.outcomes


def test_who_holds_a_lock_and_who_waits_for_it():
    stepper = interleavings(locked).step()
    assert stepper.walk.among == "in one of the 2 interleavings, which all return 2"
    done = [moment.made.what for moment in stepper.walk.moments[:5] if moment.made]
    assert done == ["acquire _lock", "read value", "write value", "release _lock"]
    assert last(stepper, "_lock")[:5] == ["free", "held by T0", "held by T0", "held by T0", "free"]
    stepper.forward()
    assert [choice.lane for choice in stepper.moment.choices] == ["T0"]
    assert stepper.moment.idle["T1"] == "waits for _lock"
    assert stepper._lanes["T1", 0].description == "T1: waits for _lock"


def test_a_deadlock_shows_who_stands_where():
    stepper = interleavings(crossed).step(outcome=Deadlock)
    assert stepper.walk.among == "in one of the 2 interleavings (of 6) that end in Deadlock"
    stepper.go(99)
    end = stepper.moment
    assert end.choices == ()
    assert end.watched == {"first": "held by T0", "second": "held by T1"}
    assert (end.idle["T0"], end.idle["T1"]) == ("waits for second", "waits for first")
    assert {end.positions[lane].function for lane in ("T0", "T1")} == {"crossed.<locals>.one", "crossed.<locals>.other"}


@pytest.mark.slow
def test_without_an_outcome_it_begins_with_one_that_was_not_expected():
    assert interleavings(lost_update, expect=1).step().walk.among.endswith("return 2")
    assert interleavings(lost_update, expect=2).step().walk.among.endswith("return 1")
    assert interleavings(lost_update).step().walk.among.endswith("return 1")  # the most frequent


def test_an_outcome_that_there_is_not():
    with pytest.raises(KeyError, match="no interleaving has the outcome 7; there are 1, 2"):
        interleavings(lost_update).step(outcome=7)


def test_inside_a_recording_it_is_refused():
    every = interleavings(lost_update)
    stepper = every.step()
    with record("outer"):
        with pytest.raises(RuntimeError, match="'outer' is still open"):
            every.step()
        stepper._lanes["T_1", 0].click()
    assert "&#x27;outer&#x27; is still open" in stepper._error.value
    stepper._lanes["T_1", 0].click()
    assert (stepper._error.value, stepper.walk.keys[0]) == ("", "T_1")


def test_what_was_not_all_counted_is_not_said_to_be():
    stepper = interleavings(lost_update, workers=4, limit=3).step()
    assert stepper.walk.among == "which returns 4"
    assert len(stepper.walk.moments) == 9


def test_sixteen_threads():
    stepper = interleavings(lost_update, workers=16, limit=2).step()
    assert stepper.walk.moments[-1].watched == {"database.value": "16"}
    assert len(stepper._lanes) == 16


# What is seen.


def test_locals_of_the_function_that_it_is_in():
    stepper = interleavings(locked).step()
    for moment in stepper.walk.moments:
        for lane in ("T0", "T1"):
            assert set(moment.locals.get(lane, {})) <= {"self", "index", "pause"}  # nothing of `added`, nor the lambda


total = 0


class Slotted:
    __slots__ = ("value",)

    def __init__(self):
        self.value = 0


def everywhere():
    global total
    total = 0
    count = 0
    items = [7]
    slotted = Slotted()
    inbox: queue.Queue[str] = queue.Queue()

    def work():
        nonlocal count
        global total
        total += 1
        count += 2
        slotted.value += 3
        items.append(8)
        inbox.put("x")

    together(work, work)


def test_values_wherever_they_are_kept():
    stepper = interleavings(everywhere, limit=500).step()
    assert last(stepper, "total")[0] == "0"
    end = stepper.walk.moments[-1].watched
    assert end["items"] == "[7, 8, 8]"
    assert end["inbox"] == "['x', 'x']"
    assert {end["total"], end["count"], end["slotted.value"]} == {"2", "4", "6"}


class Account:
    opened = 0

    def __init__(self):
        self.balance = 5


def with_accounts():
    accounts = [Account(), Account()]
    Account.opened = 0

    def work():
        for account in accounts:
            account.balance -= 1
        Account.opened += 1

    together(work, work)
    return accounts[1].balance


def test_objects_in_a_list_are_told_apart():
    stepper = interleavings(with_accounts, limit=500).step()
    first = stepper.walk.moments[0].watched
    assert set(first) == {"accounts[0].balance", "accounts[1].balance", "Account.opened"}
    assert stepper.walk.moments[-1].watched["Account.opened"] == "2"
    assert all(set(moment.watched) == set(first) for moment in stepper.walk.moments)


def with_two_at_once():
    def work(account):
        account.balance -= 1

    one, other = Account(), Account()
    together(*(partial(work, account) for account in {1: one, 2: other}.values()))
    return other.balance


def hidden():
    def work(account):
        account.balance -= 1

    threads = [threading.Thread(target=work, args=(Account(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_objects_that_threads_call_the_same():
    ends = [interleavings(each).step().walk.moments[-1].watched for each in (with_two_at_once, hidden)]
    assert ends[0] == {"one.balance": "4", "other.balance": "4"}
    assert ends[1] == {"Account.balance": "4", "Account #2.balance": "4"}


class Locking:
    """Its repr takes a lock that one of those who stand still is holding."""

    def __init__(self):
        self.lock = threading.Lock()
        self.value = 0

    def __repr__(self):
        with self.lock:
            return "never"


def with_locking():
    kept = Locking()

    def work():
        mine, many = kept, [kept]
        with kept.lock:
            kept.value += len(many) + (mine is None)

    together(work, work)
    return kept.value


@pytest.mark.timeout(20)
def test_nobody_waits_for_what_stands_still():
    stepper = interleavings(with_locking).step()
    assert stepper.moment.locals["T0"] == {"mine": "<Locking>", "many": "<list>"}
    assert stepper.walk.moments[-1].watched["kept.value"] == "2"


@dataclass
class Point:
    x: Any


def test_values_in_words():
    assert in_words([1, {"a": (2,)}]) == "[1, {'a': (2,)}]"
    assert in_words(Point(1)) == "Point(x=1)"
    assert in_words(Point(Locking())) == "<Point>"
    assert in_words({1: [Locking()]}) == "<dict>"
    lock, again = threading.Lock(), threading.RLock()
    free = in_words({"a": lock, "b": again})
    with lock, again:
        assert in_words({"a": lock, "b": again}) == free == "{'a': <lock>, 'b': <RLock>}"
    thread = threading.Thread(target=print, name="T0", daemon=True)
    thread.start()
    thread.join()
    assert in_words([thread]) == "[<Thread(T0, stopped)>]"
    itself: list[Any] = []
    itself.append(itself)
    assert in_words(itself) == "<list>"


def raising():
    items = [1]

    def work():
        items.pop()

    failed = []

    def guarded():
        try:
            work()
        except IndexError as error:
            failed.append(error)

    together(guarded, guarded)
    raise failed[0]


def test_an_exception_is_an_outcome():
    stepper = interleavings(raising).step()
    assert "IndexError: pop from empty list" in stepper.walk.among
    assert "raise" in stepper.walk.among


# Words.


def test_among():
    one, two = outcome_of(1, None), outcome_of(2, None)
    assert among(one, {}) == "which returns 1"
    assert among(one, {one: 1}) == "in the only interleaving, which returns 1"
    assert among(one, {one: 1, two: 3}) == "in the only one of 4 interleavings that returns 1"
    assert among(two, {one: 1, two: 3000}) == "in one of the 3,000 interleavings (of 3,001) that return 2"
    assert among(("deadlock",), {}) == "which ends in Deadlock"
    assert among(outcome_of(None, ValueError("no")), {}) == "which raises ValueError: no"


def test_titles():
    assert step_title("f()", None) == "interleavings(f).step()"
    assert step_title("f(n=(1, 2))", "'a'") == "interleavings(f, n=(1, 2)).step(outcome='a')"


@pytest.mark.slow
def test_in_another_process_it_is_the_same(tmp_path: Path):
    here = interleavings(lost_update).step(outcome=1)._repr_mimebundle_()
    code = (
        "import tests.test_walking as t; from course_utils import interleavings;"
        "b = interleavings(t.lost_update).step(outcome=1)._repr_mimebundle_(); print(b['text/html'] + b['text/plain'])"
    )
    top = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=top, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.rstrip("\n") == here["text/html"] + here["text/plain"]
