"""
The locks that lanes held: bands under the bars.

Locks held at the same time are stacked. Each lock has one colour throughout a chart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from .frame import Frame
from .metrics import drawable, width
from .model import Hold
from .palette import LOCKS
from .scene import Label, Room, Scene
from .view import View

__all__ = ["bands", "lock_roles"]

_TRIES: Final = 40
"""How many names of locks are looked for room for under one lane; with more holds than that, there is none."""


def lock_roles(holds: Iterable[Hold]) -> dict[str, str]:
    """Give each lock a colour, in order of first use."""
    roles: dict[str, str] = {}
    for hold in holds:
        if hold.lock not in roles:
            roles[hold.lock] = f"lock {len(roles) % LOCKS}"
    return roles


def bands(scene: Scene, frame: Frame, view: View, locks: dict[str, str], rooms: list[Room]) -> None:
    """Draw what each lane held, as bands under its bar, and name it once in a while."""
    numbers = {lane.name: row for row, lane in enumerate(view.lanes)}
    held: dict[int, list[Hold]] = {}
    for hold in view.holds:
        if hold.lane in numbers:
            held.setdefault(numbers[hold.lane], []).append(hold)
    size = min(10.0, frame.names - 0.5)
    names = {lock: (drawable(lock), width(drawable(lock), size)) for lock in locks}
    for row, holds in held.items():
        tracks = _tracks(holds)
        count = max(tracks) + 1
        top = frame.bar_bottom(row) + frame.gap
        room = frame.band if count == 1 else min(frame.band * count, frame.band + max(frame.names - 10, 0) + 2)
        tall = max((room - (count - 1)) / count, 0.75)
        boxes: dict[str, list[tuple[float, float, float, float]]] = {}
        named: set[str] = set()
        tries = _TRIES
        for hold, track in zip(holds, tracks, strict=True):
            left, right = frame.x(hold.start), frame.x(hold.end)
            y = top + track * (tall + 1)
            role = locks[hold.lock]
            boxes.setdefault(role, []).append((left, y, max(right, left + 1), y + tall))
            text, wide = names[hold.lock]
            if not tries or size < 8 or (hold.lock in named and right - left < wide):
                continue
            tries -= 1
            most = min(max(right, left + wide) + 2, frame.right)
            at = rooms[row].near(left, most, wide, left)
            if at is not None and at - left < 60:
                named.add(hold.lock)
                rooms[row].take(at - 2, at + wide + 4)
                y = top + room + size * 0.95
                label = Label(at, y, text, size, f"{role} text", zone=f"lock {row}")
                scene.rect("plates", "card", at - 2, label.box[1] + 1, label.box[2] + 2, label.box[3])
                scene.label(label)
        for role, listed in boxes.items():
            scene.boxes("bands", role, _seen(np.array(listed)))


def _seen(boxes: np.ndarray) -> np.ndarray:
    """Leave out boxes that fall on the same half pixels as one before: they can't be told apart."""
    if len(boxes) < 200:
        return boxes
    rounded = boxes.copy()
    rounded[:, (0, 2)] = np.round(rounded[:, (0, 2)] * 2) / 2
    return np.unique(rounded, axis=0)


def _tracks(holds: list[Hold]) -> list[int]:
    """Stack holds that overlap in time: the number of each one's track, the lowest that is free."""
    ends: list[float] = []
    tracks = []
    for hold in holds:
        track = next((number for number, end in enumerate(ends) if end <= hold.start), len(ends))
        if track == len(ends):
            ends.append(0.0)
        ends[track] = hold.end
        tracks.append(track)
    return tracks
