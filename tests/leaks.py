"""
What a test must leave as it found it.

A recorder replaces names all over the standard library. `Snapshot` remembers what they are before a
test; `Snapshot.leaks` says in words what is not the same afterwards, and `Snapshot.restore` puts it
back, so that one test's leak doesn't fail the next.
"""

import _thread
import builtins
import concurrent.futures
import concurrent.futures._base
import concurrent.futures.process
import concurrent.futures.thread
import logging
import queue
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

__all__ = ["Snapshot"]

# concurrent.futures fills these in when they are first asked for; ask now, or that counts as a change.
_ = concurrent.futures.ThreadPoolExecutor, concurrent.futures.ProcessPoolExecutor

MODULES: Final[tuple[ModuleType, ...]] = (
    threading, _thread, queue, time, logging,
    concurrent.futures, concurrent.futures._base, concurrent.futures.thread,
)  # fmt: skip
"""Every name in these, and every attribute of the classes they define, must stay the same object."""

NAMES: Final = {
    sys: ("stdout", "stderr", "stdin", "excepthook", "unraisablehook", "displayhook"),
    builtins: ("print", "open", "input", "__import__"),
}
"""In these modules, only these names."""

LAZY: Final = frozenset({"__annotations__", "__annotations_cache__", "__static_attributes__", "_abc_impl"})
"""Attributes that Python itself adds to a class when they are first asked for."""

ABSENT: Final = object()


class Snapshot:
    """
    Remember the threads that live now, and what the replaceable names refer to.

    Args:
        patience: seconds that threads get to end before they count as left over.
    """

    def __init__(self, patience: float = 5.0) -> None:
        self.patience = patience
        self.names = dict(_names())
        self.handlers = _handlers()
        self.level = logging.getLogger().level
        self.tracing = (sys.gettrace(), sys.getprofile())
        self.interval = sys.getswitchinterval()
        self.threads = set(threading.enumerate())
        self.count = _thread._count()

    def leaks(self) -> list[str]:
        """Say what has changed since, one line for each; an empty list is as it should be."""
        return [*self._threads(), *self._replaced(), *self._settings()]

    def restore(self) -> None:
        """Put back the names that were replaced."""
        for key in self._changed():
            owner, name = key
            before = self.names.get(key, ABSENT)
            if before is ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)

    def _changed(self) -> list[tuple[Any, str]]:
        now = dict(_names())
        keys = list(dict.fromkeys([*self.names, *now]))
        return [key for key in keys if self.names.get(key, ABSENT) is not now.get(key, ABSENT)]

    def _replaced(self) -> Iterator[str]:
        now = dict(_names())
        for key in self._changed():
            owner, name = key
            where = owner.__name__ if isinstance(owner, ModuleType) else f"{owner.__module__}.{owner.__qualname__}"
            if key not in now:
                yield f"{where}.{name} is gone"
            elif key not in self.names:
                yield f"{where}.{name} is new: {now[key]!r}"
            else:
                yield f"{where}.{name} stayed replaced: it was {self.names[key]!r} and is {now[key]!r}"

    def _settings(self) -> Iterator[str]:
        for handler in _handlers() - self.handlers:
            yield f"the root logger kept a handler: {handler!r}"
        if logging.getLogger().level != self.level:
            yield f"the root logger's level was {self.level} and is {logging.getLogger().level}"
        if (sys.gettrace(), sys.getprofile()) != self.tracing:
            yield "a trace or profile function stayed set"
        if sys.getswitchinterval() != self.interval:
            yield f"the switch interval was {self.interval} and is {sys.getswitchinterval()}"

    def _threads(self) -> Iterator[str]:
        until = time.monotonic() + self.patience
        # Threads started by _thread.start_new_thread are in the count alone; a dummy that one of them
        # left behind by asking for current_thread() is not a thread that lives.
        while (left := self._left()) or _thread._count() > self.count:
            if time.monotonic() > until:
                break
            time.sleep(0.005)
        frames = sys._current_frames()
        for thread in left:
            frame = frames.get(thread.ident or 0)
            at = "".join(traceback.format_stack(frame, limit=3)) if frame else "      (nowhere in Python code)\n"
            yield f"thread {thread.name!r} is still alive, at\n{at.rstrip()}"
        if not left and _thread._count() > self.count:
            yield f"{_thread._count() - self.count} thread(s) of _thread.start_new_thread still alive"

    def _left(self) -> list[threading.Thread]:
        return [
            thread
            for thread in threading.enumerate()
            if thread not in self.threads and not isinstance(thread, threading._DummyThread)
        ]


def _names() -> Iterator[tuple[tuple[Any, str], object]]:
    """Everything that must stay the same object, by owner and name."""
    known = {module.__name__ for module in MODULES}
    for module in MODULES:
        for name, value in list(vars(module).items()):
            yield (module, name), value
            if isinstance(value, type) and value.__module__ in known:
                for attribute, content in list(vars(value).items()):
                    if attribute not in LAZY:
                        yield (value, attribute), content
    for module, names in NAMES.items():
        for name in names:
            yield (module, name), getattr(module, name, ABSENT)


def _handlers() -> set[logging.Handler]:
    # pytest's own come and go with the phases of a test.
    return {handler for handler in logging.getLogger().handlers if not type(handler).__module__.startswith("_pytest")}
