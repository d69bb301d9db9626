"""
What threads have done, and what they do next.

Code that is deterministic does what follows from what it has learned. A thread's *history* is all of that: where it
began, and its steps, each with what it brought: a read, the write that it saw; an attempt to take a lock, whether
it could. Histories are numbered: two threads' paths, or two runs', that are the same have the same number.

Terms:

step
    one visible operation; between steps a thread runs through a *stretch* of code that concerns nobody else
place
    what a read or a write is of: a tuple (kind, name, owner). Where the owner is None, several places
    may go by the name, and a write counts as one on top of the last
label
    what a lock, queue and the like is known by: where in which history it was made
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final, NamedTuple

__all__ = ["OPENER", "Book", "Differs", "Op", "Stretch"]

OPENER: Final = 0
"""The history of a scenario that has only begun."""


class Op(NamedTuple):
    """
    What a thread stands before: an operation that others can see, or for which it has to wait.

    Attributes:
        kind: "read", "acquire", "put", …: one that `models` knows.
        on: the place or label.
        how: more about it.
        patience: ns after which the thread gives up or wakes, or None; a virtual clock heeds it.
        line: of the code that does it: (file, line), or None.
    """

    kind: str
    on: Hashable
    how: Any = None
    patience: int | None = None
    line: tuple[str, int] | None = None


class Stretch(NamedTuple):
    """
    What a thread does after a history, up to its next operation.

    Attributes:
        effects: what others may notice of it, as tuples that begin with a word, in order.
        then: the operation that it comes to, or None if it ends.
    """

    effects: tuple[tuple[Any, ...], ...]
    then: Op | None


class Differs(Exception):
    """A history was met again, and went on in another way."""

    def __init__(self, history: int, before: Stretch, now: Stretch) -> None:
        super().__init__(history, before, now)
        self.history = history
        self.before = before
        self.now = now


class Book:
    """Every history met so far, and how it goes on."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, Hashable], int] = {}
        self.parents: list[tuple[int, Hashable]] = [(-1, None)]
        self.stretches: dict[int, Stretch] = {}

    def after(self, history: int, entry: Hashable) -> int:
        """The number of a history with one more entry."""
        key = (history, entry)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.parents)
            self.parents.append(key)
        return number

    def learn(self, history: int, stretch: Stretch) -> None:
        """
        Write down how a history goes on.

        Raises:
            Differs: it went on in another way before.
        """
        known = self.stretches.setdefault(history, stretch)
        if known != stretch:
            raise Differs(history, known, stretch)
