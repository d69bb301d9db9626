"""Every interleaving: what is counted, what is said of it, and what can be replayed."""

import io
import queue
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import course_utils
from course_utils import Deadlock, interleavings, record, replay
from course_utils.counting import Explorer
from course_utils.schedule import Schedule
from tests.together import together


class Counter:
    def __init__(self, lock=None):
        self.value = 0
        self._lock = lock

    def two_lines(self):
        temp = self.value
        self.value = temp + 1

    def three_lines(self):
        temp = self.value
        temp += 1
        self.value = temp

    def one_line(self):
        self.value += 1

    def locked(self):
        with self._lock:
            self.value += 1

    def locked_twice(self):
        with self._lock:
            with self._lock:
                self.value += 1

    def slow(self):
        temp = self.value
        time.sleep(0.1)
        self.value = temp + 1


def new_lock():
    return threading.Lock()


def counter(threads=2, update="two_lines", lock=None):
    made = Counter(lock and lock())
    together(*[getattr(made, update)] * threads)
    return made.value


COUNTED = {
    2: {1: 4, 2: 2},
    3: {1: 48, 2: 36, 3: 6},
    4: {1: 1152, 2: 1056, 3: 288, 4: 24},
}


@pytest.mark.parametrize("update", ["two_lines", "three_lines", "one_line"])
@pytest.mark.parametrize("threads", [2, 3, 4])
def test_counter(threads, update):
    every = interleavings(counter, threads=threads, update=update)
    assert every.outcomes == COUNTED[threads]
    assert every.total == {2: 6, 3: 90, 4: 2520}[threads]
    assert every.complete


@pytest.mark.parametrize("threads", [2, 3])
def test_brute_force_runs_them_all(threads):
    every = interleavings(counter, threads=threads, merge=False)
    assert every.outcomes == COUNTED[threads]
    assert every.complete
    assert every.runs >= every.total


@pytest.mark.parametrize(("threads", "total"), [(2, 2), (3, 6), (4, 24)])
def test_locked_counter(threads, total):
    every = interleavings(counter, expect=threads, threads=threads, update="locked", lock=new_lock)
    assert every.outcomes == {threads: total}
    assert every.proven
    assert every.verdict == f"all {total} interleavings return {threads}"


def test_acquiring_twice():
    assert interleavings(counter, update="locked_twice", lock=lambda: threading.RLock()).outcomes == {2: 2}
    assert set(interleavings(counter, update="locked_twice", lock=new_lock).outcomes) == {Deadlock}


def test_sleep_takes_any_time_or_its_own():
    assert interleavings(counter, update="slow").outcomes == {1: 4, 2: 2}
    assert interleavings(counter, update="slow", clock="virtual").outcomes == {1: 4}


def test_sleep_is_no_lock():
    def scenario():
        made = Counter()

        def late():
            time.sleep(5)
            made.one_line()

        together(made.one_line, late)
        return made.value

    assert interleavings(scenario, expect=2).proven is False
    assert interleavings(scenario, clock="virtual", expect=2).proven


def one():
    return 1


def test_call_in_mid_expression():
    def scenario():
        made = Counter()

        def update():
            made.value = made.value + one()

        together(update, update)
        return made.value

    assert interleavings(scenario).outcomes == {1: 4, 2: 2}


def repeated_item():
    made = Counter()

    def update():
        for _ in [0, 0]:
            made.value += 1

    together(update, made.one_line)
    return made.value


def copied_list():
    made, items = Counter(), [1]

    def update():
        for item in list(items):
            made.value += item

    together(update, lambda: items.append(5))
    return made.value, len(items)


def generator():
    made = Counter()

    def values():
        yield made.value
        yield made.value

    def update():
        for value in values():
            made.value = value + 1

    together(update, made.one_line)
    return made.value


@pytest.mark.parametrize("scenario", [repeated_item, copied_list, generator])
def test_traps_count_as_brute_force_does(scenario):
    merged, run = interleavings(scenario), interleavings(scenario, merge=False)
    assert merged.outcomes == run.outcomes
    assert merged.complete
    assert run.complete
    assert len(run.outcomes) > 1


