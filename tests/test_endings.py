"""How recordings end: every row of the design's table, and what must not survive."""

import queue
import signal
import sys
import threading
import time
import warnings
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from course_utils import judge, mark, record, run
from course_utils.model import State
from course_utils.recording import Recording
from tests.waiting import until, until_waits, waiting

SHORT = 0.02
FOR_EVER = 1000.0


def endings(recording: Recording) -> dict[str, str]:
    return {lane.name: lane.ending for lane in recording.lanes}


def test_ordinary_threads_are_waited_for() -> None:
    with record() as recording:
        threading.Thread(target=until_waits, args=("main",), name="T0").start()
    assert endings(recording) == {"main": "finished", "T0": "finished"}
    assert recording.lanes[0].intervals[-2].on == "threads to end"
    assert recording.lane("T0").ended <= recording.lanes[0].ended
    assert [(flow.source, flow.target) for flow in recording.flows if flow.kind == "join"] == [("T0", "main")]


def test_past_the_timeout_they_are_cut_off_with_a_warning_that_names_them() -> None:
    def scenario() -> None:
        gate = threading.Event()
        threading.Thread(target=gate.wait, name="T0").start()
        threading.Thread(target=busy, name="T1").start()
        until_waits("T0")

    with pytest.warns(RuntimeWarning, match=r"0\.1 s after .*T0 waits for gate\.wait; T1 is still active") as caught:
        recording = run(scenario, timeout=0.1)
    assert caught[0].filename == __file__
    assert endings(recording) == {"main": "finished", "T0": "cut off", "T1": "cut off"}
    assert recording.error is None

    def block() -> None:
        with record(timeout=0.05):
            threading.Thread(target=time.sleep, args=(FOR_EVER,), name="T0").start()
            until_waits("T0")

    with pytest.warns(RuntimeWarning, match="T0 waits for sleep") as caught:
        block()
    assert caught[0].filename == __file__


def test_daemons_are_cut_off_without_a_word() -> None:
    with warnings.catch_warnings(), record() as recording:
        warnings.simplefilter("error")
        threading.Thread(target=time.sleep, args=(FOR_EVER,), name="T0", daemon=True).start()
        until_waits("T0")
    lane = recording.lane("T0")
    assert lane.daemon
    assert lane.ending == "cut off"
    assert lane.intervals[-1].state is State.SLEEPING
    assert recording.finish_order == ()


