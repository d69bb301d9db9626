"""What ordinary threaded code does is recorded as its author wrote it."""

import asyncio
import contextlib
import queue
import threading
import time
from collections import defaultdict
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from itertools import pairwise
from time import sleep
from typing import Any

import pytest

from course_utils import mark, record, run
from course_utils.model import Flow, Interval, State
from course_utils.recording import Recording
from tests.waiting import until, until_waits

SHORT = 0.02


def waits(recording: Recording, lane: str) -> list[str]:
    return [interval.on or "" for interval in recording.lane(lane).intervals if interval.state is State.WAITING]


def flows(recording: Recording, kind: str) -> list[tuple[str, str, str]]:
    return [(flow.source, flow.object, flow.target) for flow in recording.flows if flow.kind == kind]


def check_tiling(recording: Recording) -> None:
    for lane in recording.lanes:
        if lane.intervals:
            assert lane.intervals[0].start == lane.started
            assert lane.intervals[-1].end == lane.ended
        for before, after in pairwise(lane.intervals):
            assert before.end == after.start
        assert all(interval.end > interval.start for interval in lane.intervals)
        assert all((interval.on is not None) == (interval.state is State.WAITING) for interval in lane.intervals)


def start_all(*threads: threading.Thread) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_start_sleep_and_join() -> None:
    def scenario() -> str:
        def work() -> None:
            until_waits("main")
            time.sleep(SHORT)

        thread = threading.Thread(target=work, name="T0")
        thread.start()
        thread.join()
        return "done"

    recording = run(scenario)
    assert recording.result == "done"
    assert recording.error is None
    assert [lane.name for lane in recording.lanes] == ["main", "T0"]
    assert [lane.ending for lane in recording.lanes] == ["finished", "finished"]
    assert [lane.daemon for lane in recording.lanes] == [False, False]
    states = [interval.state for interval in recording.lane("T0").intervals]
    assert states == [State.ACTIVE, State.SLEEPING, State.ACTIVE]
    asleep = recording.lane("T0").intervals[1]
    assert asleep.asked == SHORT
    assert asleep.duration >= SHORT
    assert recording.lane("T0").total(State.SLEEPING) == asleep.duration
    by_name: Any = "sleeping"
    assert recording.lane("T0").total(by_name) == asleep.duration
    assert waits(recording, "main") == ["join T0"]
    assert flows(recording, "start") == [("main", "T0", "T0")]
    assert flows(recording, "join") == [("T0", "T0", "main")]
    assert recording.finish_order == ("T0",)
    check_tiling(recording)


def test_a_wait_that_does_not_wait_is_no_interval() -> None:
    def scenario() -> None:
        lock, event, inbox = threading.Lock(), threading.Event(), queue.Queue[int]()
        event.set()
        with lock:
            event.wait()
            inbox.put(1)
            inbox.get()

    recording = run(scenario)
    assert [interval.state for interval in recording.lanes[0].intervals] == [State.ACTIVE]
    assert [hold.lock for hold in recording.holds] == ["lock"]


def test_a_lock_under_contention() -> None:
    class Database:
        def __init__(self) -> None:
            self._lock = threading.Lock()

        def update(self, last: bool) -> None:
            with self._lock:
                if not last:
                    until_waits("T1")

    def scenario() -> None:
        database = Database()
        first = threading.Thread(target=database.update, args=(False,), name="T0")
        second = threading.Thread(target=database.update, args=(True,), name="T1")
        first.start()
        until(database._lock.locked)
        second.start()
        first.join()
        second.join()

    recording = run(scenario)
    assert waits(recording, "T1") == ["_lock"]
    assert [(hold.lane, hold.lock) for hold in recording.holds] == [("T0", "_lock"), ("T1", "_lock")]
    assert recording.holds[0].end <= recording.holds[1].start
    with_line = Database.update.__code__.co_firstlineno + 1
    assert {hold.line for hold in recording.holds} == {with_line}
    assert flows(recording, "lock") == [("T0", "_lock", "T1")]
    check_tiling(recording)


def test_locks_of_one_name_are_numbered_in_order_of_creation() -> None:
    def scenario() -> None:
        forks = [threading.Lock() for _ in range(3)]
        for fork in reversed(forks):
            with fork:
                pass

    assert [hold.lock for hold in run(scenario).holds] == ["forks #3", "forks #2", "forks"]