def test_opener_that_updates_too():
    def scenario():
        made = Counter()
        thread = threading.Thread(target=made.two_lines, name="T0")
        thread.start()
        made.two_lines()
        thread.join()
        return made.value

    every = interleavings(scenario, expect=2)
    assert every.outcomes == {1: 4, 2: 2}
    assert every.proven is False


def test_pool():
    def scenario():
        made = Counter()
        with ThreadPoolExecutor(max_workers=2) as executor:
            for _ in range(2):
                executor.submit(made.two_lines)
        return made.value

    assert interleavings(scenario).outcomes == {1: 4, 2: 2}


def test_pool_that_maps():
    def scenario():
        with ThreadPoolExecutor(max_workers=2) as executor:
            return list(executor.map(abs, [-1, -2]))

    assert set(interleavings(scenario).outcomes) == {"[1, 2]"}


@pytest.mark.slow
@pytest.mark.parametrize("settled", ["as it comes", "polled"])
def test_what_a_future_brings_is_told_apart_by_how_its_task_went(settled):
    """Merged with another in which it brings something else, it would be counted wrongly."""

    def scenario():
        made = Counter()

        def look():
            return made.value

        with ThreadPoolExecutor(max_workers=2) as executor:
            futures = [executor.submit(made.two_lines), executor.submit(look)]
        if settled == "polled":
            assert futures[0].done()
        return made.value, futures[1].result()

    every = interleavings(scenario)
    assert set(every.outcomes) == {(1, 0), (1, 1)}
    assert every.outcomes == interleavings(scenario, merge=False).outcomes


def test_which_worker_is_a_choice_only_if_somebody_asks():
    def scenario():
        names = []
        with ThreadPoolExecutor(max_workers=2) as executor:
            for _ in range(2):
                executor.submit(lambda: names.append(threading.current_thread().name[-1]))
        return "".join(names)

    assert set(interleavings(scenario).outcomes) == {"00", "01", "10", "11"}


@pytest.mark.slow
def test_task_that_waits_for_another_of_its_own_pool():
    def scenario(workers):
        with ThreadPoolExecutor(max_workers=workers) as executor:
            return executor.submit(lambda: executor.submit(one).result()).result()

    assert set(interleavings(scenario, workers=1).outcomes) == {Deadlock}
    assert set(interleavings(scenario, workers=2).outcomes) == {1}


class Pipeline:
    """A slot for one message, and two locks that take turns."""

    def __init__(self):
        self.message = 0
        self.producer_lock = threading.Lock()
        self.consumer_lock = threading.Lock()
        self.consumer_lock.acquire()

    def get_message(self):
        self.consumer_lock.acquire()
        message = self.message
        self.producer_lock.release()
        return message

    def get_too_late(self):
        self.consumer_lock.acquire()
        self.producer_lock.release()
        return self.message

    def set_message(self, message):
        self.producer_lock.acquire()
        self.message = message
        self.consumer_lock.release()


MESSAGES = [31, 41, 59, 26, 53, 58, 97, 93, 23, 84]


def pipeline(messages=10, get="get_message"):
    made = Pipeline()
    received = []

    def produce():
        for message in MESSAGES[:messages]:
            made.set_message(message)
        made.set_message(None)

    def consume():
        while (message := getattr(made, get)()) is not None:
            received.append(message)

    together(produce, consume)
    return received


@pytest.mark.slow
def test_pipeline_of_two_locks():
    every = interleavings(pipeline, expect=MESSAGES)
    assert every.proven
    assert interleavings(pipeline, messages=2, get="get_too_late", expect=MESSAGES[:2]).proven is False


def nested():
    made = Counter()

    def outer():
        inner = threading.Thread(target=made.two_lines)
        inner.start()
        made.two_lines()
        inner.join()

    together(outer)
    return made.value


def test_threads_that_start_threads():
    assert interleavings(nested).outcomes == {1: 4, 2: 2}


