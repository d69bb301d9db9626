"""What came of a scenario: the value it returned, the exception it raised, or `Deadlock`."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final

from .deadlock import Deadlock
from .shorten import clip, shorten
from .texts import exception_text

__all__ = ["do", "does", "in_words", "outcome_of", "public"]

_LONGEST: Final = 80
"""Characters that an outcome takes in a sentence or a table."""


def outcome_of(result: object, error: BaseException | None) -> Hashable:
    """
    Make what outcomes are told apart by: a tuple that begins with "returned", "repr" or "raised".

        >>> outcome_of(2, None)
        ('returned', <class 'int'>, 2)

    A value that can't be hashed is told apart by its repr.
    """
    if error is not None:
        return ("raised", exception_text(error))
    try:
        hash(result)
    except TypeError:
        return ("repr", type(result), repr(result))
    if type(result).__eq__ is object.__eq__ and result is not None and not isinstance(result, type):
        return ("repr", type(result), repr(result))
    return ("returned", type(result), result)


def public(outcome: Hashable) -> Any:
    """What its user knows it by: the value, its repr, the exception's type and message, or `Deadlock`."""
    assert isinstance(outcome, tuple)
    return Deadlock if outcome == ("deadlock",) else outcome[-1]


def in_words(outcome: Hashable) -> str:
    """Put an outcome into a few words."""
    value = public(outcome)
    if value is Deadlock:
        return "Deadlock"
    in_text = isinstance(outcome, tuple) and outcome[0] in ("repr", "raised")
    return clip(value, _LONGEST) if in_text else shorten(value, _LONGEST)


def do(outcome: Hashable) -> str:
    """Name what interleavings do to come to an outcome: "return", "raise" or "end in"."""
    kind = outcome[0] if isinstance(outcome, tuple) else ""
    return {"raised": "raise", "deadlock": "end in"}.get(str(kind), "return")


def does(outcome: Hashable) -> str:
    """Name what one interleaving does: "returns", "raises" or "ends in"."""
    return {"raise": "raises", "end in": "ends in", "return": "returns"}[do(outcome)]