def test_an_rlock_is_held_until_its_last_release() -> None:
    def scenario() -> None:
        lock = threading.RLock()
        with lock:
            lock.acquire()
            mark("inner")
            lock.release()
            mark("outer")

    recording = run(scenario)
    (hold,) = recording.holds
    outer = recording.instants[-1]
    assert outer.value == "outer"
    assert hold.start < recording.instants[0].time < outer.time < hold.end


def test_a_lock_given_back_by_another_thread_ends_its_holders_hold() -> None:
    def scenario() -> None:
        lock = threading.Lock()
        lock.acquire()
        start_all(threading.Thread(target=lock.release, name="T0"))

    (hold,) = run(scenario).holds
    assert hold.lane == "main"


def test_a_timed_acquire_that_fails_waits_and_holds_nothing() -> None:
    def scenario() -> list[bool]:
        lock = threading.Lock()
        got = [lock.acquire(timeout=1), lock.acquire(timeout=SHORT), lock.acquire(blocking=False)]
        lock.release()
        return got

    recording = run(scenario)
    assert recording.result == [True, False, False]
    assert waits(recording, "main") == ["lock"]
    assert len(recording.holds) == 1


def test_a_condition_and_its_lock() -> None:
    def scenario() -> None:
        ready = threading.Condition()
        items: list[int] = []

        def consumer() -> None:
            with ready:
                ready.wait_for(lambda: items)

        thread = threading.Thread(target=consumer, name="T0")
        thread.start()
        until_waits("T0")
        with ready:
            items.append(1)
            ready.notify()
        thread.join()

    recording = run(scenario)
    assert waits(recording, "T0") == ["ready.wait"]
    assert flows(recording, "condition") == [("main", "ready", "T0")]
    # It lets go of the lock while it waits.
    assert [hold.lane for hold in recording.holds] == ["T0", "main", "T0"]
    assert {hold.lock for hold in recording.holds} == {"ready"}
    check_tiling(recording)


def test_a_condition_made_before_the_recording() -> None:
    ready = threading.Condition()

    held: list[bool] = []

    def hold() -> None:
        with ready:
            held.append(True)
            until_waits("main")

    def scenario() -> None:
        thread = threading.Thread(target=hold, name="T0")
        thread.start()
        until(lambda: held)
        with ready:
            pass
        thread.join()

    recording = run(scenario)
    assert waits(recording, "main")[0] == "ready"
    assert [hold.lane for hold in recording.holds] == ["T0", "main"]


@pytest.mark.parametrize("kind", [threading.Semaphore, threading.BoundedSemaphore])
def test_semaphores(kind: type[threading.Semaphore]) -> None:
    def scenario() -> None:
        places = kind(1)
        inside: list[bool] = []

        def first() -> None:
            with places:
                inside.append(True)
                until_waits("T1")

        def second() -> None:
            until(lambda: inside)
            with places:
                pass

        start_all(threading.Thread(target=first, name="T0"), threading.Thread(target=second, name="T1"))

    recording = run(scenario)
    assert waits(recording, "T1") == ["places"]
    assert [hold.lane for hold in recording.holds] == ["T0", "T1"]
    assert flows(recording, "semaphore") == [("T0", "places", "T1")]


def test_an_event_and_a_timer() -> None:
    def scenario() -> bool:
        ready = threading.Event()

        def ring() -> None:
            until_waits("main")
            ready.set()

        timer = threading.Timer(SHORT, ring)
        timer.name = "alarm"
        timer.start()
        return ready.wait(5)

    recording = run(scenario)
    assert recording.result is True
    assert waits(recording, "main")[0] == "ready.wait"
    assert waits(recording, "alarm") == ["the timer's interval"]
    assert flows(recording, "event") == [("alarm", "ready", "main")]
    check_tiling(recording)


def test_a_wait_that_times_out_has_no_cause() -> None:
    def scenario() -> bool:
        return threading.Event().wait(SHORT)

    recording = run(scenario)
    assert recording.result is False
    assert waits(recording, "main") == ["Event.wait"]
    assert recording.flows == ()


def test_a_barrier() -> None:
    def scenario() -> None:
        gate = threading.Barrier(3)

        def work(*others: str) -> None:
            until_waits(*others)
            gate.wait()

        start_all(*(threading.Thread(target=work, args=("T0", "T1")[:i], name=f"T{i}") for i in range(3)))

    recording = run(scenario)
    assert [waits(recording, f"T{i}") for i in range(3)] == [["gate.wait"], ["gate.wait"], []]
    assert sorted(flows(recording, "barrier")) == [("T2", "gate", "T0"), ("T2", "gate", "T1")]


