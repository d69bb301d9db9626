"""
What own code may do with objects while several threads live: a closed list.

Nothing can be said of an operation whose inside nobody sees: it may read and write what threads share. So what isn't
listed here is refused, rather than taken for harmless.
"""

from __future__ import annotations

import re
import sys
import threading
from contextvars import ContextVar
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    CodeType,
    FrameType,
    FunctionType,
    GeneratorType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    TracebackType,
    WrapperDescriptorType,
)
from typing import Any, Final, NamedTuple

from .places import OURS, OWN, place
from .reaching import is_container
from .refusals import CLOCK
from .standins import RealLock, RealRLock
from .texts import a

__all__ = [
    "HIDDEN", "KEEPING", "MADE", "SCALARS", "UNSEEN", "VIEWS", "Call", "Unknown", "altered", "handed_over", "harmless",
    "is_lock", "is_own_class", "judged", "kept_inside", "looked_up", "not_redirected", "own_module",
]  # fmt: skip


class Unknown(Exception):
    """
    What own code is about to do isn't on the list.

    Args:
        what: names it.
        advice: what to do instead, if that isn't what it is for most.
    """

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.advice = advice


HIDDEN: Final = ", which goes behind attributes and variables, where nobody sees what threads share"
UNSEEN: Final = (
    ": make it in the scenario, by threading.Lock(), or load the extension (%load_ext course_utils) before it is made"
)


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


SCALARS: Final = (int, float, complex, str, bytes, range, slice, type(None), type(Ellipsis), type(NotImplemented))
_NONE: Final[dict[str, int]] = {}
VIEWS: Final = (type(_NONE.keys()), type(_NONE.values()), type(_NONE.items()), MappingProxyType)
_OF_PYTHON: Final = (object, property, staticmethod, classmethod, super, CodeType, TracebackType, FrameType)
KEEPING: Final = frozenset({
    "threading", "_thread", "queue", "_queue", "concurrent.futures", "concurrent.futures.thread",
    "concurrent.futures._base", "logging",
})  # fmt: skip
"""Of what these make, the operations are known elsewhere, or are each thread's own."""
_PLAIN: Final = frozenset({
    "enum", "decimal", "fractions", "datetime", "pathlib", "numbers", "uuid", "re", "types", "typing",
    "abc", "dataclasses", "collections.abc", "_collections_abc", "string", "ipaddress", "time",
})  # fmt: skip
"""Of what these make, nothing changes that an attribute doesn't say."""
_READING: Final = frozenset({
    "copy", "json", "heapq", "_heapq", "bisect", "_bisect", "math", "cmath", "_json", "time", "_thread",
    "statistics", "textwrap", "re", "traceback", "dataclasses", "enum", "datetime", "string", "typing",
    "_signal", "signal", "collections",
})  # fmt: skip
"""Functions of these keep nothing of what they are given, and change nothing else."""
_HIDING: Final = frozenset({"vars", "exec", "eval", "globals", "locals", "compile", "__import__", "memoryview", "dir"})
_OF_SYS: Final = frozenset({"exit", "getsizeof", "exc_info", "exception", "intern", "getswitchinterval"})
_UNBOUND: Final = (MethodDescriptorType, WrapperDescriptorType, ClassMethodDescriptorType)
_BOUND: Final = (BuiltinFunctionType, MethodWrapperType)
_LOCKS: Final = (type(RealLock()), type(RealRLock()))
MADE: Final = 0x200  # by a class statement, or as if
_FIELDS: Final = re.compile(r"\{[^}:!]*[.\[]\w")
_SPECIAL: Final = frozenset({
    "__setitem__", "__delitem__", "__getitem__", "__len__", "__contains__", "__iter__", "__reversed__", "__eq__",
    "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__add__", "__iadd__", "__mul__", "__imul__", "__or__", "__ior__",
    "__and__", "__iand__", "__sub__", "__isub__", "__xor__", "__ixor__", "__repr__", "__missing__",
})  # fmt: skip
"""Of a container's special methods, those that do what an instruction does."""
_ALONE: Final = frozenset({"StringIO", "BytesIO", "array", "Random"})
_LAZY: Final = frozenset({
    "chain", "islice", "zip_longest", "product", "permutations", "combinations", "combinations_with_replacement",
    "accumulate", "pairwise", "batched", "compress", "takewhile", "dropwhile", "filterfalse", "starmap", "cycle",
    "count", "repeat",
})  # fmt: skip
_REDIRECTING: Final = frozenset({"redirect_stdout", "redirect_stderr", "chdir"})


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
        return Call(function, None, given, _of_class(function, given))
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
    own = looked_up(kind, "__call__")
    if isinstance(own, FunctionType):
        return _of_python(own, [function, *given])
    raise Unknown(f"{a(f'{kind.__module__}.{kind.__qualname__}')}, {_name(function)}")


