"""
What wraps queues: items go in, come out, and are the same items.

As in `operations`, each function takes a driver and the original and returns what stands in for it.
"""

from __future__ import annotations

import queue
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from .driver import Driver
from .events import GET, PUT, QUEUE
from .lines import Line, Place, ring
from .places import OWN, place
from .states import LaneState, Tag

__all__ = ["queue_get", "queue_put", "simple_queue", "waited_get"]

Original = Callable[..., Any]
_frame = sys._getframe


def queue_put(driver: Driver, original: Original) -> Original:
    """Show an item going into a queue, and the wait for a place."""

    @wraps(original)
    def put(self: Any, item: Any, block: bool = True, timeout: float | None = None) -> None:
        lane = driver.local.lane
        tag = None
        if lane is not None and lane.operation is None:
            tag = driver.tag_used(self, "Queue", _frame(1))
        if lane is None or tag is None:
            return original(self, item, block, timeout)  # type: ignore[no-any-return]  # it is None
        _meet(driver, lane, tag, self)
        return _put(driver, lane, tag, item, lambda: original(self, item, block, timeout))

    return put


def _meet(driver: Driver, lane: LaneState, tag: Tag, used: Any) -> None:
    """Say of a queue, when it is first used, how many items it takes, if there is a limit."""
    if driver.items.meets(tag):
        most = getattr(used, "maxsize", 0)
        if isinstance(most, int) and most > 0:
            driver.emit(lane, QUEUE, tag, int(most))


def _put(driver: Driver, lane: LaneState, tag: Tag, item: Any, call: Callable[[], None]) -> None:
    known = driver.items.put(lane, tag, item)
    operation = driver.begin(lane, tag, "{}.put")
    # It goes in between this moment, or the last at which it waited, and its return: the earlier is
    # said, so that no item seems to come out before it went in.
    at = driver.now()
    try:
        call()
    except BaseException:
        driver.items.take_back(tag, item)
        raise
    finally:
        driver.end(lane, operation)
    driver.emit(lane, PUT, tag, known, at=max(at, operation.resumed))


def queue_get(driver: Driver, original: Original) -> Original:
    """Show an item coming out of a queue, and the wait for one."""

    @wraps(original)
    def get(self: Any, block: bool = True, timeout: float | None = None) -> Any:
        lane = driver.local.lane
        tag = None
        if lane is not None and lane.operation is None:
            tag = driver.tag_used(self, "Queue", _frame(1))
        if lane is None or tag is None:
            return original(self, block, timeout)
        _meet(driver, lane, tag, self)
        return _get(driver, lane, tag, lambda: original(self, block, timeout))

    return get


def _get(driver: Driver, lane: LaneState, tag: Tag, call: Callable[[], Any]) -> Any:
    operation = driver.begin(lane, tag, "{}.get")
    try:
        item = call()
    finally:
        driver.end(lane, operation)
    driver.emit(lane, GET, tag, driver.items.get(lane, tag, item))
    return item


class _AnySimpleQueue(type):
    """Makes `isinstance(made_before, queue.SimpleQueue)` go on working."""

    def __instancecheck__(cls, instance: object) -> bool:
        return super().__instancecheck__(instance) or (
            cls.__bases__ == (_RealSimpleQueue,) and isinstance(instance, _RealSimpleQueue)
        )


_RealSimpleQueue: Any = queue.SimpleQueue


def simple_queue(driver: Driver, original: Any) -> Any:
    """Stand in for `queue.SimpleQueue`, a C type: a subclass of it that is seen in recorded threads."""
    if original is not _RealSimpleQueue:
        return original

    class SimpleQueue(original, metaclass=_AnySimpleQueue):  # type: ignore[misc]  # the base is Any
        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            # A subclass of the learner's stays theirs; others get the real thing.
            frame = _frame(1)
            recorded = driver.local.lane is not None and place(frame.f_code.co_filename) is OWN
            if cls is SimpleQueue and not recorded:
                return original()
            made = original.__new__(cls)
            made.line = Line()
            if recorded:
                driver.tag_made(made, "SimpleQueue", frame)
            return made

        def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
            lane = driver.local.lane
            tag = None if lane is None or lane.operation else driver.tag_used(self, "SimpleQueue", _frame(1))
            if lane is None or tag is None:
                original.put(self, item)
            else:
                _put(driver, lane, tag, item, lambda: original.put(self, item))
            ring(self.line)

        def get(self, block: bool = True, timeout: float | None = None) -> Any:
            lane = driver.local.lane
            tag = None if lane is None or lane.operation else driver.tag_used(self, "SimpleQueue", _frame(1))
            if lane is None or tag is None or (timeout is not None and timeout < 0):
                return original.get(self, block, timeout)
            return _get(driver, lane, tag, lambda: waited_get(driver, lane, self, original.get, block, timeout))

        def put_nowait(self, item: Any) -> None:
            return self.put(item, False)

        def get_nowait(self) -> Any:
            return self.get(False)

    SimpleQueue.__module__ = original.__module__
    SimpleQueue.__qualname__ = original.__qualname__
    return SimpleQueue


def waited_get(
    driver: Driver,
    lane: LaneState,
    self: Any,
    get: Callable[..., Any],
    block: bool,
    timeout: float | None,
    *,
    idle: bool = False,
) -> Any:
    """Get from a queue in C whose getters stand in `self.line`: a wait in C can't be stopped."""
    try:
        return get(self, False)
    except queue.Empty:
        if not block or lane.operation is None:
            raise
    box: list[Any] = []

    def take() -> bool:
        if lane.verdict is not None:
            return False
        try:
            box.append(get(self, False))
        except queue.Empty:
            return False
        return True

    place = Place(self.line, take, lambda: self.qsize() > 0)
    limit = -1 if timeout is None else timeout
    try:
        if not driver.block(lane, lane.operation, place.attempt, limit, ready=place.ready, idle=idle):
            raise queue.Empty
    finally:
        place.leave()
    return box.pop()
