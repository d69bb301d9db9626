"""Events, semaphores, barriers and queues while threads are scheduled; see `controls`."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from . import operations as on
from . import queues
from .controls import inside, labelled, line_of, patience_of, standing
from .histories import Op
from .models import TIMED, TRY, WAIT
from .places import OWN, place
from .stage import Stage

__all__ = [
    "barrier_abort", "barrier_init", "barrier_wait", "bounded_init", "event_init", "event_look", "event_set",
    "event_wait", "queue_get", "queue_init", "queue_join", "queue_look", "queue_put", "queue_shutdown",
    "semaphore_acquire", "semaphore_init", "semaphore_release", "task_done",
]  # fmt: skip

Original = Callable[..., Any]
_frame = sys._getframe


# Events, semaphores, barriers.


def _init(
    kind: str, wrapper: Callable[[Any, Original], Original], how: Callable[[Any], tuple[Any, ...]]
) -> Callable[[Stage, Original], Original]:
    """Make the control of an `__init__`, which labels the new object."""

    def make(driver: Stage, original: Original) -> Original:
        @wraps(original)
        def made(self: Any, *args: Any, **kwargs: Any) -> None:
            actor = standing(driver)
            if actor is None:
                return original(self, *args, **kwargs)  # type: ignore[no-any-return]  # it is None
            with inside(actor):
                original(self, *args, **kwargs)
            if _frame(2).f_code is not threading.Thread.__init__.__code__:
                driver.made(actor, self, kind, *how(self))
            return None

        return wrapper(driver, made)

    return make


event_init = _init("Event", on.named_init("Event"), lambda self: ())
semaphore_init = _init(
    "Semaphore", on.named_init("Semaphore"), lambda self: (self._value, getattr(self, "_initial_value", None))
)
barrier_init = _init("Barrier", on.named_init("Barrier"), lambda self: (self._parties,))
queue_init = _init("Queue", on.named_init("Queue"), lambda self: (_queue_kind(self), self.maxsize))


def _queue_kind(made: queue.Queue[Any]) -> str:
    kinds = (queue.PriorityQueue, queue.LifoQueue)
    return next((kind.__name__ for kind in kinds if isinstance(made, kind)), "Queue")


def bounded_init(driver: Stage, original: Original) -> Original:
    """BoundedSemaphore knows its bound only after Semaphore's own `__init__`."""

    @wraps(original)
    def __init__(self: Any, value: int = 1) -> None:
        self._initial_value = value
        return original(self, value)  # type: ignore[no-any-return]  # it is None

    return __init__


def event_wait(driver: Stage, original: Original) -> Original:
    recorded = on.waiting("Event", "{}.wait")(driver, original)

    @wraps(original)
    def wait(self: Any, timeout: float | None = None) -> bool:
        actor = standing(driver)
        if actor is None:
            return original(self, timeout)  # type: ignore[no-any-return]  # it is bool
        tag = driver.tag_used(self, "Event", _frame(1))
        how, patience = patience_of(timeout)
        op = Op("event wait", labelled(driver, self, "event"), how, patience, line_of(_frame(1)))
        way = driver.reach(actor, op, tag, "{}.wait")
        with inside(actor):
            if way.result is False:
                return bool(recorded(self, 0))
            return bool(recorded(self)) if self._flag else True  # it was set, and cleared since

    return wait


def event_set(to: bool) -> Callable[[Stage, Original], Original]:
    def wrapper(driver: Stage, original: Original) -> Original:
        recorded = on.signal("Event", "set" if to else "clear")(driver, original)

        @wraps(original)
        def change(self: Any) -> None:
            actor = standing(driver)
            if actor is None:
                return original(self)  # type: ignore[no-any-return]  # it is None
            driver.tag_used(self, "Event", _frame(1))
            driver.reach(actor, Op("event set", labelled(driver, self, "event"), to, None, line_of(_frame(1))))
            with inside(actor):
                return recorded(self)  # type: ignore[no-any-return]  # it is None

        return change

    return wrapper


def _look(kind: str, what: str) -> Callable[[Stage, Original], Original]:
    """Make the control of a method that own code asks an object with."""

    def wrapper(driver: Stage, original: Original) -> Original:
        @wraps(original)
        def look(self: Any) -> Any:
            actor = standing(driver)
            if actor is None or place(_frame(1).f_code.co_filename) is not OWN:
                return original(self)
            driver.reach(actor, Op(kind, labelled(driver, self, what), None, None, line_of(_frame(1))))
            with inside(actor):
                return original(self)

        return look

    return wrapper


event_look = _look("event look", "event")
queue_look = _look("queue look", "queue")


def semaphore_acquire(driver: Stage, original: Original) -> Original:
    recorded = on.semaphore_acquire(driver, original)

    @wraps(original)
    def acquire(self: Any, blocking: bool = True, timeout: float | None = None) -> bool:
        actor = standing(driver)
        if actor is None or (not blocking and timeout is not None):
            return original(self, blocking, timeout)  # type: ignore[no-any-return]  # it is bool
        tag = driver.tag_used(self, "Semaphore", _frame(1))
        how, patience = patience_of(timeout) if blocking else (TRY, None)
        op = Op("take", labelled(driver, self, "semaphore"), how, patience, line_of(_frame(1)))
        way = driver.reach(actor, op, tag, "{}")
        with inside(actor):
            got = bool(recorded(self, False))
        if got is (way.result is False):
            driver.refuse("a semaphore is used by somebody who can't be seen")
        return got

    return acquire


