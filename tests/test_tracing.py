"""Own code is watched, and what makes named tuples isn't: `dis` makes one for each instruction that it is asked of."""

from collections import namedtuple
from types import CodeType

from course_utils.tracing import _Known


def known(code: CodeType) -> dict[int, object]:
    return dict(_Known()(code))


def test_what_makes_a_named_tuple_is_not_met():
    pair = namedtuple("pair", "left right")
    assert known(pair.__new__.__code__) == {}
    assert known((lambda each: each.left).__code__), "a lambda is own code"
    assert known(eval("lambda each: each.left").__code__), "and so is one from a string"
