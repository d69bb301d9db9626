"""
The locks that lanes held: bands under the bars.

Locks held at the same time are stacked. Each lock has one colour throughout a chart. Where its holder has taken it
again (an RLock), the band is thicker and says how many times: "×2".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from .frame import Frame
from .metrics import ASCENT, DESCENT, drawable, width
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
    for row, holds in held.items():
        tracks = _tracks(holds)
        count = max(tracks) + 1
        size = min(10.0 if count == 1 else 9.0, frame.names - 0.5)
        top = frame.bar_bottom(row) + frame.gap
        # Names keep clear of what stands over the next lane's bar, and bands of the names.
        low = frame.bar_top(row) + frame.pitch - frame.above + 0.8 - size * DESCENT
        room = frame.band if count == 1 else min(frame.band * count, max(frame.band, low - size * ASCENT - 1 - top))
        tall = max((room - (count - 1)) / count, 0.75)
        base = min(top + room + size * 0.95, low)
        boxes: dict[str, list[tuple[float, float, float, float]]] = {}
        named: set[str] = set()
        tries = _TRIES
        for hold, track in zip(holds, tracks, strict=True):
            left, right = frame.x(hold.start), frame.x(hold.end)
            y = top + track * (tall + 1)
            role = locks[hold.lock]
            boxes.setdefault(role, []).append((left, y, max(right, left + 1), y + tall))
            if hold.levels:
                boxes[role][-1:] = _steps(frame, hold, y, tall)
            text = drawable(hold.lock)
            wide = width(text, size)
            if not tries or size < 8 or (hold.lock in named and right - left < wide):
                continue
            tries -= 1
            most = min(max(right, left + wide) + 2, frame.right)
            at = rooms[row].near(left, most, wide, left)
            if at is not None and at - left < 60:
                named.add(hold.lock)
                rooms[row].take(at - 2, at + wide + 4)
                _name(scene, Label(at, base, text, size, f"{role} text", zone=f"lock {row}"))
        for hold in [hold for hold in holds if hold.levels][: _TRIES if size >= 8 else 0]:
            # Under several bands, a number by itself might be about any of them.
            name = f"{drawable(hold.lock)} " if count > 1 else ""
            like = Label(0, base, name, size, f"{locks[hold.lock]} text", zone=f"lock {row}")
            _write_depth(scene, frame, rooms[row], hold, like)
        for role, listed in boxes.items():
            scene.boxes("bands", role, _seen(np.array(listed)))


def _name(scene: Scene, label: Label) -> None:
    left, top, right, bottom = label.box
    scene.rect("plates", "card", left - 2, top + 1, right + 2, bottom)
    scene.label(label)


def _pieces(hold: Hold) -> list[tuple[float, float, int]]:
    """Take a hold apart where its depth changed: start, end and depth of each piece."""
    begins = [(hold.start, 1), *hold.levels]
    ends = [*(time for time, _ in hold.levels), hold.end]
    return [(begin, end, depth) for (begin, depth), end in zip(begins, ends, strict=True)]


def _steps(frame: Frame, hold: Hold, y: float, tall: float) -> list[tuple[float, float, float, float]]:
    """The band of a lock taken again by its holder: the deeper, the thicker, if it isn't slight as it is."""
    least = 0.5 if tall >= 4 else 1.0
    return [
        (
            frame.x(begin), y, max(frame.x(end), frame.x(begin) + 1),
            y + tall * (least + (1 - least) * (depth - 1) / (hold.depth - 1)),
        )
        for begin, end, depth in _pieces(hold)
    ]  # fmt: skip


def _write_depth(scene: Scene, frame: Frame, room: Room, hold: Hold, like: Label) -> None:
    """Write under a band how many times the lock is held, where that is more than once, after what `like` says."""
    for begin, end, depth in _pieces(hold)[:_TRIES]:
        text = f"{like.text}×{depth}"
        wide = width(text, like.size)
        left, right = frame.x(begin), frame.x(end)
        at = room.near(left, max(right, left + wide) + 2, wide, left) if depth > 1 else None
        if at is not None:
            room.take(at - 2, at + wide + 4)
            _name(scene, like._replace(x=at, text=text))


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
