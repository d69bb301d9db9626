"""Attributes that own code sees to: what it does are the steps, and the access itself is none."""

import threading
from typing import Any

import pytest

from course_utils import interleavings
from tests.together import together


class Property:
    def __init__(self):
        self._value = 0

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, value):
        self._value = value


class Doubled:
    def __get__(self, owner: Any, kind: Any = None):
        return owner.kept

    def __set__(self, owner: Any, value: int):
        owner.kept = value


class Described:
    value = Doubled()

    def __init__(self):
        self.kept = 0


class Setting:
    def __init__(self):
        self.value = 0

    def __setattr__(self, name: str, value: int):
        super().__setattr__(name, value)


class Getting(Setting):
    def __getattribute__(self, name: str):
        return super().__getattribute__(name)


class Failing:
    def __init__(self):
        self.value = 0

    def __getattr__(self, name: str):
        raise KeyError(name)


@pytest.mark.parametrize("kind", [Property, Described, Setting, Getting, Failing])
def test_update(kind):
    def scenario():
        made = kind()

        def update():
            made.value += 1

        together(update, update)
        return made.value

    assert interleavings(scenario).outcomes == {1: 4, 2: 2}
    assert interleavings(scenario, merge=False).outcomes == {1: 4, 2: 2}


class Once:
    """Computes an attribute when it is asked for first."""

    def __init__(self, compute: Any):
        self.compute = compute

    def __get__(self, owner: Any, kind: Any = None):
        made = self.compute(owner)
        setattr(owner, self.compute.__name__, made)
        return made


class Lazy:
    def __init__(self):
        self.times = 0

    @Once
    def data(self):
        self.times += 1
        return [self.times]


@pytest.mark.slow
def test_computed_once():
    def scenario():
        made, found = Lazy(), list[Any]()
        together(lambda: found.append(made.data), lambda: found.append(made.data))
        return made.times, found[0] is found[1]

    merged, run = interleavings(scenario), interleavings(scenario, merge=False)
    assert set(merged.outcomes) == {(1, True), (1, False), (2, False)}
    assert merged.outcomes == run.outcomes


def test_own_of_each_thread():
    def scenario():
        mine, found = threading.local(), list[int]()

        def work(number: int):
            mine.number = number
            mine.number += 1
            found.append(mine.number)

        together(lambda: work(1), lambda: work(2))
        return tuple(found)

    assert interleavings(scenario).outcomes == {(2, 3): 1, (3, 2): 1}
