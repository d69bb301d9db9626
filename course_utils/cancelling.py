"""
Cancelling tasks while threads are scheduled; see `controls`.

A task can be cancelled until a worker begins it. Who shuts its pool down takes it back until a worker takes it, which
is before that: in between, it can be cancelled and can't be taken back. So where somebody cancels tasks, it is a step
that one begins; where somebody takes them back, that one is taken.
"""

from __future__ import annotations

import concurrent.futures._base
import queue
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import wraps
from typing import Any, Final

from . import pools
from .actors import BEGUN_TASKS, POLLED_FUTURES, SUBMITTERS, TAKEN_TASKS, Actor
from .controls import inside, labelled, line_of, standing
from .histories import Op
from .models import TRY
from .places import OWN, own_frame, place
from .refusals import INSTEAD
from .stage import Stage
from .states import CutOff

__all__ = ["drain", "future_cancel", "future_look", "task_run"]

Original = Callable[..., Any]
_frame = sys._getframe
_RealSimpleQueue: Any = queue.SimpleQueue
_ASKED: Final = concurrent.futures._base._result_or_cancel.__code__  # type: ignore[attr-defined]
"""Of `Executor.map`: it cancels each future of which it has asked for the result."""


def future_cancel(driver: Stage, original: Original) -> Original:
    """Cancel a task that nobody has begun."""

    @wraps(original)
    def cancel(self: Future[Any]) -> bool:
        actor = standing(driver)
        if actor is None or not own_frame(_frame(1))[0] or driver.aborting:
            return original(self)  # type: ignore[no-any-return]  # it is bool
        if _frame(1).f_code is _ASKED and self._state not in ("PENDING", "RUNNING"):
            return original(self)  # type: ignore[no-any-return]  # who has its result knows that it is too late
        if BEGUN_TASKS not in driver.sharing.counted:
            driver.learn(BEGUN_TASKS)
        return _cancel(driver, actor, self, original, line_of(_frame(1)))

    return cancel


def _cancel(driver: Stage, actor: Actor, future: Future[Any], original: Original, line: Any) -> bool:
    way: Any = driver.reach(actor, Op("cancel", labelled(driver, future, "future"), None, None, line)).result
    cancelled: bool = original(future)  # which calls back
    if cancelled != way[0]:
        driver.refuse("a future is used by somebody who can't be seen")
    return cancelled


def future_look(what: str) -> Callable[[Stage, Original], Original]:
    """Make the control of a method that asks in which state a future is: `what` is which."""

    def wrapper(driver: Stage, original: Original) -> Original:
        @wraps(original)
        def look(self: Future[Any]) -> bool:
            actor = standing(driver)
            if actor is None or place(_frame(1).f_code.co_filename) is not OWN or driver.aborting:
                return original(self)  # type: ignore[no-any-return]  # it is bool
            for each in (BEGUN_TASKS, POLLED_FUTURES) if what == "running" else ():
                if each not in driver.sharing.counted:
                    driver.learn(each)
            op = Op("future look", labelled(driver, self, "future"), what, None, line_of(_frame(1)))
            driver.reach(actor, op)
            with inside(actor):
                return original(self)  # type: ignore[no-any-return]  # it is bool

        return look

    return wrapper


def task_run(driver: Stage, original: Original) -> Original:
    """Begin a task, unless it was cancelled since it was taken."""
    recorded = pools.task_run(driver, original)

    @wraps(original)
    def run(self: Any) -> Any:
        actor = standing(driver)
        label = driver.label_of(self.future)
        if actor is not None and label is not None and BEGUN_TASKS in driver.sharing.counted:
            try:
                driver.reach(actor, Op("begin", label))
            except CutOff:
                return None  # the library would log it
        return recorded(self)

    return run


def drain(driver: Stage, actor: Actor, pool: ThreadPoolExecutor, line: Any) -> None:
    """Take back and cancel what no worker has taken: one task after the other, as the library does."""
    if SUBMITTERS in driver.sharing.counted:
        driver.refuse(
            "several threads give tasks to a pool that is shut down with cancel_futures=True, which isn't explored: "
            f"{INSTEAD['drain']}"
        )
    if TAKEN_TASKS not in driver.sharing.counted:
        driver.learn(TAKEN_TASKS)
    work: Any = pool._work_queue
    cancel = Future.cancel.__wrapped__  # type: ignore[attr-defined]  # the stand-in above has it
    pool._shutdown = True
    driver.draining.append(pool)
    try:
        while True:
            op = Op("drain", driver.label_of(work), TRY, None, line)
            if driver.reach(actor, op).result is False:
                return
            item = _RealSimpleQueue.get(work, False)
            if item is not None:
                _cancel(driver, actor, item.future, cancel, line)
    finally:
        driver.draining.remove(pool)
