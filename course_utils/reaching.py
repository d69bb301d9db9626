"""
What code can reach from where a thread starts, in an order that is the same in every run.

Objects have no names that last from run to run. But those that are there when the first thread starts are reached
in one order: along the variables of the code that starts it, attributes, containers, closures and the globals that
own functions know by name.
"""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from typing import Any, Final

from .places import is_own

__all__ = ["CONTAINERS", "held", "is_container", "is_iterator", "numbered"]

CONTAINERS: Final = (list, dict, set, bytearray, deque)
_MOST: Final = 20_000


def numbered(roots: Iterable[Any]) -> dict[int, tuple[int, Any]]:
    """
    Number all that can be reached from these, in order.

    Returns:
        dict of `id` to (number, the object).
    """
    found: dict[int, tuple[int, Any]] = {}
    waiting = deque(roots)
    seen: dict[int, Any] = {}
    while waiting and len(seen) < _MOST:
        each = waiting.popleft()
        if id(each) in seen:
            continue
        seen[id(each)] = each
        if isinstance(each, FrameType):
            waiting.extend(each.f_locals.values())
            waiting.extend(_globals_of(each.f_code, each.f_globals))
            continue
        children = list(_reached(each))
        if children or isinstance(each, (*CONTAINERS, type, FunctionType)) or _slotted(each) or is_iterator(each):
            found[id(each)] = (len(found), each)
        waiting.extend(children)
    return found


def held(value: Any, among: dict[int, Any]) -> Any:
    """
    Hold an object, so that no other has its number while something is known of it by that.

    A generator is let go of, since that is when it does what its `finally` says: then nothing is known of it any more.
    """
    if not isinstance(value, GeneratorType):
        return value
    number = id(value)
    return weakref.ref(value, lambda _: among.pop(number, None))


def is_container(value: Any) -> bool:
    """Whether a value holds others and can change, as lists do, and iterators of the library."""
    return isinstance(value, CONTAINERS) or (is_iterator(value) and not isinstance(value, GeneratorType))


def is_iterator(value: Any) -> bool:
    """Whether a value is an iterator made by the library."""
    kind = type(value)
    return hasattr(kind, "__next__") and kind.__module__ in ("builtins", "itertools", "collections", "_collections")


def _slotted(value: Any) -> bool:
    return any("__slots__" in vars(kind) for kind in type(value).__mro__[:-1]) and _own_class(type(value))


def _own_class(kind: type) -> bool:
    if not kind.__flags__ & 0x200:  # a class of C's, into which nobody puts a function
        return False
    return kind.__module__ not in ("builtins", "threading", "queue", "logging", "weakref") or any(
        isinstance(each, FunctionType) and is_own(each.__code__) for each in vars(kind).values()
    )


def _globals_of(code: CodeType, namespace: dict[str, Any]) -> Iterator[Any]:
    """What a function's code, and the functions inside it, know by name in their module."""
    for name in code.co_names:
        value = namespace.get(name)
        if isinstance(value, (FunctionType, type, *CONTAINERS)) or _has_state(value):
            yield value
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals_of(constant, namespace)


def _has_state(value: Any) -> bool:
    return (
        value is not None
        and not isinstance(value, ModuleType | type | FunctionType | BuiltinFunctionType)
        and isinstance(getattr(value, "__dict__", None), dict)
    )


def _reached(value: Any) -> Iterator[Any]:
    """What an object leads to, in an order that is the same in every run."""
    if isinstance(value, str | bytes | int | float | complex | type(None)):
        return
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list | tuple | deque):
        yield from value
    elif isinstance(value, MethodType):
        yield value.__self__
        yield value.__func__
    elif isinstance(value, FunctionType):
        if is_own(value.__code__):
            yield from value.__closure__ or ()
            yield from value.__defaults__ or ()
            yield from _globals_of(value.__code__, value.__globals__)
    elif isinstance(value, CellType):
        try:
            yield value.cell_contents
        except ValueError:
            return
    elif isinstance(value, type):
        if _own_class(value) and value.__flags__ & 0x200:
            yield from (each for name, each in vars(value).items() if not name.startswith("__"))
    elif isinstance(value, ModuleType):
        return
    elif isinstance(value, threading.Thread):
        yield getattr(value, "_target", None)
        yield getattr(value, "_args", None)
        yield getattr(value, "_kwargs", None)
        if type(value) is not threading.Thread:
            yield type(value)
            yield from (each for name, each in vars(value).items() if not name.startswith("_"))
    elif isinstance(value, set | frozenset):
        return  # in another order in every process
    else:
        state = getattr(value, "__dict__", None)
        if (
            isinstance(state, dict)
            and _own_class(type(value))
            and not type(value).__module__.startswith("course_utils")
        ):
            yield type(value)
            yield from state.values()
