"""Several futures in every order: what `wait` and `as_completed` bring, and when."""

import threading
import time
from concurrent.futures import FIRST_COMPLETED, FIRST_EXCEPTION, ThreadPoolExecutor, as_completed, wait
from contextlib import suppress
from typing import Any

import pytest

from course_utils import Deadlock, interleavings, replay
from course_utils.model import State
from tests.programs.judging import judge
from tests.programs.real import Real

KEPT: dict[str, Any] = {"as_completed": as_completed}

HEAD = """
import threading, time
import concurrent.futures as cf
from concurrent.futures import ThreadPoolExecutor

def scenario():
    with ThreadPoolExecutor(3) as pool:
"""
PROGRAMS = {
    "one after the other": """
        futures = [pool.submit(abs, number) for number in range(3)]
        return tuple(each.result() for each in cf.as_completed(futures))
""",
    "too late": """
        futures = [pool.submit(time.sleep, 0.002 * number) for number in range(1, 3)]
        got = []
        try:
            for each in cf.as_completed(futures, timeout=0.003):
                got.append(futures.index(each))
                time.sleep(0.0005)
        except TimeoutError as problem:
            got.append(str(problem))
        return tuple(got)
""",
    "the first": """
        futures = [pool.submit(abs, number) for number in range(3)]
        done, rest = cf.wait(futures, return_when="FIRST_COMPLETED")
        return tuple(each.result() for each in done if len(done) < 3), len(rest)
""",
    "the first that fails": """
        futures = [pool.submit(int, letter) for letter in "1x2"]
        done, rest = cf.wait(futures, return_when="FIRST_EXCEPTION")
        return [each in done for each in futures], len(rest)
""",
    "one that asks another": """
        zero, one = [pool.submit(abs, number) for number in range(2)]
        futures = [zero, one, pool.submit(lambda: one.result() + 1)]
        done, rest = cf.wait(futures, return_when="FIRST_COMPLETED")
        return [each in done for each in futures]
""",
    "for a while": """
        futures = [pool.submit(time.sleep, 0.002 * number) for number in range(1, 3)]
        done, rest = cf.wait(futures, timeout=0.003)
        return [each in done for each in futures]
""",
    "not at all": """
        futures = [pool.submit(abs, number) for number in range(2)]
        done, rest = cf.wait(futures, timeout=0)
        return [each in done for each in futures]
""",
    "whoever is quicker": """
        futures = [pool.submit(abs, number) for number in range(2)]
        first = [pool.submit(lambda: next(cf.as_completed(futures)).result()) for _ in range(1)]
        done, rest = cf.wait([*futures, *first])
        return first[0].result(), len(done)
""",
    "round by round": """
        rest, sizes = {pool.submit(abs, number) for number in range(2)}, []
        while rest:
            done, rest = cf.wait(rest, return_when="FIRST_COMPLETED")
            sizes.append(len(done))
        return tuple(sizes)
""",
    "called back": """
        seen = []
        for number in range(2):
            pool.submit(abs, number).add_done_callback(lambda future: seen.append(future.result()))
        pool.shutdown()
        return tuple(seen)
""",
    "called back by whoever comes": """
        seen = []
        future = pool.submit(abs, 1)
        future.add_done_callback(lambda _: seen.append("first"))
        future.add_done_callback(lambda _: seen.append("second"))
        seen.append("main")
        pool.shutdown()
        return tuple(seen)
""",
    "called back to go on": """
        seen = []
        def again(future):
            try:
                pool.submit(abs, 2).add_done_callback(lambda each: seen.append(each.result()))
            except RuntimeError as problem:
                seen.append(str(problem))
        pool.submit(abs, 1).add_done_callback(again)
        pool.shutdown()
        return tuple(seen)
""",
    "cancelled, and asked": """
        alone = ThreadPoolExecutor(1)
        futures = [alone.submit(abs, number) for number in range(2)]
        was = futures[1].cancel()
        try:
            return was, futures[1].result()
        except cf.CancelledError:
            return was, futures[1].cancelled()
        finally:
            alone.shutdown()
""",
    "cancelled, and waited for": """
        futures = [pool.submit(abs, number) for number in range(2)]
        futures[0].cancel()
        done, rest = cf.wait(futures, return_when="FIRST_COMPLETED")
        return [each in done for each in futures], futures[0].cancelled()
""",
    "cancelled, and called back": """
        seen = []
        future = pool.submit(abs, 1)
        future.add_done_callback(lambda each: seen.append(each.cancelled()))
        seen.append(future.cancel())
        pool.shutdown()
        return tuple(seen)
""",
    "cancelled by two": """
        got = []
        future = pool.submit(abs, 1)
        threads = [threading.Thread(target=lambda: got.append(future.cancel())) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return tuple(got)
""",
    "taken back": """
        alone = ThreadPoolExecutor(1)
        futures = [alone.submit(abs, number) for number in range(3)]
        alone.shutdown(cancel_futures=True)
        return tuple(each.cancelled() for each in futures)
""",
    "taken back, and waited for": """
        futures = [pool.submit(abs, number) for number in range(2)]
        pool.shutdown(cancel_futures=True)
        return len(cf.wait(futures).done)
""",
    "taken back, and cancelled": """
        futures = [pool.submit(abs, number) for number in range(2)]
        was = futures[0].cancel()
        pool.shutdown(cancel_futures=True)
        return was, tuple(each.cancelled() for each in futures)
""",
    "running": """
        future = pool.submit(abs, 1)
        return future.running(), future.running(), future.done()
""",
    "the rest of a map": """
        alone, seen = ThreadPoolExecutor(1), []
        def work(number):
            seen.append(number)
            return 1 // number
        try:
            list(alone.map(work, [0, 1, 2]))
        except ZeroDivisionError:
            alone.shutdown()
        return tuple(seen)
""",
    "a map that nobody goes on with": """
        alone, seen = ThreadPoolExecutor(1), []
        for each in alone.map(seen.append, [0, 1]):
            break
        alone.shutdown()
        return tuple(seen)
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_merged_is_one_by_one_replayed_and_real(name):
    with Real() as real:
        verdict = judge(HEAD + PROGRAMS[name], 500, real, 100)
    assert not verdict.wrong
    assert verdict.every


def of_two(gather):
    """A scenario with two tasks that do nothing."""

    def scenario():
        with ThreadPoolExecutor(2) as pool:
            return gather([pool.submit(abs, number) for number in range(2)])

    return scenario


def test_in_the_order_in_which_they_end():
    every = interleavings(of_two(lambda futures: [each.result() for each in as_completed(futures)]))
    # Seven with one of them first: it may end before the other, or both before main looks, who finds them in a set.
    assert every.outcomes == {"[0, 1]": 7, "[1, 0]": 7}
    assert every.complete


def test_those_that_were_done_come_in_any_order():
    def gather(futures):
        wait(futures)
        return [each.result() for each in as_completed(futures)]

    every = interleavings(of_two(gather))
    assert every.outcomes == {"[0, 1]": 2, "[1, 0]": 2}  # and either may have ended first
    assert "main (abs(1) before abs(0))" in str(every.example([1, 0]).schedule)


def test_a_set_of_futures_is_in_any_order_but_keeps_it():
    def gather(futures):
        done = wait(futures).done
        assert list(done) == [*done]
        assert len(done) == 2
        assert done == {*futures}
        first = done.pop()
        assert first not in done
        return [first.result(), done.pop().result()]

    assert interleavings(of_two(gather)).outcomes == {"[0, 1]": 1, "[1, 0]": 1}


def test_who_waits_for_all_waits_once():
    every = interleavings(of_two(lambda futures: len(wait(futures).done)), expect=2)
    assert every.proven
    assert every.total == 1


def test_who_waits_for_the_first_may_find_both():
    every = interleavings(of_two(lambda futures: len(wait(futures, return_when=FIRST_COMPLETED).done)))
    assert every.outcomes == {1: 4, 2: 4}


def test_one_may_be_missed_that_ended_before_one_that_is_not():
    """The waiter is taken back from one future after the other, in the order of a set."""

    def gather(futures):
        zero, one = futures
        two = ThreadPoolExecutor(1).submit(one.result)
        done = wait([zero, one, two], return_when=FIRST_COMPLETED).done
        return zero in done, one in done, two in done

    every = interleavings(of_two(gather))
    whole = {(bool(number & 1), bool(number & 2), bool(number & 4)) for number in range(1, 8)}
    assert set(every.outcomes) == whole - {(False, False, True)}
    assert "main (misses abs(1))" in str(every.example((True, False, True)).schedule)


def test_an_exception_ends_the_wait():
    def scenario():
        with ThreadPoolExecutor(1) as pool:
            futures = [pool.submit(int, letter) for letter in "1x2"]
            done, rest = wait(futures, return_when=FIRST_EXCEPTION)
            return futures[0] in done, futures[1] in done, len(rest)

    assert set(interleavings(scenario).outcomes) == {(True, True, 1), (True, True, 0)}


@pytest.mark.parametrize(
    ("timeout", "outcome"),
    [(0.25, "[0, 1]"), (0.15, "[0, '1 (of 2) futures unfinished']"), (-1, "['2 (of 2) futures unfinished']")],
)
def test_time_is_up_by_the_virtual_clock(timeout, outcome):
    def scenario():
        got: list[Any] = []
        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(time.sleep, 0.1 * number) for number in range(1, 3)]
            try:
                for each in as_completed(futures, timeout):
                    got.append(futures.index(each))
            except TimeoutError as late:
                got.append(str(late))
        return got

    every = interleavings(scenario, clock="virtual")
    assert set(every.outcomes) == {outcome}
    assert every.complete


def test_who_works_too_long_is_late_even_for_what_is_done():
    def scenario():
        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(time.sleep, 0.1 * number) for number in range(1, 3)]
            try:
                for _ in as_completed(futures, 0.3):
                    time.sleep(0.5)
            except TimeoutError as late:
                return str(late), futures[1].done()

    assert interleavings(scenario, clock="virtual").outcomes == {("1 (of 2) futures unfinished", True): 1}


def test_a_wait_that_is_given_up():
    def scenario():
        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(time.sleep, 0.1 * number) for number in range(1, 3)]
            done, rest = wait(futures, 0.15)
            return len(done), len(rest)

    assert set(interleavings(scenario, clock="virtual").outcomes) == {(1, 1)}
    assert set(interleavings(scenario).outcomes) == {(0, 2), (1, 1), (2, 0)}


def test_an_end_that_there_is_not():
    every = interleavings(of_two(lambda futures: len(wait(futures, None, "soon").done)))
    assert every.outcomes == {
        "ValueError: Invalid return condition: 'soon'": 4,
        2: 2,
    }  # if all are done, nobody looks at it


def test_what_is_no_future():
    three: Any = 3
    with pytest.raises(RuntimeError, match="waits for 3, which isn't a future"):
        interleavings(of_two(lambda futures: list(as_completed([*futures, three]))))


def test_nothing_to_wait_for():
    def gather(futures):
        return list(as_completed([])), len(wait([]).done), len(wait((), 1, FIRST_COMPLETED).not_done)

    assert interleavings(of_two(gather)).outcomes == {"([], 0, 0)": 1}


def test_a_callback_is_called_by_the_worker_or_at_once():
    def scenario():
        seen: list[str] = []
        with ThreadPoolExecutor(1, thread_name_prefix="P") as pool:
            future = pool.submit(abs, 1)
            future.add_done_callback(lambda _: seen.append(threading.current_thread().name))
        return seen[0]

    assert interleavings(scenario).outcomes == {"P_0": 2, "MainThread": 1}  # it may end before its future is even asked


def test_a_done_task_may_not_have_called_back_yet():
    def scenario():
        seen: list[Any] = []
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(abs, 1)
            future.add_done_callback(seen.append)
            future.result()
            return len(seen)

    assert set(interleavings(scenario).outcomes) == {0, 1}


def test_callbacks_lose_updates_as_tasks_do():
    class Counter:
        value = 0

        def more(self, future):
            self.value += future.result()

    def scenario():
        counter = Counter()
        with ThreadPoolExecutor(2) as pool:
            for _ in range(2):
                pool.submit(abs, 1).add_done_callback(counter.more)
        return counter.value

    assert set(interleavings(scenario).outcomes) == {1, 2}


@pytest.mark.filterwarnings("error")
def test_what_a_callback_raises_is_logged(caplog):
    def scenario():
        seen: list[Any] = []

        def fail(future):
            raise KeyError(1)

        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(abs, 1)
            future.add_done_callback(fail)
            future.add_done_callback(lambda each: seen.append(each.result()))
        return tuple(seen)

    every = interleavings(scenario, expect=(1,))
    assert every.proven
    recording = every.example((1,))
    assert [each for each in recording.instants if "exception calling callback" in str(each.value)]


def test_a_task_is_cancelled_or_begun():
    def scenario():
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(abs, 1)
            return future.cancel()

    assert interleavings(scenario).outcomes == {True: 1, False: 1}


def test_who_is_cancelled_has_no_result():
    def scenario():
        with ThreadPoolExecutor(1) as pool:
            futures = [pool.submit(abs, number) for number in range(2)]
            futures[1].cancel()
            return futures[1].result()

    assert set(interleavings(scenario).outcomes) == {1, "CancelledError"}


def test_a_worker_has_to_come_by_before_who_waits_for_several_is_told():
    def scenario():
        with ThreadPoolExecutor(1) as pool:
            futures = [pool.submit(abs, number) for number in range(2)]
            if not futures[1].cancel():
                return "begun"
            done = wait(futures, return_when=FIRST_COMPLETED).done
            return futures[1].done(), futures[1] in done

    assert set(interleavings(scenario).outcomes) == {"begun", (True, False), (True, True)}


def test_what_is_taken_back_is_never_told_of():
    def scenario():
        pool = ThreadPoolExecutor(1)
        futures = [pool.submit(abs, number) for number in range(2)]
        pool.shutdown(cancel_futures=True)
        return len(wait(futures).done)

    every = interleavings(scenario)
    assert set(every.outcomes) == {2, Deadlock}
    assert "main waits for wait in line" in str(every.example(Deadlock).error)


def test_tasks_are_taken_back_one_by_one():
    def scenario():
        pool = ThreadPoolExecutor(1)
        futures = [pool.submit(abs, number) for number in range(3)]
        pool.shutdown(cancel_futures=True)
        return tuple(each.cancelled() for each in futures)

    assert len(interleavings(scenario).outcomes) == 8  # a worker may take any while the others are taken back


@pytest.mark.parametrize("how", ["break", "fail"])
def test_a_map_cancels_what_nobody_asks_for(how):
    def scenario():
        seen: list[int] = []

        def work(number):
            seen.append(number)
            return 1 // number if how == "fail" else 1

        with ThreadPoolExecutor(1) as pool, suppress(ZeroDivisionError):
            for _ in pool.map(work, [0, 1]):
                break
        return tuple(seen)

    assert set(interleavings(scenario).outcomes) == {(0,), (0, 1)}


def test_a_generator_that_is_left_does_what_is_left_to_do():
    def numbers():
        try:
            yield 1
        finally:
            said.append("left")

    said: list[str] = []

    def scenario():
        said.clear()
        thread = threading.Thread(target=lambda: None)
        thread.start()
        for _ in numbers():
            break
        said.append("on")
        thread.join()
        return tuple(said)

    assert interleavings(scenario, expect=("left", "on")).proven


def test_several_who_submit_and_one_who_takes_back():
    def scenario():
        pool = ThreadPoolExecutor(1)
        thread = threading.Thread(target=lambda: pool.submit(abs, 1))
        thread.start()
        pool.submit(abs, 2)
        thread.join()
        pool.shutdown(cancel_futures=True)

    with pytest.raises(RuntimeError, match=r"shut down with cancel_futures=True, .*: have one thread submit them all"):
        interleavings(scenario)


def test_a_pool_that_would_wait_for_itself():
    def scenario():
        pool = ThreadPoolExecutor(1)
        futures = [pool.submit(abs, number) for number in range(2)]
        futures[1].add_done_callback(lambda each: each.cancelled() and pool.submit(abs, 3))
        pool.shutdown(cancel_futures=True)

    with pytest.raises(RuntimeError, match="it would wait for ever for itself"):
        interleavings(scenario)


def test_too_many_orders_of_a_set():
    def scenario():
        with ThreadPoolExecutor(1) as pool:
            futures = [pool.submit(abs, number) for number in range(6)]
            return [each.result() for each in wait(futures).done]

    with pytest.raises(
        RuntimeError, match=r"line \d+ of .* goes through 6 futures in the order of a set, which is left"
    ):
        interleavings(scenario)


def test_a_function_that_was_kept_is_refused():
    with pytest.raises(RuntimeError, match="by a function that was kept from before the run"):
        interleavings(of_two(lambda futures: len(list(KEPT["as_completed"](futures)))))


def test_a_replay_shows_what_a_recording_shows():
    recording = replay(of_two(lambda futures: [each.result() for each in as_completed(futures)]), ["main"])
    assert recording.result == [0, 1]
    assert [each.on for each in recording.lanes[0].intervals if each.on][:1] == ["as_completed"]
    assert [flow.target for flow in recording.flows if flow.kind == "result"] == ["main", "main"]


def test_by_the_virtual_clock_a_chart_shows_who_waits_and_sleeps_for_how_long():
    def scenario():
        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(time.sleep, pause) for pause in (0.2, 0.1, 0.15)]
            return [futures.index(each) for each in as_completed(futures)]

    recording = replay(scenario, "", clock="virtual")
    assert recording.result == [1, 0, 2]
    main, *workers = recording.lanes

    def spent(lane, state):
        return sum(each.end - each.start for each in lane.intervals if each.state is state)

    assert spent(main, State.WAITING) == pytest.approx(0.25, abs=0.001)
    assert [spent(lane, State.SLEEPING) for lane in workers] == pytest.approx([0.2, 0.25], abs=0.001)