def test_a_bounded_queue() -> None:
    def scenario() -> list[int]:
        inbox: queue.Queue[int] = queue.Queue(maxsize=1)
        seen = []

        def produce() -> None:
            for index in range(3):
                inbox.put(index)

        producer = threading.Thread(target=produce, name="producer")
        producer.start()
        until_waits("producer")
        for _ in range(3):
            seen.append(inbox.get())
        producer.join()
        return seen

    recording = run(scenario)
    assert recording.result == [0, 1, 2]
    assert set(waits(recording, "producer")) == {"inbox.put"}
    moved = [flow for flow in recording.flows if flow.kind == "queue"]
    assert [(flow.source, flow.target) for flow in moved].count(("producer", "main")) == 3
    assert all(flow.sent <= flow.received for flow in moved)
    items = [event.value for event in recording.events if event.kind == "get"]
    assert [item.text for item in items] == ["0", "1", "2"]
    check_tiling(recording)
    (fill,) = recording.fills
    assert (fill.queue, fill.capacity, fill.most, fill.levels[-1][1]) == ("inbox", 1, 1, 0)


def test_how_many_items_a_queue_takes_is_said_once_and_only_if_there_is_a_limit() -> None:
    def scenario() -> None:
        small: queue.Queue[int] = queue.Queue(2)
        ranked: queue.PriorityQueue[int] = queue.PriorityQueue(maxsize=3)
        unused: queue.Queue[int] = queue.Queue(4)
        endless: queue.Queue[int] = queue.Queue()
        simple: queue.SimpleQueue[int] = queue.SimpleQueue()
        for each in (small, ranked, endless, simple):
            each.put(1)
            each.put(2)
            each.get()
        assert unused.empty()

    recording = run(scenario)
    found = [(event.object, event.value) for event in recording.events if event.kind == "queue"]
    assert found == [("small", 2), ("ranked", 3)]
    assert {fill.queue: (fill.capacity, fill.most) for fill in recording.fills} == {
        "small": (2, 2), "ranked": (3, 2), "endless": (None, 2), "simple": (None, 2),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(queue.LifoQueue, [3, 2, 1]), (queue.PriorityQueue, [1, 2, 3]), (queue.SimpleQueue, [1, 2, 3])],
)
def test_other_queues_match_each_get_with_its_put(kind: Any, expected: list[int]) -> None:
    def scenario() -> list[int]:
        box = kind()
        sender = threading.Thread(target=lambda: [box.put(number) for number in (1, 2, 3)], name="sender")
        sender.start()
        sender.join()
        return [box.get(timeout=5), box.get_nowait(), box.get()]

    # queue.SimpleQueue is looked up when the scenario runs, as a learner's code would.
    name = kind.__name__

    def looked_up() -> list[int]:
        nonlocal kind
        kind = getattr(queue, name)
        return scenario()

    recording = run(looked_up)
    assert recording.result == expected
    numbers: dict[str, list[Any]] = defaultdict(list)
    for event in recording.events:
        if event.kind in ("put", "get"):
            numbers[event.kind].append((event.value.number, event.value.text))
            assert event.object == "box"
    assert sorted(numbers["put"]) == sorted(numbers["get"])
    assert [int(text) for _, text in numbers["get"]] == expected


def test_an_empty_queue_that_is_not_waited_for() -> None:
    def scenario() -> int:
        failed = 0
        for box in (queue.Queue[int](), queue.SimpleQueue[int]()):
            for call in (box.get_nowait, lambda box=box: box.get(timeout=SHORT)):
                with contextlib.suppress(queue.Empty):
                    call()
                    continue
                failed += 1
        with contextlib.suppress(ValueError):
            queue.SimpleQueue[int]().get(timeout=-1)
            failed -= 1
        return failed

    recording = run(scenario)
    assert recording.error is None
    assert recording.result == 4


def test_subclasses_of_thread_and_queue() -> None:
    class Inbox(queue.Queue[str]):
        def __init__(self) -> None:
            super().__init__(maxsize=5)

    class Worker(threading.Thread):
        def __init__(self, inbox: Inbox) -> None:
            super().__init__(name="worker")
            self.inbox = inbox
            self.seen: str | None = None

        def run(self) -> None:
            self.seen = self.inbox.get()

    def scenario() -> str | None:
        letters = Inbox()
        worker = Worker(letters)
        worker.start()
        until_waits("worker")
        letters.put("hello")
        worker.join()
        return worker.seen

    recording = run(scenario)
    assert recording.result == "hello"
    assert waits(recording, "worker") == ["letters.get"]
    assert flows(recording, "queue") == [("main", "letters", "worker")]


