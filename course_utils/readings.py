"""
Reads and writes of watched attributes: △ and ▼ on the bar's upper edge, their values over them.

A read and a write that fall on the same pixels, as those of `value += 1`, stand side by side with "0→1" over them;
more than that are drawn as one sign or a pair, without a value. A lost update is drawn whatever else is there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import zip_longest
from math import inf
from typing import Final, NamedTuple

from .arrows import Rooms
from .events import READ, WRITE, Event
from .frame import Frame
from .marks import TOLD, sign, write
from .metrics import drawable, width
from .scene import Label, Room, Scene
from .shorten import clip
from .view import View

__all__ = ["Placed", "draw_readings", "place_readings"]

_WIDE: Final = 9.5
"""Pixels that a sign takes."""

_OFF: Final = 6.0
"""Pixels by which a sign may stand beside its moment, so as not to cover the one before."""

_SIGN: Final = 5.0
"""Half of what the sign of a mark or an exception takes."""

_LONGEST: Final = 18
"""Characters of a value."""

_AWAY: Final = 14.0
"""Pixels by which a value may stand beside its sign."""

_SPELT: Final = 4
"""Reads and writes on the same pixels whose values are spelt out."""

_NAMED: Final = 400
"""How many values are looked for room for on one lane."""


class _Access(NamedTuple):
    x: float
    event: Event
    lost: bool


class _Group:
    """Reads and writes that fall on the same pixels: the signs that stand for them, and where."""

    def __init__(self, found: list[_Access]) -> None:
        self.found = found
        self.lost = any(each.lost for each in found)
        kinds = list(dict.fromkeys(each.event.kind for each in found))
        self.kinds = kinds
        self.centre = (found[0].x + found[-1].x) / 2

    @property
    def half(self) -> float:
        return len(self.kinds) * _WIDE / 2

    @property
    def left(self) -> float:
        return self.centre - self.half

    @property
    def right(self) -> float:
        return self.centre + self.half

    @property
    def places(self) -> list[float]:
        """Where its signs stand."""
        return [self.left + (number + 0.5) * _WIDE for number in range(len(self.kinds))]

    def settle(self, free: float, following: float) -> bool:
        """Move to where there is room, right of `free`; with one sign if two would stand in the following one's way."""
        if len(self.kinds) == 2 and (self.left < free - 1 or self.right > following - _WIDE / 2 + 1):
            self.kinds = [WRITE]
        if free - self.left > _OFF:
            return False
        self.centre = max(self.centre, free + self.half)
        return True

    def give_way(self, signs: list[float], free: float) -> None:
        """Move beside another sign that would be covered, if that isn't far."""
        place = bisect_left(signs, self.centre)
        for x in signs[max(place - 1, 0) : place + 1]:
            clear = self.half + _SIGN
            if abs(x - self.centre) < clear:
                sides = [
                    at for at in (x - clear, x + clear) if at - self.half >= free and abs(at - self.centre) <= clear
                ]
                self.centre = min(sides, key=lambda at: abs(at - self.centre), default=self.centre)
                return


Placed = dict[int, list[_Group]]
"""By row, the reads and writes of a chart in their places, from left to right."""


def place_readings(frame: Frame, view: View) -> Placed:
    """
    Find a place for the reads and writes of watched attributes.

    Args:
        frame: where.
        view: the recording.
    """
    rows = {lane.name: row for row, lane in enumerate(view.lanes)}
    lost = {(each.lane, each.object, each.time) for each in view.lost}
    found: dict[int, list[_Access]] = {}
    signs: dict[int, list[float]] = {}
    for event in view.instants:
        row = rows.get(event.lane)
        if row is None:
            continue
        if event.kind in (READ, WRITE):
            gone = event.kind == WRITE and (event.lane, event.object, event.time) in lost
            found.setdefault(row, []).append(_Access(frame.x(event.time), event, gone))
        elif event.kind in TOLD:
            signs.setdefault(row, []).append(frame.x(event.time))
    return {row: _groups(some, signs.get(row, [])) for row, some in found.items()}


