"""
What the last run left: shared places that hold something else when threads start than they did in the run before.

Every run must begin alike. A flag or a set that lives in a module, a class or a default argument, and that no run puts
back, is what it is for real only once: all runs but the first would be of another program.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from types import FrameType, FunctionType, MemberDescriptorType, ModuleType
from typing import Any, Final

from .ledger import CONTENTS
from .reaching import CONTAINERS
from .shorten import shorten
from .steps import CELL, GLOBAL, SLOT
from .understood import own_module
from .watchlist import MISSING

__all__ = ["Beginnings"]

_SAID: Final = (bool, int, float, complex, str, bytes, type(None))

Numbers = dict[int, tuple[int, Any]]


class Beginnings:
    """What shared places held when the threads started, in the first run that knew of them."""

    def __init__(self) -> None:
        self._first: dict[tuple[Any, ...], Any] = {}

    def differing(self, counted: set[tuple[str, Any]], numbers: Numbers, frames: Iterable[FrameType]) -> str | None:
        """
        Compare with the first run.

        Args:
            counted: the shared places.
            numbers: the objects that are there.
            frames: of the code that starts the first thread.

        Returns:
            what holds something else than it did, in words; None if all is as it was.
        """
        for place, value in _places(counted, numbers, frames):
            said = (_inside if place[0] == CONTENTS else _said)(value, numbers)
            before, shown = self._first.setdefault(place, (said, _shown(value)))
            if before != said:
                return f"{_name(place, numbers)} is {_shown(value)} when threads start, and was {shown} before"
        return None


def _places(
    counted: set[tuple[str, Any]], numbers: Numbers, frames: Iterable[FrameType]
) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each shared place that is there, with what it holds."""
    names: dict[str, set[Any]] = {GLOBAL: set(), CELL: set(), SLOT: set(), CONTENTS: set()}
    for kind, name in counted:
        names.get(kind, set()).add(name)
    modules = [frame.f_globals for frame in frames]
    for number, each in numbers.values():
        if isinstance(each, FunctionType):
            modules.append(each.__globals__)
            for name, cell in zip(each.__code__.co_freevars, each.__closure__ or (), strict=True):
                if name in names[CELL]:
                    yield (CELL, name, number), _of_cell(cell)
        if isinstance(each, CONTAINERS) and not names[CONTENTS].isdisjoint((None, number)):
            yield (CONTENTS, None, number), each
        for name in names[SLOT]:
            value = _held(each, name)
            if value is not MISSING:
                yield (SLOT, name, number), value
    if names[GLOBAL]:
        modules += [
            vars(each) for each in list(sys.modules.values()) if isinstance(each, ModuleType) and own_module(each)
        ]
    for namespace in {id(each): each for each in modules}.values():
        for name in names[GLOBAL]:
            if name in namespace:
                yield (GLOBAL, name, namespace.get("__name__")), namespace[name]


def _of_cell(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing has been assigned yet
        return MISSING


def _held(owner: Any, name: str) -> Any:
    """What an object or a class holds under a name, without asking it."""
    if isinstance(owner, type):
        return vars(owner).get(name, MISSING)
    for kind in type(owner).__mro__:
        found = vars(kind).get(name)
        if isinstance(found, MemberDescriptorType):
            try:
                return found.__get__(owner)
            except AttributeError:
                return MISSING
    try:
        return object.__getattribute__(owner, "__dict__").get(name, MISSING)
    except AttributeError:
        return MISSING


def _said(value: Any, numbers: Numbers) -> Any:
    """What can be compared of a value: itself, if it can't change; of others, of what kind and which they are."""
    if isinstance(value, _SAID):
        return type(value), value
    if isinstance(value, tuple):
        return tuple(_said(each, numbers) for each in value)
    if isinstance(value, frozenset):
        return frozenset(_said(each, numbers) for each in value)
    return type(value).__qualname__, numbers.get(id(value), (None,))[0]


def _inside(container: Any, numbers: Numbers) -> Any:
    """What can be compared of what is in a container."""
    if isinstance(container, dict):
        return _said(tuple(container.items()), numbers)
    return _said(frozenset(container) if isinstance(container, set) else tuple(container), numbers)


def _shown(value: Any) -> str:
    return shorten(value, 40) if isinstance(value, (*_SAID, *CONTAINERS, tuple, frozenset)) else "another object"


def _name(place: tuple[Any, ...], numbers: Numbers) -> str:
    kind, name, number = place
    if kind in (GLOBAL, CELL):
        return f"the variable {name}"
    owner = next((each for which, each in numbers.values() if which == number), None)
    if kind == SLOT:
        return f"{name} of {owner.__qualname__ if isinstance(owner, type) else f'a {type(owner).__qualname__}'}"
    return f"a {type(owner).__name__}"
