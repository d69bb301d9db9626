"""One recording at a time, and who gives way to whom."""

import threading
import time
from typing import Any

import pytest

from course_utils import record, run
from course_utils.recorder import run_in_background
from course_utils.turns import Abandoned, Turn, take_turn


def background(outcomes: list[Any], began: threading.Event, scenario: Any, turns: list[Turn]) -> threading.Thread:
    def note(turn: Turn) -> None:
        turns.append(turn)
        began.set()

    def work() -> None:
        try:
            outcomes.append(run_in_background(scenario, {}, began=note))
        except Abandoned as abandoned:
            outcomes.append(abandoned)

    thread = threading.Thread(target=work)
    thread.start()
    assert began.wait(10)
    return thread


def test_a_second_inside_a_first_is_an_error() -> None:
    with record("first") as recording:
        with pytest.raises(RuntimeError, match="recording 'first' is still open"), record():
            pytest.fail("it must not begin")
        with pytest.raises(RuntimeError, match="'first' is still open"):
            run(time.time)
    assert recording.lanes[0].ending == "finished"


def test_one_in_a_recorded_thread_is_an_error() -> None:
    caught: list[BaseException] = []

    def nested() -> None:
        try:
            run(time.time)
        except RuntimeError as error:
            caught.append(error)

    with record("first"):
        thread = threading.Thread(target=nested)
        thread.start()
        thread.join()
    assert "'first' is still open" in str(caught[0])


def test_one_from_another_thread_is_an_error() -> None:
    caught: list[BaseException] = []
    go = threading.Event()

    def other() -> None:
        go.wait()
        try:
            run(time.time)
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=other)
    thread.start()
    with record("first"):
        go.set()
        thread.join()
    assert "'first' is still open" in str(caught[0])


@pytest.mark.parametrize("what", ["sleeps", "computes", "waits", "joins"])
def test_a_cell_that_records_abandons_a_background_run(what: str) -> None:
    started = threading.Event()  # made outside: the run doesn't see it

    def scenario() -> None:
        worker = threading.Thread(target=time.sleep, args=(1000,), name="T0")
        worker.start()
        lock = threading.Lock()
        lock.acquire()
        started.set()
        if what == "sleeps":
            time.sleep(1000)
        elif what == "waits":
            lock.acquire()
        elif what == "joins":
            worker.join()
        while True:
            pass

    outcomes: list[Any] = []
    thread = background(outcomes, threading.Event(), scenario, [])
    started.wait(10)
    recording = run(lambda: "mine")
    assert recording.result == "mine"
    thread.join(10)
    assert isinstance(outcomes[0], Abandoned)
    assert not any(each.name == "T0" for each in threading.enumerate())


def test_a_background_run_waits_for_its_turn() -> None:
    outcomes: list[Any] = []
    with record():
        thread = threading.Thread(target=lambda: outcomes.append(run_in_background(lambda: 5, {})))
        threading.Thread.start.__wrapped__(thread)  # type: ignore[attr-defined]  # not one of the recording's
        time.sleep(0.1)
        assert not outcomes
    thread.join(10)
    assert outcomes[0].result == 5


def test_a_background_run_no_longer_wanted_gives_up() -> None:
    turn = take_turn("held")
    try:
        with pytest.raises(Abandoned):
            take_turn("late", background=True, wanted=lambda: False)
    finally:
        turn.give_back()


def test_abandoning_ends_a_run_at_once() -> None:
    turns: list[Turn] = []
    outcomes: list[Any] = []
    thread = background(outcomes, threading.Event(), lambda: time.sleep(1000), turns)
    turns[0].abandon()
    thread.join(10)
    assert isinstance(outcomes[0], Abandoned)


@pytest.mark.parametrize(
    ("error", "timeout"), [(ValueError, -1), (ValueError, float("nan")), (TypeError, "5"), (TypeError, True)]
)
def test_a_timeout_that_is_none(error: type[Exception], timeout: Any) -> None:
    with pytest.raises(error, match="timeout must be a number of seconds"):
        record(timeout=timeout)
    with pytest.raises(error, match="timeout must be a number of seconds"):
        run(time.time, timeout=timeout)
    with record():
        pass  # nothing kept the turn


def test_a_scenario_that_is_none() -> None:
    with pytest.raises(TypeError, match="a scenario must be a function, not 5: write its name without parentheses"):
        run(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"did you mean run\("):
        record(run)  # type: ignore[arg-type]


def test_parameters_it_does_not_take() -> None:
    def scenario(workers: int) -> None:
        """Do nothing."""

    with pytest.raises(TypeError, match=r"scenario\(workers: int\).* can't be called with worker: .*workers"):
        run(scenario, worker=3)
    with pytest.raises(TypeError, match="can't be called with no parameters"):
        run(scenario)
    with record():
        pass


def test_a_parameter_that_run_would_keep_for_itself() -> None:
    def scenario(timeout: float = 0.1, cpu: bool = False) -> float:
        return timeout

    with pytest.raises(TypeError, match=r"has a parameter 'timeout', and so has run\(\)"):
        run(scenario, timeout=0.3)
    with pytest.raises(TypeError, match="has a parameter 'cpu'"):
        run(scenario, cpu=True)
    assert run(scenario).result == 0.1


def test_a_block_is_used_once() -> None:
    block = record()
    with block:
        pass
    with pytest.raises(RuntimeError, match=r"call record\(\) anew"), block:
        pytest.fail("it must not begin")


def test_the_title_is_the_call() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise ValueError("no words")

    def scenario(workers: int = 1, text: Any = "") -> None:
        """Do nothing."""

    assert run(scenario).title == "scenario()"
    assert run(scenario, workers=2).title == "scenario(workers=2)"
    assert len(run(scenario, text="x" * 1000).title) < 200
    assert "Odd" in run(scenario, text=Odd()).title
