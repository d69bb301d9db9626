"""
What can be seen of scheduled threads while all of them stand still.

Each stands in a frame of own code, whose line and variables are at hand; what threads share is read where it lies,
without a call of anybody's code. Nobody's own `__repr__` is called either: it might take a lock that one of those who
stand still is holding, and nobody would ever let it go.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import threading
from collections import deque
from collections.abc import Iterator
from types import FrameType, FunctionType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, Final

from .histories import OPENER
from .moments import Position
from .places import OWN, is_own, place
from .shorten import clip, shorten
from .steps import CELL, GLOBAL, LOOK, SLOT

if TYPE_CHECKING:
    from .actors import Actor
    from .sharing import Sharing

__all__ = ["Seen", "Witness", "in_words"]

MOST: Final = 12
"""Shared values that are shown."""

LIMIT: Final = 40
"""Characters of a value."""

_LOCK: Final = re.compile(r"<(?:un)?locked (?:_thread\.)?(\w+) object[^<>]*>")
"""A lock; who holds it stands elsewhere, and isn't a change of whatever the lock is kept in."""

_NUMBER: Final = re.compile(r"\b(started|stopped)(?: daemon)? \d+")
"""A thread's number, which is another in every run."""

_NOTHING: Final = object()


class Seen:
    """What one look has found: by lane, where each stands and its variables; and what threads share."""

    def __init__(self) -> None:
        self.positions: dict[str, Position] = {}
        self.locals: dict[str, dict[str, str]] = {}
        self.watched: dict[str, str] = {}


class Witness:
    """
    Look at the threads of one run.

    Args:
        sharing: knows what is shared, and numbers the objects.
    """

    def __init__(self, sharing: Sharing) -> None:
        self._sharing = sharing
        self._names: dict[int, str] = {}  # of numbered objects alone: others' ids are used again
        self._nameless: dict[str, int] = {}
        self._globals: dict[str, dict[str, Any]] = {}

    def look(self, actors: list[Actor]) -> Seen:
        """Look at these, which all stand still, and at what all share."""
        seen = Seen()
        frames = sys._current_frames()
        for actor in actors:
            frame = _own(frames.get(actor.ident or 0))
            if frame is None:
                continue
            code = frame.f_code
            seen.positions[actor.name] = Position(
                code.co_filename, frame.f_lineno or code.co_firstlineno, code.co_qualname, code.co_firstlineno
            )
            # What belongs to the function around it, or to the module, isn't the thread's own.
            shared = {*code.co_freevars} if code.co_name != "<module>" else {*frame.f_locals}
            seen.locals[actor.name] = {
                name: in_words(value)
                for name, value in list(frame.f_locals.items())
                if name not in shared and not name.startswith(".")
            }
            while frame is not None:
                self._learn_names(frame, actor.root == OPENER)
                frame = _own(frame.f_back)
        seen.watched = {name: in_words(value) for name, value in self._shared()}
        return seen

    def name_of(self, kind: str, name: Any) -> str:
        """What a place is called: an attribute's or variable's name, a container's as some code knows it."""
        if kind != LOOK:
            return str(name)
        for number, each in self._sharing.numbers.values():
            if number == name:
                return self._called(each)
        return "contents"

    def _called(self, each: Any) -> str:
        """What an object is called; one that no variable or attribute names, by its class."""
        if isinstance(each, type):
            return each.__name__
        known = self._names.get(id(each))
        if known is None:
            kind = type(each).__name__
            count = self._nameless[kind] = self._nameless.get(kind, 0) + 1
            known = self._names[id(each)] = kind if count == 1 else f"{kind} #{count}"
        return known

    def _learn_names(self, frame: FrameType, opener: bool) -> None:
        """
        Note how code calls objects, and what its module's variables are.

        Variables of a thread's own name several objects, one after the other or in one thread and another; those of
        the function that starts them, seldom.
        """
        for name, value in list(frame.f_locals.items()):
            if name != "self" and (opener or name in frame.f_code.co_freevars):
                self._name(value, name)
        for name in frame.f_code.co_names:
            if name in frame.f_globals:
                self._globals.setdefault(name, frame.f_globals)
                self._name(frame.f_globals[name], name)

    def _name(self, value: Any, name: str) -> None:
        if id(value) in self._sharing.numbers:
            self._names.setdefault(id(value), name)

    def _shared(self) -> Iterator[tuple[str, Any]]:
        """The places that count, by name, with their values."""
        counted = self._sharing.counted
        attributes = sorted(name for kind, name in counted if kind == SLOT)
        numbers = {name for kind, name in counted if kind == LOOK}
        found: dict[str, Any] = {}
        for name in sorted(name for kind, name in counted if kind == GLOBAL):
            value = self._globals.get(name, {}).get(name, _NOTHING)
            if value is not _NOTHING:
                found[name] = value
        everybody = sorted(self._sharing.numbers.values(), key=lambda entry: entry[0])
        for _, each in everybody:
            known = self._names.get(id(each))
            for name, value in _attributes(each):
                self._name(value, f"{known}.{name}" if known else name)
            if known:
                for name, value in _elements(each):
                    # Rather this than the name of a variable that went through them all.
                    if id(value) in self._sharing.numbers and not self._names.get(id(value), "").endswith("]"):
                        self._names[id(value)] = f"{known}[{name}]"
        for number, each in everybody:
            if isinstance(each, FunctionType):
                for name, cell in zip(each.__code__.co_freevars, each.__closure__ or (), strict=True):
                    if (CELL, name) in counted:
                        try:
                            found.setdefault(name, cell.cell_contents)
                        except ValueError:
                            pass  # it has no value yet
            for attribute in attributes:
                value = _attribute(each, attribute)
                if value is not _NOTHING:
                    found.setdefault(f"{self._called(each)}.{attribute}", value)
            if number in numbers:
                found.setdefault(self._called(each), each)
        yield from list(found.items())[:MOST]


