"""
The table of what is replaced while threads are scheduled: that of recordings, with a scheduler's stand-ins in it.

What can't be controlled is in it too: reading a clock, opening a file, asking the user, starting a thread out of
sight. Own code that does one of these has its run refused.
"""

from __future__ import annotations

import _thread
import builtins
import concurrent.futures
import concurrent.futures._base
import concurrent.futures.thread
import io
import queue
import sys
import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from . import cancelling, controls, futures, idents, instrument, pools, signals, workers
from .instrument import OWN_CALLS, RECORDED, Row
from .places import OWN, own_frame, place
from .refusals import INSTEAD
from .stage import Stage

__all__ = ["table"]

_frame = sys._getframe
_future = concurrent.futures._base.Future
_executor = concurrent.futures.thread.ThreadPoolExecutor


class _Counted(pools.Counted):
    """Numbers default names anew in each run."""

    def __init__(self, driver: Stage, original: Callable[[], int], first: int) -> None:
        super().__init__(driver, original, first)
        self._first = first
        driver.counters.append(self)

    def restart(self) -> None:
        """Begin anew."""
        self._next = iter(range(self._first, sys.maxsize)).__next__


def _counted(first: int) -> Callable[[Stage, Any], Any]:
    return lambda driver, original: _Counted(driver, original, first)


_REPLACED: Final[dict[tuple[Any, str], Any]] = {
    (threading, "_counter"): _counted(1),
    (_executor, "_counter"): _counted(0),
    (threading.Thread, "join"): controls.thread_join,
    (threading.Condition, "__init__"): controls.condition_init,
    (threading.Condition, "wait"): controls.condition_wait,
    (threading.Condition, "notify"): controls.condition_notify(False),
    (threading.Semaphore, "__init__"): signals.semaphore_init,
    (threading.Semaphore, "acquire"): signals.semaphore_acquire,
    (threading.Semaphore, "__enter__"): signals.semaphore_acquire,
    (threading.Semaphore, "release"): signals.semaphore_release,
    (threading.BoundedSemaphore, "release"): signals.semaphore_release,
    (threading.Event, "__init__"): signals.event_init,
    (threading.Event, "wait"): signals.event_wait,
    (threading.Event, "set"): signals.event_set(True),
    (threading.Event, "clear"): signals.event_set(False),
    (threading.Barrier, "__init__"): signals.barrier_init,
    (threading.Barrier, "wait"): signals.barrier_wait,
    (queue.Queue, "__init__"): signals.queue_init,
    (queue.Queue, "put"): signals.queue_put,
    (queue.Queue, "get"): signals.queue_get,
    (queue.Queue, "join"): signals.queue_join,
    (queue, "SimpleQueue"): workers.simple_queue,
    (_executor, "__init__"): workers.pool_init,
    (_executor, "submit"): workers.pool_submit,
    (concurrent.futures.thread._WorkItem, "run"): cancelling.task_run,
    (_executor, "shutdown"): workers.pool_shutdown,
    (_future, "set_result"): workers.future_settled,
    (_future, "set_exception"): workers.future_settled,
    (_future, "result"): workers.future_result,
    (_future, "exception"): workers.future_result,
}
"""Rows of `instrument.TABLE` with another stand-in."""


def _refused(
    what: str, instead: str, why: str = "what comes of that isn't known beforehand", *, told: int = 0
) -> Callable[[Stage, Any], Any]:
    """Make the stand-in of what own code must not call, unless it gives so many arguments."""

    def make(driver: Stage, original: Any) -> Any:
        @wraps(original)
        def refuse(*args: Any, **kwargs: Any) -> Any:
            if told and len(args) >= told and args[told - 1] is not None:
                return original(*args, **kwargs)
            own, library = own_frame(_frame(1))
            # A record's time goes nowhere; the library logs what a callback raises.
            logs = any(each and each.f_globals.get("__name__") == "logging" for each in (_frame(1), library))
            if driver.local.lane is not None and own and not logs and not driver.aborting:
                at = controls.said_at(controls.line_of(_frame(1)))
                driver.refuse(f"{at} {what}, and {why}: {INSTEAD[instead]}")
            return original(*args, **kwargs)

        return refuse

    return make


def _thread_pool(driver: Stage, original: Any) -> Any:
    @wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if driver.local.lane is not None and own_frame(_frame(1))[0] and not driver.aborting:
            self._state = None  # what its `__del__` looks at
            driver.refuse(
                "a multiprocessing ThreadPool is made, whose threads can't be scheduled: use "
                "concurrent.futures.ThreadPoolExecutor"
            )
        original(self, *args, **kwargs)

    return __init__


def _unexplored(what: str, instead: str) -> Callable[[Stage, Any], Any]:
    return _refused(what, instead, "that isn't explored")


def _own_clock(driver: Stage, original: Any) -> Any:
    """The clock by which `threading` works out how long is left to wait: each thread's own."""

    def monotonic() -> float:
        actor = driver.local.lane
        return float(original()) if actor is None else actor.clock / 1e9  # type: ignore[attr-defined]  # an Actor

    return monotonic


