"""
The state of a recorded thread while it lives, and the identity of what it works with.

`Tag`, `LaneState` and `Operation` are what raw events refer to; their final names ("_lock #2") are given
when the recording has ended.
"""

from __future__ import annotations

import threading
import weakref
from _thread import LockType, allocate_lock
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any, Generic, NewType, TypeGuard, TypeVar

from .events import Item
from .shorten import shorten

__all__ = [
    "CutOff", "Items", "Known", "LaneState", "Local", "Operation", "Tag",
    "Wait", "attribute_tag", "in_words", "is_tag", "new_tag", "tag_parts", "waiting_words",
]  # fmt: skip

_new_tag_number = count().__next__


class CutOff(BaseException):
    """Raised in a recorded thread to end it where it is."""


Tag = NewType("Tag", str)
"""
The identity of a lock, queue, event or pool in a recording, with the name its reader knows it by.

It is a str, as lanes are in raw events: the garbage collector doesn't look at tuples of nothing but strs and
numbers, and with a million of them that is most of the time.
"""


def new_tag(name: str | None, kind: str) -> Tag:
    """Make a tag; what has no name is called after its kind."""
    return Tag(f"\0tag\0{_new_tag_number()}\0{name or kind}")


def is_tag(about: object) -> TypeGuard[Tag]:
    """Tell whether something in a raw event is a tag."""
    return isinstance(about, str) and about.startswith("\0tag\0")


def tag_parts(tag: Tag) -> tuple[int, str]:
    """
    Return a tag's number, by which tags are in the order they were made, and its name.

        >>> tag_parts(new_tag("inbox", "Queue"))
        (0, 'inbox')
    """
    _, _, number, name = tag.split("\0", 3)
    return int(number), name


def attribute_tag(tag: Tag, attribute: str) -> Tag:
    """Make the tag of an object's attribute; its name is "inbox.value", or "inbox #2.value"."""
    return Tag(f"{tag}\0{attribute}")


class Operation:
    """
    A call that can wait: `words` says what for ("{}.get", with the tag's name to come for the braces).

    However often it is blocked on the way, it is one wait, from the first time to the last. Without
    words, its waits are not shown.
    """

    __slots__ = ("got", "resumed", "tag", "waited", "words")

    def __init__(self, tag: Any, words: str | None) -> None:
        self.tag = tag
        self.words = words
        self.waited = False
        self.resumed = 0
        self.got = True


class Wait:
    """
    What a lane waits for, as others may know it.

    Attributes:
        operation: in whose name it waits.
        since: when it began to (ns).
        timed: whether it ends by itself.
        ready: tells whether it could go on now.
        lock: the real lock it wants, or None.
        child: the lane whose end it waits for, or None.
        idle: whether it is a pool's worker that waits for something to do.
    """

    __slots__ = ("child", "idle", "lock", "operation", "ready", "since", "timed")

    def __init__(
        self,
        operation: Operation,
        since: int,
        timed: bool,
        ready: Callable[[], bool],
        lock: Any,
        child: LaneState | None,
        idle: bool,
    ) -> None:
        self.operation = operation
        self.since = since
        self.timed = timed
        self.ready = ready
        self.lock = lock
        self.child = child
        self.idle = idle


