"""What came of a scenario: the value it returned, the exception it raised, or `Deadlock`."""

from __future__ import annotations

from collections.abc import Hashable
from enum import Enum
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

    A value that can't be hashed, or that wouldn't be equal to what another run makes, is told apart by its repr.
    """
    if error is not None:
        return ("raised", exception_text(error))
    try:
        hash(result)
    except TypeError:
        return ("repr", type(result).__qualname__, repr(result))
    if isinstance(result, Enum) or not _lasts(result):
        return ("repr", type(result).__qualname__, repr(result))
    return ("returned", type(result), result)


def _lasts(value: object) -> bool:
    """Whether a value is equal to one that another run makes in the same way."""
    if isinstance(value, tuple | frozenset) and not all(map(_lasts, value)):
        return False
    if value is None or isinstance(value, Enum):
        return True
    if isinstance(value, type):
        return "<locals>" not in value.__qualname__
    return type(value).__eq__ is not object.__eq__ and "<locals>" not in type(value).__qualname__


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
