"""
What wraps pools: calls become tasks, and workers are told apart from what they work on.

A pool's queue is replaced when the pool is made, so that a worker's idling is seen and can be ended. As
in `operations`, each function takes a driver and the original and returns what stands in for it.
"""

from __future__ import annotations

import queue
import sys
import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial, wraps
from typing import Any, Final

from .driver import RESULT, SLICE, Driver
from .events import ASK, DONE, RESUME, SUBMIT, TASK, WAIT
from .lines import Line, ring
from .places import own_frame
from .queues import waited_get
from .shorten import shorten
from .states import CutOff, LaneState, Operation, Tag, new_tag
from .texts import exception_text

__all__ = ["Counted", "future_asked", "future_settled", "pool_init", "pool_submit", "task_run"]

Original = Callable[..., Any]
_frame = sys._getframe
_RealSimpleQueue: Any = queue.SimpleQueue
_MISSING: Final = object()


def task_name(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """
    Name a submitted call: its function and, if that is short, its first argument.

        >>> task_name(update, (0, 0.1), {})
        'update(0, …)'
        >>> task_name(producer, (pipeline,), {})
        'producer(…)'
    """
    while isinstance(function, partial):
        function = function.func
    name = getattr(function, "__name__", None) or type(function).__name__
    first = args[0] if args else _MISSING
    words = []
    if isinstance(first, str | int | float) and len(text := shorten(first, 16)) <= 16:
        words.append(text)
    if len(args) + len(kwargs) > len(words):
        words.append("…")
    return f"{name}({', '.join(words)})"


class PoolQueue(_RealSimpleQueue):  # type: ignore[misc]  # the base is Any, for what type checkers know of it
    """The queue between a pool and its workers, which says when a worker idles and when a call is submitted."""

    def __init__(self, driver: Driver, pool: Tag, of: ThreadPoolExecutor) -> None:
        self.driver = driver
        self.pool = pool
        self.of: Any = weakref.ref(of)
        self.line = Line()

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        driver = self.driver
        lane = driver.local.lane
        future = getattr(item, "future", None)
        if lane is not None and lane.submitting is not None and future is not None:
            task, _ = lane.submitting
            driver.tags.add(future, task)
            driver.emit(lane, SUBMIT, task, self.pool)
        super().put(item)
        ring(self.line)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        driver = self.driver
        lane = driver.local.lane
        if lane is None or not block:
            return super().get(block, timeout)
        if lane.verdict is not None:
            self._retire(lane)
        if lane.stop or lane.retired:
            return None
        operation = lane.operation = Operation(self.pool, "a task")
        try:
            return waited_get(driver, lane, self, _RealSimpleQueue.get, block, timeout, idle=True)
        except CutOff:
            return None  # None is what tells a worker to look whether its pool was shut down
        finally:
            lane.operation = None
            if operation.waited:
                driver.append((operation.resumed, lane.name, RESUME, operation.tag, operation.got))

    def get_nowait(self) -> Any:
        lane = self.driver.local.lane
        if lane is not None and lane.verdict is not None:
            raise queue.Empty
        return super().get_nowait()

    def _retire(self, lane: LaneState) -> None:
        """
        Keep a worker whose task was found in a deadlock from beginning another, until its pool is shut down.

        Otherwise the task that it waited for would be run after all.
        """
        lane.retired = True
        lane.waiting = "its pool's end"
        driver = self.driver
        driver.emit(lane, WAIT, self.pool, "a task")
        while not lane.stop:
            pool = self.of()
            if pool is None or pool._shutdown:
                break
            del pool
            lane.bell.acquire(True, SLICE)
        driver.emit(lane, RESUME, self.pool, False)
        lane.waiting = None


def pool_init(driver: Driver, original: Original) -> Original:
    """Name a pool, and give it a queue that is seen."""

    @wraps(original)
    def __init__(self: ThreadPoolExecutor, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        lane = driver.local.lane
        if lane is None:
            return
        tag = driver.tag_made(self, "pool", _frame(1))
        if tag is None and own_frame(_frame(1))[0]:
            tag = new_tag(None, "pool")  # one that the library makes on behalf of own code
            driver.tags.add(self, tag)
        if tag is not None:
            self._work_queue = PoolQueue(driver, tag, self)
            driver.pools.add(self, tag)

    return __init__


def pool_submit(driver: Driver, original: Original) -> Original:
    """Make a task of a submitted call."""

    @wraps(original)
    def submit(self: ThreadPoolExecutor, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        lane = driver.local.lane
        if lane is None or lane.operation is not None or driver.pools.get(self) is None:
            return original(self, fn, *args, **kwargs)  # type: ignore[no-any-return]  # it is a Future
        operation = driver.begin(lane, None, None)
        lane.submitting = driver.task_tag(task_name(fn, args, kwargs)), driver.pools.get(self)
        try:
            return original(self, fn, *args, **kwargs)  # type: ignore[no-any-return]  # it is a Future
        finally:
            lane.submitting = None
            driver.end(lane, operation)

    return submit


def task_run(driver: Driver, original: Original) -> Original:
    """Show that a worker begins a task; that it ends is shown when its future is settled."""

    @wraps(original)
    def run(self: Any, *args: Any) -> Any:
        lane = driver.local.lane
        if lane is not None:
            tag = driver.tags.get(self.future)
            if tag is not None and not self.future.cancelled():
                driver.emit(lane, TASK, tag)
        return original(self, *args)

    return run


def future_settled(driver: Driver, original: Original) -> Original:
    """Show the end of a task: before its future is settled, since its waiters go on from that moment."""

    @wraps(original)
    def settle(self: Future[Any], value: Any) -> None:
        lane = driver.local.lane
        tag = None if lane is None else driver.tags.get(self)
        if lane is not None and tag is not None and not isinstance(value, CutOff):
            failed = original.__name__ == "set_exception" and value is not None
            driver.emit(lane, DONE, tag, exception_text(value) if failed else None)
        return original(self, value)  # type: ignore[no-any-return]  # it is None

    return settle


def future_asked(driver: Driver, original: Original) -> Original:
    """Show the wait for a task, and that somebody looked at what came of it."""

    @wraps(original)
    def ask(self: Future[Any], timeout: float | None = None) -> Any:
        lane = driver.local.lane
        if lane is None or lane.operation is not None or not own_frame(_frame(1))[0]:
            return original(self, timeout)
        tag = driver.tags.get(self)
        operation = driver.begin(lane, tag, "a future's result" if tag is None else RESULT)
        try:
            return original(self, timeout)
        finally:
            driver.end(lane, operation)
            if tag is not None:
                driver.emit(lane, ASK, tag)

    return ask


class Counted:
    """Numbers default names of threads or pools anew in a recording; elsewhere they go on as they were."""

    def __init__(self, driver: Driver, original: Callable[[], int], first: int) -> None:
        self._driver = driver
        self._original = original
        self._next = iter(range(first, sys.maxsize)).__next__

    def __call__(self) -> int:
        """Give the next number."""
        return self._original() if self._driver.local.lane is None else self._next()