def both_ways(ordered=False):
    first, second = threading.Lock(), threading.Lock()

    def forth():
        with first:
            with second:
                pass

    def back():
        with first if ordered else second:
            with second if ordered else first:
                pass

    together(forth, back)
    return "done"


def test_two_locks_in_two_orders():
    every = interleavings(both_ways, expect="done")
    assert every.outcomes == {"done": 4, Deadlock: 2}
    example = every.example(Deadlock)
    assert example.schedule == ("T0", "T1")
    assert isinstance(example.error, Deadlock)
    assert "T0 holds first" in str(example.error)
    assert "deadlock" in example.describe()
    assert [lane.ending for lane in example.lanes] == ["failed"] * 3
    assert interleavings(both_ways, ordered=True, expect="done").proven


def bounded(messages=10, size=3):
    inbox: queue.Queue[int | None] = queue.Queue(maxsize=size)
    received: list[int] = []

    def produce():
        for number in range(messages):
            inbox.put(number)
        inbox.put(None)

    def consume():
        while (message := inbox.get()) is not None:
            received.append(message)

    together(produce, consume)
    return received


def test_bounded_queue():
    every = interleavings(bounded, expect=list(range(10)))
    assert every.proven
    assert every.total > 10_000


def conditions():
    items: list[int] = []
    taken: list[int] = []
    ready = threading.Condition()

    def consume():
        with ready:
            while not items:
                ready.wait()
            taken.append(items.pop())

    def produce():
        for item in (1, 2):
            with ready:
                items.append(item)
                ready.notify()

    together(consume, consume, produce)
    return sorted(taken)


@pytest.mark.slow
def test_conditions_and_whom_they_wake():
    every = interleavings(conditions, expect=[1, 2])
    assert every.proven
    assert every.outcomes == interleavings(conditions, merge=False).outcomes


def test_missing_notify():
    def scenario():
        items: list[int] = []
        ready = threading.Condition()

        def consume():
            with ready:
                while not items:
                    ready.wait()

        def produce():
            with ready:
                items.append(1)

        together(consume, produce)
        return "done"

    assert interleavings(scenario).outcomes == {"done": 1, Deadlock: 1}


def event():
    go = threading.Event()
    seen: list[str] = []

    def wait():
        go.wait()
        seen.append("waited")

    def let():
        seen.append("before")
        go.set()
        seen.append("after")

    together(wait, let)
    return tuple(seen)


def test_event():
    assert interleavings(event).outcomes == {("before", "after", "waited"): 2, ("before", "waited", "after"): 1}


@pytest.mark.slow
def test_semaphore_and_barrier():
    def permits(number):
        made, permit = Counter(), threading.Semaphore(number)

        def update():
            with permit:
                made.two_lines()

        together(update, update)
        return made.value

    def phases():
        made, barrier = Counter(), threading.Barrier(2)
        seen: list[int] = []

        def update():
            with lock:
                made.one_line()
            barrier.wait()
            seen.append(made.value)

        lock = threading.Lock()
        together(update, update)
        return tuple(seen)

    assert set(interleavings(permits, number=1).outcomes) == {2}
    assert set(interleavings(permits, number=2).outcomes) == {1, 2}
    assert set(interleavings(phases).outcomes) == {(2, 2)}


