"""
The interpreter's stack in expressions instead of values: what is where, as far as byte code alone can tell.

Expressions are tuples: ("local", name), ("deref", name), ("global", name), ("attr", expression, name),
("method", expression, name), ("call", callee, arguments), ("item", expression), ("const", value), ("fresh",) for a new
container, ("comprehension", code) for one that is a function of its own, as up to 3.11; None is one that can't be told.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from types import CodeType
from typing import Any, Final

__all__ = ["FRESH", "NULL", "OLD", "SELF", "SLICE", "Expression", "Stack", "comprehensions", "folded", "is_class"]

Expression = tuple[Any, ...] | None

FRESH: Final = ("fresh",)
NULL: Final = ("null",)
SELF: Final = ("self",)
SLICE: Final = ("slice",)

OLD: Final = sys.version_info < (3, 13)


class Stack:
    """
    The stack at one instruction after the other, and what becomes of variables.

    Attributes:
        stack: expressions, the lowest first; below them is what isn't known.
        later: the stack at instructions that somebody jumps to.
        stored: what is assigned to each variable.
        escaped: variables whose value somebody else may know.
        bound: what variables that nobody assigns are known to be.
    """

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self.stack: list[Expression] = []
        self.later: dict[int, list[Expression]] = {}
        self.stored: dict[str, list[Expression]] = {}
        self.escaped: set[str] = set()
        self.bound: dict[str, Expression] = {}

    def pop(self, count: int = 1) -> list[Expression]:
        """The top `count`, lowest first."""
        taken: list[Expression] = [None] * max(count - len(self.stack), 0)
        if count:
            taken += self.stack[-count:]
            del self.stack[-count:]
        return taken

    def push(self, *made: Expression) -> None:
        self.stack.extend(made)

    def escape(self, *given: Expression) -> None:
        """Somebody else may know these from now on."""
        for each in given:
            if each is not None:
                if each[0] == "local":
                    self.escaped.add(each[1])
                elif each[0] in ("call", "iter", "next"):
                    self.escape(*_parts(each))

    def merge(self, target: int, stack: list[Expression]) -> None:
        known = self.later.get(target)
        if known is None:
            self.later[target] = list(stack)
            return
        size = min(len(known), len(stack))
        self.escape(*known[: len(known) - size], *stack[: len(stack) - size])
        pairs = zip(known[len(known) - size :], stack[len(stack) - size :], strict=True)
        merged: list[Expression] = []
        for one, other in pairs:
            if one != other:  # which of them is used cannot be told
                self.escape(one, other)
            merged.append(one if one == other else None)
        self.later[target] = merged

    def guess(self, instruction: dis.Instruction) -> None:
        """An instruction that isn't known here: its effect on the stack's height is; of its top nothing is."""
        try:
            effect = dis.stack_effect(instruction.opcode, instruction.arg, jump=False)
        except ValueError:
            effect = 0
        top = self.stack[-4:]
        self.escape(*top)
        self.stack[len(self.stack) - len(top) :] = [None] * len(top)
        if effect < 0:
            self.pop(-effect)
        else:
            self.push(*[None] * effect)
        if instruction.opcode in dis.hasjrel:
            self.later.setdefault(instruction.argval, [])

    def do_load_fast(self, offset: int, arg: int, value: Any) -> None:
        self.push(self.bound.get(value, ("local", value)))

    do_load_fast_check = do_load_fast_and_clear = do_load_fast_borrow = do_load_fast

    def do_load_fast_load_fast(self, offset: int, arg: int, value: Any) -> None:
        self.push(*(("local", name) for name in value))

    do_load_fast_borrow_load_fast_borrow = do_load_fast_load_fast

    def do_store_fast(self, offset: int, arg: int, value: Any) -> None:
        (stored,) = self.pop()
        if stored != ("local", value):  # restored after a comprehension
            self.escape(stored)
            self.stored.setdefault(value, []).append(stored)

    def do_store_fast_load_fast(self, offset: int, arg: int, value: Any) -> None:
        self.do_store_fast(offset, arg, value[0])
        self.push(("local", value[1]))

    def do_store_fast_store_fast(self, offset: int, arg: int, value: Any) -> None:
        self.do_store_fast(offset, arg, value[0])
        self.do_store_fast(offset, arg, value[1])

    def do_load_const(self, offset: int, arg: int, value: Any) -> None:
        self.push(("const", value))

    def do_load_closure(self, offset: int, arg: int, value: Any) -> None:
        self.push(None)

    def do_end_for(self, offset: int, arg: int, value: Any) -> None:
        self.pop(2 if OLD else 1)

    def do_push_null(self, offset: int, arg: int, value: Any) -> None:
        self.push(NULL)

    def do_make_function(self, offset: int, arg: int, value: Any) -> None:
        code = self.pop()[0]
        if OLD:
            self.escape(*self.pop(bin(arg & 0x0F).count("1")))
        self.push(("comprehension", code[1]) if code is not None and _is_comprehension(code[1]) else None)

    def do_set_function_attribute(self, offset: int, arg: int, value: Any) -> None:
        function = self.pop(2)[1]
        self.push(function)

    def do_pop_top(self, offset: int, arg: int, value: Any) -> None:
        self.pop()

    def do_copy(self, offset: int, arg: int, value: Any) -> None:
        top = self.stack[-arg] if arg <= len(self.stack) else None
        if top is not None and top[0] in ("fresh", "call"):  # two know it now
            self.escape(top)
            self.stack[-arg] = top = None
        self.push(top)

    def do_swap(self, offset: int, arg: int, value: Any) -> None:
        if arg <= len(self.stack):
            self.stack[-1], self.stack[-arg] = self.stack[-arg], self.stack[-1]
        else:
            self.escape(*self.stack)
            self.stack = [None] * arg

    def do_build_list(self, offset: int, arg: int, value: Any) -> None:
        self.escape(*self.pop(arg))
        self.push(FRESH)

    do_build_set = do_build_list

    def do_build_map(self, offset: int, arg: int, value: Any) -> None:
        self.escape(*self.pop(2 * arg))
        self.push(FRESH)

    def do_build_const_key_map(self, offset: int, arg: int, value: Any) -> None:
        self.escape(*self.pop(arg + 1))
        self.push(FRESH)

    def do_build_tuple(self, offset: int, arg: int, value: Any) -> None:
        self.escape(*self.pop(arg))
        self.push(None)

    def do_build_slice(self, offset: int, arg: int, value: Any) -> None:
        self.pop(arg)
        self.push(SLICE)

    def do_build_string(self, offset: int, arg: int, value: Any) -> None:
        self.pop(arg)
        self.push(None)

    def do_return_value(self, offset: int, arg: int, value: Any) -> None:
        self.pop()

    def do_import_name(self, offset: int, arg: int, value: Any) -> None:
        self.pop(2)
        self.push(None)


def comprehensions(code: CodeType) -> Iterator[CodeType]:
    """Those in a function that are functions of their own, as up to 3.11, and those in these."""
    for each in code.co_consts:
        if _is_comprehension(each):
            yield each
            yield from comprehensions(each)


def folded(code: CodeType) -> set[str]:
    """A function's cells that are there for its comprehensions alone: from 3.12 on these are variables like others."""
    return {name for name in code.co_cellvars if _for_comprehensions(code, name)}


def is_class(code: CodeType) -> bool:
    """Whether it is what is indented in a `class` statement."""
    return code.co_names[:3] == ("__name__", "__module__", "__qualname__")


def _for_comprehensions(code: CodeType, name: str) -> bool:
    inner = [each for each in code.co_consts if isinstance(each, CodeType) and name in each.co_freevars]
    return all(_is_comprehension(each) and _for_comprehensions(each, name) for each in inner)


def _is_comprehension(value: Any) -> bool:
    return isinstance(value, CodeType) and value.co_name in ("<listcomp>", "<setcomp>", "<dictcomp>")


def _parts(expression: Expression) -> Iterator[Expression]:
    """What an expression is made of, as far as containers may be among it."""
    assert expression is not None
    if expression[0] in ("iter", "method"):
        yield expression[1]
    elif expression[0] == "call":
        callee, given = expression[1], expression[2]
        if callee is not None and callee[0] == "method":
            yield callee[1]
        yield from given
