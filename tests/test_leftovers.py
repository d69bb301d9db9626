"""What a run leaves to the next, so that only the first one is the program that was asked about."""

from typing import Any

import pytest

from course_utils import interleavings
from tests.together import together

ready = False
seen: set[int] = set()


class Settings:
    debug = False


def flag():
    found = []

    def tell():
        global ready
        ready = True

    together(tell, lambda: found.append(ready))
    return found[0]


def set_of_module():
    found = []
    together(lambda: seen.add(1), lambda: found.append(1 in seen))
    return found[0]


def attribute_of_class():
    found = []
    together(lambda: setattr(Settings, "debug", True), lambda: found.append(Settings.debug))
    return found[0]


def variable_around():
    told = False

    def scenario():
        found = []

        def tell():
            nonlocal told
            told = True

        together(tell, lambda: found.append(told))
        return found[0]

    return scenario


@pytest.fixture(autouse=True)
def as_new():
    yield
    global ready
    ready, Settings.debug = False, False
    seen.clear()


@pytest.mark.parametrize("merge", [True, False])
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: flag, "the variable ready is True when threads start, and was False before"),
        (lambda: set_of_module, r"a set is \{1\} when threads start, and was set\(\) before"),
        (lambda: attribute_of_class, "debug of Settings is True when threads start, and was False before"),
        (variable_around, "the variable told is True when threads start, and was False before"),
    ],
)
def test_left_from_the_last_run(make, said, merge):
    with pytest.raises(RuntimeError, match=f"{said}: the last run has changed it"):
        interleavings(make(), merge=merge)


def flag_set_back():
    global ready
    ready = False
    return flag()


def made_by_default(number: int, kept: Any = None):
    found: list[Any] = []
    together(lambda: found.append(number), lambda: found.append(kept))
    return len(found)


def test_set_back_in_the_scenario():
    assert interleavings(flag_set_back).outcomes == {False: 2, True: 1}
    assert interleavings(made_by_default, number=1).outcomes == {2: 2}
