"""Values in few words, whatever they are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.shorten import clip, one_line, shorten


class Raises:
    def __repr__(self) -> str:
        raise ValueError("no repr")


class NotText:
    def __repr__(self) -> str:
        return 42  # type: ignore[return-value]


class Lines:
    def __repr__(self) -> str:
        return "one\ntwo\x07\ud800"


class Huge:
    def __repr__(self) -> str:
        return "x" * 1_000_000


class Interrupted:
    def __repr__(self) -> str:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2, "2"),
        (None, "None"),
        ("it's", '"it\'s"'),
        ([1, 2, 3], "[1, 2, 3]"),
        ({"b": 1, "a": 2}, "{'b': 1, 'a': 2}"),
        ((), "()"),
        (True, "True"),
        (1.5, "1.5"),
        (Raises(), "<Raises: its repr raised ValueError>"),
        ([Raises()], "[<Raises: its repr raised ValueError>]"),
        (NotText(), "<NotText: its repr raised TypeError>"),
        (Lines(), "one\\ntwo\\x07\\ud800"),
    ],
)
def test_shorten(value: object, text: str):
    assert shorten(value) == text


def test_a_number_too_long_to_write_out_is_counted():
    assert shorten(10**5000) == "<int of 16610 bits>"


def test_what_is_cut_is_marked():
    assert shorten(list(range(1000)), limit=12) == "[0, 1, 2, 3…"
    assert shorten("y" * 10_000, limit=10).endswith("…")
    assert len(shorten(Huge())) == 60
    assert shorten(Huge()).endswith("…")
    deep: list[Any] = []
    deep.append(deep)
    assert "…" in shorten(deep)
    assert "…" in shorten({number: number for number in range(50)})


def test_an_interrupt_is_not_swallowed():
    with pytest.raises(KeyboardInterrupt):
        shorten(Interrupted())


def test_addresses_are_left_out_and_classes_and_functions_called_by_name():
    assert shorten(object()) == "<object object>"
    assert shorten([object(), dict, len, shorten]) == "[<object object>, dict, len, shorten]"
    assert shorten("a text at 0x12") == "'a text at 0x12'"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner) | st.frozensets(st.text())
    ),
    max_leaves=20,
)


@settings(max_examples=50, deadline=None)
@given(values, st.integers(1, 100))
def test_always_one_printable_line_within_the_limit(value: object, limit: int):
    text = shorten(value, limit)
    assert len(text) <= limit
    assert text.isprintable()


@given(st.integers() | st.text(max_size=20) | st.lists(st.integers(0, 9), max_size=10))
def test_what_is_short_is_its_repr(value: object):
    if len(repr(value)) <= 200:
        assert shorten(value, 200) == repr(value)


@given(st.text(), st.integers(1, 80))
def test_clip(text: str, limit: int):
    line = clip(text, limit)
    assert len(line) <= limit
    assert line.isprintable()
    if len(one_line(text)) <= limit:
        assert line == one_line(text)
    else:
        assert line.endswith("…")
