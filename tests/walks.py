"""
A walker made by hand: threads that read an attribute, add one, and write it back.

Nothing runs: what a scheduler would see is worked out from who has made how many steps. All that it needs is in this
file, so that its text can be a notebook's cell.
"""

import inspect
import math
from collections.abc import Sequence
from itertools import permutations

from course_utils.moments import Choice, Moment, Position, Walk

__all__ = ["FakeDatabase", "Updates", "outcomes"]


class FakeDatabase:
    """What the threads of `Updates` share."""

    def __init__(self):
        self.value = 0

    def update(self, index, pause):
        local_copy = self.value
        local_copy += 1
        self.value = local_copy


STEPS = ("read value", "write value")


def outcomes(keys: Sequence[str]) -> int:
    """Work out the value at the end."""
    value, copies = 0, dict[str, int]()
    for key in keys:
        if key in copies:
            value = copies[key]
        else:
            copies[key] = value + 1
    return value


class Updates:
    """
    Walks through `update` in some threads.

    Args:
        threads: how many.
        shown: how a value is put into words.
    """

    def __init__(self, threads=2, shown=str):
        self.title = "interleavings(lost_update).step()"
        self.lanes = tuple(f"T{number}" for number in range(threads))
        self.shown = shown
        self.asked: list[tuple[str, ...]] = []

    def walk(self, keys: Sequence[str]) -> Walk:
        """Make these steps, and then one thread's after the other's."""
        self.asked.append(tuple(keys))
        order = list(keys)
        for lane in self.lanes:
            order += [lane] * (2 - order.count(lane))
        moments = [self.moment(order[:made]) for made in range(len(order) + 1)]
        return Walk(tuple(moments), ("main", *self.lanes), self.among(outcomes(order)))

    def among(self, outcome: int) -> str:
        """Count the interleavings that return this, if there aren't too many."""
        total = math.factorial(2 * len(self.lanes)) // 2 ** len(self.lanes)
        if total > 90:
            return f"which returns {outcome}"
        same = sum(outcomes(order) == outcome for order in set(permutations(self.lanes * 2)))
        return f"in one of the {same} interleavings (of {total}) that return {outcome}"

    def moment(self, order: Sequence[str]) -> Moment:
        """Work out what can be seen after these steps."""
        value, copies = 0, dict[str, int]()
        for key in order:
            if key in copies:
                value = copies[key]
            else:
                copies[key] = value + 1
        first = FakeDatabase.update.__code__.co_firstlineno
        file = inspect.getsourcefile(FakeDatabase.update)
        assert file is not None
        positions, variables, choices, idle = {}, {}, [], {}
        for number, lane in enumerate(self.lanes):
            made = order.count(lane)
            if made == 2:
                idle[lane] = "has ended"
                continue
            positions[lane] = Position(file, first + (1 if made == 0 else 3), "FakeDatabase.update", first)
            variables[lane] = {"self": "<FakeDatabase>", "index": str(number), "pause": "0.1"}
            if made:
                variables[lane]["local_copy"] = self.shown(copies[lane])
            choices.append(Choice(lane, lane, STEPS[made]))
        last = order[-1] if order else ""
        made_last = Choice(last, last, STEPS[order.count(last) - 1]) if order else None
        return Moment(made_last, positions, variables, {"database.value": self.shown(value)}, tuple(choices), idle)
