"""What threads can't be started beside: what is there, and can't be followed."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Executor
from types import FrameType
from typing import Any, Final

from .texts import a
from .understood import HIDDEN, Unknown, is_own_class

__all__ = ["namespaces"]


def namespaces(numbers: dict[int, tuple[int, Any]], roots: Iterable[Any]) -> dict[int, str]:
    """
    Look through what can be reached from where the first thread starts.

    Args:
        numbers: all of it, by `id`, as (number, the object).
        roots: where it was found; the frames among them have globals.

    Returns:
        dict of the `id` of each dict that attributes or globals are kept in to what it is.

    Raises:
        Unknown: there is something among it that can't be followed.
    """
    found = {id(each.f_globals): "globals()" for each in roots if isinstance(each, FrameType)}
    for _, each in numbers.values():
        own = is_own_class(type(each)) and not isinstance(each, type)
        name = a(type(each).__qualname__)
        if own:
            if any("__del__" in vars(kind) for kind in type(each).__mro__):
                raise Unknown(f"{name}, whose __del__ runs whenever the last one lets go of it")
            if any("__dict__" in vars(kind) for kind in type(each).__mro__):
                kept = object.__getattribute__(each, "__dict__")
                if id(kept) in found:
                    raise Unknown(f"two objects with one __dict__, such as {name}", HIDDEN)
                found[id(kept)] = f"the __dict__ of {name}"
        if (own or isinstance(each, set | deque)) and not isinstance(each, _KNOWN) and _referred_to(each):
            raise Unknown(
                f"{name} with weak references",
                ", which tell when the last one lets go of it, and nobody sees when that is: use none here",
            )
    return found


def _referred_to(value: Any) -> bool:
    """Whether somebody but the recorder has a weak reference to a value."""
    for each in weakref.getweakrefs(value):
        callback = None if isinstance(each, weakref.ProxyTypes) else each.__callback__
        if not getattr(callback, "__module__", "").startswith("course_utils"):
            return True
    return False


_KNOWN: Final = (threading.Thread, threading.local, Executor)
"""The library has weak references to these by itself."""
