"""
What own code may do with objects while several threads live: a closed list.

Nothing can be said of an operation whose inside nobody sees: it may read and write what threads share. So what isn't
listed here is refused, rather than taken for harmless.
"""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FunctionType,
    GeneratorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    SimpleNamespace,
    WrapperDescriptorType,
)
from typing import Any, Final, NamedTuple

from .places import OURS, OWN, place
from .reaching import is_container, is_iterator
from .standins import RealLock, RealRLock
from .texts import a

__all__ = ["Call", "Unknown", "calls_own", "handed_over", "has_own", "judged", "kept_inside", "own_inside", "reached"]


class Unknown(Exception):
    """What own code is about to do isn't on the list; the message names it."""


class Call(NamedTuple):
    """
    A call, as what it does with what it is given.

    Attributes:
        function: that does it.
        method: what it is a method of, if that may matter; else None.
        given: what it gets, without that.
        kind: "own" for what sees to itself, "method" of a container, "look" or "next" at what it is given, "library".
    """

    function: Any
    method: Any
    given: list[Any]
    kind: str


_SCALARS: Final = (int, float, complex, str, bytes, range, slice, type(None), type(Ellipsis), type(NotImplemented))
_NONE: Final[dict[str, int]] = {}
_VIEWS: Final = (type(_NONE.keys()), type(_NONE.values()), type(_NONE.items()))
_KEEPING: Final = frozenset({
    "threading", "_thread", "queue", "_queue", "concurrent.futures", "concurrent.futures.thread",
    "concurrent.futures._base", "logging",
})  # fmt: skip
"""Of what these make, the operations are known elsewhere, or are each thread's own."""
_PLAIN: Final = frozenset({
    "builtins", "enum", "decimal", "fractions", "datetime", "pathlib", "numbers", "uuid", "re", "types", "typing",
    "abc", "dataclasses", "collections.abc", "_collections_abc", "string", "ipaddress", "time",
})  # fmt: skip
"""Of what these make, nothing changes that an attribute doesn't say."""
_READING: Final = frozenset({
    "copy", "json", "heapq", "_heapq", "bisect", "_bisect", "math", "cmath", "_json", "time", "_thread",
    "statistics", "textwrap", "re", "traceback", "dataclasses", "enum", "datetime", "string", "abc",
    "typing", "warnings", "_warnings", "_signal", "signal", "collections", "_abc",
})  # fmt: skip
"""Functions of these keep nothing of what they are given, and change nothing else."""
_HIDING: Final = frozenset({"vars", "exec", "eval", "globals", "locals", "compile", "__import__", "memoryview"})
_OF_SYS: Final = frozenset({"exit", "getsizeof", "exc_info", "exception", "intern", "getswitchinterval"})
_UNBOUND: Final = (MethodDescriptorType, WrapperDescriptorType, ClassMethodDescriptorType)
_BOUND: Final = (BuiltinFunctionType, MethodWrapperType)
_LOCKS: Final = (type(RealLock()), type(RealRLock()))
_MADE: Final = 0x200  # by a class statement, or as if
_FIELDS: Final = re.compile(r"\{[^}:!]*[.\[]\w")
_MOST: Final = 5_000


def judged(function: Any, given: list[Any]) -> Call:
    """
    Tell what a call does.

    Raises:
        Unknown: that isn't known.
    """
    if isinstance(function, MethodType):
        given = [function.__self__, *given]
        function = function.__func__
    if isinstance(function, FunctionType):
        return _of_python(function, given)
    if isinstance(function, type):
        return Call(function, None, given, _of_class(function))
    if isinstance(function, _UNBOUND):
        if not given:
            raise Unknown(_name(function))
        return _of_method(function, given[0], given[1:])
    if isinstance(function, _BOUND):
        owner = function.__self__
        if owner is None or isinstance(owner, ModuleType):
            return _of_builtin(function, given)
        return _of_method(function, owner, given)
    kind = type(function)
    own = next((vars(each)["__call__"] for each in kind.__mro__ if "__call__" in vars(each)), None)
    if isinstance(own, FunctionType):
        return _of_python(own, [function, *given])
    raise Unknown(f"{a(f'{kind.__module__}.{kind.__qualname__}')}, {_name(function)}")


