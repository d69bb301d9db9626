"""
The code that threads stand in, with a marker for each.

A walk's functions are shown from its first moment to its last, so that nothing but the markers moves. Of long
functions there are only the lines where somebody stands at some moment, and those around them.
"""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Mapping
from html import escape
from textwrap import dedent
from tokenize import TokenError
from typing import Final, NamedTuple

from .moments import Moment, Walk
from .shorten import clip

__all__ = ["Listing", "code_html", "length", "listings", "tint", "widest"]

NAME: Final = 16
"""Characters of a thread's name in a marker."""

LONGEST: Final = 16
"""Lines of a function that is shown whole."""

AROUND: Final = 2
"""Lines of a longer one that are shown before and after each where somebody stands."""

NAMED: Final = 3
"""Threads that are named on one line; the others there are counted."""


class Listing(NamedTuple):
    """
    A function's code.

    Attributes:
        file: where it is; not shown, since a notebook's cell has a name that no reader knows.
        name: the function's.
        first: the number of the line it begins in.
        lines: (number, text) of what is shown; None where lines are left out.
    """

    file: str
    name: str
    first: int
    lines: tuple[tuple[int, str] | None, ...]


def listings(walk: Walk, lanes: list[str]) -> list[Listing]:
    """
    Look up the functions that these lanes stand in at some moment of a walk, in order of first sight.

    Args:
        walk: of which moments.
        lanes: whose positions count.
    """
    visited: dict[tuple[str, str, int], set[int]] = {}
    for moment in walk.moments:
        for lane in lanes:
            at = moment.positions.get(lane)
            if at is not None:
                visited.setdefault((at.file, at.function, at.first), set()).add(at.line)
    return [
        Listing(file, name, first, tuple(_shown(_source(file, name, first, lines), lines)))
        for (file, name, first), lines in visited.items()
    ]


def _source(file: str, name: str, first: int, visited: set[int]) -> list[tuple[int, str]]:
    """The lines of a function, without the indentation that they have in common."""
    known = linecache.getlines(file)
    start = max(first, 1) - 1
    block = known[start:]
    if name != "<module>":
        try:
            block = inspect.getblock(block)
        except (TokenError, SyntaxError, IndexError):
            block = []
    if start + len(block) < max(visited):  # a lambda over several lines, or a file that was changed meanwhile
        block = known[start : max(visited)]
    text = dedent("".join(line if line.endswith("\n") else f"{line}\n" for line in block))
    found = [(start + 1 + number, line.rstrip()) for number, line in enumerate(text.splitlines())]
    have = {number for number, _ in found}
    return found + [(number, "… its source isn't at hand") for number in sorted(visited - have)]


def _shown(lines: list[tuple[int, str]], visited: set[int]) -> list[tuple[int, str] | None]:
    """Leave out what is far from where anybody stands, if there is much."""
    if len(lines) <= LONGEST:
        return list(lines)
    first = lines[0][0]
    found: list[tuple[int, str] | None] = []
    for number, text in lines:
        if number == first or any(abs(number - line) <= AROUND for line in visited):
            found.append((number, text))
        elif found and found[-1] is not None:
            found.append(None)
    return found


def length(code: list[Listing]) -> int:
    """How many lines it takes to show code: a line stands between two functions."""
    return sum(len(each.lines) for each in code) + max(len(code) - 1, 0)


def widest(code: list[Listing], lanes: list[str]) -> int:
    """How many characters the longest line takes, with the markers of lanes and its number before it."""
    texts = [len(line[1]) for each in code for line in each.lines if line is not None]
    return _gutter(lanes) + 7 + max(texts, default=0)


def code_html(code: list[Listing], moment: Moment, colours: Mapping[str, str], room: int | None = None) -> str:
    """
    Draw code, with a marker for every thread at the line it is about to run.

    Args:
        code: what is shown.
        moment: where threads stand.
        colours: "#rrggbb" by lane; who has none isn't marked.
        room: how many lines there is room for; of more, only those around where somebody stands now are shown.

    Returns:
        str of HTML.
    """
    standing: dict[tuple[str, str, int, int], list[str]] = {}
    for lane in colours:
        at = moment.positions.get(lane)
        if at is not None:
            standing.setdefault((at.file, at.function, at.first, at.line), []).append(lane)
    if room is not None and length(code) > room:
        code = [each for each in (_near(each, standing) for each in code) if each.lines] or code
    wide = _gutter(list(colours))
    body = []
    for file, name, first, lines in code:
        for line in lines:
            if line is None:
                body.append('<tr class="course-gap"><td></td><td>⋮</td><td></td></tr>')
                continue
            number, text = line
            here = standing.get((file, name, first, number), [])
            kind = ' class="course-here"' if here else ""
            body.append(
                f"<tr{kind}><td>{_markers(here, colours)}</td><td>{number}</td>"
                f"<td><code>{escape(text)}</code></td></tr>"
            )
        body.append('<tr class="course-between"><td></td><td></td><td></td></tr>')
    head = (
        f'<thead class="course-hidden"><tr><th scope="col" style="min-width:{wide}ch">threads about to run it</th>'
        '<th scope="col">line</th><th scope="col">code</th></tr></thead>'
    )
    return (
        f'<table class="course-code" style="--course-gutter:{wide}ch">{head}<tbody>{"".join(body[:-1])}</tbody></table>'
    )


def _near(listing: Listing, standing: Mapping[tuple[str, str, int, int], list[str]]) -> Listing:
    """Leave of a function its head and what is around where somebody stands; of one where nobody does, nothing."""
    here = {line for file, name, first, line in standing if (file, name, first) == listing[:3]}
    lines = [line for line in listing.lines if line is not None]
    near: list[tuple[int, str] | None] = []
    for number, text in lines if here else ():
        if number == listing.first or any(abs(number - line) <= 1 for line in here):
            near.append((number, text))
        elif near and near[-1] is not None:
            near.append(None)
    return listing._replace(lines=tuple(near))


def tint(colour: str) -> str:
    """Style what is of a thread: an edge in its colour, and the same much paler behind."""
    return f"border-color:{colour};background:{colour}2e"


def _gutter(lanes: list[str]) -> int:
    """How many characters markers may take: as many as all threads at one line."""
    return sum(min(len(lane), NAME) + 4 for lane in lanes[:NAMED])


def _markers(here: list[str], colours: Mapping[str, str]) -> str:
    many = len(here) > NAMED
    shown = here[: NAMED - 1] if many else here
    marks = [
        f'<span class="course-thread" style="{tint(colours[lane])}">{escape(clip(lane, NAME))}&nbsp;▶</span>'
        for lane in shown
    ]
    if many:
        others = ", ".join(here[NAMED - 1 :])
        marks.append(f'<span class="course-thread" title="{escape(others)}">+{len(here) - len(shown)}&nbsp;▶</span>')
    return "".join(marks)