def _own(frame: FrameType | None) -> FrameType | None:
    """The innermost frame of own code."""
    while frame is not None and place(frame.f_code.co_filename) is not OWN:
        frame = frame.f_back
    return frame


def _attributes(each: Any) -> Iterator[tuple[str, Any]]:
    own = getattr(each, "__dict__", None)
    if isinstance(own, dict) and not isinstance(each, threading.Thread):  # what it keeps, nobody calls so
        yield from list(own.items())


def _elements(each: Any) -> Iterator[tuple[str, Any]]:
    if type(each) in (list, tuple):
        yield from ((str(number), value) for number, value in enumerate(each))
    elif type(each) is dict:
        yield from ((in_words(key), value) for key, value in list(each.items()))


def _attribute(each: Any, name: str) -> Any:
    """The value of an object's own attribute, looked up without calling anything."""
    if isinstance(each, type):
        value = vars(each).get(name, _NOTHING)
        return _NOTHING if hasattr(type(value), "__get__") else value
    own = getattr(each, "__dict__", None)
    if not isinstance(each, FunctionType) and isinstance(own, dict) and name in own:
        return own[name]
    for kind in type(each).__mro__:
        slot = vars(kind).get(name)
        if isinstance(slot, MemberDescriptorType):
            try:
                return slot.__get__(each)
            except AttributeError:
                return _NOTHING
    return _NOTHING


def in_words(value: Any) -> str:
    """Put a value into a few words without calling own code's `__repr__`, in containers neither."""
    if not _is_safe(value, 3):
        return f"<{type(value).__name__}>"
    return clip(_LOCK.sub(r"<\1>", _NUMBER.sub(r"\1", shorten(value, 4 * LIMIT))), LIMIT)


def _is_safe(value: Any, depth: int) -> bool:
    """Whether its repr calls no code of the learner's, as far as can be told; asked without calling any."""
    shows = type(value).__repr__
    if isinstance(shows, FunctionType) and is_own(shows.__code__):
        return False
    inside: list[Any] = []
    kind: Any
    if isinstance(value, dict):
        inside = [*dict.keys(value), *dict.values(value)]
    else:
        for kind in (list, tuple, set, frozenset, deque):
            if isinstance(value, kind):
                inside = list(kind.__iter__(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inside = [_attribute(value, field.name) for field in dataclasses.fields(value)]
    return not inside or (depth > 0 and all(_is_safe(each, depth - 1) for each in inside[:100]))
