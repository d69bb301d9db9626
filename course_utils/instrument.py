"""
The one seam: everything that is replaced while something listens, in one table.

Stand-ins are installed when a recording begins and taken away when it ends. They act only for the
threads that belong to it, and for own code (see `places`); everyone else in the process gets the real
thing. Names that own modules bound before (`from time import sleep`) are replaced too, and put back.

What it doesn't see: originals kept elsewhere, as in a default argument or a container; locks of
`_thread`; C extensions' own.
"""

from __future__ import annotations

import _thread
import concurrent.futures
import concurrent.futures._base
import concurrent.futures.thread
import logging
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

from . import events as ev
from . import operations as on
from . import output, pools, queues, standins, threads
from .driver import Driver
from .places import OWN, place

__all__ = ["TABLE", "Installed", "Row", "always_see_locks", "install"]


class Row(NamedTuple):
    """In `where`, `name` is replaced by what `make` makes of the driver and the original; `whom` it concerns."""

    where: Any
    name: str
    make: Callable[[Any, Any], Any]
    whom: str


OWN_CALLS = "own code in recorded threads"
RECORDED = "recorded threads"

_executor = concurrent.futures.thread.ThreadPoolExecutor
_work_item: Any = concurrent.futures.thread._WorkItem
_future = concurrent.futures._base.Future

TABLE: tuple[Row, ...] = (
    Row(_thread, "start_new_thread", threads.stranger_start, RECORDED),
    Row(threading, "Lock", threads.lock_factory, OWN_CALLS),
    Row(threading, "RLock", threads.lock_factory, OWN_CALLS),
    Row(threading, "_allocate_lock", on.waiter_lock, OWN_CALLS),
    Row(threading, "_counter", lambda driver, real: pools.Counted(driver, real, 1), RECORDED),
    Row(threading.Thread, "start", threads.thread_start, OWN_CALLS),
    Row(threading.Thread, "join", threads.thread_join, OWN_CALLS),
    Row(threading.Thread, "_bootstrap_inner", threads.thread_bootstrap, "threads that recorded ones start"),
    Row(threading.Condition, "__init__", on.condition_init, OWN_CALLS),
    Row(threading.Condition, "__enter__", on.condition_enter, OWN_CALLS),
    Row(threading.Condition, "__exit__", on.condition_exit, OWN_CALLS),
    Row(threading.Condition, "wait", on.waiting("Condition", "{}.wait"), OWN_CALLS),
    Row(threading.Condition, "notify", on.signal("Condition", ev.NOTIFY), OWN_CALLS),
    Row(threading.Semaphore, "__init__", on.named_init("Semaphore"), OWN_CALLS),
    Row(threading.Semaphore, "acquire", on.semaphore_acquire, OWN_CALLS),
    Row(threading.Semaphore, "__enter__", on.semaphore_acquire, OWN_CALLS),
    Row(threading.Semaphore, "release", on.signal("Semaphore", ev.GIVE), OWN_CALLS),
    Row(threading.BoundedSemaphore, "release", on.signal("Semaphore", ev.GIVE), OWN_CALLS),
    Row(threading.Event, "__init__", on.named_init("Event"), OWN_CALLS),
    Row(threading.Event, "wait", on.waiting("Event", "{}.wait"), OWN_CALLS),
    Row(threading.Event, "set", on.signal("Event", ev.SET), OWN_CALLS),
    Row(threading.Event, "clear", on.signal("Event", ev.CLEAR), OWN_CALLS),
    Row(threading.Barrier, "__init__", on.named_init("Barrier"), OWN_CALLS),
    Row(threading.Barrier, "wait", on.barrier_wait, OWN_CALLS),
    Row(queue.Queue, "__init__", on.named_init("Queue"), OWN_CALLS),
    Row(queue.Queue, "put", queues.queue_put, OWN_CALLS),
    Row(queue.Queue, "get", queues.queue_get, OWN_CALLS),
    Row(queue.Queue, "join", on.waiting("Queue", "{}.join"), OWN_CALLS),
    Row(queue, "SimpleQueue", queues.simple_queue, OWN_CALLS),
    Row(_executor, "__init__", pools.pool_init, OWN_CALLS),
    Row(_executor, "submit", pools.pool_submit, OWN_CALLS),
    Row(_executor, "shutdown", on.waiting("pool", "{}.shutdown"), OWN_CALLS),
    Row(_executor, "_counter", lambda driver, real: pools.Counted(driver, real, 0), RECORDED),
    Row(_work_item, "run", pools.task_run, RECORDED),
    Row(_future, "set_result", pools.future_settled, RECORDED),
    Row(_future, "set_exception", pools.future_settled, RECORDED),
    Row(_future, "result", pools.future_asked, OWN_CALLS),
    Row(_future, "exception", pools.future_asked, OWN_CALLS),
    Row(time, "sleep", threads.sleep, OWN_CALLS),
    Row(logging.Logger, "callHandlers", output.logger_call_handlers, RECORDED),
    Row(logging.StreamHandler, "emit", output.handler_emit, RECORDED),
    Row(sys, "stdout", output.standard_stream, RECORDED),
    Row(sys, "stderr", output.standard_stream, RECORDED),
    Row(sys, "unraisablehook", output.unraisable, RECORDED),
)