def test_who_gave_up_waiting_may_be_notified_in_vain():
    """It waits for the lock to be given back then, and comes too late to learn of it."""

    def scenario():
        cond = threading.Condition()
        found: list[Any] = []

        def wait():
            with cond:
                found.append(("before", len(found)))
                found.append((cond.wait(timeout=1), len(found)))

        def tell():
            with cond:
                found.append("told")
                cond.notify()

        threads = [threading.Thread(target=wait), threading.Thread(target=tell)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return tuple(found)

    before, told = ("before", 0), "told"
    assert set(interleavings(scenario).outcomes) == {
        (before, told, (True, 2)), (before, told, (False, 2)), (before, (False, 1), told),
        (told, ("before", 1), (False, 2)),
    }  # fmt: skip
    assert set(interleavings(scenario, clock="virtual").outcomes) == {
        (before, told, (True, 2)), (told, ("before", 1), (False, 2)),
    }  # fmt: skip


def test_timeouts_may_come_or_not():
    def scenario():
        inbox: queue.Queue[int] = queue.Queue()

        def produce():
            time.sleep(1)
            inbox.put(1)

        thread = threading.Thread(target=produce)
        thread.start()
        try:
            got = inbox.get(timeout=5)
        except queue.Empty:
            got = None
        thread.join()
        return got

    assert set(interleavings(scenario).outcomes) == {1, None}
    assert set(interleavings(scenario, clock="virtual").outcomes) == {1}


def test_timer():
    def scenario():
        rung: list[str] = []
        timer = threading.Timer(60, rung.append, ("bell",))
        timer.start()
        timer.cancel()
        timer.join()
        return len(rung)

    assert set(interleavings(scenario).outcomes) == {0, 1}
    assert set(interleavings(scenario, clock="virtual").outcomes) == {0}


def test_daemons_are_cut_off():
    def scenario():
        made = Counter()

        def forever():
            while True:
                made.value += 1

        threading.Thread(target=forever, daemon=True).start()
        return "done"

    assert set(interleavings(scenario).outcomes) == {"done"}


def test_is_alive_sees_both():
    def scenario():
        thread = threading.Thread(target=one)
        thread.start()
        alive = thread.is_alive()
        thread.join()
        return alive

    assert interleavings(scenario).outcomes == {True: 1, False: 1}


def test_future_that_is_polled():
    def scenario():
        with ThreadPoolExecutor(max_workers=1) as executor:
            return executor.submit(one).done()

    assert set(interleavings(scenario).outcomes) == {True, False}


def test_exception_is_an_outcome():
    def scenario():
        made = Counter()
        thread = threading.Thread(target=made.one_line)
        thread.start()
        if not made.value:
            thread.join()
            raise ValueError("too early")
        thread.join()
        return made.value

    every = interleavings(scenario)
    assert every.outcomes == {"ValueError: too early": 2, 1: 1}
    assert isinstance(every.example("ValueError: too early").error, ValueError)


def test_thread_that_fails_is_no_outcome():
    def scenario():
        together(lambda: 1 / 0)
        return "done"

    assert interleavings(scenario).outcomes == {"done": 1}


# Examples and replays.


def test_example_replays_event_for_event():
    every = interleavings(counter, watch={Counter: "value"})
    example = every.example(1)
    assert example.result == 1
    assert str(example.schedule) == "value | T0, T1, T0, T1"
    again = replay(counter, str(example.schedule), watch={Counter: "value"})
    assert again.events == example.events
    assert [(event.lane, event.kind, event.value) for event in again.events if event.kind in ("read", "write")] == [
        ("main", "write", "0"), ("T0", "read", "0"), ("T1", "read", "0"), ("T0", "write", "1"), ("T1", "write", "1"),
        ("main", "read", "1"),
    ]  # fmt: skip
    assert "lost update" in again.describe()


@pytest.mark.parametrize("clock", ["any", "virtual"])
def test_events_stand_in_the_order_in_which_they_happened(clock):
    example = interleavings(counter, watch={Counter: "value"}, update="slow", clock=clock).example(1)
    found = [
        (event.lane, event.kind, event.value if event.kind in ("read", "write") else event.object)
        for event in example.events
    ]
    # What is made before the threads start is written before they start.
    assert found[:3] == [("main", "begin", "main"), ("main", "write", "0"), ("main", "start", "T0")]
    assert found[-2:] == [("main", "read", "1"), ("main", "end", "finished")]
    assert found.index(("main", "start", "T1")) + 1 == found.index(("T1", "begin", "T1"))
    assert [flow.target for flow in example.flows if flow.kind == "start"] == ["T0", "T1"]
    for lane in ("T0", "T1"):
        assert [(kind, value) for name, kind, value in found if name == lane] == [
            ("begin", lane), ("read", "0"), ("sleep", None), ("wake", None), ("write", "1"), ("end", "finished"),
        ]  # fmt: skip
    times = [event.time for event in example.events]
    assert times == sorted(times)


def test_start_after_a_sleep():
    def scenario():
        time.sleep(1)
        together(one)

    events = interleavings(scenario).example(None).events
    assert [event.kind for event in events if event.lane == "main"][:4] == ["begin", "sleep", "wake", "start"]
    assert [event.kind for event in events].index("begin", 1) == 4


def test_example_replays_in_another_process(tmp_path: Path):
    example = interleavings(bounded, messages=2).example("[0, 1]")
    code = (
        "import sys, tests.test_interleavings as t\n"
        "from course_utils import replay\n"
        f"print(repr(replay(t.bounded, {str(example.schedule)!r}, messages=2).events))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(course_utils.__file__).parent.parent, capture_output=True, text=True,
        timeout=30, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == repr(example.events)


def test_replay_from_names_alone():
    assert replay(counter, ["T0", "T0", "T1", "T1"]).result == 2
    assert replay(counter, "T0 > T1").result == 1


def test_no_example_of_what_never_happens():
    with pytest.raises(KeyError, match="no interleaving has the outcome 7"):
        interleavings(counter).example(7)


def test_schedule_that_does_not_fit():
    with pytest.raises(ValueError, match=r"step 3 on: T9 can't make a step there; T0 or T1 can. The text of"):
        replay(counter, "T0, T1, T9")
    with pytest.raises(ValueError, match=r"step 5 on: T1 can't make a step there; the run has come to its end$"):
        replay(counter, "value | T0 ×2, T1 ×3")
    with pytest.raises(TypeError, match="a schedule is a text"):
        replay(counter, 7)


@given(
    steps=st.lists(st.sampled_from(["T0", "T1 (gives up)", "a, b", "x|y", 'say "×2"', "…", " ", "", "a > b", "ü\n"])),
    shared=st.sets(st.sampled_from([
        (("attribute", "value"), False), (("attribute", "value"), True), (("global", "total"), False),
        (("contents", 3), False), (("contents", None), True), (("pool", "workers"), False),
    ])),
)  # fmt: skip
def test_text_of_a_schedule_is_the_schedule(steps, shared):
    schedule = Schedule(steps, shared)
    again = Schedule.read(str(schedule))
    assert again == schedule
    assert again.shared == schedule.shared


def test_texts_of_schedules():
    assert str(Schedule(["T0", "T0", "T1", "a, b"])) == 'T0 ×2, T1, "a, b"'
    for text in ("T0, T0, T1", "T0 ×2, T1", "T0 ×2 > T1", "T0 > T0 > T1", " T0×2,T1, "):
        assert Schedule.read(text) == ("T0", "T0", "T1")
    assert Schedule.read("") == Schedule.read("value | ") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("T0 ×2, T1, …", "cut short, at '…': example"),
        ("T0 ×2, , T1", "can't be read from ', T1' on"),
        ("T0 ×many", "can't be read from 'T0 ×many' on"),
        ('T0, "T1', "can't be read from '\"T1' on"),
        (f"T0 ×{10**9}", "can't be read"),
    ],
)
def test_text_that_is_no_schedule(text, said):
    with pytest.raises(ValueError, match=said):
        replay(counter, text)


