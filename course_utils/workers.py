"""
Pools, futures and simple queues while threads are scheduled; see `controls`.

A pool has all its workers as soon as it has that many tasks: whether one that is done with its task would have
been quick enough to take the next is not left to chance. A task is taken as soon as a worker is free; that isn't
a step, as starting a thread is none, unless a task asks which thread it is in.
"""

from __future__ import annotations

import queue
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import wraps
from typing import Any

from . import pools, queues
from .actors import POLLED_FUTURES, TAKEN_TASKS, WORKERS, Actor
from .cancelling import drain
from .controls import inside, labelled, line_of, standing
from .histories import Op
from .models import TIMED, TRY, WAIT
from .places import OWN, own_frame, place
from .reaching import is_container
from .stage import Stage
from .states import CutOff, Tag, new_tag

__all__ = [
    "future_done", "future_init", "future_result", "future_settled", "pool_init", "pool_map",
    "pool_shutdown", "pool_submit", "simple_queue",
]  # fmt: skip

Original = Callable[..., Any]
_frame = sys._getframe
_RealSimpleQueue: Any = queue.SimpleQueue


class _NeverIdle:
    """In place of the semaphore that counts a pool's idle workers: a task never counts on one."""

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        return False

    def release(self, n: int = 1) -> None:
        return None