def test_a_pool_never_shut_down_is_told_to_stop() -> None:
    with record() as recording:
        forgotten = ThreadPoolExecutor(2, thread_name_prefix="pool")
        forgotten.submit(time.sleep, SHORT)
        forgotten.submit(time.sleep, SHORT)
        forgotten.submit(time.sleep, SHORT)
    assert endings(recording) == {"main": "finished", "pool_0": "finished", "pool_1": "finished"}
    assert len(recording.finish_order) == 3


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), KeyboardInterrupt(), SystemExit(3)])
def test_what_the_block_raises_goes_through_unchanged(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, record() as recording:  # noqa: PT012 - the block is the subject
        threading.Thread(target=time.sleep, args=(FOR_EVER,), name="T0").start()
        raise error
    assert caught.value is error
    assert recording.error is error
    assert endings(recording) == {"main": "failed", "T0": "cut off"}
    assert recording.lanes[0].exception is not None
    assert recording.lanes[0].exception.startswith(type(error).__name__)


def test_what_a_scenario_raises_is_kept() -> None:
    def scenario() -> None:
        threading.Thread(target=time.sleep, args=(FOR_EVER,), name="T0").start()
        raise LookupError("nothing there")

    recording = run(scenario)
    assert isinstance(recording.error, LookupError)
    assert recording.result is None
    assert endings(recording) == {"main": "failed", "T0": "cut off"}


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_is_no_exception_of_the_scenario_goes_through(error: type[BaseException]) -> None:
    def scenario() -> None:
        raise error

    with pytest.raises(error):
        run(scenario)


def test_a_thread_that_dies_says_so_on_its_lane_only(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ValueError("no such name")

    with record() as recording:
        threading.Thread(target=fail, name="T0").start()
    lane = recording.lane("T0")
    assert (lane.ending, lane.exception) == ("failed", "ValueError: no such name")
    (instant,) = recording.instants
    assert (instant.kind, instant.object, instant.value) == ("exception", "ValueError", "no such name")
    assert capfd.readouterr() == ("", "")


def test_system_exit_ends_a_thread_in_good_order() -> None:
    with record() as recording:
        threading.Thread(target=sys.exit, name="T0").start()
    assert endings(recording)["T0"] == "finished"


def test_an_excepthook_of_ones_own_is_called() -> None:
    seen: list[Any] = []

    def scenario() -> None:
        before = threading.excepthook
        threading.excepthook = lambda args: seen.append((args.thread and args.thread.name, args.exc_value))
        try:
            thread = threading.Thread(target=int, args=("x",), name="T0")
            thread.start()
            thread.join()
        finally:
            threading.excepthook = before

    recording = run(scenario)
    assert endings(recording)["T0"] == "failed"
    ((name, error),) = seen
    assert name == "T0"
    assert isinstance(error, ValueError)


def test_an_exception_nobody_asks_for_stays_in_the_future(capfd: pytest.CaptureFixture[str]) -> None:
    def scenario() -> None:
        with ThreadPoolExecutor(1) as executor:
            executor.submit(int, "x")

    recording = run(scenario)
    (task,) = recording.tasks
    assert task.exception == "ValueError: invalid literal for int() with base 10: 'x'"
    assert not task.asked
    assert capfd.readouterr() == ("", "")


def busy() -> None:
    while True:
        pass


def stubborn() -> None:
    attempts = 3
    while True:
        try:
            time.sleep(SHORT)
        except BaseException:
            attempts -= 1
            if not attempts:
                raise


def wait_for_join() -> None:
    inner = threading.Thread(target=time.sleep, args=(FOR_EVER,), name="inner", daemon=True)
    inner.start()
    inner.join()


def wait_for_condition() -> None:
    condition = threading.Condition()
    with condition:
        condition.wait()


def wait_for_lock() -> None:
    lock = threading.Lock()
    with lock, lock:
        pass


def wait_for_rlock() -> None:
    lock = threading.RLock()
    thread = threading.Thread(target=lock.acquire, daemon=True, name="holder")
    thread.start()
    thread.join()
    with lock:
        pass


def wait_in_pool() -> None:
    with ThreadPoolExecutor(1) as executor:
        executor.submit(executor.submit(time.sleep, FOR_EVER).result)


def fill_queue() -> None:
    inbox: queue.Queue[int] = queue.Queue(1)
    while True:
        inbox.put(1)


def empty_simple_queue() -> None:
    queue.SimpleQueue[int]().get()


WAITS: list[Callable[[], object]] = [
    busy, stubborn, wait_for_join, wait_for_condition, wait_for_lock, wait_for_rlock, wait_in_pool, fill_queue,
    empty_simple_queue, lambda: queue.Queue[int]().get(), lambda: threading.Event().wait(),
    lambda: threading.Barrier(2).wait(), lambda: threading.Semaphore(0).acquire(), lambda: time.sleep(FOR_EVER),
]  # fmt: skip


@pytest.mark.parametrize("target", WAITS)
def test_every_kind_of_wait_and_loop_can_be_cut_off(
    target: Callable[[], object], capfd: pytest.CaptureFixture[str]
) -> None:
    with record() as recording:
        thread = threading.Thread(target=target, name="T0", daemon=True)
        thread.start()
        time.sleep(SHORT)
    assert recording.lane("T0").ending == "cut off"
    assert not thread.is_alive()
    assert recording.duration < 10
    assert capfd.readouterr() == ("", "")


def test_a_callback_that_swallows_the_end_only_delays_it(capfd: pytest.CaptureFixture[str]) -> None:
    class Node:
        pass

    def die(reference: object) -> None:
        for _ in range(20):  # long enough for the end to come in here now and then
            pass

    def churn() -> None:
        while True:
            node = Node()
            kept = weakref.ref(node, die)
            del node  # and so the callback runs
            del kept

    for _ in range(20):
        with record() as recording:
            thread = threading.Thread(target=churn, name="T0", daemon=True)
            thread.start()
        assert recording.lane("T0").ending == "cut off"
        assert not thread.is_alive()
    assert capfd.readouterr() == ("", "")


def test_what_a_thread_does_after_it_was_cut_off_is_left_out() -> None:
    def linger() -> None:
        try:
            time.sleep(FOR_EVER)
        finally:
            mark("too late")
            print("too late")

    with record() as recording:
        threading.Thread(target=linger, name="T0", daemon=True).start()
        until_waits("T0")
    assert recording.instants == ()
    assert recording.lane("T0").ended == recording.events[-1].time


def test_a_thread_in_a_c_call_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from course_utils import stopping

    monkeypatch.setattr(stopping.stop, "__defaults__", (0.1,))
    foreign = threading.Lock()  # made before the recording, and so not seen
    foreign.acquire()
    thread = threading.Thread(target=foreign.acquire, name="T0", daemon=True)
    with pytest.warns(RuntimeWarning, match="could not be stopped.*inside a C call.*: T0"), record():
        thread.start()
    foreign.release()
    thread.join(5)
    assert not thread.is_alive()


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """
    Do to the main thread what Ctrl-C and the stop button do, once it waits in a recording or has called this.

    Sooner it could hit the test itself, and later pytest.
    """
    monkeypatch.setattr(judge, "PATIENCE", 1000)  # nobody else ends its wait
    computes = threading.Event()

    def interrupt() -> None:
        until(lambda: computes.is_set() or "main" in waiting())
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    yield computes.set
    thread.join()


sends_signals = pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals can't be sent to a thread here")


@sends_signals
@pytest.mark.usefixtures("interrupted")
def test_an_interruption_while_it_waits_for_threads() -> None:
    with pytest.raises(KeyboardInterrupt), record() as recording:
        threading.Thread(target=time.sleep, args=(FOR_EVER,), name="T0").start()
    assert endings(recording)["T0"] == "cut off"


@sends_signals
@pytest.mark.parametrize(
    "blocked", [wait_for_lock, wait_for_join, wait_for_condition, empty_simple_queue, lambda: time.sleep(FOR_EVER)]
)
@pytest.mark.usefixtures("interrupted")
def test_interrupting_works_at_any_wait(blocked: Callable[[], None]) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(blocked)


@sends_signals
def test_interrupting_works_in_a_loop(interrupted: Callable[[], None]) -> None:
    def scenario() -> None:
        interrupted()
        busy()

    with pytest.raises(KeyboardInterrupt):
        run(scenario)


def test_a_thread_that_cannot_be_started_gets_no_lane() -> None:
    thread = threading.Thread(target=mark, args=("once",), name="T0")

    def scenario() -> None:
        thread.start()
        thread.join()
        with pytest.raises(RuntimeError, match="once"):
            thread.start()
        with pytest.raises(RuntimeError, match="not called"):
            threading.Thread.start(threading.Thread.__new__(threading.Thread))
        with pytest.raises(RuntimeError, match="before it is started"):
            threading.Thread().join()

    recording = run(scenario)
    assert recording.error is None
    assert [lane.name for lane in recording.lanes] == ["main", "T0"]