def _of_python(function: FunctionType, given: list[Any]) -> Call:
    where = place(function.__code__.co_filename)
    module = function.__globals__.get("__name__")
    if where in (OWN, OURS):
        return Call(function, None, given, "own")
    if module in KEEPING or module == "contextlib":
        if module == "contextlib":
            _not_called(given)
        return Call(function, None, given, "own")
    if given and not isinstance(given[0], type) and hasattr(type(given[0]), function.__name__):
        if is_container(given[0]):
            return Call(function, given[0], given[1:], "method")
        if module == "pathlib" and function.__qualname__.startswith("Path."):
            raise Unknown(f"{function.__qualname__}, which works on files")
        if harmless(given[0]):
            return Call(function, None, given[1:], "library")
        return Call(function, given[0], given[1:], "library")  # of an object that is looked after
    if (module in _READING or module in _PLAIN) and module != "abc":
        return Call(function, None, given, "library")
    raise Unknown(f"{module}.{function.__qualname__}")


def _of_class(kind: type, given: list[Any]) -> str:
    module = kind.__module__
    if "__del__" in dir(kind) and is_own_class(kind):
        raise Unknown(f"{kind.__qualname__}, whose __del__ runs whenever the last one lets go of it")
    if issubclass(kind, BaseException) or kind is type or kind is object or kind is super:
        return "own"
    if issubclass(kind, threading.Barrier):
        _not_called(given)
    if module == "builtins":
        if kind is memoryview:
            raise Unknown("memoryview")
        return "look"
    if module == "collections":
        return "look"
    if module == "contextlib":
        if kind.__name__ in _REDIRECTING:
            raise Unknown(f"contextlib.{kind.__name__}, which redirects all threads at once")
        return "own"
    if module == "itertools" and kind.__name__ in _LAZY:
        return "look"
    if module in ("_io", "array", "random") and kind.__name__ in _ALONE and (given or kind.__name__ != "Random"):
        return "look"
    if is_own_class(kind) or module in KEEPING or module in _PLAIN or module.startswith("course_utils"):
        return "own"
    raise Unknown(f"{module}.{kind.__qualname__}")


def _of_builtin(function: Any, given: list[Any]) -> Call:
    module, name = function.__module__, function.__name__
    if module == "builtins":
        if name in _HIDING:
            raise Unknown(name, HIDDEN)
        return Call(function, None, given, "next" if name in ("next", "anext") else "look")
    if module == "_functools" and name == "reduce":
        return Call(function, None, given, "look")
    if module in _READING or module in KEEPING or (module == "sys" and name in _OF_SYS):
        return Call(function, None, given, "library")
    raise Unknown(f"{module}.{name}")


def _of_method(function: Any, owner: Any, given: list[Any]) -> Call:
    name = function.__name__
    if isinstance(function, MethodWrapperType | WrapperDescriptorType):
        if name in ("__init__", "__init_subclass__", "__repr__", "__str__", "__hash__", "__eq__", "__call__") and not (
            name in _SPECIAL and is_container(owner)
        ):
            if name == "__call__" and not isinstance(owner, type):
                return judged(owner, given)
            return Call(function, None, [owner, *given], "look")
        if name in ("__setattr__", "__delattr__", "__getattribute__"):
            return Call(function, owner, given, "attribute")
        if name in _SPECIAL and is_container(owner):
            return Call(function, owner, given, "method")
        if name in ("__enter__", "__exit__", "__len__", "__contains__", "__getitem__", "__iter__"):
            return Call(function, None, [owner, *given], "look")
        raise Unknown(f"{_name(function)} of {a(type(owner).__qualname__)}, called as a function")
    if is_lock(owner):
        raise Unknown("a lock that was made out of sight", UNSEEN)
    if is_container(owner) and not isinstance(owner, GeneratorType):
        return Call(function, owner, given, "method")
    if isinstance(owner, type):  # dict.fromkeys, object.__new__
        if name == "__subclasses__":
            raise Unknown(f"{owner.__qualname__}.__subclasses__")
        if name in ("now", "utcnow", "today") and owner.__module__ == "datetime":
            raise Unknown(f"{owner.__qualname__}.{name}", CLOCK)
        return Call(function, None, given, "look")
    if isinstance(owner, str) and name in ("format", "format_map") and _FIELDS.search(owner):
        raise Unknown("str.format with attributes or items in it")
    if isinstance(owner, (*SCALARS, tuple, frozenset, *VIEWS, ContextVar)):
        return Call(function, None, [owner, *given], "look")
    if isinstance(owner, GeneratorType):
        return Call(function, owner, given, "library")
    if isinstance(owner, BaseException) and name == "add_note":
        raise Unknown("add_note of an exception")
    if harmless(owner):
        return Call(function, None, given, "look")
    return Call(function, owner, given, "library")


def _not_called(given: list[Any]) -> None:
    """See that the library isn't given what it would call where nobody sees it."""
    for each in given:
        not_redirected(each)
        if type(each).__module__ != "contextlib":
            handed_over(each)
        if isinstance(each, _BOUND) and is_container(each.__self__):
            raise Unknown(f"{_name(each)}, called by the library: have it called by a function")


