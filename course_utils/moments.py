"""
One interleaving, moment by moment: what a stepper shows, in words and numbers alone.

Between two steps all threads stand still. A `Moment` is what can be seen of them then: where each stands, its
variables, the values that threads share, and who could make the next step. A `Walk` is all moments of an
interleaving, from before its first step to after its last. Values are texts already: what they were made of goes on
changing. Who shows walks knows nothing of who makes them; that is a `Walker`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

__all__ = ["Choice", "Column", "Moment", "Position", "Row", "Value", "Walk", "Walker", "columns", "lanes_of", "rows"]


class Position(NamedTuple):
    """Where a thread stands: in which file and line, in which function, and in which line that begins."""

    file: str
    line: int
    function: str
    first: int


class Choice(NamedTuple):
    """
    A step that could be next.

    Attributes:
        key: what tells it from the others; a sequence of keys is a schedule.
        lane: whose it is.
        what: in words, as "write value".
    """

    key: str
    lane: str
    what: str


class Moment(NamedTuple):
    """
    What can be seen between two steps.

    Attributes:
        made: the step that led here; None before the first.
        positions: by lane; who hasn't begun, or has ended, has none.
        locals: by lane, the variables of the function that it is in: name to value.
        watched: the values that threads share, as "database.value" to value.
        choices: the steps that could be next; none at the end.
        idle: by lane, why it can't make a step: "waits for _lock", "has ended".
    """

    made: Choice | None
    positions: Mapping[str, Position]
    locals: Mapping[str, Mapping[str, str]]
    watched: Mapping[str, str]
    choices: tuple[Choice, ...]
    idle: Mapping[str, str] = {}


class Walk(NamedTuple):
    """
    An interleaving.

    Attributes:
        moments: one more than there are steps.
        lanes: in order of creation.
        among: what it leads to, after a comma: "in one of the 4 interleavings (of 6) that return 1".
    """

    moments: tuple[Moment, ...]
    lanes: tuple[str, ...]
    among: str

    @property
    def keys(self) -> tuple[str, ...]:
        """Its schedule."""
        return tuple(moment.made.key for moment in self.moments if moment.made is not None)


class Walker(Protocol):
    """
    Who runs a scenario in a chosen order.

    Attributes:
        title: the call that made it, as "interleavings(lost_update).step()".
    """

    title: str

    def walk(self, keys: Sequence[str]) -> Walk:
        """Make the steps with these keys, and then any until the end."""


Column = tuple[str, str]
"""A thread's variable: its lane, and its name."""


class Value(NamedTuple):
    """A value at one moment; None where there is none. `changed` if the step that led here made it so."""

    text: str | None
    changed: bool


class Row(NamedTuple):
    """A moment in a table: its number, the step that led there, variables by column, shared values by name."""

    number: int
    made: Choice | None
    locals: dict[Column, Value]
    watched: dict[str, Value]


def lanes_of(walk: Walk) -> list[str]:
    """List the lanes that make a step, or could make one, in order of creation."""
    acting = {choice.lane for moment in walk.moments for choice in moment.choices}
    acting |= {moment.made.lane for moment in walk.moments if moment.made is not None}
    return [lane for lane in walk.lanes if lane in acting] + sorted(acting - set(walk.lanes))


def columns(walk: Walk) -> list[Column]:
    """
    List the variables that are worth a column: those that come up, or change, while their function runs.

    What a function was called with, `self` above all, says nothing new at any step; nor does what has a column already,
    as a value that threads share and all call by the same name.
    """
    found: dict[Column, None] = {}
    names: dict[Column, None] = {}
    own: set[Column] = set()
    for lane in lanes_of(walk):
        before: tuple[tuple[str, str, int], Mapping[str, str]] | None = None
        for moment in walk.moments:
            position = moment.positions.get(lane)
            if position is None:
                before = None
                continue
            place = (position.file, position.function, position.first)
            now = moment.locals.get(lane, {})
            for name, text in now.items():
                names.setdefault((lane, name))
                if moment.watched.get(name) != text:
                    own.add((lane, name))
            if before is not None and before[0] == place:
                known = before[1]
                found.update({(lane, name): None for name, text in now.items() if known.get(name) != text})
            before = place, now
    return [column for column in names if column in found and column in own]


def rows(walk: Walk, shown: Sequence[Column]) -> list[Row]:
    """
    Lay a walk out as a table.

    Args:
        walk: whose moments become rows.
        shown: the variables that become columns.

    Returns:
        list of `Row`, one for each moment; nothing is changed in the first.
    """
    watched = list(dict.fromkeys(name for moment in walk.moments for name in moment.watched))
    found: list[Row] = []
    before = walk.moments[0]
    for number, moment in enumerate(walk.moments):
        found.append(
            Row(
                number,
                moment.made,
                {(lane, name): _value(name, moment.locals.get(lane), before.locals.get(lane)) for lane, name in shown},
                {name: _value(name, moment.watched, before.watched) for name in watched},
            )
        )
        before = moment
    return found


def _value(name: str, now: Mapping[str, str] | None, before: Mapping[str, str] | None) -> Value:
    text = (now or {}).get(name)
    return Value(text, text is not None and text != (before or {}).get(name))
