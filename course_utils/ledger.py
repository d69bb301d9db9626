"""
Which places count as shared, and which objects' they are.

A name that only constructors write before the threads start is no concern of anybody: reading it is no step. Which
names count is learned: the first write of a new one while several threads live makes it one, and the count starts
again (see `world.Counts`).

Of two objects with an attribute of one name, and of lists and dicts, one must know which it is. Those that are
there when the first thread starts are numbered in the order in which its code can reach them, which is the same in
every run; an access to another, or to one that can't be told, makes its name *vague*: from then on all
objects' attributes of that name are one place.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MemberDescriptorType, ModuleType
from typing import Any, Final

from .reaching import numbered
from .steps import LOOK
from .watchlist import MISSING

__all__ = ["CONTENTS", "VAGUE", "Ledger", "Touch", "Touches"]

CONTENTS: Final = LOOK
VAGUE: Final = "vague"

Touch = tuple[str, tuple[str, str, Any]]
"""What an instruction is about to do, "read", "write" or "update" (both), and to which place."""

Touches = tuple[list[Touch], list[tuple[str, Any]]]
"""What counts, and what would have to count: (kind, name) of an uncounted place, or (VAGUE, …) of a vague one."""


class Ledger:
    """
    What is known of shared places: learned once, for all runs of an exploration.

    Attributes:
        counted: the shared places: (kind, name), or (kind, number) of a container.
        vague: names of which all objects' are one place.
        numbers: of the objects that were there when the first thread started, by `id`.
    """

    def __init__(self) -> None:
        self.counted: set[tuple[str, Any]] = set()
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

    def number_of(self, known: Any) -> int | None:
        """The number of an object; None if it was made later, or can't be reached."""
        entry = self.numbers.get(id(known))
        return None if entry is None else entry[0]

    # Which place is meant.

    def named(self, how: str, kind: str, name: Any, owner: Any) -> Touches:
        """What counts of an access by name, to what has this number."""
        vague = (kind, name) in self.vague
        more = [] if owner is not None or vague else [(VAGUE, (kind, name))]
        return [(how, (kind, name, None if vague else owner))], more

    def contents(self, found: list[tuple[str, Any]]) -> Touches:
        """What counts of accesses to containers, which are given as (how, the container)."""
        touched: dict[Any, str] = {}
        more: list[tuple[str, Any]] = []
        every = (CONTENTS, None) in self.counted
        for how, value in found:
            number = self.number_of(value)
            if every or (number is not None and (CONTENTS, number) in self.counted):
                key = None if every else number
                touched[key] = how if touched.get(key, how) == how else "update"
            elif how != "read":
                more.append((CONTENTS, number))
        if len(touched) > 1:
            more.append((CONTENTS, None))
        return [(how, (CONTENTS, "", number)) for number, how in touched.items()][:1], more

    def owner(self, owner: Any, name: Any) -> Any:
        """The number of the object whose attribute it is; None if that can't be told."""
        number = self.number_of(owner)
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
