"""
What an instruction is about to touch: which reads and writes of shared places are steps.

What it works on lies on the interpreter's stack (see `operands`); what an operation does with that is judged (see
`understood`); which of the places it reads and writes count is known (see `ledger`).
"""

from __future__ import annotations

import builtins
import gc
import sys
import threading
from collections import defaultdict, deque
from collections.abc import Iterable
from types import BuiltinFunctionType, FrameType, FunctionType, GeneratorType, MethodWrapperType, ModuleType
from typing import Any, Final

from .beside import namespaces
from .computed import by_name, of_class, sees_to_itself
from .ledger import CONTENTS, VAGUE, Ledger, Touch, Touches
from .operands import NOTHING, stacked
from .reaching import held, is_container, is_iterator
from .steps import ASSUMED, CALL, CELL, GLOBAL, SLOT, WITH, Site
from .texts import a
from .understood import (
    HIDDEN,
    UNSEEN,
    Call,
    Unknown,
    altered,
    handed_over,
    is_lock,
    judged,
    kept_inside,
    not_redirected,
    own_module,
)
from .within import calls_own, has_own, inside, known_to_others, own_inside, own_iterator, reached

__all__ = ["CONTENTS", "VAGUE", "Sharing", "Touch"]

_READERS: Final = frozenset({
    "get", "items", "keys", "values", "copy", "count", "index", "issubset", "issuperset", "isdisjoint", "union",
    "intersection", "difference", "symmetric_difference", "decode", "startswith", "endswith", "find", "most_common",
    "total", "elements", "__len__", "__contains__", "__iter__", "__reversed__", "__eq__", "__ne__", "__repr__",
})  # fmt: skip
_WRITERS: Final = frozenset(
    {"append", "appendleft", "add", "clear", "insert", "extend", "extendleft", "update", "discard", "subtract"}
)
"""Of these the caller learns nothing."""
_LOOKS: Final = frozenset({
    len, list, tuple, set, frozenset, dict, sorted, sum, min, max, any, all, enumerate, zip, reversed, str, repr,
    print, iter, map, filter, bool, isinstance, type, id, deque, format, ascii, hash, issubclass, callable, bytes,
    bytearray, int, float, range, abs, round, divmod, getattr, hasattr, hex, ord, chr, slice, aiter,
})  # fmt: skip
_READ_ONLY: Final = frozenset(
    {
        "__new__",
        "fromkeys",
        "dumps",
        "deepcopy",
        "copy",
        "join",
        "format",
        "bisect",
        "bisect_left",
        "bisect_right",
        "reduce",
    }
)
_SHALLOW: Final = frozenset({
    "len", "tuple", "list", "set", "frozenset", "dict", "iter", "isinstance", "id", "type", "range", "enumerate",
    "callable", "getattr", "hasattr", "bool", "deque", "__new__", "fromkeys",
})  # fmt: skip
_SHOWING: Final = frozenset({"str", "repr", "ascii", "format", "format_map"})
_CALLERS: Final = frozenset(
    {"sort", "min", "max", "nlargest", "nsmallest", "insort", "insort_left", "insort_right", "reduce"}
)
_KEEPERS: Final = frozenset({"append", "appendleft", "add", "insert", "setdefault", "get", "pop", "clear"})
"""Of what these are given, they look at nothing."""
_COMPARING: Final = frozenset({
    "remove", "index", "count", "sort", "__contains__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__",
    "__repr__",
})  # fmt: skip
"""Methods of a container that look at what is in what it holds."""
_FORMATTING: Final = frozenset({"FORMAT_VALUE", "FORMAT_SIMPLE", "FORMAT_WITH_SPEC", "CONVERT_VALUE"})
_DEEP: Final = _FORMATTING | {"COMPARE_OP", "CONTAINS_OP"}
_UNSIZED: Final = (list, tuple, bytearray, str, bytes, range, GeneratorType)
"""Asking these for an iterator looks at nothing; others remember how many items there were."""
_COPYING: Final = frozenset({"copy", "dataclasses", "json", "json.encoder"})
_TRUTH: Final = frozenset({"GET_LEN", "MATCH_SEQUENCE", "MATCH_MAPPING", "IS_OP"})
_GOING_ON: Final = frozenset({"FOR_ITER", "SEND"})
_SPECIAL: Final = {
    "BINARY_SUBSCR": "__getitem__", "STORE_SUBSCR": "__setitem__", "DELETE_SUBSCR": "__delitem__",
    "BINARY_SLICE": "__getitem__", "STORE_SLICE": "__setitem__", "CONTAINS_OP": "__contains__", "GET_ITER": "__iter__",
}  # fmt: skip
_STARTING: Final = frozenset({"GET_ITER", "GET_YIELD_FROM_ITER"})


