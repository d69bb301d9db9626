"""What an operation on a container looks at in the containers that are in it."""

import itertools
from typing import Any

import pytest

from course_utils import interleavings
from tests.together import together


class Made:
    """Made anew for each run; one thread appends a 2 to `inner`."""

    def __init__(self):
        self.inner = [1]
        self.rows = [self.inner]
        self.two = [[0, 0], self.inner]


# A thread's own, with what others know in it.


def compared(made):
    mine, other = [made.inner], [[1]]
    return mine == other


def told(made):
    mine = [made.inner]
    return f"{mine}"


def put_in_words(made):
    mine = [made.inner]
    return "%s" % mine  # noqa: UP031 - the point


def looked_for(made):
    mine = [made.inner]
    return [1] in mine


def counted(made):
    mine = [made.inner]
    return mine.count([1])


def sorted_in_place(made):
    mine = [[1, 1], made.inner]
    mine.sort()
    return mine[0] is made.inner


def united(made):
    mine = {5}
    return len(mine.union(made.inner))


def in_a_set(made):
    return {1, 2}.issubset(made.inner)


# One that others know.


def shared_counted(made):
    return made.rows.count([1])


def sorted_by_length(made):
    rows = made.two[:]
    rows.sort(key=len)
    return rows[0] is made.inner


# What functions of C are given one after the other.


def lengths(made):
    return sum(list(map(len, made.rows)))


def lengths_in_turn(made):
    for length in map(len, made.rows):
        return length
    return None


def lengths_unpacked(made):
    (length,) = map(len, made.rows)
    return length


def chained(made):
    return len(list(itertools.chain.from_iterable(made.rows)))


def scenario_of(look):
    def scenario():
        made, found = Made(), list[Any]()
        together(lambda: made.inner.append(2), lambda: found.append(look(made)))
        return found[0]

    return scenario


@pytest.mark.parametrize(
    ("look", "before", "since"),
    [
        (compared, True, False),
        (told, "[[1]]", "[[1, 2]]"),
        (put_in_words, "[[1]]", "[[1, 2]]"),
        (looked_for, True, False),
        (counted, 1, 0),
        (sorted_in_place, True, False),
        (united, 2, 3),
        (in_a_set, False, True),
        (shared_counted, 1, 0),
        (sorted_by_length, True, False),
        (lengths, 1, 2),
        (lengths_in_turn, 1, 2),
        (lengths_unpacked, 1, 2),
        (chained, 1, 2),
    ],
)
def test_within(look, before, since):
    counts = interleavings(scenario_of(look))
    assert set(counts.outcomes) == {before, since}
    assert interleavings(scenario_of(look), merge=False).outcomes == counts.outcomes


def test_own_and_plain_is_no_step():
    def look(made):
        mine = [1, 2]
        mine.append(len([made]))
        return mine == [1, 2, 1] and mine.count(1) == 2 and f"{mine}" == "[1, 2, 1]"

    assert interleavings(scenario_of(look)).outcomes == {True: 2}
