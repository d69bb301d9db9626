"""
At which instructions a thread can be told from others: where one is met, and before which another may be let in.

Before an instruction that only moves what lies on its own thread's stack and in its own variables, another thread might
as well be let in before the next one. All others count, whatever they work on.
"""

from __future__ import annotations

import dis
from functools import lru_cache
from types import CodeType
from typing import Final

__all__ = ["firsts", "instants"]

_MOVING: Final = frozenset({
    "BUILD_CONST_KEY_MAP", "BUILD_LIST", "BUILD_MAP", "BUILD_SLICE", "BUILD_TUPLE", "CACHE", "COPY", "COPY_FREE_VARS",
    "END_FOR", "EXTENDED_ARG", "IS_OP", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_FORWARD", "KW_NAMES",
    "LOAD_ASSERTION_ERROR", "LOAD_CLOSURE", "LOAD_CONST", "LOAD_FAST", "LOAD_FAST_AND_CLEAR", "LOAD_FAST_CHECK",
    "LOAD_FAST_LOAD_FAST", "MAKE_CELL", "MAKE_FUNCTION", "NOP", "POP_EXCEPT", "POP_JUMP_BACKWARD_IF_NONE",
    "POP_JUMP_BACKWARD_IF_NOT_NONE", "POP_JUMP_FORWARD_IF_NONE", "POP_JUMP_FORWARD_IF_NOT_NONE", "POP_JUMP_IF_NONE",
    "POP_JUMP_IF_NOT_NONE", "POP_TOP", "PRECALL", "PUSH_EXC_INFO", "PUSH_NULL", "RERAISE", "RESUME", "RETURN_CONST",
    "RETURN_GENERATOR", "RETURN_VALUE", "SET_FUNCTION_ATTRIBUTE", "STORE_FAST", "STORE_FAST_LOAD_FAST",
    "STORE_FAST_STORE_FAST", "SWAP",
})  # fmt: skip


@lru_cache(maxsize=4096)
def instants(code: CodeType) -> frozenset[int]:
    """The offsets of instructions before which it may matter that another thread is let in."""
    first = firsts(code)
    found = [each.offset for each in dis.get_instructions(code) if each.opname not in _MOVING]
    return frozenset([*found, *(first[offset] for offset in found if offset in first)])


def firsts(code: CodeType) -> dict[int, int]:
    """
    Where instructions with large arguments begin, by their offsets: at the first `EXTENDED_ARG`.

    A trace function is told of that one alone.
    """
    found: dict[int, int] = {}
    begin: int | None = None
    for each in dis.get_instructions(code):
        if each.opname == "EXTENDED_ARG":
            begin = each.offset if begin is None else begin
        elif begin is not None:
            found[each.offset] = begin
            begin = None
    return found
