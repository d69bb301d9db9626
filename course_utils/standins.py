"""
Stand-ins for locks: what `threading.Lock()` and `threading.RLock()` give while something listens.

A stand-in holds a real lock. Its operations are closures in the instance's slots: `with` finds the
closure through the slot's descriptor, so that no method is called in between. While nothing listens,
the slots hold the C methods of the real lock, and a stand-in costs what a lock costs.

What it doesn't see: operations on the real lock behind it, which only the interpreter reaches.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

from .driver import ENTER, Driver
from .events import ACQUIRE, RELEASE, RESUME
from .lines import Line, Place, ring
from .places import OWN, place
from .states import Known, LaneState, Operation, Tag

__all__ = ["REAL", "RealLock", "RealRLock", "SeenLock", "SeenRLock", "listen"]

RealLock: Final[Any] = threading.Lock
RealRLock: Final[Any] = threading.RLock
REAL: Final[dict[str, Any]] = {"Lock": RealLock, "RLock": RealRLock}
"""What `threading` calls them, and what they are."""

_frame = sys._getframe

_alive: Known[None] = Known()
_listener: Driver | None = None


def listen(driver: Driver | None) -> None:
    """Bind every stand-in alive, and those to come, to a driver; None puts the C methods back."""
    global _listener
    _listener = driver
    for seen, _ in _alive.values():
        seen._bind(driver)


class _SeenType(type):
    """
    Lets `type(lock).__enter__(lock)` be called, as `contextlib.ExitStack` does.

    On the class the slot's descriptor would be found, which can't be called. `with` asks the class, not this.
    """

    @property
    def __enter__(cls) -> Callable[[_Seen], bool]:
        return _enter

    @property
    def __exit__(cls) -> Callable[..., None]:
        return _exit


def _enter(lock: _Seen) -> bool:
    driver = _listener
    lane = None if driver is None else driver.local.lane
    if lane is None:
        return lock.__enter__()
    frame: FrameType | None = _frame(1)
    while frame is not None and place(frame.f_code.co_filename) is not OWN:
        frame = frame.f_back
    return lock._enter_at(lane, frame and frame.f_lineno)


def _exit(lock: _Seen, *error: object) -> None:
    lock.__exit__(*error)


class _Seen(metaclass=_SeenType):
    """What the two kinds of lock have in common; `_bind` fills the slots."""

    __slots__ = (
        "__enter__", "__exit__", "__weakref__", "_enter_at", "_line", "_real", "_tag", "acquire", "locked", "release",
    )  # fmt: skip

    __enter__: Callable[[], bool]
    __exit__: Callable[..., None]
    acquire: Callable[..., bool]
    release: Callable[[], None]
    _enter_at: Callable[[LaneState, int | None], bool]
    """As `__enter__`, on behalf of a line of own code: a Condition's `with` comes through the library."""

    def __init__(self, tag: Tag, real: Any) -> None:
        self._real = real
        self._tag = tag
        self._line: Line = Line()
        self._bind(_listener)
        _alive.add(self, None)

    def _bind(self, driver: Driver | None) -> None:
        real = self._real
        if driver is None:
            self.acquire, self.release = real.acquire, real.release
            self.__enter__, self.__exit__ = real.__enter__, real.__exit__
            self._enter_at = _unheard
            return
        make = getattr(driver, "lock_operations", _closures)
        acquire, enter, release, leave, enter_at = make(driver, real, self._tag, self._line)
        self.acquire, self.release, self._enter_at = acquire, release, enter_at
        self.__enter__, self.__exit__ = enter, leave

    def __repr__(self) -> str:
        return repr(self._real)

    def __reduce__(self) -> Any:
        raise TypeError(f"cannot pickle {type(self._real).__name__!r} object")

    def _at_fork_reinit(self) -> None:
        self._real._at_fork_reinit()


def _unheard(lane: LaneState, line: int | None) -> bool:
    raise AssertionError("only a driver enters a lock on behalf of a line")


def is_locked(real: Any) -> bool:
    """Tell whether a real lock is taken; an RLock of Python before 3.14 says so in its repr alone."""
    return repr(real).startswith("<locked")


