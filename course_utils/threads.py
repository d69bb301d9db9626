"""
What wraps threads and sleeps, and stands in for the factories of locks.

As in `operations`, each function takes a driver and the original and returns what stands in for it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from .driver import Driver
from .naming import assigned_name
from .places import OWN, own_frame, place
from .standins import SeenLock, SeenRLock
from .states import new_tag

__all__ = ["lock_factory", "sleep", "stranger_start", "thread_bootstrap", "thread_join", "thread_start"]

Original = Callable[..., Any]
_frame = sys._getframe


def thread_start(driver: Driver, original: Original) -> Original:
    """Give a lane to a thread that own code starts, directly or through the standard library."""

    @wraps(original)
    def start(self: threading.Thread) -> None:
        lane = driver.local.lane
        # The original knows what to say of one that has no __init__ or was started before.
        startable = self._initialized and self.ident is None  # type: ignore[attr-defined]  # Thread has it
        if lane is None or not startable or (lane.operation is None and not _own(_frame(1))):
            return original(self)  # type: ignore[no-any-return]  # it is None
        return driver.start_thread(lane, self, original)

    return start


def stranger_start(driver: Driver, original: Original) -> Original:
    """Note that a thread has been begun that gets no lane; before its first line nothing else tells of it."""

    @wraps(original)
    def start_new_thread(*args: Any, **kwargs: Any) -> int:
        if driver.local.lane is not None:
            driver.stranger_at = driver.now()
        return original(*args, **kwargs)  # type: ignore[no-any-return]  # it is int

    return start_new_thread


def thread_bootstrap(driver: Driver, original: Original) -> Original:
    """Let the driver run a thread it has given a lane to."""

    @wraps(original)
    def _bootstrap_inner(self: threading.Thread) -> None:
        child = driver.take_starting(self)
        if child is None:
            return original(self)  # type: ignore[no-any-return]  # it is None
        return driver.run_thread(child, self, original)

    return _bootstrap_inner


def thread_join(driver: Driver, original: Original) -> Original:
    """Wait for a thread in slices, so that the wait can be stopped."""

    @wraps(original)
    def join(self: threading.Thread, timeout: float | None = None) -> None:
        lane = driver.local.lane
        if lane is None or (lane.operation is None and not _own(_frame(1))):
            return original(self, timeout)  # type: ignore[no-any-return]  # it is None
        original(self, 0 if timeout is None else min(timeout, 0))  # raises what there is to raise
        if not self.is_alive() or (timeout is not None and timeout <= 0):
            return None

        def attempt(seconds: float) -> bool:
            original(self, seconds)
            return not self.is_alive()

        outer = lane.operation
        child = driver.lane_of(self)
        if child is not None and child.number:
            attempt = child.ends
        operation = outer or driver.begin(lane, child and child.name, "join {}" if child else f"join {self.name}")
        try:
            limit = -1 if timeout is None else timeout
            if driver.block(lane, operation, attempt, limit, ready=lambda: not self.is_alive(), child=child):
                original(self)  # no wait worth the name is left
        finally:
            if outer is None:
                driver.end(lane, operation)
        return None

    return join


def _own(frame: Any) -> bool:
    return own_frame(frame)[0]


def sleep(driver: Driver, original: Callable[[float], None]) -> Original:
    """Show a sleep."""

    @wraps(original)
    def sleep(seconds: float, /) -> None:
        lane = driver.local.lane
        if lane is None or not _own(_frame(1)):
            return original(seconds)
        try:
            asked = seconds + 0.0
        except TypeError:
            return original(seconds)
        if not asked >= 0:
            return original(seconds)  # which says what is wrong with it
        return driver.sleep(lane, asked, original)

    return sleep


class _Factory:
    """
    Stands in for `threading.Lock` or `threading.RLock`.

    While a recording is open, a recorded thread's own code gets a lock that is seen; `always` extends
    that to all own code. Everyone else gets the real thing. It goes on working where a class is
    expected, since on 3.13 `threading.Lock` is one.
    """

    def __init__(self, real: Any, seen: type[SeenLock] | type[SeenRLock]) -> None:
        self._real = real
        self._seen = seen
        self._kind = "Lock" if seen is SeenLock else "RLock"
        self.driver: Driver | None = None
        self.always = False
        self.__name__ = real.__name__
        self.__module__ = real.__module__
        self.__doc__ = real.__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        frame = _frame(1)
        driver = self.driver
        recorded = driver is not None and driver.local.lane is not None
        if args or kwargs or not (recorded or self.always) or place(frame.f_code.co_filename) is not OWN:
            return self._real(*args, **kwargs)
        return self._seen(new_tag(assigned_name(frame), self._kind))

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._seen | type(self._real()))

    def __or__(self, other: Any) -> Any:
        return self._real | other

    def __ror__(self, other: Any) -> Any:
        return other | self._real

    def __repr__(self) -> str:
        return repr(self._real)

    def __reduce__(self) -> str:
        return str(self.__name__)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


# Whoever forgets the parentheses reads the name of the type in the error message.
_Factory.__name__ = type(threading.Lock).__name__
_FACTORIES = (_Factory(threading.Lock, SeenLock), _Factory(threading.RLock, SeenRLock))


def lock_factory(driver: Driver | None, original: Any) -> Any:
    """Give the one factory that stands in for `threading.Lock` or `RLock`, bound to a driver."""
    for factory in _FACTORIES:
        if original is factory or original is factory._real:
            factory.driver = driver
            return factory
    return original  # somebody else has replaced it: theirs stays