def test_printed_order_can_be_replayed():
    every = interleavings(counter, expect=2)
    order = every.verdict.rpartition(": ")[2]
    assert order == "T0, T1, T0, T1"
    assert replay(counter, order).result == 1


def test_long_order_is_cut_short_and_says_so():
    every = interleavings(pipeline, messages=3, get="get_too_late", expect=MESSAGES[:3])
    example = every.example([31, 59, 59])
    assert example.schedule is not None
    assert len(example.schedule) > 20
    assert every.verdict.endswith(", …")
    assert len(every.verdict.rpartition(": ")[2]) <= 60
    assert replay(pipeline, str(example.schedule), messages=3, get="get_too_late").result == example.result


def test_table_cuts_orders_too():
    every = interleavings(bounded, messages=12, size=1)
    _, _, row, hint = str(every).splitlines()
    assert row.endswith(", …")
    assert len(row) < 180
    assert hint == "  … example(outcome).schedule has all of an order."
    assert "has all of an order" in every._repr_html_()
    assert "has all of an order" not in interleavings(counter)._repr_html_()


def test_long_outcome_is_cut_short():
    def scenario():
        together(one)
        return list(range(100))

    every = interleavings(scenario)
    assert len(str(every).splitlines()[-1]) < 120
    assert every.example(list(range(100))).result == list(range(100))


