"""
What threads share, and which reads and writes of it are steps.

A name that only constructors write before the threads start is no concern of anybody: reading it is no step. Which
names count is learned: the first write of a new one while several threads live makes it one, and the count starts
again (see `world.Counts`).

Of two objects with an attribute of one name, and of lists and dicts, one must know which it is. Those that are
there when the first thread starts are numbered in the order in which its code can reach them, which is the same in
every run; an access to another, or to one that an expression doesn't tell, makes its name *vague*: from then on all
objects' attributes of that name are one place.
"""

from __future__ import annotations

import builtins
import gc
from collections import deque
from collections.abc import Iterable, Iterator
from types import (
    BuiltinFunctionType,
    FrameType,
    FunctionType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)  # fmt: skip
from typing import Any, Final

from .places import OWN, place
from .reaching import CONTAINERS, is_container, is_iterator, numbered
from .stacks import Expression
from .steps import CALL, CELL, GLOBAL, LOOK, SLOT, WITH, Site
from .values import UNKNOWN, Returned, Values
from .watchlist import MISSING

__all__ = ["CONTENTS", "VAGUE", "Sharing", "Touch"]

CONTENTS: Final = LOOK
VAGUE: Final = "vague"

Touch = tuple[str, tuple[str, str, Any]]
"""What an instruction is about to do, "read", "write" or "update" (both), and to which place."""

_READERS: Final = frozenset({
    "get", "items", "keys", "values", "copy", "count", "index", "issubset", "issuperset", "isdisjoint", "union",
    "intersection", "difference", "symmetric_difference", "decode", "startswith", "endswith", "find",
})  # fmt: skip
_WRITERS: Final = frozenset(
    {"append", "appendleft", "add", "clear", "insert", "extend", "extendleft", "update", "discard"}
)
"""Of these the caller learns nothing."""
_METHODS: Final = frozenset(name for kind in CONTAINERS for name in dir(kind) if not name.startswith("_"))
_LOOKS: Final = frozenset({
    len, list, tuple, set, frozenset, dict, sorted, sum, min, max, any, all, enumerate, zip, reversed, str, repr,
    print, iter, map, filter, bool, isinstance, type, id, deque,
})  # fmt: skip
_ATTRIBUTES: Final = frozenset({"getattr", "setattr", "delattr", "hasattr"})
_LAZY: Final = frozenset({"enumerate", "zip", "reversed", "iter", "map", "filter"})


