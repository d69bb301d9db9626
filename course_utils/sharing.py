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

import gc
from collections import deque
from collections.abc import Iterable
from types import BuiltinFunctionType, FrameType, FunctionType, GeneratorType, MemberDescriptorType, ModuleType
from typing import Any, Final

from .operands import NOTHING, stacked
from .reaching import CONTAINERS, is_container, is_iterator, numbered
from .steps import CALL, CELL, GLOBAL, LOOK, SLOT, WITH, Site
from .texts import a
from .understood import Call, Unknown, calls_own, handed_over, has_own, judged, kept_inside, own_inside, reached
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
_LOOKS: Final = frozenset({
    len, list, tuple, set, frozenset, dict, sorted, sum, min, max, any, all, enumerate, zip, reversed, str, repr,
    print, iter, map, filter, bool, isinstance, type, id, deque, format, ascii, hash, issubclass, callable, bytes,
    bytearray, int, float, range, abs, round, divmod, getattr, hasattr, dir, hex, ord, chr, slice, aiter,
})  # fmt: skip
_READ_ONLY: Final = frozenset(
    {"__new__", "fromkeys", "dumps", "deepcopy", "copy", "join", "format", "bisect", "bisect_left", "bisect_right"}
)
_SHALLOW: Final = frozenset({
    "len", "tuple", "list", "set", "frozenset", "dict", "iter", "isinstance", "id", "type", "range", "enumerate",
    "callable", "getattr", "hasattr", "bool", "deque", "__new__", "fromkeys",
})  # fmt: skip
_CALLERS: Final = frozenset({"sort", "min", "max", "nlargest", "nsmallest", "insort", "insort_left", "insort_right"})
_KEEPERS: Final = frozenset({"append", "appendleft", "add", "insert", "setdefault", "get", "pop", "clear"})
"""Of what these are given, they look at nothing."""
_DEEP: Final = frozenset({
    "COMPARE_OP", "CONTAINS_OP", "BINARY_OP", "FORMAT_VALUE", "FORMAT_SIMPLE", "FORMAT_WITH_SPEC", "CONVERT_VALUE",
})  # fmt: skip
_UNSIZED: Final = (list, tuple, bytearray, str, bytes, range, GeneratorType)
"""Asking these for an iterator looks at nothing; others remember how many items there were."""
_COPYING: Final = frozenset({"copy", "dataclasses", "json", "json.encoder"})
_TRUTH: Final = frozenset({"GET_LEN", "MATCH_SEQUENCE", "MATCH_MAPPING", "IS_OP"})


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
        self.users: dict[int, tuple[Any, Any]] = {}
        self.looped: dict[int, Any] = {}
        self.who: Any = None
        self.lone = False

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
        self.numbers, self.users, self.looped = {}, {}, {}

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
        if kind in (GLOBAL, CELL):
            if (kind, name) not in self.counted:
                return [], [(kind, name)] if site.writes else []
            where = frame.f_globals.get("__name__") if kind == GLOBAL else None
            return [("write" if site.writes else "read", (kind, str(name), where))], []
        values = stacked(frame, site.depth, site.where)
        if values is None:
            raise Unknown("what can't be looked at in this Python, which has to be CPython 3.11, 3.12 or 3.13")
        if kind == WITH:
            return [], []
        if kind == CALL:
            call = self.call(site, values)
            slot = _by_name(call)
            if slot is None:
                return self._called(call, values[1:] if site.code == "CALL_FUNCTION_EX" else [])
            return self._slot(*slot)
        if kind == SLOT:
            return self._slot(name, site.writes, values[0])
        return self._looked(site, values)

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
        try:
            return judged(function, given)
        except Unknown:
            if self.lone and not any(is_container(each) for value in given for each in reached(value, True)):
                return Call(function, None, [], "own")
            raise

    def _slot(self, name: Any, writes: bool, owner: Any) -> tuple[list[Touch], list[tuple[str, Any]]]:
        """What an access to an attribute touches."""
        if name == "__dict__":
            raise Unknown("__dict__")
        if not self.lone and kept_inside(owner, name):
            raise Unknown(f"{type(owner).__name__}.{name}, which the library changes by itself")
        if (SLOT, name) not in self.counted:
            return [], [(SLOT, name)] if writes else []
        return self._named(SLOT, name, self._owner(owner, name), writes)

    def _looked(self, site: Site, values: list[Any]) -> tuple[list[Touch], list[tuple[str, Any]]]:
        """What an instruction that looks at or into containers touches."""
        if site.code == "GET_ITER" and isinstance(values[0], _UNSIZED):
            return [], []
        if site.code == "MATCH_CLASS":
            names = (*values[2], *(getattr(values[1], "__match_args__", None) or ()))
            if any((SLOT, each) in self.counted for each in names):
                raise Unknown("a class pattern, which reads attributes that threads share")
            return [], []
        deep = site.code in _DEEP
        found: list[tuple[str, Any]] = []
        for number, value in enumerate(values):
            how = "write" if site.writes and number == 0 else "read"
            if how == "write" and (deep or type(value) not in CONTAINERS):
                how = "update"
            if site.code == "FOR_ITER":
                self.exclusive(value)
            for each in reached(value, deep):
                if isinstance(each, BuiltinFunctionType):
                    found.append(("update", each.__self__))
                elif is_container(each):
                    found.append((how, each))
                elif site.code not in _TRUTH:
                    self.foreign(each)
                how = "read" if deep else how
        return self._whole(found, deep and any(own_inside(each) for _, each in found))

    def _whole(self, found: list[tuple[str, Any]], own: bool) -> tuple[list[Touch], list[tuple[str, Any]]]:
        """What counts of these, which must be one step: no own code may be called in the middle."""
        touched, more = self._contents(found)
        if own and touched and not self.lone:
            raise Unknown("what calls own code while it goes through a container")
        return touched, more

    def exclusive(self, iterator: Any) -> None:
        """An iterator that a `for` goes through, which must be its thread's alone."""
        self.looped[id(iterator)] = iterator
        self.foreign(iterator)

    def foreign(self, value: Any) -> None:
        """An object of which nobody knows what changes it may be used by one thread."""
        if self.lone:
            return
        user = self.users.setdefault(id(value), (self.who, value))
        if user[0] != self.who:
            raise Unknown(f"{a(f'{type(value).__module__}.{type(value).__qualname__}')} that several threads use")

    def _called(self, call: Call, spread: list[Any]) -> tuple[list[Touch], list[tuple[str, Any]]]:
        """What a call touches."""
        found = [("read", each) for value in spread for each in reached(value, False) if is_container(each)]
        if call.kind == "own":
            return self._contents(found)
        function = call.function
        if (
            call.kind == "library"
            and getattr(function, "__module__", None) in _COPYING
            and any(map(has_own, call.given))
        ):
            raise Unknown(f"{function.__module__}.{function.__name__}, which reads all attributes of an object")
        name = getattr(function, "__name__", "")
        if call.kind == "method":
            how = "read" if name in _READERS else "write" if name in _WRITERS else "update"
            found.append((how, call.method))
        elif call.method is not None:
            self.foreign(call.method)
        if call.kind == "next":
            how = "update"
        elif call.kind == "method":
            how = "read"
        else:
            how = "read" if not isinstance(function, FunctionType) and function in _LOOKS else "update"
            if call.kind == "look" and type(function).__name__ in ("method_descriptor", "method-wrapper"):
                how = "read"
            if name in _READ_ONLY:
                how = "read"
        lazy = function in (map, filter)
        deep = name not in _SHALLOW and not lazy
        own = name in _CALLERS and calls_own(call.given)
        if call.kind == "method":
            own = own or (name in ("remove", "index", "count", "sort") and own_inside(call.method))
            call = call._replace(given=[] if name in _KEEPERS else call.given)
        for value in call.given:
            handed_over(value)
            for each in reached(value, deep):
                if isinstance(each, BuiltinFunctionType):  # map(items.append, …)
                    if not lazy:
                        found.append(("update", each.__self__))
                elif is_container(each):
                    found.append((how, each))
                    own = own or (deep and function is not next and own_inside(each))
                    if is_iterator(each) and not lazy:
                        own = own or (call.kind != "next" and calls_own(gc.get_referents(each)))
                        if id(each) in self.looped:
                            self.foreign(each)
                else:
                    self.foreign(each)
        return self._whole(found, own)

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


def _by_name(call: Call) -> tuple[str, bool, Any] | None:
    """`setattr(counter, "value", 1)` is what `counter.value = 1` is: name, whether it writes, owner."""
    if call.kind == "attribute":
        owner, given, what = call.method, call.given, call.function.__name__.strip("_")
    elif call.function in (getattr, setattr, delattr, hasattr) and len(call.given) > 1:
        owner, *given = call.given
        what = call.function.__name__
    else:
        return None
    if not given or not isinstance(given[0], str):
        raise Unknown(f"{what} of a name that can't be told")
    return given[0], what in ("setattr", "delattr"), owner
