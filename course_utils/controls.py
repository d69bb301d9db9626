"""
What stands in for the standard library while threads are scheduled.

As in `operations`, each function takes a driver and the original and returns what stands in for it. Before an
operation that others can see or that can wait, it comes to the scheduler, and goes on when it is chosen: by
then it has not to wait, and what `operations` and its like put around the original carries it out and takes it down.
If the real object then behaves in another way than its model, the run is refused.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final

from . import operations as on
from .actors import POLLED_THREADS, Actor
from .driver import ENTER
from .events import ACQUIRE, NOTIFY
from .histories import Op
from .models import TIMED, TRY, WAIT
from .places import OWN, place
from .stage import Stage
from .standins import RealRLock, SeenLock, SeenRLock
from .texts import a

__all__ = [
    "acquiring", "condition_init", "condition_notify", "condition_wait", "condition_wait_for", "inside",
    "labelled", "line_of", "patience_of", "said_at", "standing", "thread_alive", "thread_join",
]  # fmt: skip

Original = Callable[..., Any]
_frame = sys._getframe
_RLOCK: Final = type(RealRLock())


def standing(driver: Any) -> Actor | None:
    """The current thread's actor, unless it is in the middle of an operation."""
    lane = driver.local.lane
    return lane if isinstance(lane, Actor) and not lane.inside else None


def current(driver: Any) -> Actor | None:
    """The current thread's actor, whatever it does."""
    lane = driver.local.lane
    return lane if isinstance(lane, Actor) else None


def line_of(frame: Any) -> tuple[str, int] | None:
    """Where own code is."""
    while frame is not None and place(frame.f_code.co_filename) is not OWN:
        frame = frame.f_back
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def said_at(line: tuple[str, int] | None) -> str:
    """The line in words."""
    return f"line {line[1]} of {line[0]}" if line else "the scenario"


@contextmanager
def inside(actor: Actor) -> Iterator[None]:
    """Carry an operation out: what happens in it is no operation of its own."""
    actor.inside += 1
    try:
        yield
    finally:
        actor.inside -= 1


def labelled(driver: Stage, thing: Any, what: str) -> Hashable:
    """An object's label."""
    label = driver.label_of(thing)
    if label is None:
        driver.refuse(
            f"{said_at(line_of(_frame(1)))} uses {a(what)} that was made before the run, and what the last run left in "
            "it isn't known: make it in the scenario"
        )
    return label


def patience_of(timeout: float | None) -> tuple[str, int | None]:
    if timeout is None:
        return WAIT, None
    return (TIMED, int(min(timeout, threading.TIMEOUT_MAX) * 1e9)) if timeout > 0 else (TRY, None)


# Threads.


def thread_join(driver: Stage, original: Original) -> Original:
    @wraps(original)
    def join(self: threading.Thread, timeout: float | None = None) -> None:
        actor = standing(driver)
        if actor is None:
            return original(self, timeout)  # type: ignore[no-any-return]  # it is None
        original(self, 0)  # raises what there is to raise
        child = driver.lane_of(self)
        if not isinstance(child, Actor):
            driver.refuse(f"{actor.name} joins {self.name}, which was started before")
        line = line_of(_frame(1))
        if timeout is None:
            driver.reach(actor, Op("join", child.root, None, None, line), child.name, "join {}")
        else:
            patience = int(min(max(timeout, 0), threading.TIMEOUT_MAX) * 1e9)
            op = Op("timed join", child.root, None, patience, line)
            if driver.reach(actor, op, child.name, "join {}").result is False:
                return None
        return original(self)  # type: ignore[no-any-return]  # no wait worth the name is left

    return join


def thread_alive(driver: Stage, original: Original) -> Original:
    @wraps(original)
    def is_alive(self: threading.Thread) -> bool:
        actor = standing(driver)
        child = driver.lane_of(self)
        if actor is None or not isinstance(child, Actor) or place(_frame(1).f_code.co_filename) is not OWN:
            return original(self)  # type: ignore[no-any-return]  # it is bool
        if POLLED_THREADS not in driver.sharing.counted:
            driver.learn(POLLED_THREADS)
        result = driver.reach(actor, Op("alive", child.root, None, None, line_of(_frame(1)))).result
        return bool(result)

    return is_alive


# Locks.