def _who(driver: Stage, original: Any) -> Any:
    """Asking which thread one is in matters if it is a pool's worker."""

    @wraps(original)
    def who() -> Any:
        actor = controls.standing(driver)
        if actor is not None and actor.worker_of is not None and place(_frame(1).f_code.co_filename) is OWN:
            driver.tells_workers(actor)
        return original()

    return who


_CLOCKS: Final = {
    "time": 0, "time_ns": 0, "monotonic": 0, "monotonic_ns": 0, "perf_counter": 0, "perf_counter_ns": 0,
    "process_time": 0, "process_time_ns": 0, "thread_time": 0, "thread_time_ns": 0,
    "localtime": 1, "gmtime": 1, "ctime": 1, "asctime": 1, "strftime": 2,
}  # fmt: skip
"""What reads a clock, and how many arguments tell it the time instead."""

_MORE: Final = (
    Row(threading.Condition, "wait_for", controls.condition_wait_for, OWN_CALLS),
    Row(threading.Condition, "notify_all", controls.condition_notify(True), OWN_CALLS),
    Row(threading.BoundedSemaphore, "__init__", signals.bounded_init, OWN_CALLS),
    Row(threading.Event, "is_set", signals.event_look, OWN_CALLS),
    Row(threading.Barrier, "abort", signals.barrier_abort, OWN_CALLS),
    Row(threading.Barrier, "reset", _unexplored("resets a barrier", "reset"), OWN_CALLS),
    Row(threading.Thread, "is_alive", controls.thread_alive, OWN_CALLS),
    Row(threading, "current_thread", _who, OWN_CALLS),
    Row(threading, "get_ident", idents.get_ident, OWN_CALLS),
    Row(threading.Thread, "ident", idents.thread_ident, OWN_CALLS),
    Row(threading, "get_native_id", _who, OWN_CALLS),
    Row(threading, "enumerate", _unexplored("asks which threads live", "alive"), OWN_CALLS),
    Row(threading, "active_count", _unexplored("asks how many threads live", "alive"), OWN_CALLS),
    Row(threading, "_time", _own_clock, RECORDED),
    Row(queue.Queue, "task_done", signals.task_done, OWN_CALLS),
    Row(queue.Queue, "qsize", signals.queue_look, OWN_CALLS),
    Row(queue.Queue, "empty", signals.queue_look, OWN_CALLS),
    Row(queue.Queue, "full", signals.queue_look, OWN_CALLS),
    Row(concurrent.futures._base.Executor, "map", workers.pool_map, OWN_CALLS),
    Row(_future, "done", workers.future_done, OWN_CALLS),
    Row(_future, "add_done_callback", futures.add_done_callback, OWN_CALLS),
    Row(_future, "cancel", cancelling.future_cancel, OWN_CALLS),
    Row(_future, "cancelled", cancelling.future_look("cancelled"), OWN_CALLS),
    Row(_future, "running", cancelling.future_look("running"), OWN_CALLS),
    Row(_future, "__init__", workers.future_init, OWN_CALLS),
    Row(concurrent.futures, "wait", futures.wait, OWN_CALLS),
    Row(concurrent.futures, "as_completed", futures.as_completed, OWN_CALLS),
    Row(concurrent.futures._base._AcquireFutures, "__enter__", futures.acquired, OWN_CALLS),
    *(
        Row(time, name, _refused(f"reads the clock (time.{name})", "time", told=told), OWN_CALLS)
        for name, told in _CLOCKS.items()
    ),
    Row(builtins, "open", _refused("opens a file", "open"), OWN_CALLS),
    Row(builtins, "input", _refused("asks the user", "input"), OWN_CALLS),
    Row(io, "open", _refused("opens a file", "open"), OWN_CALLS),
    Row(_thread, "start_new_thread", _unexplored("starts a thread by itself", "thread"), OWN_CALLS),
)


_IF_IMPORTED: Final = (
    ("socket", "socket", "__init__", _refused("opens a socket", "outside")),
    ("subprocess", "Popen", "__init__", _refused("starts a program", "outside")),
    ("multiprocessing.process", "BaseProcess", "start", _refused("starts a process", "outside")),
    ("multiprocessing.pool", "ThreadPool", "__init__", _thread_pool),
)


def table() -> tuple[Row, ...]:
    """Everything that is replaced; some classes only if somebody has imported them."""
    rows = [row._replace(make=_REPLACED.get((row.where, row.name), row.make)) for row in instrument.TABLE]
    more = list(_MORE)
    if hasattr(queue.Queue, "shutdown"):  # from 3.13 on
        more.append(Row(queue.Queue, "shutdown", signals.queue_shutdown, OWN_CALLS))
    for module, name, method, stand_in in _IF_IMPORTED:
        if module in sys.modules:
            more.append(Row(getattr(sys.modules[module], name), method, stand_in, OWN_CALLS))
    return (*rows, *more)
