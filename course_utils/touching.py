"""An instruction that may touch something shared, and whether all it works on is its thread's own."""

from __future__ import annotations

from typing import Final, NamedTuple

from .stacks import FRESH, Expression

__all__ = ["ASSUMED", "CALL", "CELL", "GLOBAL", "LOOK", "SLOT", "WITH", "Site", "concerning", "is_fresh"]

SLOT: Final = "attribute"
GLOBAL: Final = "global"
CELL: Final = "cell"
LOOK: Final = "contents"
CALL: Final = "call"
WITH: Final = "with"


class Site(NamedTuple):
    """
    An instruction that may touch something shared.

    Attributes:
        kind: SLOT, GLOBAL or CELL (by `name`), LOOK (at or into containers), CALL, WITH.
        name: of the attribute or variable; None for the others.
        writes: whether it writes.
        operands: the expressions of what it works on; for a CALL the callee's, then the arguments'.
        where: the operands lie on the interpreter's stack, counted from its top, and
        depth: how many objects are on it; see `operands`.
        code: the instruction's name.
        until: where the next one begins.
        own: whether what it works on is its thread's own container; others may know what is in that.
    """

    kind: str
    name: str | None
    writes: bool
    operands: tuple[Expression, ...]
    where: tuple[int, ...] = ()
    depth: int = -1
    code: str = ""
    until: int = -1
    own: bool = False


_MAKERS: Final = frozenset({"list", "dict", "set", "sorted", "bytearray"})
ASSUMED: Final = _MAKERS | frozenset({
    "len", "tuple", "frozenset", "sum", "min", "max", "any", "all", "enumerate", "zip", "reversed", "str", "repr",
    "print", "bool", "isinstance", "type",
})  # fmt: skip
"""Builtins that keep no container they are given: one in a variable stays the thread's own."""


def is_fresh(expression: Expression) -> bool:
    """Whether an expression makes a new container."""
    if expression is None:
        return False
    if expression[0] == "call":
        callee = expression[1]
        return callee is not None and callee[0] == "global" and callee[1] in _MAKERS
    return expression == FRESH


_DEEP: Final = frozenset({
    "COMPARE_OP", "CONTAINS_OP", "BINARY_OP", "FORMAT_VALUE", "FORMAT_SIMPLE", "FORMAT_WITH_SPEC", "CONVERT_VALUE",
})  # fmt: skip
"""Instructions that may look at what is in a container, too."""
_KEEPERS: Final = frozenset({
    "append", "appendleft", "add", "insert", "pop", "popleft", "popitem", "clear", "get", "setdefault", "keys",
    "values", "items", "copy", "reverse", "rotate", "discard",
})  # fmt: skip
"""Methods that look neither at what is in a container nor into what they are given."""


def concerning(site: Site, private: set[str]) -> Site | None:
    """A site if it may concern others than its thread, whose own all containers in these variables are."""
    if not _concerns_only(site, private):
        return site
    if site.kind == CALL:
        callee = site.operands[0]
        further = callee is None or callee[2] not in _KEEPERS
    else:
        further = site.code in _DEEP
    return site._replace(own=True) if further else None


def _concerns_only(site: Site, private: set[str]) -> bool:
    """Whether all it works on are new containers, or variables that hold the thread's own."""
    if site.kind == SLOT:
        (owner,) = site.operands
        return owner is not None and owner[0] == "local" and owner[1] in private
    if site.kind == CALL:
        callee = site.operands[0]
        return (
            callee is not None
            and callee[0] == "method"
            and callee[1] is not None
            and (callee[1] == FRESH or (callee[1][0] == "local" and callee[1][1] in private))
        )
    if site.kind != LOOK:
        return False
    return all(_is_private(operand, private) for operand in site.operands)


def _is_private(operand: Expression, private: set[str]) -> bool:
    if operand is None:
        return False
    if operand[0] == "local":
        return operand[1] in private
    if operand[0] == "iter":
        return _is_private(operand[1], private)
    return operand[0] in ("fresh", "const", "slice")