def _closures(driver: Driver, real: Any, tag: Tag, line_up: Line) -> tuple[Any, ...]:
    """The operations of a lock, bound to a driver: the hot path of every recording."""
    local, append, now, frame = driver.local, driver.append, driver.now, _frame
    try_acquire, real_release = real.acquire, real.release

    def wait(lane: LaneState, timeout: float, line: int | None, kind: str = ACQUIRE) -> bool:
        operation = Operation(tag, "{}")
        seat = Place(line_up, lambda: lane.verdict is None and try_acquire(False), lambda: not is_locked(real))
        try:
            got = driver.block(lane, operation, seat.attempt, timeout, ready=seat.ready, lock=real)
        finally:
            seat.leave()
            # However it ends, so does the wait.
            append((operation.resumed, lane.name, RESUME, tag, operation.got))
        if got:
            append((now(), lane.name, kind, tag, line))
        return got

    def acquire(blocking: bool = True, timeout: float = -1) -> bool:
        lane = local.lane
        if lane is None or not blocking or timeout != -1:
            return acquire_as_told(lane, blocking, timeout, frame(1).f_lineno)
        if try_acquire(False):
            append((now(), lane.name, ACQUIRE, tag, frame(1).f_lineno))
            return True
        return wait(lane, -1, frame(1).f_lineno)

    def acquire_as_told(lane: LaneState | None, blocking: bool, timeout: float, line: int) -> bool:
        if lane is None:
            return try_acquire(blocking, timeout)  # type: ignore[no-any-return]  # the real lock is Any
        if not blocking or not 0 < timeout <= threading.TIMEOUT_MAX:
            # Either it can't wait, or the real lock knows what is wrong with the arguments.
            got = try_acquire(blocking, timeout)
            if got:
                append((now(), lane.name, ACQUIRE, tag, line))
            return got  # type: ignore[no-any-return]
        if try_acquire(False):
            append((now(), lane.name, ACQUIRE, tag, line))
            return True
        return wait(lane, timeout, line)

    def enter() -> bool:
        lane = local.lane
        if lane is None:
            return try_acquire()  # type: ignore[no-any-return]
        if try_acquire(False):
            append((now(), lane.name, ENTER, tag, frame(1).f_lineno))
            return True
        return wait(lane, -1, frame(1).f_lineno, ENTER)

    def enter_at(lane: LaneState, line: int | None) -> bool:
        if try_acquire(False):
            append((now(), lane.name, ENTER, tag, line))
            return True
        return wait(lane, -1, line, ENTER)

    # The time is taken before the release, and after an acquire: holds never seem to overlap.
    def release() -> None:
        lane = local.lane
        at = now()
        real_release()
        if lane is not None:
            append((at, lane.name, RELEASE, tag, None))
        if line_up:
            ring(line_up)

    # Names for what `with` gives it: `*error` would make a tuple each time.
    def leave(kind: object = None, error: object = None, trace: object = None) -> None:
        lane = local.lane
        at = now()
        real_release()
        if lane is not None:
            append((at, lane.name, RELEASE, tag, None))
        if line_up:
            ring(line_up)

    return acquire, enter, release, leave, enter_at


class SeenLock(_Seen):
    """Stands in for a `threading.Lock`."""

    __slots__ = ("acquire_lock", "locked_lock", "release_lock")

    def __init__(self, tag: Tag) -> None:
        super().__init__(tag, RealLock())

    def _bind(self, driver: Driver | None) -> None:
        super()._bind(driver)
        self.locked = self.locked_lock = self._real.locked
        self.acquire_lock, self.release_lock = self.acquire, self.release


class SeenRLock(_Seen):
    """Stands in for a `threading.RLock`; a Condition may let go of all its levels and take them again."""

    __slots__ = ("_driver",)

    def __init__(self, tag: Tag) -> None:
        super().__init__(tag, RealRLock())

    def _bind(self, driver: Driver | None) -> None:
        super()._bind(driver)
        self._driver = driver
        locked = getattr(self._real, "locked", None)  # from 3.14 on
        if locked is not None:
            self.locked = locked

    def _is_owned(self) -> bool:
        return self._real._is_owned()  # type: ignore[no-any-return]

    def _recursion_count(self) -> int:
        return self._real._recursion_count()  # type: ignore[no-any-return]

    def _release_save(self) -> Any:
        driver = self._driver
        lane = None if driver is None else driver.local.lane
        if driver is None or lane is None:
            return self._real._release_save()
        at = driver.now()
        state = self._real._release_save()
        for _ in range(state[0]):
            driver.append((at, lane.name, RELEASE, self._tag, None))
        ring(self._line)
        return state

    def _acquire_restore(self, state: Any) -> None:
        driver = self._driver
        lane = None if driver is None else driver.local.lane
        if lane is None:
            self._real._acquire_restore(state)
        else:
            for _ in range(state[0]):
                self._enter_at(lane, None)


# Error messages name the types: "'<' not supported between instances of …".
SeenLock.__name__ = "lock"
SeenRLock.__name__ = "RLock"