def test_only_what_is_long_goes_over_several_lines():
    head, *rows = interleavings(bounded, messages=11, size=1)._repr_html_().split("<tr>")[1:]
    assert head.count("white-space:nowrap") == 4
    (row,) = rows
    assert [("white-space:normal" in cell) for cell in row.split("<td")[1:]] == [True, False, False, True]
    assert '<code style="white-space:normal">[0, 1, ' in row
    assert "T1&nbsp;×2" in row
    assert Schedule.read("T1\N{NO-BREAK SPACE}×2") == ("T1", "T1")  # copied from there


def test_the_only_interleaving():
    assert interleavings(lambda: 3, expect=2).verdict == "the only interleaving doesn't return 2: it returns 3"
    assert interleavings(lambda: 3, expect=3).verdict == "the only interleaving returns 3"


def test_how_it_shows():
    every = interleavings(counter, expect=2)
    assert repr(every).splitlines() == [
        "counter(): 4 of 6 interleavings don't return 2; for example, one returns 1: T0, T1, T0, T1",
        "  outcome  interleavings   share  for example",
        "  1                    4  66.7 %  T0, T1, T0, T1",
        "  2                    2  33.3 %  T0 ×2, T1 ×2",
    ]
    html = every._repr_html_()
    assert "✗" in html
    assert "T0&nbsp;×2, T1&nbsp;×2" in html
    assert '<code style="white-space:nowrap">1</code>' in html


# What is refused.


def leftover_list(kept=[]):  # noqa: B006 - what is left from the last run is what this is about
    together(lambda: kept.append(1))
    return len(kept)


def reads_clock():
    together(one)
    return time.time()


def opens_file():
    together(one)
    with open(__file__) as file:
        return len(file.read())


def random_steps(state=[0]):  # noqa: B006 - as random as a test may be
    made = Counter()
    state[0] += 1

    def update():
        for _ in range(state[0] % 3 + 1):
            made.one_line()

    together(update, update)
    return "done"


def future_by_hand():
    result: Future[int] = Future()
    together(lambda: result.set_result(1))
    return result.result()


def other_pool():
    with ThreadPool(2) as pool:
        return pool.map(abs, [1, 2])


def object_that_tells_nothing():
    made = Counter()
    together(made.one_line)
    return made


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        (leftover_list, r"a list is \[1\] when threads start, and was \[\] before: the last run has changed it"),
        (reads_clock, r"reads the clock \(time.time\).*measure the time around a call"),
        (future_by_hand, "a Future is made by hand.*hand results over in a queue"),
        (other_pool, "a multiprocessing ThreadPool is made, .*use concurrent.futures.ThreadPoolExecutor"),
        (object_that_tells_nothing, "it returns <.*, another object in each run.*: have it return a small value"),
        (opens_file, "opens a file"),
        (random_steps, "run in the same order again"),
    ],
)
def test_refused(scenario, said):
    with pytest.raises(RuntimeError, match=said):
        interleavings(scenario)


def test_lock_held_by_somebody_else_is_refused():
    inbox: queue.Queue[int] = queue.Queue()

    def scenario():
        together(lambda: inbox.put(1))

    with pytest.raises(RuntimeError, match="queue that was made before"):
        interleavings(scenario)


def test_methods_that_the_library_calls():
    def scenario():
        items: list[int] = []
        together(partial(items.append, 1), lambda: list(map(items.append, [2])))
        return items

    assert interleavings(scenario).outcomes == {"[1, 2]": 1, "[2, 1]": 1}