def test_threads_start_threads() -> None:
    def leaf() -> None:
        time.sleep(SHORT)

    def branch() -> None:
        start_all(*(threading.Thread(target=leaf) for _ in range(2)))

    def scenario() -> None:
        start_all(*(threading.Thread(target=branch) for _ in range(2)))

    for _ in range(2):  # default names are numbered anew in each recording
        recording = run(scenario)
        assert len(recording.lanes) == 7
        names = sorted(lane.name for lane in recording.lanes)
        assert names == [
            "Thread-1 (branch)", "Thread-2 (branch)", "Thread-3 (leaf)", "Thread-4 (leaf)", "Thread-5 (leaf)",
            "Thread-6 (leaf)", "main",
        ]  # fmt: skip
        assert len(recording.finish_order) == 6
        check_tiling(recording)


def test_two_threads_of_one_name() -> None:
    def scenario() -> None:
        start_all(*(threading.Thread(target=sleep, args=(0,), name="twin") for _ in range(2)))

    assert [lane.name for lane in run(scenario).lanes] == ["main", "twin", "twin #2"]


def test_names_bound_before_are_seen_too() -> None:
    def scenario() -> None:
        sleep(SHORT)

    assert [i.state for i in run(scenario).lanes[0].intervals][1] is State.SLEEPING
    assert sleep is time.sleep


def work(number: int, pause: float = SHORT) -> int:
    time.sleep(pause)
    return number * number


def test_a_pool_has_tasks() -> None:
    def work(number: int) -> int:
        started.add(number)
        until(lambda: len(started) > 1)
        until_waits("main")
        return number * number

    started: set[int] = set()

    def scenario() -> list[int]:
        with ThreadPoolExecutor(max_workers=2, thread_name_prefix="pool") as executor:
            return [future.result() for future in [executor.submit(work, number) for number in range(4)]]

    recording = run(scenario)
    assert recording.result == [0, 1, 4, 9]
    assert [lane.name for lane in recording.lanes] == ["main", "pool_0", "pool_1"]
    assert [task.name for task in recording.tasks] == [f"work({number})" for number in range(4)]
    assert {task.pool for task in recording.tasks} == {"executor"}
    assert {task.lane for task in recording.tasks} == {"pool_0", "pool_1"}
    assert all(task.asked and task.exception is None for task in recording.tasks)
    for task in recording.tasks:
        assert task.started is not None
        assert task.ended is not None
        assert task.submitted <= task.started <= task.ended
    assert set(recording.finish_order) == {task.name for task in recording.tasks}
    assert waits(recording, "main")[0] == "result of work(0)"
    assert ("pool_0", "work(0)", "main") in flows(recording, "result")
    check_tiling(recording)


def test_map_and_a_worker_that_idles() -> None:
    started: list[int] = []

    def work(number: int, other: str) -> int:
        started.append(number)
        until(lambda: len(started) == 2)
        if other:
            until_waits(other)
        return number * number

    def scenario() -> list[int]:
        with ThreadPoolExecutor(2, thread_name_prefix="pool") as executor:
            found = list(executor.map(work, [1, 2], ["", "pool_0"]))
        return found

    recording = run(scenario)
    assert recording.result == [1, 4]
    assert [task.name for task in recording.tasks] == ["work(1, …)", "work(2, …)"]
    assert waits(recording, "pool_0") == ["a task"]


def test_a_worker_that_ran_no_task_finishes_nothing() -> None:
    def scenario() -> None:
        submitted: list[int] = []

        def first() -> None:
            until(lambda: submitted)

        with ThreadPoolExecutor(2, thread_name_prefix="pool") as executor:
            executor.submit(first)
            executor.submit(first)  # one worker may do both, and the other none
            submitted.append(2)

    for _ in range(5):
        recording = run(scenario)
        assert sorted(recording.finish_order) == ["first()", "first() #2"]
        assert all(lane.worker for lane in recording.lanes[1:])


def test_an_exception_kept_in_a_future() -> None:
    def scenario() -> None:
        with ThreadPoolExecutor(1) as executor:
            function: Any = work
            executor.submit(function)  # a number is missing
            asked = executor.submit(function, "x", -1)
            assert isinstance(asked.exception(), ValueError)

    first, second = run(scenario).tasks
    assert first.exception is not None
    assert first.exception.startswith("TypeError: work() missing 1 required positional argument")
    assert not first.asked
    assert second.exception == "ValueError: sleep length must be non-negative"
    assert second.asked


