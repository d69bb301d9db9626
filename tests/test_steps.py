"""The scan of byte code: every instruction that may touch something shared is found, whatever is evaluated between."""

import ast
import dataclasses
import inspect
import queue
import threading
import types

import pytest

from course_utils.stacks import Stack
from course_utils.steps import CALL, CELL, GLOBAL, LOOK, SLOT, scanned, sites

KNOWN_EFFECTS = {
    "ASYNC_GEN_WRAP", "BEFORE_ASYNC_WITH", "CALL_INTRINSIC_1", "CALL_INTRINSIC_2", "CHECK_EG_MATCH", "CHECK_EXC_MATCH",
    "CLEANUP_THROW", "END_ASYNC_FOR", "END_SEND", "GET_AITER", "GET_ANEXT", "GET_AWAITABLE", "GET_YIELD_FROM_ITER",
    "IMPORT_FROM", "IMPORT_STAR", "LOAD_ASSERTION_ERROR", "LOAD_BUILD_CLASS", "LOAD_LOCALS", "LOAD_SUPER_ATTR",
    "MATCH_CLASS", "POP_EXCEPT", "PREP_RERAISE_STAR", "PUSH_EXC_INFO", "RAISE_VARARGS", "RERAISE", "RETURN_GENERATOR",
    "SEND", "WITH_EXCEPT_START", "YIELD_VALUE",
}  # fmt: skip
"""Instructions that the scan goes by the effect of alone: none of them looks into a container of own code's."""


def found(function):
    return [(site.kind, site.name, site.writes) for site in sites(function.__code__).values()]


def test_attributes_and_globals():
    def work(self):
        self.value = self.value + threading.active_count()

    assert found(work) == [
        (SLOT, "value", False), (GLOBAL, "threading", False), (SLOT, "active_count", False), (CALL, None, False),
        (LOOK, None, False), (SLOT, "value", True),
    ]  # fmt: skip


def test_cells():
    total = 0

    def work():
        nonlocal total
        total += 1

    assert [site for site in found(work) if site[0] == CELL] == [(CELL, "total", False), (CELL, "total", True)]


def test_the_receiver_is_known_whatever_is_evaluated_in_between():
    def work(self, other):
        self.items.append(other.value if other else len(self.items))

    call = [site for site in sites(work.__code__).values() if site.kind == CALL][-1]
    assert call.operands[0] == ("method", ("attr", ("local", "self"), "items"), "append")


def test_own_list_is_nobody_elses():
    def work(queue):
        seen = []
        for number in range(3):
            seen.append(number)
        if seen:
            seen[0] += 1
        return seen

    assert [site for site in sites(work.__code__).values() if ("local", "seen") in site.operands] == []


@pytest.mark.parametrize(
    "body",
    ["keep(seen)", "self.seen = seen", "return lambda: seen", "other = [seen]", "yield seen", "seen = self.seen"],
)
def test_a_list_that_others_may_know_is_not(body):
    text = f"def work(self, keep):\n    seen = []\n    seen[0] = 1\n    {body}"
    namespace: dict[str, types.FunctionType] = {}
    exec(text, namespace)
    assert any(site.kind == LOOK and site.writes for site in sites(namespace["work"].__code__).values())


@pytest.mark.parametrize(
    "text",
    [
        "x[0]", "x[0] = 1", "del x[0]", "x[1:2]", "x[1:2] = y", "for _ in x: pass", "1 in x", "x == y", "x + y",
        "f'{x}'", "a, b = x", "a, *b = x", "[*x]", "{**x}", "f(*x)", "f(**x)", "not x", "x or y", "x and y",
        "z = 1 if x else 2", "\nwhile not x:\n  f()", "[v for v in x]", "x += y", "f(x)", "x.append(1)", "assert x",
        "\nmatch x:\n  case [a, b]: pass", "\nmatch x:\n  case {'k': v}: pass", "print(x)",
    ],
)  # fmt: skip
def test_every_way_to_look_into_a_container(text):
    namespace: dict[str, types.FunctionType] = {}
    exec("def work(x, y, f):\n  " + text.replace("\n", "\n  "), namespace)
    codes = [namespace["work"].__code__]
    codes += [constant for constant in codes[0].co_consts if isinstance(constant, types.CodeType)]
    touching = [site for code in codes for site in sites(code).values() if site.kind in (LOOK, CALL)]
    mentioned = repr([site.operands for site in touching])
    assert "('local', 'x')" in mentioned or "('local', '.0')" in mentioned  # the latter in a comprehension, up to 3.11


def test_no_instruction_is_unknown(monkeypatch):
    guessed = set()
    guess = Stack.guess

    def noted(self, instruction):
        guessed.add(instruction.opname)
        guess(self, instruction)

    monkeypatch.setattr(Stack, "guess", noted)
    scanned.cache_clear()

    def scan(code):
        sites(code)
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                scan(constant)

    for module in (ast, dataclasses, inspect, queue, threading):
        path = module.__file__
        assert path is not None
        scan(compile(inspect.getsource(module), path, "exec"))
    assert guessed - KNOWN_EFFECTS == set()