def _of_python(function: FunctionType, given: list[Any]) -> Call:
    where = place(function.__code__.co_filename)
    module = function.__globals__.get("__name__")
    if where in (OWN, OURS) or module in _KEEPING or module == "contextlib":
        return Call(function, None, given, "own")
    if given and not isinstance(given[0], type) and hasattr(type(given[0]), function.__name__):
        if harmless(given[0]):
            return Call(function, None, given[1:], "library")
        return Call(function, given[0], given[1:], "library")  # of an object that is looked after
    if module in _READING or module in _PLAIN:
        return Call(function, None, given, "library")
    raise Unknown(f"{module}.{function.__qualname__}")


def _of_class(kind: type) -> str:
    module = kind.__module__
    if issubclass(kind, BaseException) or kind is type or kind is object or kind is super:
        return "own"
    if module == "builtins":
        if kind is memoryview:
            raise Unknown("memoryview")
        return "look"
    if module == "collections":
        return "look"
    if module == "contextlib":
        return "own"
    if module == "itertools" and kind.__name__ in ("count", "repeat"):
        return "own"
    if _is_own(kind) or module in _KEEPING or module in _PLAIN or module.startswith("course_utils"):
        return "own"
    raise Unknown(f"{module}.{kind.__qualname__}")


def _of_builtin(function: Any, given: list[Any]) -> Call:
    module, name = function.__module__, function.__name__
    if module == "builtins":
        if name in _HIDING:
            raise Unknown(name)
        return Call(function, None, given, "next" if name in ("next", "anext") else "look")
    if module in _READING or module in _KEEPING or (module == "sys" and name in _OF_SYS):
        return Call(function, None, given, "library")
    raise Unknown(f"{module}.{name}")


def _of_method(function: Any, owner: Any, given: list[Any]) -> Call:
    name = function.__name__
    if isinstance(function, MethodWrapperType | WrapperDescriptorType):
        if name in ("__init__", "__init_subclass__", "__repr__", "__str__", "__hash__", "__eq__", "__call__"):
            if name == "__call__" and not isinstance(owner, type):
                return judged(owner, given)
            return Call(function, None, [owner, *given], "look")
        if name in ("__setattr__", "__delattr__", "__getattribute__"):
            return Call(function, owner, given, "attribute")
        if name in ("__enter__", "__exit__", "__len__", "__contains__", "__getitem__", "__iter__"):
            return Call(function, None, [owner, *given], "look")
        raise Unknown(f"{_name(function)} of {a(type(owner).__qualname__)}, called as a function")
    if isinstance(owner, _LOCKS):
        raise Unknown("a lock that was made out of sight")
    if is_container(owner) and not isinstance(owner, GeneratorType):
        return Call(function, owner, given, "method")
    if isinstance(owner, type):  # dict.fromkeys, object.__new__
        return Call(function, None, given, "look")
    if isinstance(owner, str) and name in ("format", "format_map") and _FIELDS.search(owner):
        raise Unknown("str.format with attributes or items in it")
    if isinstance(owner, (*_SCALARS, tuple, frozenset, *_VIEWS, ContextVar)):
        return Call(function, None, [owner, *given], "look")
    if isinstance(owner, GeneratorType):
        return Call(function, owner, given, "library")
    if harmless(owner):
        return Call(function, None, given, "look")
    return Call(function, owner, given, "library")


def _name(function: Any) -> str:
    return getattr(function, "__qualname__", None) or getattr(function, "__name__", None) or type(function).__qualname__


def _is_own(kind: type) -> bool:
    """Whether a class was written by the learner."""
    if kind.__module__.partition(".")[0] in sys.stdlib_module_names:
        return False
    path = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return kind.__flags__ & _MADE != 0 and (path is None or place(path) is OWN)


def harmless(value: Any) -> bool:
    """Whether operations on a value, besides attributes, are the code's own or of something that can't change."""
    if isinstance(value, (*_SCALARS, tuple, frozenset, type, ModuleType, FunctionType)):
        return True
    if isinstance(value, (*_BOUND, *_UNBOUND, MethodType, BaseException, *_VIEWS, ContextVar)):
        return True
    if is_container(value):
        return True
    for kind in type(value).__mro__:
        module = kind.__module__
        if not (
            _is_own(kind) or module in _KEEPING or module in _PLAIN
            or (module == "collections" and is_container(value)) or module.startswith("course_utils")
        ):  # fmt: skip
            return False
    return not isinstance(value, memoryview | GeneratorType)


