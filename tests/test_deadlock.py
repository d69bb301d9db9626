"""Who can never go on, as a matter of names alone."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.deadlock import Member, circle, sentence, stuck, waits_words

NAMES = "abcde"
needs = st.none() | st.sets(st.sampled_from(NAMES), min_size=1)
graphs = st.dictionaries(st.sampled_from(NAMES), needs)


def closed(waits: dict[str, set[str] | None], group: set[str], others: bool) -> bool:
    """Whether nobody in a group can be the first to go on, if nobody outside matters but by going on."""
    for each in group:
        needed = waits[each]
        if needed is None and (others or group != set(waits)):
            return False
        if needed is not None and not needed <= group:
            return False
    return True


@given(graphs, st.booleans())
def test_those_left_over_are_the_largest_group_that_waits_for_itself_alone(
    waits: dict[str, set[str] | None], others: bool
) -> None:
    groups = [set(group) for size in range(len(waits), -1, -1) for group in combinations(sorted(waits), size)]
    # One that needs nobody in particular is helped by any that goes on: by one outside the group, too.
    largest = next(group for group in groups if closed(waits, group, others))
    assert stuck(waits, others) == largest


@given(graphs)
def test_a_circle_comes_back_to_itself(waits: dict[str, set[str] | None]) -> None:
    edges = {(start, end) for start, needed in waits.items() for end in needed or ()}
    paths = set(edges)
    for _ in NAMES:
        paths |= {(start, end) for start, middle in paths for begin, end in edges if middle == begin}
    assert circle(waits) == {each for each in NAMES if (each, each) in paths}


@pytest.mark.parametrize(
    ("waits", "others", "left"),
    [
        ({"T0": ["T1"], "T1": ["T0"]}, True, "T0 T1"),
        ({"T0": ["T1"], "T1": ["T0"], "main": ["T0"], "T2": None}, True, "T0 T1 main"),
        ({"T0": ["T0"]}, True, "T0"),
        ({"T0": ["T1"]}, False, ""),
        ({"main": ["T0"], "T0": None}, False, "T0 main"),
        ({"main": ["T0"], "T0": None}, True, ""),
        ({"T0": ["T1", "T2"], "T1": ["T0"]}, False, ""),
        ({"T0": ["T1", "T2"], "T1": ["T0"], "T2": ["T1"]}, False, "T0 T1 T2"),
        ({}, False, ""),
    ],
)
def test_who_is_left_over(waits: dict[str, list[str] | None], others: bool, left: str) -> None:
    assert stuck(waits, others) == set(left.split())


@pytest.mark.parametrize(
    ("waits", "words"),
    [
        ("b_lock", "waits for b_lock"),
        ("join T0", "waits to join T0"),
        ("inbox.get", "waits in inbox.get"),
        ("result of load('a.b')", "waits for the result of load('a.b')"),
        ("threads to end", "waits for threads to end"),
    ],
)
def test_a_wait_in_words(waits: str, words: str) -> None:
    assert waits_words(waits) == words


def test_members_in_words() -> None:
    members = [
        Member("T0", "b_lock", 7, (("a_lock", 5), ("c_lock", None))),
        Member("T1", "a_lock", None, (("b_lock", 8),), "which T2 acquired and never released"),
        Member("main", "join T0", 11),
    ]
    assert sentence(members) == (
        "T0 holds a_lock (line 5) and c_lock and waits for b_lock in line 7; "
        "T1 holds b_lock (line 8) and waits for a_lock, which T2 acquired and never released; "
        "main waits to join T0 in line 11"
    )