@pytest.mark.parametrize("how", ["as_completed", "wait"])
def test_waiting_for_several_futures(how: str) -> None:
    def work(number: int) -> int:
        until_waits("main")
        return number

    def scenario() -> int:
        with ThreadPoolExecutor(2) as executor:
            futures = [executor.submit(work, number) for number in range(2)]
            if how == "wait":
                done, _ = wait(futures, return_when=FIRST_COMPLETED)
                return len(done) > 0
            return sum(future.result() for future in as_completed(futures))

    recording = run(scenario)
    assert recording.result == 1
    assert waits(recording, "main")[0] == how
    assert flows(recording, "result")[0][2] == "main"


def test_pools_within_threads() -> None:
    def outer() -> None:
        with ThreadPoolExecutor(2, thread_name_prefix=threading.current_thread().name) as inner:
            list(inner.map(work, range(3)))

    def scenario() -> None:
        start_all(*(threading.Thread(target=outer, name=f"T{i}") for i in range(2)))

    recording = run(scenario)
    names = [lane.name for lane in recording.lanes]
    assert sorted(names) == ["T0", "T0_0", "T0_1", "T1", "T1_0", "T1_1", "main"]
    assert len(recording.tasks) == 6
    assert {task.pool for task in recording.tasks} == {"inner", "inner #2"}
    check_tiling(recording)


def test_asyncio_to_thread() -> None:
    def scenario() -> int:
        async def main() -> int:
            return sum(await asyncio.gather(*(asyncio.to_thread(work, number) for number in range(3))))

        return asyncio.run(main())

    recording = run(scenario)
    assert recording.result == 5
    assert sum(task.lane is not None for task in recording.tasks) == 3


def test_a_future_of_ones_own() -> None:
    def scenario() -> int:
        future: Future[int] = Future()

        def fill() -> None:
            until_waits("main")
            future.set_result(7)

        threading.Thread(target=fill).start()
        return future.result()

    recording = run(scenario)
    assert recording.result == 7
    assert waits(recording, "main")[0] == "a future's result"


def test_cpu_time_is_measured_only_if_asked_for() -> None:
    def scenario() -> None:
        until = time.thread_time() + SHORT
        while time.thread_time() < until:
            pass
        time.sleep(SHORT)

    (measured,) = run(scenario, cpu=True).lanes
    assert measured.cpu is not None
    assert SHORT <= measured.cpu < measured.ended
    assert run(scenario).lanes[0].cpu is None


def test_marks_outside_a_recording_do_nothing() -> None:
    mark("nobody listens")
    with record() as recording:
        mark("here")
        threading.Thread(target=mark, args=("there",), name="T0").start()
    assert [(event.lane, event.value) for event in recording.instants] == [("main", "here"), ("T0", "there")]


@pytest.mark.slow
def test_no_mark_is_lost() -> None:
    def scribble(number: int) -> None:
        for index in range(10_000):
            mark(f"{number}.{index}")

    with record() as recording:
        for number in range(64):
            threading.Thread(target=scribble, args=(number,), name=f"T{number}").start()
    seen = defaultdict(list)
    for event in recording.instants:
        seen[event.lane].append(event.value)
    assert {lane: len(texts) for lane, texts in seen.items()} == {f"T{number}": 10_000 for number in range(64)}
    for number in range(64):
        assert seen[f"T{number}"] == [f"{number}.{index}" for index in range(10_000)]


def test_events_are_tuples_in_order_of_time() -> None:
    def scenario() -> None:
        start_all(*(threading.Thread(target=work, args=(1,), name=f"T{i}") for i in range(3)))

    events = run(scenario).events
    assert events[0]._fields == ("time", "lane", "kind", "object", "value")
    assert all(before.time <= after.time for before, after in pairwise(events))
    assert events[0].time == 0.0


def test_an_open_recording_has_nothing_to_read() -> None:
    with record("early") as recording:
        with pytest.raises(ValueError, match="'early' is still open"):
            _ = recording.lanes
        assert "still open" in repr(recording)
    assert recording.lanes[0].name == "main"


def test_flow_and_interval_are_tuples() -> None:
    assert Flow("start", "T0", "main", 0.0, "T0", 0.1)._fields[0] == "kind"
    assert Interval(State.ACTIVE, 0.0, 1.5).duration == 1.5