def reached(value: Any, deep: bool) -> Iterator[Any]:
    """
    The containers that an operation on a value reads, and what isn't known among them.

    Args:
        value: it works on.
        deep: whether what is in a container is looked at too, as by `==` and `str`.
    """
    waiting, seen = [(value, True)], set[int]()
    while waiting:
        each, first = waiting.pop()
        if isinstance(each, _SCALARS) or id(each) in seen:
            continue
        seen.add(id(each))
        if len(seen) > _MOST:
            raise Unknown("more than can be looked through")
        if is_iterator(each):
            yield each
            waiting.extend((other, True) for other in gc.get_referents(each) if not isinstance(other, type))
        elif isinstance(each, _VIEWS):
            waiting.extend((other, True) for other in gc.get_referents(each) if isinstance(other, dict))
        elif is_container(each):
            yield each
            if deep:
                waiting.extend((other, False) for other in _items(each))
        elif isinstance(each, tuple | frozenset):
            if first or deep:
                waiting.extend((other, False) for other in each)
        elif isinstance(each, BuiltinFunctionType):
            if is_container(each.__self__):
                yield each
        elif deep and isinstance(each, SimpleNamespace):
            raise Unknown("a SimpleNamespace as a whole")
        elif deep and isinstance(each, BaseException):
            waiting.extend((other, False) for other in each.args)
        elif first and not harmless(each):
            yield each


def _items(container: Any) -> Iterator[Any]:
    if isinstance(container, dict):
        yield from list(container.keys())
        yield from list(container.values())
    else:
        yield from list(container)


def calls_own(given: list[Any]) -> bool:
    """Whether own code is among what a C function gets to call."""
    for each in given:
        function = each.__func__ if isinstance(each, MethodType) else each
        if isinstance(function, FunctionType) and place(function.__code__.co_filename) is OWN:
            return True
    return False


_INSIDE: Final = frozenset({
    "n_waiting", "unfinished_tasks", "queue", "cancelled", "all_tasks_done", "mutex", "not_empty", "not_full",
})  # fmt: skip
_OF_THREADS: Final = frozenset({"_started", "_is_stopped", "_tstate_lock", "_handle", "_ident", "_stderr"})


def kept_inside(owner: Any, name: str) -> bool:
    """Whether an attribute is one that the library changes by itself, or that computes what it keeps."""
    kind = type(owner)
    found = next((vars(each)[name] for each in kind.__mro__ if name in vars(each)), None)
    if type(found).__name__ == "cached_property":
        return True
    module = kind.__module__
    if name == "locked":
        return module.startswith("course_utils") or module in _KEEPING
    if not any(each.__module__ in _KEEPING for each in kind.__mro__):
        return False
    if name in _OF_THREADS or name in _INSIDE:
        return not isinstance(found, FunctionType) or name == "cancelled"
    return name.startswith("_") and not name.startswith("__") and module in _KEEPING and name in vars_of(owner)


def vars_of(value: Any) -> Any:
    return getattr(value, "__dict__", ())


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
        if isinstance(each, _SCALARS) or id(each) in seen:
            continue
        seen.add(id(each))
        if len(seen) > _MOST:
            return True
        if isinstance(each, tuple | frozenset) or (is_container(each) and not is_iterator(each)):
            waiting.extend(_items(each))
        elif not isinstance(each, type) and (_is_own(type(each)) or isinstance(each, SimpleNamespace)):
            return True
    return False


def handed_over(function: Any) -> None:
    """
    Judge what a function of the library is to call: a thread's target, the key of `sorted`.

    Raises:
        Unknown: nobody sees what that does.
    """
    if not callable(function) or isinstance(function, type | FunctionType):
        return
    if isinstance(function, MethodType):
        if not harmless(function.__self__):
            raise Unknown(f"{_name(function)} of {a(type(function.__self__).__qualname__)}, called by the library")
        return
    if isinstance(function, _BOUND):
        owner = function.__self__
        if owner is not None and not isinstance(owner, ModuleType):
            if not is_container(owner) and not isinstance(owner, _SCALARS):
                raise Unknown(f"{_name(function)}, called by the library")
        elif function not in _HANDED:
            raise Unknown(f"{_name(function)}, called by the library")
        return
    if isinstance(function, MethodDescriptorType) and function.__objclass__ in (str, bytes, int, float):
        return
    if type(function).__qualname__ == "itemgetter":  # what it looks at is looked at
        return
    own = next((vars(each)["__call__"] for each in type(function).__mro__ if "__call__" in vars(each)), None)
    if not (isinstance(own, FunctionType) and place(own.__code__.co_filename) in (OWN, OURS)):
        raise Unknown(f"{a(f'{type(function).__module__}.{type(function).__qualname__}')}, called by the library")


_HANDED: Final = (len, sum, min, max, abs, repr, print, chr, ord, isinstance, callable, hash, any, all, round, sorted)
