"""
The steps of an interleaving as a table: who did what, and what it changed.

What a step changed is marked with an arrow, "→ 1", and not by colour alone. `steps_html` draws the table for a
stepper, which stands at one of its rows; `still_html` and `still_text` are for readers who have no stepper.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final, TypeVar

from .codeview import tint
from .moments import Column, Row, Value, Walk, lanes_of, rows

__all__ = ["BESIDE", "FEWEST", "MOST", "SMALL", "WINDOW", "rows_for", "steps_html", "still_html", "still_text", "wide"]

BESIDE: Final = 6
"""Threads that have a column each; of more, steps stand in one column with the thread's name."""

WINDOW: Final = 12
"""Rows that a stepper shows at once; of longer interleavings, those around where it stands."""

FEWEST: Final = 5
"""Rows that a stepper has room for, however short its interleavings are."""

SMALL: Final = 9
"""Rows for a longer interleaving than the one that a stepper begins with."""

MOST: Final = 60
"""Rows that a table without a stepper has."""

_HELD: Final = len("→ held by T0")

_BEFORE: Final = "before the first step"
_NOTE: Final = "“→” marks what a step changed"

_STILL: Final = "text-align:left;white-space:nowrap"
_TAG: Final = re.compile(r"<(?:td|th)\b")
"""What is laid out by its own attributes: a notebook that isn't trusted has no style sheets."""

_T = TypeVar("_T")


def _what(row: Row, lanes: Sequence[str], colours: Mapping[str, str]) -> list[str]:
    """The cells that say who did what."""

    def tinted(lane: str, text: str) -> str:
        style = f' style="{tint(colours[lane])}"' if lane in colours else ""
        return f'<td><span class="course-thread"{style}>{escape(text)}</span></td>'

    if row.made is None:
        width = f' colspan="{len(lanes)}"' if 1 < len(lanes) <= BESIDE else ""
        return [f"<td{width}>{_BEFORE}</td>"]
    lane, what = row.made.lane, row.made.what
    if len(lanes) > BESIDE:
        return [tinted(lane, f"{lane}: {what}")]
    return [tinted(lane, what) if each == lane else "<td></td>" for each in lanes]


def _cell(value: Value) -> str:
    if value.text is None:
        return "<td></td>"
    if value.changed:
        return f'<td><b class="course-changed">→&nbsp;{escape(value.text)}</b></td>'
    return f"<td>{escape(value.text)}</td>"


def _heads(lanes: Sequence[str], shown: Sequence[Column], found: Sequence[Row]) -> list[str]:
    who = list(lanes) if len(lanes) <= BESIDE else ["thread: step"]
    return ["step", *who, *_ordered(lanes, [f"{lane} {name}" for lane, name in shown], list(found[0].watched))]


def _ordered(lanes: Sequence[str], own: list[_T], shared: list[_T]) -> list[_T]:
    """What threads have of their own, then what they share; the other way round where the first is much."""
    return own + shared if len(lanes) <= BESIDE else shared + own


def rows_for(steps: int, longest: int) -> int:
    """
    How many rows to keep room for: an interleaving's own, or a window and what is said above and below.

    One that begins short has a small window for those that are longer, and not a large empty table.

    Args:
        steps: of the interleaving to begin with.
        longest: of the longest that is known.
    """
    return min(max(max(steps, longest) + 1, FEWEST), max(steps + 1, SMALL), WINDOW + 2)


def wide(walk: Walk, shown: Sequence[Column], colours: Mapping[str, str]) -> int:
    """How many characters wide a stepper's table is; a lock that is free may come to be held."""
    found = rows(walk, shown)
    widths = _widths(list(colours), found)
    return sum(widths) + 3 * len(widths) + sum(max(_HELD - _widest(found, name), 0) for name in found[0].watched)


def _widths(lanes: Sequence[str], found: Sequence[Row]) -> list[int]:
    """How many characters each column's widest cell has; their headings may go over two lines."""
    made = [row.made for row in found if row.made is not None]
    if len(lanes) <= BESIDE:
        who = [max((len(each.what) for each in made if each.lane == lane), default=0) + 1 for lane in lanes]
    else:
        who = [max((len(f"{each.lane}: {each.what}") for each in made), default=0) + 1]
    own = [max(_width(row.locals[column]) for row in found) for column in found[0].locals]
    shared = [_widest(found, name) for name in found[0].watched]
    return [4, *who, *_ordered(lanes, own, shared)]


def _widest(found: Sequence[Row], name: str) -> int:
    """How many characters the widest of a shared value's cells has."""
    return max(_width(row.watched[name]) for row in found)


def _width(value: Value) -> int:
    return len(value.text or "") + (2 if value.changed else 0)


