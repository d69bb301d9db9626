"""
What `watch=` asks for, and whether it can be had.

An attribute is watched on a class and on those of its subclasses that keep it elsewhere: in a slot of their
own, or with a default of their own. `plan` finds them before anything is replaced.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from types import FunctionType, MemberDescriptorType
from typing import Any, Final, NamedTuple

from .shorten import shorten

__all__ = ["MISSING", "Target", "Wanted", "never_there", "own_attribute", "plan", "wanted"]

MISSING: Final = object()

_FIXED: Final = 1 << 8
_ON_HEAP: Final = 1 << 9
"""Flags of a type: it can't be changed; a class statement, and not C, has made it."""

_EXAMPLE: Final = 'watch={FakeDatabase: "value"}'


class Wanted(NamedTuple):
    """An attribute to watch: `name` is what instances have, `said` what was asked for (`__value`)."""

    owner: type
    name: str
    said: str

    def __str__(self) -> str:
        return f"watch={{{self.owner.__name__}: {self.said!r}}}"


class Target(NamedTuple):
    """A class on which an attribute is to be watched, and the slot that its instances keep it in, or None."""

    owner: type
    name: str
    said: str
    slot: Any


def wanted(watch: object) -> tuple[Wanted, ...]:
    """
    Take a `watch=` apart.

        >>> wanted({FakeDatabase: ("value", "_lock")})
        (Wanted(owner=<class 'FakeDatabase'>, name='value', said='value'), Wanted(...))

    Args:
        watch: what was given: None, or classes and the names of their attributes.

    Raises:
        TypeError: it isn't that, or a class can't be changed.
        ValueError: it names nothing, or an attribute that can't be watched.
    """
    if watch is None:
        return ()
    if not isinstance(watch, Mapping):
        raise TypeError(f"watch must say which attributes of which classes, as in {_EXAMPLE}, not {shorten(watch)}")
    if not watch:
        raise ValueError(f"watch={shorten(watch)} names no class: leave it out, or write {_EXAMPLE}")
    found = tuple(dict.fromkeys(_each(watch)))
    plan(found)
    return found


def _each(watch: Mapping[Any, Any]) -> Iterator[Wanted]:
    for owner, names in watch.items():
        if not isinstance(owner, type):
            raise TypeError(
                f"watch takes classes, and {shorten(owner)} is none: write the class, as in "
                f"{_EXAMPLE.replace('FakeDatabase', _class_name(owner))}"
            )
        if owner.__flags__ & _FIXED or not owner.__flags__ & _ON_HEAP:
            raise TypeError(
                f"attributes of {owner.__name__} can't be watched, since it is written in C: watch the attribute "
                f"of a class of your own that holds it, as in {_EXAMPLE}"
            )
        listed = [names] if isinstance(names, str) else names
        if not isinstance(listed, list | tuple | set | frozenset):
            raise TypeError(
                f"watch must give attributes of {owner.__name__} by name, as in "
                f"{_EXAMPLE.replace('FakeDatabase', owner.__name__)}, not {shorten(names)}"
            )
        if not listed:
            raise ValueError(f"watch names no attribute of {owner.__name__}: give at least one, as in {_EXAMPLE}")
        for name in listed if isinstance(listed, list | tuple) else sorted(listed, key=str):
            yield Wanted(owner, _real_name(owner, name), name)


def _class_name(owner: object) -> str:
    kind = type(owner)
    return kind.__name__ if kind.__flags__ & _ON_HEAP else "FakeDatabase"


def _real_name(owner: type, name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"watch must give attributes of {owner.__name__} by name, not {shorten(name)}")
    if not name.isidentifier():
        raise ValueError(f"watch: {name!r} can't be an attribute of {owner.__name__}: it isn't a name")
    if name.startswith("__") and name.endswith("__"):
        raise ValueError(f"{owner.__name__}.{name} can't be watched, since Python itself uses it")
    if name.startswith("__") and owner.__name__.strip("_"):
        return f"_{owner.__name__.lstrip('_')}{name}"  # as the compiler does within the class
    return name


def own_attribute(owner: type, name: str) -> Any:
    """What a class itself has by a name, or `MISSING`."""
    return vars(owner).get(name, MISSING)


def _found(owner: type, name: str) -> tuple[type | None, Any]:
    """Look for a name as Python does for an instance: which class has it first, and what it is."""
    for each in owner.__mro__:
        value = own_attribute(each, name)
        if value is not MISSING:
            return each, value
    return None, MISSING


def _family(owners: Iterable[type]) -> list[type]:
    """Find the classes and all of their subclasses, every one after its bases."""
    found: dict[type, None] = {}
    rest = list(owners)
    while rest:
        owner = rest.pop()
        if owner not in found:
            found[owner] = None
            rest += type.__subclasses__(owner)
    return sorted(found, key=lambda owner: len(owner.__mro__))


