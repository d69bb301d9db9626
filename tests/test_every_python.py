"""
Totals that are the same under every Python, whatever byte code it makes of a program.

Up to 3.11 a comprehension is a function of its own, and what it takes from around it lies in cells; instructions, and
what a class statement writes by itself, differ from version to version.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from course_utils import interleavings
from tests.together import together


class Shared:
    def __init__(self) -> None:
        self.x = self.y = 0
        self.items = [1]

    def renew(self) -> None:
        """Four steps, of which one makes every list that may be known to several threads count."""
        self.items = [1]
        self.items[0] = 2

    def take(self, items: list[int]) -> list[int]:
        self.items = items
        return items

    def more(self) -> None:
        self.x += 1


Work = Callable[[Shared], Any]


def beside(work: Work, other: Work = Shared.more) -> Callable[[], Any]:
    """A scenario of two threads."""

    def scenario() -> Any:
        shared = Shared()
        together(lambda: work(shared), lambda: other(shared))
        return shared.x, shared.y, len(shared.items)

    return scenario


def over_own_list(shared: Shared) -> None:
    own = [1, 2, 3]
    own = [each + 1 for each in own if each]
    shared.renew()


def over_own_list_in_a_loop(shared: Shared) -> None:
    own = [1, 2, 3]
    made = []
    for each in own:
        if each:
            made.append(each + 1)
    shared.renew()


def over_own_list_twice(shared: Shared) -> None:
    own = [1, 2]
    start = 0
    start += 1
    {each: [other + start for other in own] for each in own}
    shared.renew()


def over_own_list_at_last(shared: Shared) -> None:
    own = [1, 2]
    try:
        shared.renew()
    finally:
        {each for each in own}  # noqa: C416 - as it may be written


def taking_a_variable_from_around(shared: Shared) -> None:
    start = 0
    for _ in range(2):
        start = start + 1
        made = [start for _ in range(2)]
    shared.x += made[0]


def leaving_a_variable_behind(shared: Shared) -> None:
    [last := each for each in (1, 2)]
    shared.x += last


def taking_a_variable_that_a_function_knows(shared: Shared) -> None:
    start = 0
    start = 1
    made = [(lambda: start)() for _ in (1,)]
    shared.x += made[0]
    start = 2


def giving_own_list_away(shared: Shared) -> None:
    own = [1]

    def give() -> list[int]:
        shared.items = own
        return own

    [give() for _ in own]
    own.append(2)


def giving_own_list_away_in_it(shared: Shared) -> None:
    own = [1]
    [shared.take(each) for each in [own]]
    own.append(2)


def over_a_shared_list(shared: Shared) -> None:
    shared.y = len([each for each in shared.items])  # noqa: C416 - as it may be written


def after_a_step_on_a_list(shared: Shared) -> None:
    own = [1, 2]
    shared.items.append(1)
    [each + shared.x for each in own]


def sorting_after_a_step_on_a_list(shared: Shared) -> None:
    own = [1, 2]
    shared.items.append(1)
    own.sort(key=lambda each: each + shared.x)


def spreading_a_list(shared: Shared) -> None:
    def note(*given: int) -> None:
        shared.y = len(given)

    note(*shared.items)


def making_a_class(shared: Shared) -> None:
    class Made:
        kept = shared.x

        def read(self) -> int:
            return self.kept + shared.x

    shared.y = Made().read()


def slicing(shared: Shared) -> None:
    shared.items[:] = [shared.x]
    shared.y = len(shared.items[:1])
    del shared.items[:1]


def showing(shared: Shared) -> None:
    shared.y = len(f"{shared.items} {shared.items!r:>5} {shared.x:3} {shared.x!s}")


def matching(shared: Shared) -> None:
    match shared.items:
        case [_, _]:
            shared.y = 1
        case [_]:
            shared.y = 2


def passing_on(shared: Shared) -> None:
    def inner() -> Any:
        yield shared.x
        return shared.x

    def outer() -> Any:
        yield (yield from inner())

    for each in outer():
        shared.y = each


def failing_in_a_group(shared: Shared) -> None:
    try:
        raise ExceptionGroup("both", [ValueError(shared.x)])
    except* ValueError:
        shared.y = shared.x


def starting_threads_in_it() -> int:
    """What only the function around the comprehension knows is known by its name in each."""
    shared, hidden = Shared(), [[Shared()]]

    def work() -> None:
        shared.x += 1
        hidden[0][0].x += 1

    def started() -> threading.Thread:
        thread = threading.Thread(target=work)
        thread.start()
        return thread

    for thread in [started() for _ in range(2)]:
        thread.join()
    return shared.x + hidden[0][0].x


def collecting_results() -> list[int]:
    shared = Shared()

    def work(number: int) -> int:
        shared.items = [number]
        return shared.items[0]

    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(work, number) for number in (1, 2)]
        results = [future.result() for future in futures]
        return [result for result in results if result]


def append(shared: Shared) -> None:
    shared.items.append(2)


def append_and_more(shared: Shared) -> None:
    shared.items.append(2)
    shared.x += 1


@pytest.mark.parametrize(
    ("work", "other", "total"),
    [
        (over_own_list, Shared.renew, 20),
        (over_own_list_in_a_loop, Shared.renew, 20),
        (over_own_list_twice, Shared.renew, 20),
        (over_own_list_at_last, Shared.renew, 20),
        (taking_a_variable_from_around, Shared.more, 6),
        (leaving_a_variable_behind, Shared.more, 6),
        (taking_a_variable_that_a_function_knows, Shared.more, 28),
        (giving_own_list_away, Shared.renew, 220),
        (giving_own_list_away_in_it, Shared.renew, 35),
        (over_a_shared_list, append, 4),
        (after_a_step_on_a_list, append_and_more, 20),
        (sorting_after_a_step_on_a_list, append_and_more, 20),
        (spreading_a_list, append, 3),
        (making_a_class, Shared.more, 10),
        (slicing, append, 5),
        (showing, append_and_more, 56),
        (matching, append, 6),
        (passing_on, Shared.more, 28),
        (failing_in_a_group, Shared.more, 10),
    ],
)
def test_total(work, other, total):
    merged = interleavings(beside(work, other))
    assert (merged.complete, merged.total) == (True, total)


@pytest.mark.parametrize(
    ("scenario", "total"),
    [(starting_threads_in_it, 70), pytest.param(collecting_results, 10, marks=pytest.mark.slow)],
)
def test_total_of_a_scenario(scenario, total):
    assert interleavings(scenario).total == total