def not_redirected(manager: Any) -> None:
    """See that nobody begins to redirect what all threads print."""
    for kind in type(manager).__mro__:
        if kind.__module__ == "contextlib" and kind.__name__ in _REDIRECTING:
            raise Unknown(f"contextlib.{kind.__name__}, which redirects all threads at once")


def is_lock(value: Any) -> bool:
    """Whether a value is a lock that nobody stands in for."""
    return isinstance(value, _LOCKS)


def own_module(module: ModuleType) -> bool:
    """Whether a module was written by the learner."""
    path = getattr(module, "__file__", None)
    return module.__name__ not in sys.stdlib_module_names and (path is None or place(path) is OWN)


def looked_up(kind: type, name: str) -> Any:
    """What a class, or one that it comes from, has under a name; None if there is nothing."""
    return next((vars(each)[name] for each in kind.__mro__ if name in vars(each)), None)


def _name(function: Any) -> str:
    return getattr(function, "__qualname__", None) or getattr(function, "__name__", None) or type(function).__qualname__


def is_own_class(kind: type) -> bool:
    """Whether a class was written by the learner."""
    if kind.__module__.partition(".")[0] in sys.stdlib_module_names:
        return False
    path = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return kind.__flags__ & MADE != 0 and (path is None or place(path) is OWN)


def harmless(value: Any) -> bool:
    """Whether operations on a value, besides attributes, are the code's own or of something that can't change."""
    if isinstance(value, (*SCALARS, tuple, frozenset, type, ModuleType, FunctionType)):
        return True
    if isinstance(value, (*_BOUND, *_UNBOUND, MethodType, BaseException, *VIEWS, ContextVar)):
        return True
    if is_container(value) or type(value).__module__.startswith("course_utils"):
        return True
    return all(
        kind in _OF_PYTHON or is_own_class(kind) or kind.__module__ in KEEPING or kind.__module__ in _PLAIN
        for kind in type(value).__mro__
    )


_READ_BY_PYTHON: Final = frozenset({
    "__class__", "__code__", "__defaults__", "__kwdefaults__", "__closure__", "__bases__", "__notes__",
})  # fmt: skip


def altered(frame: FrameType, owner: Any, name: str) -> None:
    """
    Judge the writing of an attribute.

    Raises:
        Unknown: the interpreter or the library reads it where nobody sees that.
    """
    special = name.startswith("__") and name.endswith("__")
    if name in _READ_BY_PYTHON or (special and isinstance(owner, type)):
        raise Unknown(f"a new {name} of {_name(owner)}, which Python looks up where nobody sees it")
    if isinstance(owner, ModuleType) and not own_module(owner):
        raise Unknown(f"a new {owner.__name__}.{name}, which the library reads where nobody sees it")
    for kind in type(owner).__mro__:
        found = vars(kind).get(name)
        if found is not None:
            of_python = not kind.__flags__ & MADE or kind.__module__.partition(".")[0] in sys.stdlib_module_names
            if isinstance(found, GetSetDescriptorType | MemberDescriptorType) and of_python:
                made = frame.f_code.co_name == "__init__" and isinstance(owner, BaseException)  # by its constructor
                if not made:
                    raise Unknown(f"a new {name} of a {_name(type(owner))}, which Python reads where nobody sees it")
            return


_INSIDE: Final = frozenset({
    "n_waiting", "unfinished_tasks", "queue", "all_tasks_done", "mutex", "not_empty", "not_full", "broken", "native_id",
})  # fmt: skip
_OF_THREADS: Final = frozenset({"_started", "_is_stopped", "_tstate_lock", "_handle", "_ident", "_stderr"})


def kept_inside(owner: Any, name: str) -> bool:
    """Whether an attribute is one that the library changes by itself, or that computes what it keeps."""
    kind = type(owner)
    found = looked_up(kind, name)
    if type(found).__name__ == "cached_property":
        return True
    module = kind.__module__
    if name == "locked":
        return module.startswith("course_utils") or module in KEEPING
    if not any(each.__module__ in KEEPING for each in kind.__mro__):
        return False
    if name in _OF_THREADS or name in _INSIDE:
        return not isinstance(found, FunctionType)
    return name.startswith("_") and not name.startswith("__") and module in KEEPING and name in vars_of(owner)


def vars_of(value: Any) -> Any:
    return getattr(value, "__dict__", ())


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
            if not is_container(owner) and not isinstance(owner, SCALARS):
                raise Unknown(f"{_name(function)}, called by the library")
        elif function not in _HANDED:
            raise Unknown(f"{_name(function)}, called by the library")
        return
    if isinstance(function, MethodDescriptorType) and function.__objclass__ in (str, bytes, int, float):
        return
    if type(function).__qualname__ == "itemgetter":  # what it looks at is looked at
        return
    own = looked_up(type(function), "__call__")
    if not (isinstance(own, FunctionType) and place(own.__code__.co_filename) in (OWN, OURS)):
        raise Unknown(f"{a(f'{type(function).__module__}.{type(function).__qualname__}')}, called by the library")


_HANDED: Final = (len, sum, min, max, abs, repr, print, chr, ord, isinstance, callable, hash, any, all, round, sorted)
