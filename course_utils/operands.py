"""
What an instruction is about to work on, taken from the interpreter's own stack.

Byte code tells which expressions an instruction works on, but not always which objects these are: a variable may have
been assigned anew since, and a function may return something else each time. On the stack they lie as they are. How
many there are when an instruction is met follows from the byte code; where they lie is the same in all releases of a
Python version, and looked for in no other.
"""

from __future__ import annotations

import ctypes
import dis
import sys
import sysconfig
from itertools import pairwise
from types import CodeType, FrameType
from typing import Any, Final

from .stacks import OLD

__all__ = ["ENDS", "NOTHING", "depths", "positions", "stacked"]

NOTHING: Final = object()
"""Where the stack holds nothing, as beside the callee of a plain call."""

_FRAME: Final = 24
_CODE: Final = {(3, 11): 32, (3, 12): 0, (3, 13): 0}.get(sys.version_info[:2])
_LOCALS: Final = 72
_READABLE: Final = (
    _CODE is not None
    and sys.implementation.name == "cpython"
    and ctypes.sizeof(ctypes.c_void_p) == 8
    and not sysconfig.get_config_var("Py_GIL_DISABLED")
    and not hasattr(sys, "gettotalrefcount")
)

_TOP: Final = (1,)
_POSITIONS: Final = {
    "BINARY_SUBSCR": (2,), "STORE_SUBSCR": (2, 3), "DELETE_SUBSCR": (2,), "BINARY_SLICE": (3,), "STORE_SLICE": (3, 4),
    "FORMAT_WITH_SPEC": (2,), "MATCH_KEYS": (2,), "BINARY_OP": (2, 1), "COMPARE_OP": (2, 1), "CONTAINS_OP": (2, 1),
    "MATCH_CLASS": (3, 2, 1), "SEND": (2,),
}  # fmt: skip


def positions(instruction: dis.Instruction) -> tuple[int, ...]:
    """Where the operands of an instruction lie, counted from the top; for a call, the lowest first."""
    name, arg = instruction.opname, instruction.arg or 0
    if name == "CALL":
        return tuple(range(arg + 2, 0, -1))
    if name == "CALL_KW":
        return tuple(range(arg + 3, 1, -1))
    if name == "CALL_FUNCTION_EX":
        more = arg & 1
        return (2 + more + (not OLD), *range(1 + more, 0, -1))
    if name == "FORMAT_VALUE":
        return (2,) if arg & 4 else _TOP
    return _POSITIONS.get(name, _TOP)


def depths(code: CodeType) -> dict[int, int]:
    """How many objects are on the stack before each instruction, by offset."""
    instructions = list(dis.get_instructions(code))
    after = {one.offset: other.offset for one, other in pairwise(instructions)}
    at = {each.offset: each for each in instructions}
    known: dict[int, int] = {}
    waiting = [(0, 0)]
    for entry in getattr(dis.Bytecode(code), "exception_entries", ()):
        waiting.append((entry.target, entry.depth + 1 + entry.lasti))
    while waiting:
        offset, depth = waiting.pop()
        while offset in at and offset not in known:
            known[offset] = depth
            instruction = at[offset]
            name = instruction.opname
            if instruction.opcode in dis.hasjrel or instruction.opcode in dis.hasjabs:
                waiting.append((instruction.argval, depth + _effect(instruction, True)))
            if name in ENDS:
                break
            depth = 1 if name == "RETURN_GENERATOR" else depth + _effect(instruction, False)
            offset = after.get(offset, -1)
    return known


ENDS: Final = frozenset({
    "RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "JUMP_FORWARD", "JUMP_BACKWARD",
    "JUMP_BACKWARD_NO_INTERRUPT", "INTERPRETER_EXIT",
})  # fmt: skip


def _effect(instruction: dis.Instruction, jump: bool) -> int:
    if sys.version_info < (3, 12):  # there the two share what the call takes; at the call itself all is still there
        if instruction.opname == "PRECALL":
            return 0
        if instruction.opname == "CALL":
            return -1 - (instruction.arg or 0)
    return dis.stack_effect(instruction.opcode, instruction.arg, jump=jump)


def stacked(frame: FrameType, depth: int, where: tuple[int, ...]) -> list[Any] | None:
    """
    Take operands from a frame's stack.

    Args:
        frame: stands at an instruction.
        depth: how many objects are on its stack there.
        where: which, counted from the top.

    Returns:
        the objects, NOTHING for a place that is empty; None if this Python's frames can't be read.
    """
    code = frame.f_code
    if not _READABLE or depth > code.co_stacksize or depth < max(where, default=0):
        return None
    inner = ctypes.c_void_p.from_address(id(frame) + _FRAME).value
    if inner is None or ctypes.c_void_p.from_address(inner + (_CODE or 0)).value != id(code):
        return None
    variables = len({*code.co_varnames, *code.co_cellvars}) + len(code.co_freevars)
    top = inner + _LOCALS + 8 * (variables + depth)
    taken: list[Any] = []
    for each in where:
        place = top - 8 * each
        if ctypes.c_void_p.from_address(place).value is None:
            taken.append(NOTHING)
        else:
            taken.append(ctypes.py_object.from_address(place).value)
    return taken