def _table(
    lanes: Sequence[str],
    shown: Sequence[Column],
    found: Sequence[Row],
    body: Sequence[str],
    caption: str,
    kind: str,
    widths: Sequence[int] = (),
) -> str:
    heads = _heads(lanes, shown, found)
    held = [f' style="min-width:{width}ch"' for width in widths] or [""] * len(heads)
    head = "".join(f'<th scope="col"{width}>{escape(text)}</th>' for text, width in zip(heads, held, strict=True))
    return (
        f'<table class="{kind}"><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
    )


def _body_row(row: Row, lanes: Sequence[str], colours: Mapping[str, str], at: int | None) -> str:
    values = _ordered(lanes, list(row.locals.values()), list(row.watched.values()))
    cells = [*_what(row, lanes, colours), *map(_cell, values)]
    sign, attributes = "", ""
    if row.number == at:
        sign, attributes = "▶&nbsp;", ' class="course-now" aria-current="step"'
    elif at is not None and row.number > at:
        attributes = ' class="course-coming"'
    return f'<tr{attributes}><th scope="row">{sign}{row.number}</th>{"".join(cells)}</tr>'


def steps_html(walk: Walk, at: int, shown: Sequence[Column], colours: Mapping[str, str], room: int = WINDOW + 2) -> str:
    """
    Draw the table of a stepper.

    Args:
        walk: the interleaving.
        at: how many of its steps have been made; what comes after is pale.
        shown: the variables that have a column.
        colours: "#rrggbb" by lane, of all that have a column.
        room: how many rows there may be.

    Returns:
        str of HTML: as many rows, and columns as wide, wherever the stepper stands.
    """
    lanes = list(colours)
    found = rows(walk, shown)
    start, end = _window(len(found), at, room)
    body = [_body_row(row, lanes, colours, at) for row in found[start:end]]
    columns = len(_heads(lanes, shown, found))
    if start:
        body.insert(0, _gap(start, "before", columns))
    if end < len(found):
        body.append(_gap(len(found) - end, "after", columns))
    caption = f"every step of this interleaving; {_NOTE}"
    return _table(lanes, shown, found, body, caption, "course-steps", _widths(lanes, found))


def _window(many: int, at: int, room: int) -> tuple[int, int]:
    """Say from where to where rows are shown, so that with what stands for the others there are as many as fit."""
    if many <= room:
        return 0, many
    start = at - (room - 2) // 2
    if start <= 1:
        return 0, room - 1
    if start + room - 2 >= many - 1:
        return many - room + 1, many
    return start, start + room - 2


def _gap(count: int, where: str, columns: int) -> str:
    return f'<tr class="course-gap"><td colspan="{columns}">⋮ {count} more {where}</td></tr>'


def _caption(title: str, walk: Walk) -> str:
    count = len(walk.moments) - 1
    return f"{title}: {count} step{'' if count == 1 else 's'}, {walk.among}"


def _left_out(walk: Walk) -> str:
    left = len(walk.moments) - MOST
    return f"; steps after {MOST - 1} aren't shown" if left > 0 else ""


def still_html(title: str, walk: Walk, shown: Sequence[Column]) -> str:
    """Draw a table of all steps: for readers without a kernel, and the same in every run."""
    lanes = lanes_of(walk)
    found = rows(walk, shown)
    body = [_body_row(row, lanes, {}, None) for row in found[:MOST]]
    caption = f"<code>{escape(title)}</code>: {escape(_caption('', walk)[2:])}; {_NOTE}{_left_out(walk)}"
    table = _table(lanes, shown, found, body, caption, "course-still")
    return _TAG.sub(rf'\g<0> style="{_STILL}"', table).replace("<caption", '<caption style="text-align:left"')


def still_text(title: str, walk: Walk, shown: Sequence[Column]) -> str:
    """Write the same table as text."""
    found = rows(walk, shown)
    lanes = lanes_of(walk)
    lines = [["step", "", *_ordered(lanes, [f"{lane} {name}" for lane, name in shown], list(found[0].watched))]]
    for row in found[:MOST]:
        made = _BEFORE if row.made is None else f"{row.made.lane}: {row.made.what}"
        values = _ordered(lanes, list(row.locals.values()), list(row.watched.values()))
        lines.append(
            [str(row.number), made, *("" if v.text is None else f"→ {v.text}" if v.changed else v.text for v in values)]
        )
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    table = ["  ".join(f"{text:<{width}}" for text, width in zip(line, widths, strict=True)) for line in lines]
    return "\n".join([_caption(title, walk) + _left_out(walk), *(f"  {line}".rstrip() for line in table)])