class WorkQueue(_RealSimpleQueue):  # type: ignore[misc]  # the base is Any
    """The queue between a pool and its workers: who takes from it comes to the scheduler."""

    def __init__(self, driver: Stage, actor: Actor, pool: Tag) -> None:
        self.driver = driver
        self.pool = pool
        self.label = driver.made(actor, self, "Queue", "Queue", 0)

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        driver = self.driver
        actor = driver.local.lane
        future = getattr(item, "future", None)
        if isinstance(actor, Actor) and not driver.aborting:
            if actor.submitting is not None and future is not None:
                task, _ = actor.submitting
                driver.tags.add(future, task)
                driver.emit(actor, "submit", task, self.pool)
            actor.made += 1
            ident = (actor.history, actor.made) if item is not None else None
            actor.effects.append(("pooled", self.label, ident))
        super().put(item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        driver = self.driver
        actor = driver.local.lane
        if not isinstance(actor, Actor):
            return super().get(block, timeout)
        if not block:
            raise queue.Empty  # whether there is more to do is asked once, by waiting for it
        try:
            counted = driver.sharing.counted
            kind = "task" if WORKERS in counted else "any task" if TAKEN_TASKS in counted else "work"
            driver.reach(actor, Op(kind, self.label, WAIT), self.pool, "a task")
        except CutOff:
            return None  # None is what tells a worker to look whether its pool was shut down
        return super().get(False)

    def get_nowait(self) -> Any:
        return self.get(False)


def pool_init(driver: Stage, original: Original) -> Original:
    @wraps(original)
    def __init__(self: ThreadPoolExecutor, *args: Any, **kwargs: Any) -> None:
        actor = standing(driver)
        if actor is None:
            return original(self, *args, **kwargs)  # type: ignore[no-any-return]  # it is None
        with inside(actor):
            original(self, *args, **kwargs)
        tag = driver.tag_made(self, "pool", _frame(1))
        if tag is None:
            tag = new_tag(None, "pool")
            driver.tags.add(self, tag)
        self._work_queue = WorkQueue(driver, actor, tag)
        self._idle_semaphore = _NeverIdle()  # type: ignore[assignment]
        driver.pools.add(self, tag)
        return None

    return __init__


def pool_submit(driver: Stage, original: Original) -> Original:
    recorded = pools.pool_submit(driver, original)

    @wraps(original)
    def submit(self: ThreadPoolExecutor, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        actor = standing(driver)
        if actor is None:
            return original(self, fn, *args, **kwargs)  # type: ignore[no-any-return]  # it is a Future
        if driver.pools.get(self) is None:
            driver.refuse("a pool that was made before is used: make it in the scenario")
        driver.submitting(self, actor, driver.label_of(self._work_queue))
        with inside(actor):
            future: Future[Any] = recorded(self, driver.seen(fn), *args, **kwargs)
        driver.made(actor, future, "Future")
        return future

    return submit


def pool_map(driver: Stage, original: Original) -> Original:
    @wraps(original)
    def map(self: ThreadPoolExecutor, fn: Any, /, *given: Any, **options: Any) -> Any:
        actor = standing(driver)
        if actor is None or driver.pools.get(self) is None:
            return original(self, fn, *given, **options)
        line = line_of(_frame(1))
        return original(self, fn, *(one_by_one(each, line) for each in given), **options)

    def one_by_one(items: Any, line: Any) -> Any:
        """Workers may be busy while the library takes an item out."""
        if not is_container(items):
            return items

        def taken() -> Iterator[Any]:
            rest = iter(items)
            while True:
                actor = standing(driver)
                if actor is not None and not driver.aborting:
                    driver.touch(actor, *driver.sharing.of_truth(items), line)
                try:
                    item = next(rest)
                except StopIteration:
                    return
                yield item

        return taken()

    return map


def pool_shutdown(driver: Stage, original: Original) -> Original:
    @wraps(original)
    def shutdown(self: ThreadPoolExecutor, wait: bool = True, *, cancel_futures: bool = False) -> None:
        actor = standing(driver)
        if actor is None or driver.pools.get(self) is None:
            return original(self, wait, cancel_futures=cancel_futures)  # type: ignore[no-any-return]  # it is None
        driver.submitting(self, actor, driver.label_of(self._work_queue))
        if cancel_futures:
            drain(driver, actor, self, line_of(_frame(1)))
        with inside(actor):
            original(self, False)
        if wait:  # for one after the other, in an order that is the same in every run
            for thread in sorted(self._threads, key=lambda each: getattr(driver.lane_of(each), "number", 0)):
                thread.join()
        return None

    return shutdown


def future_init(driver: Stage, original: Original) -> Original:
    @wraps(original)
    def __init__(self: Future[Any]) -> None:
        if standing(driver) is not None and place(_frame(1).f_code.co_filename) is OWN:
            driver.refuse(
                "a Future is made by hand, and who settles it isn't explored: submit to a pool, or hand results over "
                "in a queue"
            )
        return original(self)  # type: ignore[no-any-return]  # it is None

    return __init__


def future_settled(driver: Stage, original: Original) -> Original:
    recorded = pools.future_settled(driver, original)

    @wraps(original)
    def settle(self: Future[Any], value: Any) -> None:
        actor = standing(driver)
        label = driver.label_of(self)
        if actor is None or label is None or driver.aborting:
            return original(self, value)  # type: ignore[no-any-return]  # it is None
        if POLLED_FUTURES in driver.sharing.counted:
            failed = original.__name__ == "set_exception"
            driver.reach(actor, Op("settle", label, failed), quiet=True)  # what is raised here, the library would log
        else:
            actor.effects.append(("settled", label))
        return recorded(self, value)  # type: ignore[no-any-return]  # it is None

    return settle


def future_result(driver: Stage, original: Original) -> Original:
    recorded = pools.future_asked(driver, original)

    @wraps(original)
    def ask(self: Future[Any], timeout: float | None = None) -> Any:
        actor = standing(driver)
        if actor is None or not own_frame(_frame(1))[0]:
            return original(self, timeout)
        tag = driver.tags.get(self)
        how = WAIT if timeout is None else TIMED if timeout > 0 else TRY
        patience = None if timeout is None or timeout <= 0 else int(timeout * 1e9)
        if how != WAIT and POLLED_FUTURES not in driver.sharing.counted:
            driver.learn(POLLED_FUTURES)
        op = Op("result", labelled(driver, self, "future"), how, patience, line_of(_frame(1)))
        way = driver.reach(actor, op, tag, "result of {}")
        with inside(actor):
            return recorded(self, 0 if way.result is False else None)

    return ask


def future_done(driver: Stage, original: Original) -> Original:
    @wraps(original)
    def done(self: Future[Any]) -> bool:
        actor = standing(driver)
        if actor is None or place(_frame(1).f_code.co_filename) is not OWN:
            return original(self)  # type: ignore[no-any-return]  # it is bool
        if POLLED_FUTURES not in driver.sharing.counted:
            driver.learn(POLLED_FUTURES)
        driver.reach(actor, Op("future look", labelled(driver, self, "future"), None, None, line_of(_frame(1))))
        with inside(actor):
            return original(self)  # type: ignore[no-any-return]  # it is bool

    return done


def simple_queue(driver: Stage, original: Any) -> Any:
    """Stand in for `queue.SimpleQueue`."""
    seen = queues.simple_queue(driver, original)
    if seen is original:
        return original

    class SimpleQueue(original, metaclass=type(seen)):  # type: ignore[misc, metaclass]  # the base is Any
        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            frame = _frame(1)
            actor = standing(driver)
            if cls is SimpleQueue and (actor is None or place(frame.f_code.co_filename) is not OWN):
                return original()
            made = original.__new__(cls)
            if actor is not None:
                driver.tag_made(made, "SimpleQueue", frame)
                driver.made(actor, made, "Queue", "Queue", 0)
            return made

        def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
            actor = standing(driver)
            if actor is None:
                return original.put(self, item)  # type: ignore[no-any-return]
            tag = driver.tag_used(self, "SimpleQueue", _frame(1))
            driver.reach(
                actor, Op("put", labelled(driver, self, "queue"), WAIT, None, line_of(_frame(1))), tag, "{}.put"
            )
            known = driver.items.put(actor, tag, item)  # type: ignore[arg-type]
            original.put(self, item)
            return driver.emit(actor, "put", tag, known)

        def get(self, block: bool = True, timeout: float | None = None) -> Any:
            actor = standing(driver)
            if actor is None or (block and timeout is not None and timeout < 0):
                return original.get(self, block, timeout)
            tag = driver.tag_used(self, "SimpleQueue", _frame(1))
            how = WAIT if block and timeout is None else TIMED if block and timeout else TRY
            patience = int(timeout * 1e9) if how == TIMED and timeout else None
            op = Op("get", labelled(driver, self, "queue"), how, patience, line_of(_frame(1)))
            driver.reach(actor, op, tag, "{}.get")
            item = original.get(self, False)
            driver.emit(actor, "get", tag, driver.items.get(actor, tag, item))  # type: ignore[arg-type]
            return item

        def put_nowait(self, item: Any) -> None:
            return self.put(item, False)

        def get_nowait(self) -> Any:
            return self.get(False)

        def _look(self, look: Any, frame: Any) -> Any:
            actor = standing(driver)
            if actor is not None:
                driver.reach(actor, Op("queue look", labelled(driver, self, "queue"), None, None, line_of(frame)))
            return look(self)

        def empty(self) -> bool:
            return bool(self._look(original.empty, _frame(1)))

        def qsize(self) -> int:
            return int(self._look(original.qsize, _frame(1)))

    SimpleQueue.__module__ = original.__module__
    SimpleQueue.__qualname__ = original.__qualname__
    return SimpleQueue
