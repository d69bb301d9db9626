"""
The tasks that pool workers ran: brackets over the bars.

That a task failed must be seen whatever there is room for. So every ✕ gets its place first, one with
a count where they would cover each other; then come the words of those that failed, then the other tasks' names.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from .arrows import Rooms
from .events import EXCEPTION, READ, WRITE
from .frame import Frame
from .marks import sign, write
from .metrics import drawable, width
from .model import Task
from .scene import Label, Room, Scene
from .shorten import clip
from .texts import call_parts
from .view import View
from .words import ordinal, task_failure

__all__ = ["brackets"]

_NAMED: Final = 60
"""How many tasks are looked for room for on one lane; with more tasks than that, there is none."""

_APART: Final = 2.0
"""Pixels between a bracket and the next, and at least so many between an ✕ and the next."""


class _Span(NamedTuple):
    """A task's place; words end before `limit`, or else before `beyond`, which leaves the next a little room."""

    task: Task
    left: float
    right: float
    limit: float
    beyond: float


class _Failed(NamedTuple):
    """Tasks that failed so close together that they share an ✕, and where it is."""

    spans: list[_Span]
    left: float

    @property
    def sign(self) -> str:
        return "✕" if len(self.spans) == 1 else f"✕ {len(self.spans)}"


class _Strip(NamedTuple):
    """Where the words of a lane's tasks stand."""

    scene: Scene
    room: Room
    row: int
    y: float
    size: float
    edge: float

    def write(self, at: float, text: str, role: str) -> None:
        write(self.scene, Label(at, self.y, text, self.size, role, zone=f"above {self.row}"))


def brackets(scene: Scene, frame: Frame, view: View, rooms: Rooms) -> None:
    """Draw the tasks that pool workers ran: a bracket over the bar, named where there is room."""
    rows = {lane.name: row for row, lane in enumerate(view.lanes)}
    by_row: dict[int, list[Task]] = {}
    for task in view.tasks:
        if task.lane in rows and task.started is not None:
            by_row.setdefault(rows[task.lane], []).append(task)
    places = {name: ordinal(place) for place, name in enumerate(view.finish_order, 1)}
    valued = {event.lane for event in view.instants if event.kind in (READ, WRITE)}
    size = min(10.0, frame.above - 5)
    for row, found in by_row.items():
        spans = _spans(frame, found, view.lanes[row].ended)
        y = frame.bar_top(row) - 2.5
        for span in spans:
            _bracket(scene, span, y)
        bad = [span for span in spans if span.task.exception is not None]
        if size < 8:  # no room for words: the sign of an exception, on the bar
            for each in _failed(bad, 7.0, frame.right):
                sign(scene, EXCEPTION, each.left + 3.5, frame.bar_top(row))
            continue
        strip = _Strip(scene, rooms.above[row], row, y - 3, size, frame.right)
        _write_failed(strip, _failed(bad, size, frame.right, counted=True))
        told = view.lanes[row].name in valued
        for span in [span for span in spans if span.task.exception is None][:_NAMED]:
            _write_name(strip, span, places, told)


def _spans(frame: Frame, found: list[Task], end: float) -> list[_Span]:
    """Where tasks begin and end, with a gap before the next that tells the two apart."""
    found = sorted(found, key=lambda task: task.started or 0.0)
    spans: list[_Span] = []
    following, beyond = None, frame.right
    for task in reversed(found):
        left = frame.x(task.started or 0.0)
        right = frame.x(end if task.ended is None else task.ended)
        if following is not None:
            right = min(right, following - _APART)
        right = max(right, left + 1.5)
        spans.append(_Span(task, left, right, frame.right if following is None else following - 6, beyond))
        following, beyond = left, right - 20
    return spans[::-1]


def _bracket(scene: Scene, span: _Span, y: float) -> None:
    left, right = span.left, span.right
    role = "bad" if span.task.exception is not None else "task"
    if right - left >= 3:
        left, right = left + 0.5, right - 0.5
        scene.line("marks", role, 1.0, (left, y + 2.5), (left, y), (right, y), (right, y + 2.5))
    else:
        scene.line("marks", role, 1.5 if role == "bad" else 1.0, (left, y), (right, y))


