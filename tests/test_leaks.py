"""The check that runs after every other test sees what it should see."""

import _thread
import concurrent.futures
import logging
import queue
import sys
import threading
import time

import pytest

from tests.leaks import Snapshot


@pytest.fixture
def snapshot():
    """Give a snapshot that doesn't wait long."""
    return Snapshot(patience=0.05)


def one_leak(snapshot):
    leaks = snapshot.leaks()
    snapshot.restore()
    assert len(leaks) == 1, leaks
    return leaks[0]


def test_nothing_changed(snapshot):
    assert snapshot.leaks() == []


def test_thread(snapshot):
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="straggler", daemon=True)
    thread.start()
    assert "'straggler' is still alive" in one_leak(snapshot)
    stop.set()
    thread.join()
    assert snapshot.leaks() == []


def test_thread_that_is_about_to_end():
    snapshot = Snapshot()
    threading.Thread(target=time.sleep, args=(0.02,)).start()
    assert snapshot.leaks() == []


def test_raw_thread(snapshot):
    lock = threading.Lock()
    with lock:
        _thread.start_new_thread(lock.acquire, ())
        while _thread._count() == snapshot.count:
            time.sleep(0.001)  # it is counted once it runs
        assert "start_new_thread still alive" in one_leak(snapshot)
    while _thread._count() > snapshot.count:
        time.sleep(0.001)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (threading, "Lock"),
        (threading.Thread, "start"),
        (threading.Condition, "wait"),
        (queue, "SimpleQueue"),
        (queue.Queue, "get"),
        (time, "sleep"),
        (concurrent.futures, "ThreadPoolExecutor"),
        (concurrent.futures.Future, "result"),
        (concurrent.futures.ThreadPoolExecutor, "submit"),
        (logging.Logger, "handle"),
        (sys, "stdout"),
        (sys, "excepthook"),
    ],
)
def test_replaced(snapshot, owner, name):
    original = vars(owner)[name]

    def stand_in():
        raise NotImplementedError

    setattr(owner, name, stand_in)
    assert f"{name} stayed replaced" in one_leak(snapshot)
    assert vars(owner)[name] is original


def test_added_and_removed(snapshot):
    threading.extra = 1  # type: ignore[attr-defined]
    assert "threading.extra is new" in one_leak(snapshot)
    assert not hasattr(threading, "extra")
    del queue.Queue.get_nowait
    assert "get_nowait is gone" in one_leak(snapshot)
    assert "get_nowait" in vars(queue.Queue)


def test_handler(snapshot):
    handler = logging.NullHandler()
    logging.getLogger().addHandler(handler)
    assert "kept a handler" in one_leak(snapshot)
    logging.getLogger().removeHandler(handler)


def test_trace(snapshot):
    # Set for real, it would watch this test itself.
    snapshot.tracing = (None, test_trace)
    assert snapshot.leaks() == ["a trace or profile function stayed set"]
    snapshot.tracing = (sys.gettrace(), sys.getprofile())
    threading.settrace(lambda *_: None)
    assert "threading._trace_hook stayed replaced" in one_leak(snapshot)
    assert threading.gettrace() is None