def test_value_whose_repr_reads():
    @dataclass
    class Pair:
        left: int = 0

    def scenario():
        made = Pair()

        def update():
            made.left += 1

        together(update, update)
        return made

    assert sorted(interleavings(scenario).outcomes.values()) == [2, 4]


@pytest.mark.parametrize("update", [lambda made: vars(made), lambda made: made.__dict__])
def test_going_behind_attributes_is_refused(update):
    def scenario():
        made = Counter()
        together(made.one_line, lambda: update(made))
        return made.value

    with pytest.raises(RuntimeError, match="goes behind attributes"):
        interleavings(scenario)


def test_lock_out_of_sight_is_refused():
    with pytest.raises(RuntimeError, match="uses a lock that was made out of sight: make it in the scenario"):
        interleavings(counter, update="locked", lock=threading.Lock)


def spin():
    made = Counter()

    def wait():
        while not made.value:
            pass

    together(wait, made.one_line)


def test_spinning_ends_and_proves_nothing():
    every = interleavings(spin, expect=None)
    assert not every.complete
    assert every.proven is None
    assert every.note is not None
    assert "T0 goes round at line" in every.note
    assert "have it stop after some rounds, or wait for" in every.note
    assert every.verdict == f"no interleaving has come to its end: {every.note}"


def wait_for_nobody():
    made = Counter()

    def wait():
        while not made.value:
            time.sleep(0.1)

    together(wait, lambda: None)


@pytest.mark.parametrize("clock", ["any", "virtual"])
def test_sleeping_for_ever_ends_and_proves_nothing(clock, monkeypatch):
    monkeypatch.setattr("course_utils.scheduler.ROUNDS", 50)
    every = interleavings(wait_for_nobody, expect=None, clock=clock)
    assert not every.complete
    assert every.proven is None
    line = wait_for_nobody.__code__.co_firstlineno + 5
    assert f"T0 had slept or waited 50 times without a step in between, at line {line} of {__file__}" in str(every)


def test_limit_gives_up():
    every = interleavings(counter, threads=3, limit=2)
    assert not every.complete
    assert every.note == "gave up after 2 runs"


def test_interrupting_keeps_what_was_found(monkeypatch):
    run = Explorer.run
    calls = iter([None, None, None, KeyboardInterrupt()])

    def interrupted(self, choices):
        if (problem := next(calls, None)) is not None:
            raise problem
        return run(self, choices)

    monkeypatch.setattr(Explorer, "run", interrupted)
    every = interleavings(counter, threads=3)
    assert not every.complete
    assert every.note == "interrupted"
    assert 0 < every.total < 90
    assert "for example" not in repr(every)
    assert "for example" not in every._repr_html_()
    (outcome, *_) = every.outcomes
    for ask in (every.example, every.step):
        with pytest.raises(KeyError, match=rf"of the outcome {outcome} no example was kept: interrupted"):
            ask(outcome)


def test_interrupted_in_the_middle_of_a_run():
    def scenario():
        together(lambda: signal.raise_signal(signal.SIGINT))

    every = interleavings(scenario)
    assert every.note == "interrupted"


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [counter, repeated_item, copied_list, generator, bounded, conditions, event])
def test_whatever_real_runs_return_is_among_the_outcomes(scenario):
    outcomes = interleavings(scenario).outcomes
    seen = [scenario() for _ in range(1000)]
    assert all((repr(value) if isinstance(value, list) else value) in outcomes for value in seen)


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"limit": 0}, ValueError, "limit must be a number of runs, 1 or more, not 0"),
        ({"merge": "no"}, TypeError, "merge must be True or False, not 'no'"),
        ({"limit": "many"}, TypeError, "limit must be a number of runs"),
        ({"clock": "wall"}, ValueError, 'clock must be "any" or "virtual"'),
        ({"expect": lambda value: value > 1}, TypeError, "expect must be a value"),
        ({"expect": float("nan")}, ValueError, "expect can't be compared"),
        ({"workers": 2}, TypeError, "can't be called with workers"),
        ({"watch": {Counter: 3}}, TypeError, "watch"),
    ],
)
def test_bad_input_before_the_first_run(arguments, error, said):
    runs = []

    def scenario(threads=2):
        runs.append(threads)

    with pytest.raises(error, match=said):
        interleavings(scenario, **arguments)
    assert not runs


