"""
Watched attributes: while something is recorded, a descriptor on the class sees them read and written.

A data descriptor comes before what an instance has by that name, so it is asked for every access, whether the
value is in the instance's `__dict__`, in a slot or a default of the class. Values stay where they were.

Accesses are taken down in the order in which they were made. Access and time are one step, under a lock of the
recorder's own: else a thread could read 0, be interrupted, and be shown to read 0 after another wrote 1. What
the learner's own code might do is done outside of it: `__repr__` before and after, the end of the value
that is replaced after.

Every access by a recorded thread counts, whoever's code makes it: what the standard library writes on the
way (`copy.copy`, `setattr`) is there for the next to read.

What it doesn't see: accesses through `__dict__` or `vars`; threads that aren't recorded; of a subclass made
meanwhile, an attribute that it keeps in a slot or default of its own; reads that found nothing. What an attribute
is set to on the class itself can't be seen and ends the watching, so it is said (`Watching.problem`).

Watching makes room between a read and the write that follows: `self.value += 1` is two calls then, in the middle
of which the interpreter may switch threads, and loses updates more often than it does unwatched.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Iterable
from typing import Any, Final

from .driver import Driver
from .events import DELETED, READ, WRITE
from .naming import instance_name
from .states import LaneState, Tag, attribute_tag, in_words, new_tag
from .watchlist import MISSING, Target, Wanted, never_there, own_attribute, plan

__all__ = ["Watching"]

_frame = sys._getframe
_contents: Final = object.__getattribute__

_USUAL: Final = (None, True, False, *range(-5, 257))
_USUAL_WORDS: Final = {id(value): repr(value) for value in _USUAL}
"""What is in most attributes, and of which there is but one object each: its words need no looking for."""


class Watching:
    """
    Watches attributes, from `install` to `remove`.

    Args:
        driver: who listens.
        asked: what to watch.

    Raises:
        ValueError: one of them can't be watched; nothing is replaced then.
    """

    def __init__(self, driver: Driver, asked: Iterable[Wanted]) -> None:
        self.driver = driver
        self.asked = tuple(asked)
        # Reentrant: a garbage collection may run somebody's `__del__` while it is held.
        self.lock = threading.RLock()
        # Their times tell the order of accesses, unless they are taken down in it anyway.
        self.apart = 0 if driver.in_order else 1
        self.earliest = 0
        self._watched = [_make(self, target) for target in plan(self.asked)]
        self._known: dict[int, tuple[Any, Tag]] = {}
        self._replaced: list[_Watched] = []

    def install(self) -> None:
        """Put every descriptor in place; all of them or, if one fails, none."""
        try:
            for watched in self._watched:
                type.__setattr__(watched.owner, watched.name, watched)
        except BaseException:
            self.remove()
            raise

    def look(self) -> None:
        """See whether every descriptor is still in place; just before `remove`, whose work it would see."""
        self._replaced = [
            watched for watched in self._watched if own_attribute(watched.owner, watched.name) is not watched
        ]

    def remove(self) -> None:
        """Take every descriptor away; what somebody has put in the place of one stays."""
        for watched in reversed(self._watched):
            if own_attribute(watched.owner, watched.name) is not watched:
                continue
            if watched.original is MISSING:
                type.__delattr__(watched.owner, watched.name)
            else:
                type.__setattr__(watched.owner, watched.name, watched.original)
        self._known.clear()

    def problem(self) -> str | None:
        """Say what only the run could tell: that there was nothing to see, or no seeing it."""
        for watched in self._replaced:
            return (
                f"{watched.owner.__name__}.{watched.said} was set on the class itself, where it can't be watched: "
                f"accesses since aren't on the chart. Set it on an instance, as in self.{watched.said} = …, or "
                "don't watch it"
            )
        for wish in self.asked:
            if any(watched.touched for watched in self._watched if watched.concerns(wish)):
                continue
            problem = never_there(wish)
            if problem is not None:
                return problem
        return None

    def tag(self, instance: object, frame: Any) -> Tag:
        """Look up an instance's tag; one met for the first time is named as the code at work knows it."""
        number = id(instance)
        known = self._known.get(number)
        if known is None:
            made = new_tag(instance_name(instance, frame), type(instance).__name__)
            try:
                reference: Any = weakref.ref(instance, lambda _: self._forget(number))
            except TypeError:
                reference = instance  # one with slots alone, as a rule: it lives as long as the recording is open
            known = self._known.setdefault(number, (reference, made))
        return known[1]

    def _forget(self, number: int) -> None:
        for watched in self._watched:
            watched.places.pop(number, None)
        self._known.pop(number, None)


def _words(lane: LaneState, value: object) -> str:
    few = type(value) is int and -(10**12) < value < 10**12
    return repr(value) if few else in_words(lane, value)


def _make(watching: Watching, target: Target) -> _Watched:
    return (_InDict if target.slot is None else _InSlot)(watching, target)


