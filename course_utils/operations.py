"""
What wraps conditions, events, semaphores and barriers.

Each function here takes a driver and the original, and returns what stands in for it. All of them ask
first whether the current thread is recorded; everyone else gets the original at once. An operation
counts if it is the learner's own: called from own code, or on an object known to be theirs.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from .driver import ENTER, Driver
from .events import ARRIVE, RELEASE, RESUME, TAKE
from .standins import SeenLock, SeenRLock, is_locked
from .states import LaneState, Operation, Tag

__all__ = [
    "barrier_wait", "condition_enter", "condition_exit", "condition_init", "named_init", "semaphore_acquire",
    "signal", "waiter_lock", "waiting",
]  # fmt: skip

Original = Callable[..., Any]
_frame = sys._getframe


def named_init(kind: str) -> Callable[[Driver, Original], Original]:
    """Make the wrapper of an `__init__` that gives the new object its name."""

    def wrapper(driver: Driver, original: Original) -> Original:
        @wraps(original)
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            if driver.local.lane is not None:
                driver.tag_made(self, kind, _frame(1))

        return __init__

    return wrapper


def waiting(kind: str, words: str) -> Callable[[Driver, Original], Original]:
    """Make the wrapper of a method that may wait, and does nothing else worth recording."""

    def wrapper(driver: Driver, original: Original) -> Original:
        @wraps(original)
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            lane = driver.local.lane
            if lane is None or lane.operation is not None:
                return original(self, *args, **kwargs)
            tag = driver.tag_used(self, kind, _frame(1))
            if tag is None:
                return original(self, *args, **kwargs)
            operation = driver.begin(lane, tag, words)
            try:
                return original(self, *args, **kwargs)
            finally:
                driver.end(lane, operation)

        return method

    return wrapper


def signal(kind: str, event: str) -> Callable[[Driver, Original], Original]:
    """Make the wrapper of a method that lets others go on; its time is the moment before."""

    def wrapper(driver: Driver, original: Original) -> Original:
        @wraps(original)
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            lane = driver.local.lane
            if lane is None or lane.operation is not None:
                return original(self, *args, **kwargs)
            tag = driver.tag_used(self, kind, _frame(1))
            at = driver.now()
            result = original(self, *args, **kwargs)
            if tag is not None:
                driver.emit(lane, event, tag, at=at)
            return result

        return method

    return wrapper


_CONDITION_WAIT: Final = threading.Condition.wait.__code__


class _WaiterLock:
    """The lock that `Condition.wait` waits on: the one that blocks under events, barriers, semaphores and queues."""

    def __init__(self, driver: Driver, real: Any, operation: Operation, lane: LaneState) -> None:
        self._driver = driver
        self._real = real
        self._operation = operation
        self._lane = lane
        self.release = real.release
        self.locked = real.locked

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if self._real.acquire(False):
            return True
        if not blocking:
            return False
        driver, lane, operation = self._driver, self._lane, self._operation
        try:
            return driver.block(
                lane, operation, lambda seconds: self._real.acquire(True, seconds), timeout, ready=self._ready
            )
        finally:
            if lane.operation is not operation and operation.waited:
                driver.append((operation.resumed, lane.name, RESUME, operation.tag, operation.got))

    def _ready(self) -> bool:
        return not self._real.locked()


def waiter_lock(driver: Driver, original: Original) -> Original:
    """Give the standard library, on behalf of own code, waiter locks that can be stopped."""

    def _allocate_lock() -> Any:
        lane = driver.local.lane
        frame = _frame(1)
        if lane is None or frame.f_code is not _CONDITION_WAIT:
            return original()  # after a fork, threading makes its own locks anew
        operation = lane.operation or driver.library_operation(lane, frame)
        return original() if operation is None else _WaiterLock(driver, original(), operation, lane)

    return _allocate_lock


def condition_init(driver: Driver, original: Original) -> Original:
    """Name a condition, and give one without a lock of its own an RLock that is seen under its name."""

    @wraps(original)
    def __init__(self: threading.Condition, lock: Any = None) -> None:
        if driver.local.lane is not None:
            tag = driver.tag_made(self, "Condition", _frame(1))
            if lock is None and tag is not None:
                lock = SeenRLock(tag)
        original(self, lock)

    return __init__


def _unseen_lock(self: Any) -> bool:
    return not isinstance(self._lock, SeenLock | SeenRLock)


def condition_enter(driver: Driver, original: Original) -> Original:
    """
    Show that a condition's lock is taken.

    A seen lock takes it down itself, and is only told which line it is; one made before anything
    listened is shown from here.
    """

    @wraps(original)
    def __enter__(self: Any) -> Any:
        lane = driver.local.lane
        if lane is None or lane.operation is not None:
            return original(self)
        tag = driver.tag_used(self, "Condition", _frame(1))
        if tag is None:
            return original(self)
        if not _unseen_lock(self):
            return self._lock._enter_at(lane, _frame(1).f_lineno)
        result = _acquired(driver, lane, tag, self._lock)
        driver.emit(lane, ENTER, tag, _frame(1).f_lineno)
        return result

    return __enter__


def _acquired(driver: Driver, lane: LaneState, tag: Tag, lock: Any) -> bool:
    if lock.acquire(False):
        return True

    def attempt(seconds: float) -> bool:
        if lock.acquire(True, seconds):
            if lane.verdict is None:
                return True
            lock.release()
        return False

    operation = driver.begin(lane, tag, "{}")
    try:
        return driver.block(lane, operation, attempt, -1, ready=lambda: not is_locked(lock), lock=lock)
    finally:
        driver.end(lane, operation)


def condition_exit(driver: Driver, original: Original) -> Original:
    """Show that a condition's lock is let go."""

    @wraps(original)
    def __exit__(self: Any, *error: Any) -> Any:
        lane = driver.local.lane
        tag = None
        if lane is not None and lane.operation is None and _unseen_lock(self):
            tag = driver.tag_used(self, "Condition", _frame(1))
        at = driver.now()
        result = original(self, *error)
        if tag is not None and lane is not None:
            driver.emit(lane, RELEASE, tag, at=at)
        return result

    return __exit__


def semaphore_acquire(driver: Driver, original: Original) -> Original:
    """Show the wait for a permit, and that it was taken."""

    @wraps(original)
    def acquire(self: Any, blocking: bool = True, timeout: float | None = None) -> bool:
        lane = driver.local.lane
        if lane is None or lane.operation is not None:
            return original(self, blocking, timeout)  # type: ignore[no-any-return]  # it is bool
        tag = driver.tag_used(self, "Semaphore", _frame(1))
        if tag is None:
            return original(self, blocking, timeout)  # type: ignore[no-any-return]  # it is bool
        operation = driver.begin(lane, tag, "{}")
        got = False
        try:
            got = bool(original(self, blocking, timeout))
            return got
        finally:
            driver.end(lane, operation)
            if got:
                driver.emit(lane, TAKE, tag)

    return acquire


def barrier_wait(driver: Driver, original: Original) -> Original:
    """Show the arrival at a barrier and the wait for the others."""
    wait = waiting("Barrier", "{}.wait")(driver, original)

    @wraps(original)
    def arrive_and_wait(self: Any, timeout: float | None = None) -> int:
        lane = driver.local.lane
        if lane is not None and lane.operation is None:
            tag = driver.tag_used(self, "Barrier", _frame(1))
            if tag is not None:
                driver.emit(lane, ARRIVE, tag)
        return wait(self, timeout)  # type: ignore[no-any-return]  # it is int

    return arrive_and_wait
