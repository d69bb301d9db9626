"""
Where code touches what threads may share: a code object's byte code, scanned.

A thread's own variables concern nobody else. What may concern others are attributes, globals, closure cells and
the contents of lists, dicts and other built-in containers. `sites` finds the instructions that read or write
one, with the expressions their operands came from, as far as these can be told: `self.items.append(x)` is a call of
`append` on the attribute `items` of the variable `self`, however much is evaluated in between. (For expressions, see
`stacks`.)
"""

from __future__ import annotations

import dis
import sys
from functools import lru_cache
from itertools import pairwise
from types import CodeType
from typing import Any, Final

from .operands import ENDS, depths, positions
from .stacks import FRESH, NULL, OLD, SELF, SLICE, Expression, Stack, comprehensions, folded, is_class
from .touching import ASSUMED, CALL, CELL, GLOBAL, LOOK, SLOT, WITH, Site, concerning, is_fresh

__all__ = ["ASSUMED", "CALL", "CELL", "GLOBAL", "LOOK", "SLOT", "WITH", "Expression", "Site", "scanned", "sites"]

_QUIET: Final = frozenset({
    "CACHE", "EXTENDED_ARG", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_FORWARD", "KW_NAMES", "MAKE_CELL",
    "COPY_FREE_VARS", "NOP", "PRECALL", "RESUME", "DELETE_FAST", "SETUP_ANNOTATIONS", "DELETE_DEREF",
    "DELETE_GLOBAL", "DELETE_NAME", "RETURN_CONST",
})  # fmt: skip
_UNARY: Final = frozenset({
    "UNARY_NEGATIVE", "UNARY_INVERT", "UNARY_POSITIVE", "FORMAT_SIMPLE", "CONVERT_VALUE", "UNARY_NOT", "TO_BOOL",
    "LIST_TO_TUPLE",
})  # fmt: skip
_PLUS: Final = 5
"""Of `CALL_INTRINSIC_1`, what `+x` is from 3.12 on."""
_BINARY: Final = frozenset({"BINARY_OP", "COMPARE_OP", "CONTAINS_OP", "IS_OP"})
_ADDING: Final = {"LIST_APPEND": 1, "SET_ADD": 1, "MAP_ADD": 2}
_EXTENDING: Final = frozenset({"LIST_EXTEND", "SET_UPDATE", "DICT_UPDATE", "DICT_MERGE"})