def acquiring(driver: Stage, real: Any, tag: Any, line_up: Any) -> tuple[Any, ...]:
    """The operations of a scheduled lock, as `standins` has them for others."""
    again = isinstance(real, _RLOCK)
    take, give = ("acquire again", "release again") if again else ("acquire", "release")
    maker = current(driver)
    label = driver.found(real) if maker is None else driver.made(maker, real, "RLock" if again else "Lock")

    def taken(actor: Any, got: bool, line: int | None, kind: str = ACQUIRE) -> bool:
        if got:
            driver.append((driver.now(), actor.name, kind, tag, line))
        return got

    def come_to(actor: Actor, how: str, patience: int | None, frame: Any, kind: str = ACQUIRE) -> bool:
        way = driver.reach(actor, Op(take, label, how, patience, line_of(frame)), tag, "{}")
        got = way.result is not False
        if got and not real.acquire(False):
            driver.refuse("a lock was taken by somebody who can't be seen")
        return taken(actor, got, None if frame is None else frame.f_lineno, kind)

    def acquire(blocking: bool = True, timeout: float = -1) -> bool:
        actor = current(driver)
        if actor is None:
            return real.acquire(blocking, timeout)  # type: ignore[no-any-return]
        wrong = (not blocking and timeout != -1) or (timeout < 0 and timeout != -1) or timeout > threading.TIMEOUT_MAX
        if actor.inside or wrong:
            return taken(actor, real.acquire(blocking, timeout), None)
        how, patience = (TRY, None) if not blocking or timeout == 0 else patience_of(None if timeout == -1 else timeout)
        return come_to(actor, how, patience, _frame(1))

    def enter() -> bool:
        actor = current(driver)
        if actor is None or actor.inside:
            return real.acquire() if actor is None else taken(actor, real.acquire(), None, ENTER)
        return come_to(actor, WAIT, None, _frame(1), ENTER)

    def enter_at(actor: Actor, line: int | None) -> bool:
        if actor.inside:
            return taken(actor, real.acquire(), line, ENTER)
        return come_to(actor, WAIT, None, _frame(2), ENTER)

    def release() -> None:
        actor = current(driver)
        if actor is None:
            return real.release()  # type: ignore[no-any-return]
        if not actor.inside:
            driver.reach(actor, Op(give, label, None, None, line_of(_frame(1))), quiet=True)
        try:
            real.release()
        except RuntimeError:
            if driver.aborting:
                return None
            raise
        driver.append((driver.now(), actor.name, "release", tag, None))
        return None

    def leave(*_: object) -> None:
        release()

    return acquire, enter, release, leave, enter_at


# Conditions.


def condition_init(driver: Stage, original: Original) -> Original:
    recorded = on.condition_init(driver, original)

    @wraps(original)
    def __init__(self: threading.Condition, lock: Any = None) -> None:
        actor = standing(driver)
        own = place(_frame(1).f_code.co_filename) is OWN
        if actor is not None and own:
            tag = driver.tag_made(self, "Condition", _frame(1))
            if lock is None and tag is not None:
                lock = SeenRLock(tag)
            original(self, lock)
            if not isinstance(self._lock, SeenLock | SeenRLock):  # type: ignore[attr-defined]  # Condition has it
                driver.refuse("a condition on a lock that was made before")
            driver.made(actor, self, "Condition", driver.label_of(self._lock._real))  # type: ignore[attr-defined]
            return None
        return recorded(self, lock)  # type: ignore[no-any-return]  # it is None

    return __init__


def _condition(driver: Stage, self: Any) -> tuple[Actor | None, Hashable, str]:
    actor = standing(driver)
    label = driver.label_of(self) if actor is not None else None
    if actor is not None and label is None and place(_frame(2).f_code.co_filename) is OWN:
        labelled(driver, self, "condition")
    return (actor if label is not None else None), label, "RLock" if isinstance(self._lock, SeenRLock) else "Lock"


def condition_wait(driver: Stage, original: Original) -> Original:
    @wraps(original)
    def wait(self: Any, timeout: float | None = None) -> bool:
        actor, label, kind = _condition(driver, self)
        if actor is None:
            return original(self, timeout)  # type: ignore[no-any-return]  # it is bool
        line = line_of(_frame(1))
        tag = driver.tag_used(self, "Condition", _frame(1))
        count = driver.reach(actor, Op("wait", label, kind, None, line)).result
        with inside(actor):
            if not self._is_owned():
                raise RuntimeError("cannot wait on un-acquired lock")
            saved = self._release_save()
        patience = None if timeout is None else int(min(max(timeout, 0), threading.TIMEOUT_MAX) * 1e9)
        how = (WAIT if timeout is None else TIMED, count)
        way = driver.reach(actor, Op("wake", label, how, patience, line), tag, "{}.wait")
        with inside(actor):
            self._acquire_restore(saved)
        return bool(way.result)

    return wait


def condition_wait_for(driver: Stage, original: Original) -> Original:
    @wraps(original)
    def wait_for(self: Any, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        actor = standing(driver)
        if actor is None or place(_frame(1).f_code.co_filename) is not OWN:
            return original(self, predicate, timeout)
        asked, line = driver.seen(predicate), line_of(_frame(1))

        def ask() -> Any:
            answer = asked()
            driver.touch(actor, *driver.sharing.of_truth(answer), line)  # the library looks whether it is empty
            return answer

        return original(self, ask, timeout)

    return wait_for


def condition_notify(every: bool) -> Callable[[Stage, Original], Original]:
    def wrapper(driver: Stage, original: Original) -> Original:
        @wraps(original)
        def notify(self: Any, n: int = 1) -> None:
            actor, label, kind = _condition(driver, self)
            if actor is None:
                return original(self) if every else original(self, n)  # type: ignore[no-any-return]  # it is None
            tag = driver.tag_used(self, "Condition", _frame(1))
            driver.reach(actor, Op("notify", label, (None if every else n, kind), None, line_of(_frame(1))))
            with inside(actor):
                if not self._is_owned():
                    raise RuntimeError("cannot notify on un-acquired lock")
            driver.emit(actor, NOTIFY, tag)
            return None

        return notify

    return wrapper