class Sharing(Ledger):
    """
    Tells what instructions touch.

    Attributes:
        who: the root of the thread that comes to the instruction.
        lone: whether all other threads have ended.
        used: whether it uses an object that one thread may use alone.
        whole: whether it is one step although own code may be called in the middle of it, by `__eq__` and the like.
    """

    def __init__(self) -> None:
        super().__init__()
        self.users: dict[int, tuple[Any, Any]] = {}
        self.namespaces: dict[int, str] = {}
        self.looped: dict[int, Any] = {}
        self.who: Any = None
        self.lone = False
        self.used = self.whole = False

    def forget(self) -> None:
        """Begin a new run."""
        super().forget()
        self.users, self.looped = {}, {}

    def touches(self, frame: FrameType, site: Site) -> Touches:
        """
        Tell what an instruction is about to touch.

        Args:
            frame: stands at the instruction.
            site: what is known of it.

        Returns:
            what counts, and what would have to count.

        Raises:
            Unknown: that can't be told.
        """
        self.used = self.whole = False
        kind, name = site.kind, site.name
        if kind in (GLOBAL, CELL):
            if kind == GLOBAL and name in ASSUMED:
                _as_assumed(frame, name, site.writes)
            if (kind, name) not in self.counted:
                return [], [(kind, name)] if site.writes else []
            where = frame.f_globals.get("__name__") if kind == GLOBAL else None
            return [(_how(site), (kind, str(name), where))], []
        values = stacked(frame, site.depth, site.where)
        if values is None:
            raise Unknown("what can't be looked at in this Python, which has to be CPython 3.11, 3.12 or 3.13")
        if kind == WITH:
            if is_lock(values[0]):
                raise Unknown("a lock that was made out of sight", UNSEEN)
            not_redirected(values[0])
            return [], []
        if kind == CALL:
            call = self.call(site, values)
            slot = by_name(call)
            if slot is None:
                return self._called(call, values[1:] if site.code == "CALL_FUNCTION_EX" else [], site.own)
            return self._slot(frame, *slot, call.kind == "attribute")
        if kind == SLOT:
            return self._slot(frame, name, _how(site), values[0])
        return self._looked(site, values)

    def of_thread(self, frame: FrameType, site: Site) -> bool:
        """Whether an instruction uses what every thread has of its own (`threading.local`)."""
        if site.kind != SLOT:
            return False
        values = stacked(frame, site.depth, site.where)
        return values is not None and isinstance(values[0], threading.local)

    def call(self, site: Site, values: list[Any]) -> Call:
        """The call that these are for."""
        function, other, *given = values
        if site.code == "CALL_FUNCTION_EX":
            given = [*(other if isinstance(other, tuple | list) else [other])]
            given += [each for more in values[2:] if isinstance(more, dict) for each in more.values()]
        elif function is NOTHING:
            function = other
        elif other is not NOTHING:
            given = [other, *given]
        if function is print:
            given = [*given, sys.stdout]  # the recording's own, or what somebody has put in its place
        return judged(function, given)

    # By name.

    def _slot(self, frame: FrameType, name: Any, how: str, owner: Any, plainly: bool = False) -> Touches:
        """What an access to an attribute touches."""
        if name == "__dict__":
            raise Unknown("__dict__", HIDDEN)
        if kept_inside(owner, name):
            raise Unknown(f"{type(owner).__name__}.{name}, which the library changes by itself")
        if sees_to_itself(owner, name, how, plainly):
            return [], []
        if isinstance(owner, threading.local) and not of_class(owner, name):
            return [], []  # the thread's own
        if how != "read":
            altered(frame, owner, name)
        if isinstance(owner, ModuleType) and own_module(owner):  # a global by another name
            if (GLOBAL, name) not in self.counted:
                return [], [(GLOBAL, name)] if how != "read" else []
            return [(how, (GLOBAL, str(name), vars(owner).get("__name__")))], []
        if (SLOT, name) not in self.counted:
            return [], [(SLOT, name)] if how != "read" else []
        return self.named(how, SLOT, name, self.owner(owner, name))

    # Containers.

    def _looked(self, site: Site, values: list[Any]) -> Touches:
        """What an instruction that looks at or into containers touches."""
        if site.code in _STARTING and isinstance(values[0], _UNSIZED):
            return [], []
        if calls_own([getattr(type(values[site.code == "CONTAINS_OP"]), _SPECIAL.get(site.code, ""), None)]):
            return [], []  # a subclass's own method sees to it
        if site.code == "MATCH_CLASS":
            names = (*values[2], *(getattr(values[1], "__match_args__", None) or ()))
            if any((SLOT, each) in self.counted for each in names):
                raise Unknown("a class pattern, which reads attributes that threads share")
            return [], []
        wording = site.code == "BINARY_OP" and isinstance(values[0], str | bytes)  # "%s" % items
        showing = site.code in _FORMATTING or wording
        deep = site.code in _DEEP or wording
        found: list[tuple[str, Any]] = []
        fed = False
        for number, value in enumerate(values):
            how = "read"
            if number == 0:
                how = _how_at(site, value, deep)
            if site.code in _GOING_ON:
                self.exclusive(value, found)
            for each in reached(value, deep, showing):
                if isinstance(each, BuiltinFunctionType | MethodWrapperType):
                    found.append(("update", each.__self__))
                elif is_container(each):
                    if not (site.own and each is value):
                        found.append((how, each))
                elif site.code not in _TRUTH:
                    fed = fed or (own_iterator(each) and each is not values[0])
                    self.foreign(each, found)
                how = "read" if deep else how
        if site.code == "BINARY_SUBSCR" and isinstance(values[0], defaultdict):
            made = values[0].default_factory
            fed = fed or calls_own([made])
            if isinstance(made, BuiltinFunctionType | MethodWrapperType) and is_container(made.__self__):
                found.append(("update", made.__self__))
        self.whole = not (site.code == "FOR_ITER" and isinstance(values[0], map | filter))
        return self._whole(found, fed or (deep and any(own_inside(each) for _, each in found)))

    def _whole(self, found: list[tuple[str, Any]], own: bool) -> Touches:
        """What counts of these, which must be one step: no own code may be called in the middle."""
        touched, more = self.contents(found)
        if own and touched:
            raise Unknown("what calls own code while it goes through a container")
        return touched, more

    def exclusive(self, iterator: Any, found: list[tuple[str, Any]]) -> None:
        """An iterator that a `for` goes through, which must be its thread's alone, unless it is an own class's."""
        if is_iterator(iterator):
            self.looped[id(iterator)] = held(iterator, self.looped)
            self.foreign(iterator, [])

    def foreign(self, value: Any, found: list[tuple[str, Any]]) -> None:
        """An object of which nobody knows what changes it may be used by one thread; what it leads to may be used."""
        if not self.lone:
            user = self.users.setdefault(id(value), (self.who, held(value, self.users)))
        else:
            user = self.users.get(id(value), (self.who, value))
        if type(value).__module__ in ("weakref", "_weakrefset"):
            raise Unknown(f"a {type(value).__qualname__}, which tells when the last one lets go of what is in it")
        if user[0] != self.who:
            raise Unknown(f"{a(f'{type(value).__module__}.{type(value).__qualname__}')} that several threads use")
        self.used = True
        if not is_iterator(value) or isinstance(value, GeneratorType):
            found.extend(("update", each) for each in inside(value, self.numbers))

    # Calls.

    def _called(self, call: Call, spread: list[Any], mine: bool) -> Touches:
        """What a call touches; nobody else knows the container whose method it is, if it is the thread's own."""
        found = [("read", each) for value in spread for each in reached(value, False) if is_container(each)]
        if call.kind == "own":
            return self.contents(found)
        function = call.function
        module, name = getattr(function, "__module__", None), getattr(function, "__name__", "")
        if call.kind == "library" and module in _COPYING and any(map(has_own, call.given)):
            raise Unknown(f"{module}.{name}, which reads all attributes of an object")
        if call.kind == "method":
            if not mine:
                found.append((_how_of(name, call.method), call.method))
            if name in _COMPARING:
                found += [("read", each) for each in reached(call.method, True) if each is not call.method]
        elif call.method is not None:
            self.foreign(call.method, found)
        how = self._how_given(call, name)
        lazy = function in (map, filter) if isinstance(function, type) else False
        deep = name not in _SHALLOW and not lazy
        own = name in _CALLERS and calls_own(call.given)
        if call.kind == "method":
            own = own or (name in ("remove", "index", "count", "sort") and own_inside(call.method))
            call = call._replace(given=[] if name in _KEEPERS else call.given)
        for value in call.given:
            handed_over(value)
            for each in reached(value, deep, name in _SHOWING):
                if isinstance(each, BuiltinFunctionType | MethodWrapperType):  # map(items.append, …)
                    if not lazy:
                        found.append(("update", each.__self__))
                elif is_container(each):
                    found.append((how, each))
                    own = own or (deep and function is not next and own_inside(each))
                    if is_iterator(each) and not lazy:
                        own = own or (call.kind != "next" and calls_own(gc.get_referents(each)))
                        if id(each) in self.looped:
                            self.foreign(each, found)
                else:
                    own = own or own_iterator(each)
                    self.foreign(each, found)
        self.whole = function is not sorted  # which takes all out before it calls anything
        return self._whole(found, own)

    @staticmethod
    def _how_given(call: Call, name: str) -> str:
        """How a call uses the containers that it is given."""
        function = call.function
        if call.kind == "next":
            return "update"
        if call.kind == "method" or name in _READ_ONLY or getattr(function, "__module__", None) == "itertools":
            return "read"
        if not isinstance(function, FunctionType) and function in _LOOKS:
            return "read"
        if call.kind == "look" and type(function).__name__ in ("method_descriptor", "method-wrapper"):
            return "read"
        return "update"

    def of_method(self, function: Any, given: Iterable[Any] = ()) -> Touches:
        """Tell what a function of C that the library calls touches; as `touches`."""
        return self._called(judged(function, list(given)), [], False)

    def number(self, roots: Iterable[Any]) -> None:
        """
        Number all that can be reached from these, in order.

        Raises:
            Unknown: there is something among it that can't be followed.
        """
        roots = list(roots)
        super().number(roots)
        self.namespaces = namespaces(self.numbers, roots)

    def contents(self, found: list[tuple[str, Any]]) -> Touches:
        """Tell what counts of accesses to containers, which attributes and globals must not be kept in."""
        for _, each in found:
            if id(each) in self.namespaces:
                raise Unknown(self.namespaces[id(each)], HIDDEN)
        return super().contents(found)

    def of_arguments(self, thread: Any) -> Touches:
        """Tell what a thread touches that takes its arguments out of a list, or a dict, that others know."""
        given = [vars(thread).get(name) for name in ("_args", "_kwargs")]
        found = [("read", each) for each in given if is_container(each) and known_to_others(each, self.numbers)]
        return self.contents(found)

    def of_truth(self, value: Any) -> Touches:
        """Tell what asking a value for its truth touches, as the library does for own code."""
        return self.contents([("read", each) for each in reached(value, False) if is_container(each)])


def _how(site: Site) -> str:
    """What an instruction does to a name. Who deletes one learns whether it was there."""
    if site.code.startswith("DELETE"):
        return "update"
    return "write" if site.writes else "read"


def _how_of(name: str, container: Any) -> str:
    """What a container's method does to it. Who inserts learns whether there was room."""
    if name == "insert" and isinstance(container, deque):
        return "update"
    return "read" if name in _READERS else "write" if name in _WRITERS else "update"


def _how_at(site: Site, value: Any, deep: bool) -> str:
    """What an instruction does to the container that it works on. Who stores in a list learns whether that could be."""
    if not site.writes:
        return "update" if site.code == "BINARY_SUBSCR" and isinstance(value, defaultdict) else "read"
    if type(value) is dict and site.code == "STORE_SUBSCR":
        return "write"
    if type(value) is list and site.code == "STORE_SLICE":
        return "write"
    return "update"


def _as_assumed(frame: FrameType, name: str, writes: bool) -> None:
    """The scan takes `list`, `len` and the like for what they are."""
    if writes or frame.f_globals.get(name, getattr(builtins, name)) is not getattr(builtins, name):
        raise Unknown(f"a variable of its own named {name}, as a built-in is")