class _Scan(Stack):
    """
    One pass over a code object, with the interpreter's stack in expressions instead of values.

    Up to 3.11 a comprehension is a function of its own. It is passed over where it is called, as if it stood there.

    Args:
        code: the code.
        around: the pass over what the comprehension is in, and
        iterator: what it goes through.
    """

    def __init__(self, code: CodeType, around: _Scan | None = None, iterator: Expression = None) -> None:
        super().__init__(code)
        self.found: dict[int, Site] = {}
        self.folded = folded(code)
        self.scans = [self]
        if around is not None:
            self.stored, self.escaped, self.scans = around.stored, around.escaped, around.scans
            self.folded |= around.folded
            self.bound[".0"] = iterator
            self.scans.append(self)

    def site(self, offset: int, kind: str, name: str | None, writes: bool, *operands: Expression) -> None:
        self.found[offset] = Site(kind, name, writes, operands)

    def run(self) -> dict[CodeType, dict[int, Site]]:
        self.go_over()
        codes = {each.code for each in self.scans}
        for each in comprehensions(self.code):
            if each not in codes:
                self.escaped.update(each.co_freevars)
        private = {
            name
            for name, values in self.stored.items()
            if name not in self.escaped and all(is_fresh(value) for value in values)
        } - set(self.code.co_varnames[: self.code.co_argcount + self.code.co_kwonlyargcount])
        if self.code.co_flags & 0x20:  # a generator's frame may go from thread to thread
            private = set()
        found: dict[CodeType, dict[int, Site]] = {}
        for scan in self.scans:  # what is in a `finally` is passed over twice
            found.setdefault(scan.code, {}).update(scan.of_others(private))
        return found

    def of_others(self, private: set[str]) -> dict[int, Site]:
        """What was found but what concerns only these variables."""
        height, instructions = depths(self.code), list(dis.get_instructions(self.code))
        ends = {one.offset: other.offset for one, other in pairwise(instructions)}
        at = {each.offset: each for each in instructions}
        kept = {}
        for offset, each in self.found.items():
            site = concerning(each._replace(code=at[offset].opname), private)
            if site is not None:
                kept[offset] = site._replace(
                    where=positions(at[offset]),
                    depth=height.get(offset, -1),
                    until=ends.get(offset, len(self.code.co_code)),
                )
        return kept

    def go_over(self) -> None:
        entries = getattr(dis.Bytecode(self.code), "exception_entries", ())
        handlers = {entry.target for entry in entries}
        dead = False
        for instruction in dis.get_instructions(self.code):
            offset = instruction.offset
            if offset in handlers:
                self.stack, dead = [], False
            elif offset in self.later:
                if not dead:
                    self.merge(offset, self.stack)
                self.stack, dead = list(self.later[offset]), False
            elif dead and instruction.is_jump_target:
                self.stack, dead = [], False
            if not dead:
                self.step(instruction)
                dead = instruction.opname in ENDS

    def step(self, instruction: dis.Instruction) -> None:
        name, arg, value, offset = (
            instruction.opname, instruction.arg or 0, instruction.argval, instruction.offset,
        )  # fmt: skip
        if name in _QUIET:
            if name == "DELETE_GLOBAL":
                self.site(offset, GLOBAL, value, True)
            elif name == "DELETE_DEREF" and value not in self.folded:
                self.site(offset, CELL, value, True)
            if instruction.opcode in dis.hasjrel and "FORWARD" in name:
                self.merge(value, self.stack)
            return
        method = getattr(self, f"do_{name.lower()}", None)
        if method is not None:
            method(offset, arg, value)
        elif name in _UNARY:
            (operand,) = self.pop()
            if name != "LIST_TO_TUPLE":
                self.site(offset, LOOK, None, False, operand)
            self.push(None)
        elif name in _BINARY:
            one, other = self.pop(2)
            if name != "IS_OP":
                writes = name == "BINARY_OP" and instruction.argrepr.endswith("=")
                self.site(offset, LOOK, None, writes, one, other)
            self.push(None)
        elif name in _ADDING:
            self.escape(*self.pop(_ADDING[name]))
        elif name in _EXTENDING:
            (operand,) = self.pop()
            self.site(offset, LOOK, None, False, operand)
        elif "JUMP" in name and "_IF_" in name:
            (operand,) = self.pop() if "POP" in name else self.stack[-1:] or [None]
            if "TRUE" in name or "FALSE" in name:
                self.site(offset, LOOK, None, False, operand)
            if "POP" in name and "OR_POP" not in name:
                self.merge(value, self.stack)
            else:
                self.escape(operand)  # it may be what remains
                self.merge(value, [*self.stack, None])
        else:
            self.guess(instruction)

    # Variables.

    def do_load_deref(self, offset: int, arg: int, value: Any) -> None:
        if value in self.folded:
            self.do_load_fast(offset, arg, value)
            return
        self.site(offset, CELL, value, False)
        self.push(("deref", value))

    do_load_classderef = do_load_deref

    def do_load_from_dict_or_deref(self, offset: int, arg: int, value: Any) -> None:
        self.pop()
        self.do_load_deref(offset, arg, value)

    def do_store_deref(self, offset: int, arg: int, value: Any) -> None:
        if value in self.folded:
            self.do_store_fast(offset, arg, value)
            return
        self.escape(*self.pop())
        self.site(offset, CELL, value, True)

    def do_load_global(self, offset: int, arg: int, value: Any) -> None:
        self.site(offset, GLOBAL, value, False)
        made: tuple[Expression, ...] = (("global", value),)
        if arg & 1:
            made = (NULL, *made) if OLD else (*made, NULL)
        self.push(*made)

    def do_load_name(self, offset: int, arg: int, value: Any) -> None:
        self.site(offset, GLOBAL, value, False)
        self.push(("global", value))

    def do_store_global(self, offset: int, arg: int, value: Any) -> None:
        self.escape(*self.pop())
        self.site(offset, GLOBAL, value, True)

    def do_store_name(self, offset: int, arg: int, value: Any) -> None:
        if is_class(self.code) and value not in ASSUMED:  # nobody knows a class before it is made
            self.escape(*self.pop())
            return
        self.do_store_global(offset, arg, value)

    # Attributes.

    def do_load_attr(self, offset: int, arg: int, value: Any) -> None:
        (owner,) = self.pop()
        self.site(offset, SLOT, value, False, owner)
        if sys.version_info >= (3, 12) and arg & 1:
            self.push(("method", owner, value), SELF)
        else:
            self.escape(owner)
            self.push(("attr", owner, value))

    def do_call_intrinsic_1(self, offset: int, arg: int, value: Any) -> None:
        (operand,) = self.pop()
        self.escape(operand)
        if arg == _PLUS:
            self.site(offset, LOOK, None, False, operand)
        self.push(None)

    def do_load_super_attr(self, offset: int, arg: int, value: Any) -> None:
        _, _, owner = self.pop(3)
        self.site(offset, SLOT, value, False, owner)
        if arg & 1:
            self.push(("method", owner, value), SELF)
        else:
            self.escape(owner)
            self.push(("attr", owner, value))

    def do_load_method(self, offset: int, arg: int, value: Any) -> None:
        (owner,) = self.pop()
        self.site(offset, SLOT, value, False, owner)
        self.push(("method", owner, value), SELF)

    def do_store_attr(self, offset: int, arg: int, value: Any) -> None:
        stored, owner = self.pop(2)
        self.escape(stored)
        self.site(offset, SLOT, value, True, owner)

    def do_delete_attr(self, offset: int, arg: int, value: Any) -> None:
        (owner,) = self.pop()
        self.site(offset, SLOT, value, True, owner)

    def do_import_from(self, offset: int, arg: int, value: Any) -> None:
        self.site(offset, SLOT, value, False, None)
        self.push(None)

    # Contents.

    def do_binary_subscr(self, offset: int, arg: int, value: Any) -> None:
        container, key = self.pop(2)
        self.site(offset, LOOK, None, False, container)
        self.push(FRESH if key == SLICE else ("item", container))

    def do_store_subscr(self, offset: int, arg: int, value: Any) -> None:
        stored, container, key = self.pop(3)
        if key == SLICE:
            self.sliced(offset, container, stored)
        else:
            self.escape(stored)
            self.site(offset, LOOK, None, True, container)

    def sliced(self, offset: int, container: Expression, stored: Expression) -> None:
        """What is assigned to a slice is read."""
        self.site(offset, LOOK, None, True, container, *([] if stored is None else [stored]))

    def do_delete_subscr(self, offset: int, arg: int, value: Any) -> None:
        container, _ = self.pop(2)
        self.site(offset, LOOK, None, True, container)

    def do_binary_slice(self, offset: int, arg: int, value: Any) -> None:
        container, _, _ = self.pop(3)
        self.site(offset, LOOK, None, False, container)
        self.push(FRESH)

    def do_store_slice(self, offset: int, arg: int, value: Any) -> None:
        stored, container, _, _ = self.pop(4)
        self.sliced(offset, container, stored)

    def do_format_value(self, offset: int, arg: int, value: Any) -> None:
        operands = self.pop(2 if arg & 4 else 1)
        self.site(offset, LOOK, None, False, operands[0])
        self.push(None)

    def do_format_with_spec(self, offset: int, arg: int, value: Any) -> None:
        operand, _ = self.pop(2)
        self.site(offset, LOOK, None, False, operand)
        self.push(None)

    def do_unpack_sequence(self, offset: int, arg: int, value: Any) -> None:
        (operand,) = self.pop()
        self.site(offset, LOOK, None, False, operand)
        self.push(*[None] * arg)

    def do_unpack_ex(self, offset: int, arg: int, value: Any) -> None:
        (operand,) = self.pop()
        self.site(offset, LOOK, None, False, operand)
        self.push(*[None] * ((arg & 0xFF) + 1 + (arg >> 8)))

    def do_get_len(self, offset: int, arg: int, value: Any) -> None:
        self.site(offset, LOOK, None, False, *self.stack[-1:])
        self.push(None)

    do_match_sequence = do_match_mapping = do_get_len

    def do_match_keys(self, offset: int, arg: int, value: Any) -> None:
        self.site(offset, LOOK, None, False, *self.stack[-2:-1])
        self.push(None)

    def do_get_iter(self, offset: int, arg: int, value: Any) -> None:
        (operand,) = self.pop()
        self.site(offset, LOOK, None, False, operand)
        self.push(("iter", operand))

    do_get_yield_from_iter = do_get_iter

    def do_send(self, offset: int, arg: int, value: Any) -> None:
        """Pass on what another iterator yields, as a `for` would."""
        iterator, sent = self.pop(2)
        self.escape(sent)
        self.site(offset, LOOK, None, False, iterator)
        self.merge(value, [*self.stack, None] if sys.version_info < (3, 12) else [*self.stack, iterator, None])
        self.push(iterator, None)

    def do_match_class(self, offset: int, arg: int, value: Any) -> None:
        self.escape(*self.pop(3))
        self.site(offset, LOOK, None, False, None, None, None)
        self.push(None)

    def do_for_iter(self, offset: int, arg: int, value: Any) -> None:
        iterator = self.stack[-1] if self.stack else None
        self.site(offset, LOOK, None, False, iterator)
        if sys.version_info >= (3, 12):
            self.merge(value, [*self.stack, None])
        else:
            self.merge(value, self.stack[:-1])
        self.push(None)

    # Calls.

    def do_before_with(self, offset: int, arg: int, value: Any) -> None:
        (manager,) = self.pop()
        self.escape(manager)
        self.site(offset, WITH, None, False, manager)
        self.push(None, None)

    def do_call(self, offset: int, arg: int, value: Any) -> None:
        lower, upper, *given = self.pop(arg + 2)
        self.called(offset, lower, upper, given)

    def do_call_kw(self, offset: int, arg: int, value: Any) -> None:
        lower, upper, *given = self.pop(arg + 3)
        self.called(offset, lower, upper, given[:-1])

    def called(self, offset: int, lower: Expression, upper: Expression, given: list[Expression]) -> None:
        callee = upper if lower == NULL else lower
        if lower is not None and lower[0] == "comprehension":
            _Scan(lower[1], self, upper).go_over()
            self.push(FRESH)
            return
        if upper not in (NULL, SELF) and lower != NULL:
            given = [upper, *given]
        made = ("call", callee, tuple(given))
        if callee is None or not (
            (callee[0] == "global" and callee[1] in ASSUMED)
            or (callee[0] == "method" and callee[1] is not None and callee[1][0] == "local" and not given)
        ):
            self.escape(*given)
        self.site(offset, CALL, None, False, callee, *given)
        self.push(made)

    def do_call_function_ex(self, offset: int, arg: int, value: Any) -> None:
        taken = self.pop(3 + (arg & 1))
        self.escape(*taken)
        self.site(offset, CALL, None, False, *taken)
        self.push(("call", None, ()))


@lru_cache(maxsize=4096)
def scanned(code: CodeType) -> dict[CodeType, dict[int, Site]]:
    """The sites of a code object, and of each comprehension in it that is a function of its own, as up to 3.11."""
    return _Scan(code).run()


def sites(code: CodeType) -> dict[int, Site]:
    """
    Find the instructions of a code object that may touch something shared, by offset.

        >>> sites((lambda counter: counter.value).__code__)
        {6: Site(kind='attribute', name='value', writes=False, operands=(('local', 'counter'),))}

    What it doesn't see: `setattr`, `__dict__`, what functions of other packages do with what they are given.
    """
    return scanned(code)[code]