class Installed:
    """
    Stand-ins in place, until `remove`.

    Removing puts back exactly what was there. Where somebody else has replaced a stand-in meanwhile,
    theirs stays.
    """

    def __init__(self, driver: Driver, table: tuple[Row, ...]) -> None:
        self._table = table
        self._put: list[tuple[Any, str, Any, Any]] = []
        self._bound: list[tuple[ModuleType, str, Any, Any]] = []
        self._modules = set(sys.modules)
        self._driver = driver

    def install(self) -> None:
        """Put every row's stand-in in place; all of them or, if one fails, none."""
        try:
            for row in self._table:
                original = vars(row.where)[row.name]
                replacement = row.make(self._driver, original)
                if replacement is not original:
                    self._put.append((row.where, row.name, original, replacement))
                    setattr(row.where, row.name, replacement)
            standins.listen(self._driver)
            replaced = {id(old): new for where, _, old, new in self._put if isinstance(where, ModuleType)}
            replaced |= {id(real): threads.lock_factory(self._driver, real) for real in standins.REAL.values()}
            for module in _own_modules():
                for name, value in list(vars(module).items()):
                    if id(value) in replaced:
                        self._bound.append((module, name, value, replaced[id(value)]))
                        setattr(module, name, replaced[id(value)])
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        """Take every stand-in away."""
        standins.listen(None)
        for real in standins.REAL.values():
            threads.lock_factory(None, real)
        for module, name, original, replacement in self._bound:
            if vars(module).get(name) is replacement:
                setattr(module, name, original)
        for where, name, original, replacement in reversed(self._put):
            if vars(where).get(name) is replacement:
                setattr(where, name, original)
            if isinstance(replacement, output.Stream):
                replacement.retire()
        self._forget_new_bindings()
        for reference in list(logging._handlerList):  # type: ignore[attr-defined]  # every handler there is
            handler = reference()
            stream = vars(handler).get("stream")  # logging's last resort looks for it anew each time
            if isinstance(stream, output.Stream):
                handler.stream = stream._real  # made while we listened, it would keep our stream for good

    def _forget_new_bindings(self) -> None:
        """Put originals where modules imported, or cells run, meanwhile bound stand-ins."""
        originals = {
            id(new): old for where, _, old, new in self._put if isinstance(where, ModuleType) and old is not new
        }
        new_modules = [sys.modules[name] for name in set(sys.modules) - self._modules if name in sys.modules]
        for module in {id(m): m for m in (*_own_modules(), *new_modules) if isinstance(m, ModuleType)}.values():
            for name, value in list(vars(module).items()):
                if id(value) in originals:
                    setattr(module, name, originals[id(value)])


def _own_modules() -> Iterator[ModuleType]:
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)  # sys.modules may hold anything
        if isinstance(module, ModuleType) and (name == "__main__" or (isinstance(file, str) and place(file) is OWN)):
            yield module


def install(driver: Driver, table: tuple[Row, ...] | None = None) -> Installed:
    """
    Put stand-ins in place for a driver.

        >>> installed = install(driver)
        >>> installed.remove()

    Args:
        driver: who listens.
        table: what is replaced; `TABLE` unless told otherwise.

    Returns:
        what takes them away again; it must be called.
    """
    installed = Installed(driver, TABLE if table is None else table)
    installed.install()
    return installed


def always_see_locks(always: bool) -> None:
    """
    Keep the factories of `Lock` and `RLock` replaced, so that own code's locks are seen in later recordings.

    Args:
        always: True to begin, False to put the real ones back.
    """
    for name, real in standins.REAL.items():
        factory = threads.lock_factory(None, real)
        factory.always = always
        if always and getattr(threading, name) is real:
            setattr(threading, name, factory)
        elif not always:
            for module in (threading, *_own_modules()):
                for bound, value in list(vars(module).items()):
                    if value is factory:
                        setattr(module, bound, real)
