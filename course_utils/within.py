"""What is within objects: which containers an operation on one reads, and whether it calls own code meanwhile."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from types import (
    BuiltinFunctionType,
    CodeType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    SimpleNamespace,
)
from typing import Any, Final

from .places import OURS, OWN, is_own, place
from .reaching import is_container, is_iterator
from .understood import KEEPING, SCALARS, VIEWS, Unknown, harmless, is_own_class

__all__ = ["calls_own", "has_own", "inside", "known_to_others", "own_inside", "own_iterator", "reached"]

_MOST: Final = 5_000
_OURS: Final = 5
"""How often `inside` and who leads to an object know it."""


def reached(value: Any, deep: bool, showing: bool = False) -> Iterator[Any]:
    """
    The containers that an operation on a value reads, and what isn't known among them.

    Args:
        value: it works on.
        deep: whether what is in a container is looked at too, as by `==` and `str`.
        showing: whether it is put into words.

    Raises:
        Unknown: it reads what nobody sees.
    """
    waiting, seen = [(value, True, deep)], set[int]()
    while waiting:
        each, first, deep = waiting.pop()
        if isinstance(each, SCALARS) or id(each) in seen:
            continue
        seen.add(id(each))
        if len(seen) > _MOST:
            raise Unknown("more than can be looked through")
        if own_iterator(each) or _ours(each):
            yield each
        elif is_iterator(each):
            yield each
            asks = deep or _looks_inside(each)
            waiting.extend((other, True, asks) for other in gc.get_referents(each) if not isinstance(other, type))
        elif isinstance(each, VIEWS):
            waiting.extend((other, True, deep) for other in gc.get_referents(each) if is_container(other))
        elif is_container(each):
            yield each
            if deep:
                waiting.extend((other, False, deep) for other in _items(each))
        elif isinstance(each, tuple | frozenset):
            if first or deep:
                # Where an iterator has ended, `zip_longest` keeps a tuple with a hole, which only the collector skips.
                items = gc.get_referents(each) if type(each) is tuple else each
                waiting.extend((other, False, deep) for other in items)
        elif isinstance(each, BuiltinFunctionType | MethodWrapperType):
            if is_container(each.__self__):
                yield each
        elif deep and isinstance(each, SimpleNamespace):
            raise Unknown("a SimpleNamespace as a whole")
        elif deep and isinstance(each, BaseException):
            waiting.extend((other, False, deep) for other in each.args)
        elif showing and _tells(each):
            raise Unknown(f"the text of a {type(each).__qualname__}, which says what only the library knows")
        elif (first or deep) and not harmless(each):
            yield each


def _looks_inside(iterator: Any) -> bool:
    """Whether an iterator, asked for its next item, looks at what is in the items that it was given."""
    kind = type(iterator)
    if kind is map:  # of a function of C, which sees to nothing itself
        called = [each for each in gc.get_referents(iterator) if callable(each)]
        return not (calls_own(called) or any(isinstance(each, type) and is_own_class(each) for each in called))
    return kind is filter or (kind.__module__ == "itertools" and kind.__name__ in _LOOKING)


_LOOKING: Final = frozenset({
    "chain", "accumulate", "starmap", "compress", "takewhile", "dropwhile", "filterfalse", "groupby",
})  # fmt: skip


def _tells(value: Any) -> bool:
    """Whether the text of a value says in what state it is, as a lock's does."""
    kind = type(value)
    if not (kind.__module__ in KEEPING or kind.__module__.startswith("course_utils")) or kind.__module__ == "logging":
        return False
    return not (isinstance(value, threading.Thread) and value is threading.current_thread())


def _items(container: Any) -> Iterator[Any]:
    if isinstance(container, dict):
        yield from list(container.keys())
        yield from list(container.values())
    else:
        yield from list(container)


def inside(value: Any, numbers: dict[int, Any]) -> Iterator[Any]:
    """
    The containers that an object of the library leads to, and that somebody else may know.

    Args:
        value: the object.
        numbers: what can be reached from where the threads start, by `id`.

    Raises:
        Unknown: it leads to objects of own classes, whose attributes it may use.
    """
    if own_iterator(value) or _ours(value):
        return
    waiting, seen = [value], {id(value): value}
    kept = getattr(value, "__dict__", None)
    while waiting:
        for each in gc.get_referents(waiting.pop()):
            if id(each) in seen or isinstance(each, (*SCALARS, type, ModuleType, FunctionType, CodeType, FrameType)):
                continue
            seen[id(each)] = each
            if len(seen) > _MOST:
                raise Unknown("more than can be looked through")
            if is_container(each) and each is not kept:
                # Nobody else knows it, apart from the numbers, if it has one.
                if sys.getrefcount(each) > _OURS + (id(each) in numbers):
                    yield each
            elif is_own_class(type(each)) and not isinstance(each, BaseException):
                raise Unknown(f"a {type(value).__qualname__} that leads to a {type(each).__qualname__}")
            waiting.append(each)


def known_to_others(value: Any, numbers: dict[int, Any]) -> bool:
    """Whether a list of arguments is known to more than its thread, a list that it is in and who goes through that."""
    return sys.getrefcount(value) > _OURS + (id(value) in numbers)


def own_iterator(value: Any) -> bool:
    """Whether a value is a generator of own code, whose steps are its own."""
    return isinstance(value, GeneratorType) and is_own(value.gi_code)


def _ours(value: Any) -> bool:
    """Whether a value is a generator that stands in for the library's, and sees to itself."""
    return isinstance(value, GeneratorType) and place(value.gi_code.co_filename) is OURS


def calls_own(given: list[Any]) -> bool:
    """Whether own code is among what a C function gets to call."""
    for each in given:
        function = each.__func__ if isinstance(each, MethodType) else each
        if isinstance(function, FunctionType) and place(function.__code__.co_filename) is OWN:
            return True
    return False


_SPECIAL: Final = ("__eq__", "__lt__", "__gt__", "__le__", "__ge__", "__repr__", "__str__", "__format__")


def own_inside(container: Any) -> bool:
    """Whether own methods are called while something is looked for, sorted or printed in a container."""
    if is_iterator(container):
        return False
    return any(
        isinstance(found, FunctionType) and place(found.__code__.co_filename) is OWN
        for kind in {type(each) for each in _items(container)}
        for found in (getattr(kind, name, None) for name in _SPECIAL)
    )


def has_own(value: Any) -> bool:
    """Whether objects of own classes are among what a value consists of."""
    waiting, seen = [value], set[int]()
    while waiting:
        each = waiting.pop()
        if isinstance(each, SCALARS) or id(each) in seen:
            continue
        seen.add(id(each))
        if len(seen) > _MOST:
            return True
        if isinstance(each, tuple | frozenset) or (is_container(each) and not is_iterator(each)):
            waiting.extend(_items(each))
        elif not isinstance(each, type) and (is_own_class(type(each)) or isinstance(each, SimpleNamespace)):
            return True
    return False