def _failed(spans: list[_Span], size: float, edge: float, *, counted: bool = False) -> list[_Failed]:
    """
    Put tasks that failed together where their signs would cover each other.

    Args:
        spans: of tasks that failed, in order.
        size: of the signs.
        edge: where the last sign must have ended.
        counted: whether a count stands beside the signs, so that they are wider.
    """

    def wide(each: _Failed) -> float:
        return width(each.sign if counted else "✕", size)

    done: list[_Failed] = []
    for span in spans:
        new = _Failed([span], span.left)
        while True:
            new = new._replace(left=min(new.spans[0].left, edge - wide(new)))
            if not done or done[-1].left + wide(done[-1]) + _APART <= new.left:
                break
            # A count makes a sign wider, and one at the edge begin sooner: it may meet the one before.
            new = _Failed(done.pop().spans + new.spans, 0.0)
        done.append(new)
    return done


def _write_failed(strip: _Strip, failed: list[_Failed]) -> None:
    """Write an ✕ for every task that failed, and as much as there is room for of which it was and of what."""
    room, size = strip.room, strip.size
    held = []
    limits = [each.left - _APART for each in failed[1:]] + [strip.edge]
    for each, limit in zip(failed, limits[: len(failed)], strict=True):
        wide = width(each.sign, size)
        most = min(each.left + wide + 16, limit)
        at = room.near(each.left, most, wide, each.left)
        place = each.left if at is None else at  # an arrow gives way
        held.append((place, place + wide + _APART))
        room.take(*held[-1])
    # Words stay before the next sign: beyond it they would seem to be about another task.
    edges = [begin - _APART for begin, _ in held[1:]] + [strip.edge]
    for number, each in enumerate(failed):
        if number >= _NAMED or not _write_failure(strip, each, held[number], edges[number]):
            strip.write(held[number][0], each.sign, "bad")


def _write_failure(strip: _Strip, each: _Failed, held: tuple[float, float], edge: float) -> bool:
    """Write about tasks that failed more than their sign, in the room held for it and what is free around."""
    room, size = strip.room, strip.size
    right = each.spans[-1].right
    room.give_back(*held)
    for words, most in _failure_words(each, edge):
        text = drawable(words)
        wide = width(text, size)
        at = room.near(each.left, min(most, edge), wide, each.left)
        if at is not None and at - each.left < 60 + right - each.left:
            room.take(at - 3, at + wide + 8)
            strip.write(at, text, "bad")
            return True
    room.take(*held)
    return False


def _failure_words(each: _Failed, edge: float) -> list[tuple[str, float]]:
    """What to write about tasks that share an ✕, the most telling first, and where each must have ended."""
    found, mark = [span.task for span in each.spans], each.sign
    limit, beyond = each.spans[-1].limit, each.spans[-1].beyond
    parts = [call_parts(task.name) for task in found]
    # A deadlock's message is about several lanes, and stands over the chart.
    failures = {
        task_failure(task._replace(exception="Deadlock") if (task.exception or "").startswith("Deadlock:") else task)
        for task in found
    }
    kept = "" if any(task.asked for task in found) else " kept in the future" + "s" * (len(found) > 1)
    if len(found) == 1:
        name, brief = found[0].name, parts[0][1]
    else:
        name, brief = parts[0][0] if len({function for function, _ in parts}) == 1 else "", ""
    name, brief = (f"{words}  " if words else "" for words in (name, brief))
    gap = "  " if len(found) > 1 else " "
    choices = [(f"{name}{mark}{gap}{clip(failures.pop(), 90)}", limit)] if len(failures) == 1 else []
    return [
        *choices, (f"{name}{mark}{kept}", limit), (f"{name}{mark}", limit), (f"{brief}{mark}", limit),
        (f"{name}{mark}{kept}", beyond), (f"{name}{mark}", beyond), (f"{name}{mark}{kept}", edge),
        (f"{mark}{kept}", edge), (f"{brief}{mark}", edge),
    ]  # fmt: skip


def _write_name(strip: _Strip, span: _Span, places: dict[str, str], valued: bool) -> None:
    """
    Name a task: in full, else by what tells it from others of its function, else not at all.

    Where values are read and written, a number by itself would be taken for one.
    """
    name, left = span.task.name, span.left
    most = min(max(span.right, left + 24), span.limit)
    brief = call_parts(name)[1]
    choices = [(f"{name}  {places[name]}", most, 5.0)] if name in places else []
    choices.append((name, most, 5.0))
    if brief and not valued:
        # So short a word stands by itself where it is nearer to the next.
        choices.append((brief, min(max(span.right, left + 24), span.limit + 2), 4.0))
    for words, end, after in choices:
        text = drawable(words)
        wide = width(text, strip.size)
        at = strip.room.near(left, end, wide, left)
        if at is not None:
            strip.room.take(at - 3, at + wide + after)
            strip.write(at, text, "muted")
            return
