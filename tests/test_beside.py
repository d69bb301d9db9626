"""What threads can't be started beside: weak references, and attributes in a dict that has another name."""

import weakref
from collections.abc import Callable
from typing import Any

import pytest

from course_utils import interleavings
from tests.together import together


class Box:
    def __init__(self):
        self.value = 0


class Kept:
    def __init__(self, kept: dict[str, int]):
        self.__dict__ = kept


def finalized(box: Box, told: list[int]):
    weakref.finalize(box, told.append, 1)


def called_back(box: Box, told: list[int]):
    return weakref.ref(box, lambda _: told.append(1))


def in_a_table(box: Box, told: list[int]):
    table: Any = weakref.WeakValueDictionary()
    table["box"] = box
    return table


@pytest.mark.parametrize("refer", [finalized, called_back, in_a_table])
def test_weak_references(refer: Callable[[Box, list[int]], Any]):
    def scenario():
        boxes, told, found = [Box()], list[int](), list[int]()
        kept = refer(boxes[0], told)
        together(boxes.clear, lambda: found.append(len(told)))
        return found[0], kept is None

    with pytest.raises(RuntimeError, match="a Box with weak references, which tell when the last one lets go of it"):
        interleavings(scenario)


def attributes():
    box, found = Box(), list[int]()
    kept = vars(box)

    def store():
        kept["value"] = 1

    together(store, lambda: found.append(box.value))
    return found[0]


def two_with_the_same():
    kept = {"value": 0}
    one, other = Kept(kept), Kept(kept)
    together(lambda: setattr(one, "value", 1), lambda: setattr(other, "value", 2))
    return kept["value"]


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        (attributes, "the __dict__ of a Box"),
        (two_with_the_same, "two objects with one __dict__, such as a Kept"),
    ],
)
def test_dicts_behind_names(scenario, said):
    with pytest.raises(RuntimeError, match=f"{said}, which goes behind attributes and variables"):
        interleavings(scenario)