def test_inside_a_recording():
    with record():
        with pytest.raises(RuntimeError, match="still open"):
            interleavings(counter)


@pytest.mark.skipif(not hasattr(queue.Queue, "shutdown"), reason="queues can be shut down from Python 3.13 on")
@pytest.mark.parametrize(
    ("immediate", "outcomes"),
    [(False, {(1, "shut"): 3, ("shut",): 3}), (True, {(1, "shut"): 2, ("shut",): 4})],
)
def test_queue_that_is_shut_down(immediate, outcomes):
    def scenario():
        inbox: Any = queue.Queue()
        got: list[Any] = []
        shut: Any = vars(queue)["ShutDown"]

        def put():
            with suppress(shut):
                inbox.put(1)

        def take():
            with suppress(shut):
                while True:
                    got.append(inbox.get())
            got.append("shut")

        together(put, take, lambda: inbox.shutdown(immediate))
        return tuple(got)

    merged, run = interleavings(scenario), interleavings(scenario, merge=False)
    assert merged.outcomes == run.outcomes == outcomes


def replaced_while_it_ran():
    made, real, hook = Counter(), sys.stdout, threading.excepthook
    sys.stdout, threading.excepthook = io.StringIO(), print
    try:
        together(made.one_line, made.one_line)
    finally:
        sys.stdout, threading.excepthook = real, hook
    return made.value


_LEVELS = [1, 1]


def raised_while_it_ran():
    made = Counter()
    before, _LEVELS[0] = _LEVELS[0], 2
    try:
        together(made.one_line, made.one_line)
    finally:
        _LEVELS[0] -= 1
    return made.value, before


def never_put_back():
    made = Counter()
    threading.excepthook = print
    together(made.one_line, made.one_line)
    return made.value


@pytest.mark.parametrize(
    ("scenario", "outcomes"),
    [
        (replaced_while_it_ran, {1: 4, 2: 2}),
        (raised_while_it_ran, {(1, 1): 4, (2, 1): 2}),
        (never_put_back, {1: 4, 2: 2}),
    ],
)
def test_runs_that_are_ended_leave_nothing_behind(scenario, outcomes):
    before = sys.stdout, threading.excepthook
    assert interleavings(scenario).outcomes == outcomes
    assert (sys.stdout, threading.excepthook) == before
    assert _LEVELS == [1, 1]


def test_refused_runs_come_to_their_end():
    ended = []

    def scenario():
        made = Counter()

        def look():
            try:
                vars(made)
            finally:
                made.value += 1
                ended.append("thread")

        try:
            together(look)
        finally:
            ended.append("opener")

    with pytest.raises(RuntimeError, match="goes behind attributes"):
        interleavings(scenario)
    assert ended == ["thread", "opener"]


def returned(make):
    """Two threads add one to what `make` keeps, and the scenario returns that."""

    def scenario():
        kept, result = make()

        def update():
            kept.value += 1

        together(update, update)
        return result

    return scenario


def of_a_class_made_in_each_run():
    @dataclass
    class Made:
        value: int = 0

    made = Made()
    return made, made


def in_a_tuple():
    class Made:
        value = 0

        def __repr__(self):
            return f"Made({self.value})"

    made = Made()
    return made, (made, "made")


@pytest.mark.parametrize(
    ("make", "outcome"),
    [
        (of_a_class_made_in_each_run, "of_a_class_made_in_each_run.<locals>.Made(value=%d)"),
        (in_a_tuple, "(Made(%d), 'made')"),
    ],
)
def test_objects_that_are_returned(make, outcome):
    every = interleavings(returned(make))
    assert every.outcomes == {outcome % 1: 4, outcome % 2: 2}
    assert repr(every.example(outcome % 1).result) == outcome % 1