class Sharing(Values):
    """
    What is known of shared places: learned once, for all runs of an exploration.

    Attributes:
        vague: names of which all objects' are one place.
    """

    def __init__(self) -> None:
        super().__init__()
        self.vague: set[tuple[str, Any]] = set()
        self.numbers: dict[int, tuple[int, Any]] = {}

    def learn(self, place: tuple[str, Any]) -> None:
        """Count a place from now on, or take all of its name for one."""
        if place[0] == VAGUE:
            self.vague.add(place[1])
            self.counted.add(place[1])
        else:
            self.counted.add(place)

    # Who is who.

    def forget(self) -> None:
        """Begin a new run, in which nothing has a number yet."""
        self.numbers = {}

    def number(self, roots: Iterable[Any]) -> None:
        """Number all that can be reached from these, in order."""
        self.numbers = numbered(roots)

    def _number_of(self, known: Any) -> int | None:
        entry = self.numbers.get(id(known))
        return None if entry is None else entry[0]

    # What an instruction touches.

    def touches(self, frame: FrameType, site: Site, returned: Returned) -> tuple[list[Touch], list[tuple[str, Any]]]:
        """
        Tell what an instruction is about to touch.

        Args:
            frame: stands at the instruction.
            site: what is known of it.
            returned: by functions called from here.

        Returns:
            what counts, and what would have to count: (kind, name) of an uncounted place that it writes, or
            (VAGUE, …) of one that can't be told from others.
        """
        self.returned = returned
        kind, name = site.kind, site.name
        if kind == CALL:
            site = self._by_name(frame, site) or site
            kind, name = site.kind, site.name
        if kind == SLOT:
            if (kind, name) not in self.counted:
                return [], [(kind, name)] if site.writes else []
            owner = self._owner(self.value(site.operands[0], frame), name)
            return self._named(kind, name, owner, site.writes)
        if kind == GLOBAL:
            where = frame.f_globals.get("__name__")
            if (kind, name) not in self.counted:
                return [], [(kind, name)] if site.writes else []
            return [("write" if site.writes else "read", (kind, str(name), where))], []
        if kind == CELL:
            if (kind, name) not in self.counted:
                return [], [(kind, name)] if site.writes else []
            return [("write" if site.writes else "read", (kind, str(name), None))], []
        if kind == WITH:
            return [], []
        if kind == CALL:
            return self._contents(list(self._called(frame, site)))
        how = "write" if site.writes else "read"
        return self._contents([(how, value) for value in self._containers(site.operands, frame, site.strict)])

    def _by_name(self, frame: FrameType, site: Site) -> Site | None:
        """`setattr(counter, "value", 1)` is what `counter.value = 1` is."""
        callee, *given = site.operands
        if callee is None or callee[0] != "global" or callee[1] not in _ATTRIBUTES or len(given) < 2:
            return None
        if self.value(callee, frame) is not vars(builtins)[callee[1]]:
            return None
        name = self.value(given[1], frame)
        if not isinstance(name, str):
            return None
        return Site(SLOT, name, callee[1] in ("setattr", "delattr"), (given[0],))

    def of_method(self, function: Any) -> tuple[list[Touch], list[tuple[str, Any]]]:
        """Tell what a container's own method, called by the library, touches; as `touches`."""
        name = function.__name__
        how = "read" if name in _READERS else "write" if name in _WRITERS else "update"
        return self._contents([(how, function.__self__)])

    def _named(self, kind: str, name: Any, owner: Any, writes: bool) -> tuple[list[Touch], list[tuple[str, Any]]]:
        vague = (kind, name) in self.vague
        more = [] if owner is not None or vague else [(VAGUE, (kind, name))]
        return [("write" if writes else "read", (kind, name, None if vague else owner))], more

    def _contents(self, found: list[tuple[str, Any]]) -> tuple[list[Touch], list[tuple[str, Any]]]:
        """What counts of accesses to containers, which are given as (how, the container or UNKNOWN)."""
        touched: dict[Any, str] = {}
        more: list[tuple[str, Any]] = []
        every = (CONTENTS, None) in self.counted
        for how, value in found:
            number = None if value is UNKNOWN else self._number_of(value)
            if every or (number is not None and (CONTENTS, number) in self.counted):
                key = None if every else number
                touched[key] = how if touched.get(key, how) == how else "update"
            elif how != "read":
                more.append((CONTENTS, number))
            elif value is UNKNOWN and any(kind == CONTENTS for kind, _ in self.counted):
                more.append((VAGUE, (CONTENTS, None)))  # it may be one of those that count
        if len(touched) > 1:
            more.append((CONTENTS, None))
        return [(how, (CONTENTS, "", number)) for number, how in touched.items()][:1], more

    def _called(self, frame: FrameType, site: Site) -> Iterator[tuple[str, Any]]:
        """The containers that a call works on."""
        callee, *given = site.operands
        if callee is not None and callee[0] == "method":
            owner = self.value(callee[1], frame)
            name = callee[2]
            if owner is UNKNOWN:
                if name in _METHODS and callee[1] is not None and callee[1][0] not in ("const", "fresh", "call"):
                    yield "update" if name not in _READERS else "read", UNKNOWN
                    for value in self._containers(given, frame):
                        yield "read", value
                return
            if is_container(owner):
                how = "read" if name in _READERS else "write" if name in _WRITERS else "update"
                yield how, owner
                if how != "write" or name in ("extend", "extendleft", "update"):
                    for value in self._containers(given, frame):
                        yield "read", value
                return
            if isinstance(owner, str | bytes):  # ", ".join(names)
                for value in self._containers(given, frame):
                    yield "read", value
                return
            function: Any = getattr(type(owner), name, None) if not isinstance(owner, ModuleType | type) else None
            if function is None:
                function = getattr(owner, name, None)
        else:
            function = self.value(callee, frame)
        if function is UNKNOWN or function is None or _keeps_to_itself(function):
            return
        how = "read" if _hashable(function) and function in _LOOKS else "update"
        for value in self._containers(given, frame):
            yield how, value
        for each in given:  # map(items.append, …)
            if each is not None and each[0] == "attr" and is_container(owner := self.value(each[1], frame)):
                yield "update", owner

    def _containers(self, operands: Iterable[Expression], frame: FrameType, strict: bool = False) -> Iterator[Any]:
        """
        The containers among operands, and those that iterators among them go through.

        What can't be told is left out, or UNKNOWN if this is to be `strict`.
        """
        for operand in operands:
            if operand is None:
                if strict:
                    yield UNKNOWN
                continue
            kind = operand[0]
            if kind in ("const", "fresh", "slice", "null", "self", "comprehension"):
                continue
            if kind in ("iter", "next"):
                yield from self._containers([operand[1]], frame, strict)
                continue
            value = self.value(operand, frame)
            if value is UNKNOWN:
                if kind == "call":
                    yield from self._call_results(operand, frame, strict)
                elif strict:
                    yield UNKNOWN
                continue
            if is_container(value):
                yield value
            elif isinstance(value, tuple):
                yield from (each for each in value if is_container(each))
            if is_iterator(value):
                yield from (each for each in gc.get_referents(value) if is_container(each))

    def _call_results(self, call: Expression, frame: FrameType, strict: bool) -> Iterator[Any]:
        """What the result of a call may go through."""
        assert call is not None
        callee, given = call[1], call[2]
        if callee is None:
            if strict:
                yield UNKNOWN
            return
        if callee[0] == "global" and callee[1] in _LAZY:
            yield from self._containers(given, frame, strict)
        elif callee[0] == "method" and callee[2] in ("items", "keys", "values"):
            yield from self._containers([callee[1]], frame, strict)
        elif strict:
            function = self.function(callee, frame)
            if not (_hashable(function) and not isinstance(function, FunctionType)) and not (
                isinstance(function, FunctionType) and function.__code__.co_flags & 0x20
            ):
                yield UNKNOWN

    def _owner(self, owner: Any, name: Any) -> Any:
        """The number of the object whose attribute it is; None if that can't be told."""
        if owner is UNKNOWN:
            return None
        number = self._number_of(owner)
        if number is None:
            return None
        if isinstance(owner, type | ModuleType):
            return number if name in vars(owner) else None
        for kind in type(owner).__mro__:
            if name in vars(kind):
                found = vars(kind)[name]
                found = getattr(found, "original", found)  # behind a watched attribute
                if found is MISSING:
                    break
                if not isinstance(found, MemberDescriptorType):
                    return None  # the class's, or one that is computed
                return number
        if name not in getattr(owner, "__dict__", ()):
            return None
        return number


def _hashable(value: Any) -> bool:
    return isinstance(value, type | FunctionType | BuiltinFunctionType)


def _keeps_to_itself(function: Any) -> bool:
    """Whether calling it touches no container that it is given: own code, which says so itself, and threading's."""
    if isinstance(function, MethodType):
        function = function.__func__
    if isinstance(function, FunctionType):
        where = place(function.__code__.co_filename)
        return where is OWN or function.__module__ in _KEEPING or where == "ours"
    if isinstance(function, type):
        return function.__module__ not in ("builtins", "collections") or issubclass(function, BaseException)
    return not isinstance(function, BuiltinFunctionType) and type(function).__name__ not in (
        "method_descriptor", "builtin_function_or_method",
    )  # fmt: skip


_KEEPING: Final = frozenset({
    "threading", "queue", "concurrent.futures", "concurrent.futures.thread", "concurrent.futures._base", "logging",
})  # fmt: skip