class _Watched:
    """
    Stands on a class for an attribute of its instances.

    Attributes:
        original: what the class had by that name, or `MISSING`.
        places: the tag of the attribute, by the `id` of the instance.
        touched: whether anybody has accessed it.
    """

    def __init__(self, watching: Watching, target: Target) -> None:
        self.watching = watching
        self.owner = target.owner
        self.name = target.name
        self.said = target.said
        self.original = own_attribute(target.owner, target.name)
        self.slot = target.slot
        self.places: dict[int, Tag] = {}
        self.touched = False
        self.lock = watching.lock
        self.local = watching.driver.local
        self.now = watching.driver.now
        self.append = watching.driver.append

    def __repr__(self) -> str:
        return f"<{self.owner.__name__}.{self.said}, watched>"

    def concerns(self, wish: Wanted) -> bool:
        """Whether it sees accesses of what somebody asked for."""
        related = wish.owner in self.owner.__mro__ or self.owner in wish.owner.__mro__
        return related and self.name == wish.name

    def place(self, instance: object, frame: Any) -> Tag:
        """The tag of the attribute of an instance."""
        place = self.places.get(id(instance))
        if place is None:
            place = self.places[id(instance)] = attribute_tag(self.watching.tag(instance, frame), self.said)
        return place

    def of_class(self, instance: object, owner: type) -> Any:
        """Find what the class has by that name, as if nothing were watched."""
        mro = owner.__mro__
        start = mro.index(self.owner) if self.owner in mro else 0
        for each in mro[start:]:
            found = own_attribute(each, self.name)
            if isinstance(found, _Watched):
                found = found.original
            if found is not MISSING:
                getter = getattr(type(found), "__get__", None)
                return found if getter is None else getter(found, instance, owner)
        if instance is None:
            raise AttributeError(
                f"type object {owner.__name__!r} has no attribute {self.name!r}", name=self.name, obj=owner
            )
        raise self.missing(instance)

    def missing(self, instance: object) -> AttributeError:
        """What Python says of an attribute that isn't there."""
        text = f"{type(instance).__name__!r} object has no attribute {self.name!r}"
        return AttributeError(text, name=self.name, obj=instance)

    def fetch(self, instance: object) -> Any:
        """Read the value."""
        raise NotImplementedError

    def store(self, instance: object, value: object) -> object:
        """Write the value, and return the one before: its end may run anybody's code, and must wait."""
        raise NotImplementedError

    def drop(self, instance: object) -> object:
        """Delete the value, and return it."""
        raise NotImplementedError

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        if instance is None:
            assert owner is not None
            return self.of_class(None, owner)
        lane = self.local.lane
        if lane is None or lane.aside:
            value = self.fetch(instance)
            self.touched = True
            return value
        watching = self.watching
        with self.lock:
            at = self.now()
            if at < watching.earliest:
                at = watching.earliest
            watching.earliest = at + watching.apart
            value = self.fetch(instance)
        self.touched = True
        place = self.places.get(id(instance)) or self.place(instance, _frame(1))
        words = _USUAL_WORDS.get(id(value)) or _words(lane, value)
        self.append((at, lane.name, READ, place, words))
        return value

    def __set__(self, instance: object, value: object) -> None:
        self.touched = True
        lane = self.local.lane
        if lane is None or lane.aside:
            self.store(instance, value)
            return
        words = _USUAL_WORDS.get(id(value)) or _words(lane, value)
        place = self.places.get(id(instance)) or self.place(instance, _frame(1))
        watching = self.watching
        with self.lock:
            at = self.now()
            if at < watching.earliest:
                at = watching.earliest
            watching.earliest = at + watching.apart
            before = self.store(instance, value)
            self.append((at, lane.name, WRITE, place, words))
        del before

    def __delete__(self, instance: object) -> None:
        lane = self.local.lane
        if lane is None or lane.aside:
            self.drop(instance)
            return
        place = self.places.get(id(instance)) or self.place(instance, _frame(1))
        watching = self.watching
        with self.lock:
            at = max(self.now(), watching.earliest)
            watching.earliest = at + watching.apart
            before = self.drop(instance)
            self.append((at, lane.name, WRITE, place, DELETED))
        del before


class _InDict(_Watched):
    """Sees an attribute that instances keep in their `__dict__`."""

    def fetch(self, instance: object) -> Any:
        try:
            return _contents(instance, "__dict__")[self.name]
        except (KeyError, AttributeError):
            pass
        return self.of_class(instance, type(instance))

    def store(self, instance: object, value: object) -> object:
        contents = self._writable(instance)
        before = contents.get(self.name)
        contents[self.name] = value
        return before

    def drop(self, instance: object) -> object:
        contents = self._writable(instance)
        if self.name not in contents:
            raise self.missing(instance)
        return contents.pop(self.name)

    def _writable(self, instance: object) -> dict[str, Any]:
        try:
            return _contents(instance, "__dict__")  # type: ignore[no-any-return]  # it is a dict
        except AttributeError:
            text = f"{type(instance).__name__!r} object attribute {self.name!r} is read-only"
            raise AttributeError(text, name=self.name, obj=instance) from None


class _InSlot(_Watched):
    """Sees an attribute that instances keep in a slot."""

    def fetch(self, instance: object) -> Any:
        return self.slot.__get__(instance, type(instance))

    def store(self, instance: object, value: object) -> object:
        before = self._before(instance)
        self.slot.__set__(instance, value)
        return before

    def drop(self, instance: object) -> object:
        before = self._before(instance)
        self.slot.__delete__(instance)
        return before

    def _before(self, instance: object) -> object:
        try:
            return self.slot.__get__(instance, type(instance))
        except AttributeError:
            return None