def draw_readings(scene: Scene, frame: Frame, placed: Placed, rooms: Rooms) -> set[str]:
    """
    Draw reads and writes, and their values where there is room.

    Args:
        scene: to be added to.
        frame: where.
        placed: the reads and writes.
        rooms: what other signs and arrows have taken.

    Returns:
        the kinds drawn: "read", "write", "lost".
    """
    names = {each.event.object or "": None for groups in placed.values() for group in groups for each in group.found}
    short = _short(list(names))
    size = min(9.5, frame.above - 5.5)
    drawn: set[str] = set()
    for row, groups in placed.items():
        y = frame.bar_top(row)
        if size >= 8:
            _write_values(scene, frame, rooms.above[row], row, groups, short, size)
        for group in groups:
            for x, kind in zip(group.places, group.kinds, strict=True):
                drawn_as = "lost" if kind == WRITE and group.lost else kind
                drawn.add(drawn_as)
                sign(scene, drawn_as, x, y)
            rooms.above[row].take(group.left, group.right)
    return drawn


def _short(places: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """How each attribute may be called, the longest first: in full, and without its owner if that is enough."""
    if len(places) == 1:
        return {places[0]: ("",)}
    brief = [place.rpartition(".")[2] for place in places]
    return {
        place: (f"{place}=", f"{name}=") if brief.count(name) == 1 else (f"{place}=",)
        for place, name in zip(places, brief, strict=True)
    }


def _groups(found: list[_Access], signs: list[float]) -> list[_Group]:
    """Put together what falls on the same pixels, and give each group its place, beside other signs if it can be."""
    slots: list[list[_Access]] = []
    for each in found:
        if slots and each.x < slots[-1][0].x + _WIDE:
            slots[-1].append(each)
        else:
            slots.append([each])
    groups: list[_Group] = []
    for group, after in zip_longest(map(_Group, slots), slots[1:]):
        following = (after[0].x + after[-1].x) / 2 if after else inf
        free = groups[-1].right if groups else -inf
        if group.settle(free, following):
            group.give_way(signs, free)
            groups.append(group)
        elif group.lost:
            groups[-1].lost, groups[-1].kinds = True, [WRITE]
    return groups


def _values(found: list[_Access], short: dict[str, tuple[str, ...]], place: int) -> str:
    """Spell values out: "0", "0→1", "a.value=3, b.value=4"."""
    words: list[tuple[str, str, str]] = []
    for _, (_, _, kind, name, value), _ in found:
        names = short[name or ""]
        text, label = clip(str(value), _LONGEST), names[min(place, len(names) - 1)]
        if words and kind == WRITE and words[-1][0] == label and words[-1][2] == READ:
            words[-1] = label, f"{words[-1][1]}→{text}", kind
        else:
            words.append((label, text, kind))
    return ", ".join(f"{label}{text}" for label, text, _ in words)


def _choices(group: _Group, short: dict[str, tuple[str, ...]]) -> list[str]:
    """What to write over a group's signs, the most telling first."""
    told = []
    if len(group.found) <= _SPELT:
        told = list(dict.fromkeys(_values(group.found, short, place) for place in (0, 1)))
    if not group.lost:
        return told
    count = sum(each.lost for each in group.found)
    what = "lost update" if count <= 1 else f"{count} lost updates"
    return [*(f"{text}  {what}" for text in told), what, *(["lost"] if count <= 1 else [f"{count} lost"]), *told]


def _write_values(
    scene: Scene, frame: Frame, room: Room, row: int, groups: list[_Group], short: dict[str, tuple[str, ...]],
    size: float,
) -> None:  # fmt: skip
    """Write the values where there is room: lost updates first, then from left to right."""
    for lost in (True, False):
        chosen = [group for group in groups if group.lost] if lost else groups
        sides = zip(chosen, [None, *chosen], [*chosen[1:], None], strict=False)
        for group, previous, following in [each for each in sides if each[0].lost is lost][:_NAMED]:
            # A value stays between the signs beside its own. A lost update is worth covering the air over those,
            # but for other lost updates, with which it shares what is between them.
            share = 0.5 if lost else 0.0
            before = frame.left - 14 if previous is None else _between(previous.right, group.left, share) + 1
            after = frame.right + 14 if following is None else _between(following.left, group.right, share) - 1
            for words in _choices(group, short):
                text = drawable(words)
                wide = width(text, size)
                # An arrow's head may stand where the value should.
                least, most = max(before, group.centre - wide - _AWAY), min(after, group.centre + wide + _AWAY)
                at = room.near(least, most, wide, group.centre - wide / 2)
                if at is not None:
                    room.take(at - 3, at + wide + 3)
                    role = "bad" if lost else "text"
                    write(scene, Label(at, frame.bar_top(row) - 6.5, text, size, role, zone=f"above {row}"))
                    break


def _between(one: float, other: float, share: float) -> float:
    return one + (other - one) * share