def plan(asked: Iterable[Wanted]) -> list[Target]:
    """
    Find where attributes have to be watched.

    A subclass that makes a property or a method of the attribute isn't watched.

    Raises:
        ValueError: one can't be watched; the message says why.
    """
    targets: list[Target] = []
    by_name: dict[str, list[Wanted]] = {}
    for each in asked:
        by_name.setdefault(each.name, []).append(each)
    for name, wishes in by_name.items():
        roots = {each.owner: each for each in wishes}
        chosen: dict[type, type | None] = {}
        for owner in _family(roots):
            at, value = _found(owner, name)
            if owner in roots:
                _check(roots[owner], at, value)
            covering = next((each for each in owner.__mro__ if each in chosen), None)
            if covering is not None and at is not owner and at is chosen[covering]:
                continue
            if hasattr(type(value), "__get__") and not _is_slot(value):
                continue
            chosen[owner] = at
            slot = value if isinstance(value, MemberDescriptorType) else None
            targets.append(Target(owner, name, wishes[0].said, slot))
    return targets


def _is_slot(value: object) -> bool:
    """Tell whether it is the slot of a class made by a class statement."""
    return isinstance(value, MemberDescriptorType) and bool(value.__objclass__.__flags__ & _ON_HEAP)


def _check(wish: Wanted, at: type | None, value: Any) -> None:
    owner, said = wish.owner, wish.said
    if value is MISSING:
        if not _has_dict(owner):
            there = [name for name in _names(owner) if name != said]
            raise ValueError(
                f"no instance of {owner.__name__} can have an attribute {said!r}: its slots are {_listed(there)}"
            )
        return
    if not hasattr(type(value), "__get__") or _is_slot(value):
        return
    there = [name for name in _names(owner) if name != said]
    instead = f": watch what is kept in the instances, such as {there[0]!r}" if there else ""
    if isinstance(value, property | cached_property):
        inside = _attributes_read(value)
        kept = next((name for name in there if name in inside), None)
        instead = f": watch what it is worked out from, such as {kept!r}" if kept else instead
        raise ValueError(
            f"{owner.__name__}.{said} can't be watched, since it is a {type(value).__name__}, and runs code of its own"
            f"{instead}"
        )
    if isinstance(value, FunctionType | classmethod | staticmethod):
        raise ValueError(f"{owner.__name__}.{said} can't be watched, since it is a method{instead}")
    raise ValueError(
        f"{owner.__name__}.{said} can't be watched, since it is a {type(value).__name__}, which finds its values "
        f"in a way of its own{instead}"
    )


def _attributes_read(value: Any) -> tuple[str, ...]:
    function = value.fget if isinstance(value, property) else value.func
    return function.__code__.co_names if isinstance(function, FunctionType) else ()


def _has_dict(owner: type) -> bool:
    return any(each.__dictoffset__ for each in owner.__mro__)


def _names(owner: type) -> list[str]:
    """The attributes that a class's own code gives to its instances, as far as it can be told from the code."""
    found: dict[str, None] = {}
    for each in owner.__mro__:
        if not each.__flags__ & _ON_HEAP:
            continue
        for name, value in list(vars(each).items()):
            if isinstance(value, FunctionType):
                found |= dict.fromkeys(_set_by(value))
            elif isinstance(value, MemberDescriptorType) or not (
                name.startswith("__") or hasattr(type(value), "__get__")
            ):
                found[name] = None
        found |= dict.fromkeys(vars(each).get("__annotations__", ()))
    return list(found)


def _set_by(function: FunctionType) -> Iterator[str]:
    """Find the attributes that a method sets on its first argument."""
    import dis  # as in `naming`, not before it is needed

    code = function.__code__
    receiver = code.co_varnames[0] if code.co_argcount else None
    before: Any = None
    for instruction in dis.get_instructions(code):
        if instruction.opname == "STORE_ATTR" and receiver is not None:
            last = before[-1] if isinstance(before, tuple) else before
            if last == receiver:
                yield str(instruction.argval)
        before = instruction.argval


def _listed(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "") or "none"


def never_there(wish: Wanted) -> str | None:
    """
    Say that an attribute nobody has read or written is one that no instance has; None if some may have it.

    Args:
        wish: what was asked for, after a recording in which it wasn't accessed.
    """
    known = dict.fromkeys(name for owner in _family([wish.owner]) for name in _names(owner))
    if wish.name in known:
        return None
    instances = [each for each in gc.get_objects() if wish.owner in type(each).__mro__]
    for each in instances:
        try:
            known |= dict.fromkeys(object.__getattribute__(each, "__dict__"))
        except AttributeError:
            continue
    if wish.name in known:
        return None
    from difflib import get_close_matches

    close = get_close_matches(wish.said, known, 1)
    there = f"its instances have {_listed(sorted(known, key=str))}" if known else "its instances have no attributes"
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{wish}: no instance of {wish.owner.__name__} ever got an attribute {wish.said!r}; {there}{hint}"