class LaneState:
    """
    A recorded thread while it lives.

    `bell` is a lock that is held until somebody wants the thread to stop; a sleep waits for it. `over` is
    held until the thread has ended. (Up to 3.12 a `Thread.join` that is interrupted takes a thread that
    lives for one that has ended.) `verdict` says, in words, that the thread would wait for ever: from then on
    each of its waits raises `Deadlock`.
    `guard` is held by whoever raises an exception in the thread from outside, and `done` tells them
    that its own code hasn't begun, or has ended, and it must be left alone. While `aside` isn't 0, what the
    thread does is the recorder's doing: see `in_words`.
    """

    __slots__ = (
        "aside", "bell", "cpu", "daemon", "done", "ending", "error", "guard", "ident", "name", "number",
        "operation", "over", "partial", "retired", "stop", "submitting", "thread", "verdict", "wait", "waiting",
        "worker_of",
    )  # fmt: skip

    def __init__(self, number: int, name: str, thread: threading.Thread, daemon: bool) -> None:
        self.number = number
        self.name = name
        self.thread = weakref.ref(thread)
        self.daemon = daemon
        self.ident: int | None = None
        self.operation: Operation | None = None
        self.waiting: str | None = None
        self.wait: Wait | None = None
        self.verdict: str | None = None
        self.retired = False
        self.worker_of: Tag | None = None
        self.stop = False
        self.done = True
        self.ending: str | None = None
        self.error: BaseException | None = None
        self.cpu = 0
        self.submitting: tuple[Tag, Tag | None] | None = None
        self.aside = 0
        self.partial: dict[str, str] = {}
        self.guard: LockType = allocate_lock()
        self.bell: LockType = allocate_lock()
        self.bell.acquire()
        self.over: LockType = allocate_lock()
        self.over.acquire()

    def ends(self, seconds: float) -> bool:
        """Wait so long for the thread's end, and tell whether it has come."""
        ended = self.over.acquire(True, seconds)
        if ended:
            self.over.release()
        return ended

    def __repr__(self) -> str:
        return f"<LaneState {self.number} {self.name}>"


class Local(threading.local):
    """The current thread's lane; None for a thread that isn't recorded."""

    lane: LaneState | None = None


def in_words(lane: LaneState, value: object, limit: int = 40) -> str:
    """Put a value into few words; what its own `__repr__` reads for that is not the program's doing."""
    lane.aside += 1
    try:
        return shorten(value, limit)
    finally:
        lane.aside -= 1


T = TypeVar("T")


class Known(Generic[T]):
    """What is known of objects, by identity, for as long as they live."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[Any], T]] = {}

    def get(self, key: object) -> T | None:
        """What is known of it, or None."""
        found = self._known.get(id(key))
        return None if found is None else found[1]

    def add(self, key: object, value: T) -> None:
        """Know this of it."""
        number = id(key)
        forget = self._known.pop
        self._known[number] = (weakref.ref(key, lambda _: forget(number, None)), value)

    def values(self) -> list[tuple[Any, T]]:
        """The objects still alive and what is known of them."""
        pairs = [(reference(), value) for reference, value in list(self._known.values())]
        return [(key, value) for key, value in pairs if key is not None]


class Items:
    """
    Follows items through queues: a put and the get of the same item have the same number.

    Items are told apart by identity; of one object put in several times, the first in is the first out.
    """

    def __init__(self) -> None:
        self._number = count().__next__
        self._inside: dict[tuple[Tag, int], deque[Item]] = {}
        self._met: set[Tag] = set()

    def meets(self, tag: Tag) -> bool:
        """Tell whether a queue is used for the first time."""
        if tag in self._met:
            return False
        self._met.add(tag)
        return True

    def put(self, lane: LaneState, tag: Tag, item: Any) -> Item:
        """Number an item that is about to go in."""
        made = Item(self._number(), in_words(lane, item))
        self._inside.setdefault((tag, id(item)), deque()).append(made)
        return made

    def take_back(self, tag: Tag, item: Any) -> None:
        """Forget the last put of an item: it didn't go in."""
        self._inside[tag, id(item)].pop()

    def get(self, lane: LaneState, tag: Tag, item: Any) -> Item:
        """Recognise an item that has come out."""
        inside = self._inside.get((tag, id(item)))
        # One put in before the recording began, or by a thread that isn't part of it, has no number yet.
        return inside.popleft() if inside else Item(self._number(), in_words(lane, item))


def waiting_words(words: str | None, about: Any) -> str:
    """
    Say what an operation waits for.

        >>> waiting_words("{}.get", new_tag("inbox", "Queue"))
        'inbox.get'
    """
    if words is None:
        return "a thread to come up"
    return words.format(tag_parts(about)[1] if is_tag(about) else about)