def semaphore_release(driver: Stage, original: Original) -> Original:
    recorded = on.signal("Semaphore", "give")(driver, original)

    @wraps(original)
    def release(self: Any, n: int = 1) -> None:
        actor = standing(driver)
        if actor is None or n < 1:
            return original(self, n)  # type: ignore[no-any-return]  # it is None
        driver.tag_used(self, "Semaphore", _frame(1))
        driver.reach(actor, Op("give", labelled(driver, self, "semaphore"), n, None, line_of(_frame(1))), quiet=True)
        with inside(actor):
            return recorded(self, n)  # type: ignore[no-any-return]  # it is None

    return release


def barrier_wait(driver: Stage, original: Original) -> Original:
    @wraps(original)
    def wait(self: Any, timeout: float | None = None) -> int:
        actor = standing(driver)
        if actor is None:
            return original(self, timeout)  # type: ignore[no-any-return]  # it is int
        if timeout is None:
            timeout = self._timeout
        tag = driver.tag_used(self, "Barrier", _frame(1))
        label, line = labelled(driver, self, "barrier"), line_of(_frame(1))
        index: Any = driver.reach(
            actor, Op("arrive", label, self._action is not None, None, line), tag, "{}.wait"
        ).result
        if index == "broken":
            raise threading.BrokenBarrierError
        driver.emit(actor, "arrive", tag)
        if index == self._parties - 1:
            if self._action is not None:
                try:
                    driver.seen(self._action)()
                except BaseException:
                    driver.reach(actor, Op("abort", label, None, None, line))
                    raise
                driver.reach(actor, Op("open", label, None, None, line))
            return int(index)
        kind = "leave" if timeout is None else "leave or not"
        how = WAIT if timeout is None else TIMED
        patience = None if timeout is None else int(timeout * 1e9)
        way = driver.reach(actor, Op(kind, label, how, patience, line), tag, "{}.wait")
        if way.result == "broken":
            raise threading.BrokenBarrierError
        return int(index)

    return wait


def barrier_abort(driver: Stage, original: Original) -> Original:
    @wraps(original)
    def abort(self: Any) -> None:
        actor = standing(driver)
        if actor is None:
            return original(self)  # type: ignore[no-any-return]  # it is None
        driver.reach(actor, Op("abort", labelled(driver, self, "barrier"), None, None, line_of(_frame(1))))
        return None

    return abort


# Queues.


def queue_put(driver: Stage, original: Original) -> Original:
    recorded = queues.queue_put(driver, original)

    @wraps(original)
    def put(self: Any, item: Any, block: bool = True, timeout: float | None = None) -> None:
        actor = standing(driver)
        if actor is None or (block and timeout is not None and timeout < 0):
            return original(self, item, block, timeout)  # type: ignore[no-any-return]  # it is None
        tag = driver.tag_used(self, "Queue", _frame(1))
        how, patience = patience_of(timeout) if block else (TRY, None)
        op = Op("put", labelled(driver, self, "queue"), how, patience, line_of(_frame(1)))
        way = driver.reach(actor, op, tag, "{}.put")
        with inside(actor):
            try:
                recorded(self, item, False)
            except queue.Full:
                if way.result is False:
                    raise
                driver.refuse("a queue is used by somebody who can't be seen")
        return None

    return put


def queue_get(driver: Stage, original: Original) -> Original:
    recorded = queues.queue_get(driver, original)

    @wraps(original)
    def get(self: Any, block: bool = True, timeout: float | None = None) -> Any:
        actor = standing(driver)
        if actor is None or (block and timeout is not None and timeout < 0):
            return original(self, block, timeout)
        tag = driver.tag_used(self, "Queue", _frame(1))
        how, patience = patience_of(timeout) if block else (TRY, None)
        op = Op("get", labelled(driver, self, "queue"), how, patience, line_of(_frame(1)))
        way = driver.reach(actor, op, tag, "{}.get")
        with inside(actor):
            try:
                return recorded(self, False)
            except queue.Empty:
                if way.result is False:
                    raise
                return driver.refuse("a queue is used by somebody who can't be seen")

    return get


def queue_join(driver: Stage, original: Original) -> Original:
    recorded = on.waiting("Queue", "{}.join")(driver, original)

    @wraps(original)
    def join(self: Any) -> None:
        actor = standing(driver)
        if actor is None:
            return original(self)  # type: ignore[no-any-return]  # it is None
        tag = driver.tag_used(self, "Queue", _frame(1))
        driver.reach(
            actor, Op("queue join", labelled(driver, self, "queue"), None, None, line_of(_frame(1))), tag, "{}.join"
        )
        with inside(actor):
            return recorded(self)  # type: ignore[no-any-return]  # it is None

    return join


def queue_shutdown(driver: Stage, original: Original) -> Original:
    @wraps(original)
    def shutdown(self: Any, immediate: bool = False) -> None:
        actor = standing(driver)
        if actor is None:
            return original(self, immediate)  # type: ignore[no-any-return]  # it is None
        op = Op("shut", labelled(driver, self, "queue"), bool(immediate), None, line_of(_frame(1)))
        driver.reach(actor, op)
        with inside(actor):
            return original(self, immediate)  # type: ignore[no-any-return]  # it is None

    return shutdown


def task_done(driver: Stage, original: Original) -> Original:
    @wraps(original)
    def task_done(self: Any) -> None:
        actor = standing(driver)
        if actor is None:
            return original(self)  # type: ignore[no-any-return]  # it is None
        driver.reach(actor, Op("task done", labelled(driver, self, "queue"), None, None, line_of(_frame(1))))
        with inside(actor):
            return original(self)  # type: ignore[no-any-return]  # it is None

    return task_done
