"""
Forward, back and another way: an interleaving to walk through.

A `StepThrough` asks a `Walker` for an interleaving, with all that can be seen after each of its steps, so that going
forward and back runs nothing. Only who chooses another thread to go on has the scenario run once more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from ipywidgets import HTML, Box, Button, IntSlider, VBox

from .codeview import code_html, length, listings, widest
from .face import answer_beside_cells
from .moments import Choice, Column, Moment, Walk, Walker, columns, lanes_of
from .palette import THREADS
from .stepstyle import STYLE
from .steptable import rows_for, steps_html, still_html, still_text, wide
from .texts import exception_text

__all__ = ["StepThrough"]

WIDGET: Final = "application/vnd.jupyter.widget-view+json"

_NOBODY: Final = "can't go on"

_NO_MORE: Final = "no other way"
"""Stands where a thread could once choose between several."""

_MOST_CODE: Final = 22
"""Lines of code that have room; of more, those where nobody stands are left out."""


class StepThrough:
    """
    A stepper; as a cell's last line it shows itself.

        >>> stepper = StepThrough(walker)
        >>> stepper.forward()
        >>> stepper.choose("T1")
        >>> stepper.moment.watched
        {'database.value': '0'}

    What a thread computes between two steps isn't seen: a step ends where its thread stands before the next one.

    Args:
        walker: runs the scenario.
        keys: the schedule to begin with; it may end early.
        longest: steps that there may be in another order. Room is kept for them, so that nothing below moves when
            another is chosen; of still longer ones, a part is shown.

    Attributes:
        box: the widget.
        walk: the interleaving on show.
        at: how many of its steps have been made.

    Raises:
        RuntimeError: the scenario can't be run; see `interleavings`.
    """

    def __init__(self, walker: Walker, keys: Sequence[str] = (), longest: int = 0) -> None:
        self._walker = walker
        self._busy = threading.RLock()  # a cell may step while a button is answered
        self._moving = False
        self.at = 0
        self.walk = walker.walk(keys)
        self._columns: list[Column] = []
        self._colours: dict[str, str] = {}
        self._lanes: dict[tuple[str, int], Button] = {}
        self._widest = 0
        self._take_in()
        self._rows = rows_for(len(self.walk.moments) - 1, longest)
        self._lines = min(length(self._code), _MOST_CODE)
        self._build()
        self._show()

    # What can be asked for.

    @property
    def moment(self) -> Moment:
        """What can be seen now."""
        return self.walk.moments[self.at]

    def forward(self) -> None:
        """Go on by a step; at the end, stay."""
        self.go(self.at + 1)

    def back(self) -> None:
        """Go back by a step; at the beginning, stay."""
        self.go(self.at - 1)

    def go(self, at: int) -> None:
        """
        Go to where so many steps have been made.

        Args:
            at: how many; as many as there are if there aren't so many.
        """
        with self._busy:
            self.at = min(max(at, 0), len(self.walk.moments) - 1)
            self._show()

    def choose(self, key: str) -> None:
        """
        Have the next step be this one, and walk on through what follows from it.

        Args:
            key: of one of `moment.choices`; mostly the thread's name.

        Raises:
            ValueError: it isn't one of them.
            RuntimeError: run in the same order again, the scenario did something else.
        """
        with self._busy:
            keys = self.walk.keys
            if key not in [choice.key for choice in self.moment.choices]:
                could = ", ".join(repr(choice.key) for choice in self.moment.choices) or "nobody"
                raise ValueError(f"{key!r} can't make a step here: {could} can")
            if keys[self.at] != key:
                walk = self._walker.walk([*keys[: self.at], key])
                if _course(walk, self.at) != _course(self.walk, self.at):
                    raise RuntimeError(
                        "run in the same order again, the scenario did something else: random numbers, clocks, files "
                        "and what is left from the last run do that: build all that the scenario uses in it"
                    )
                self.walk = walk
                self._take_in()
            self.go(self.at + 1)

    # The widgets.

    def _take_in(self) -> None:
        """Give what is new in a walk a place: what had one keeps it."""
        self._code = listings(self.walk, lanes_of(self.walk))
        known = list(self._columns)
        new = columns(self.walk)
        order = list(self.walk.lanes)
        self._columns = sorted(dict.fromkeys(known + new), key=lambda column: (order + [column[0]]).index(column[0]))
        for lane in lanes_of(self.walk):
            self._colours.setdefault(lane, THREADS[len(self._colours) % len(THREADS)])
        self._widest = max([self._widest, *map(len, _said_of(self.walk, self._colours))])

    def _build(self) -> None:
        heading = HTML(f'{STYLE}<span class="course-heading">{escape(self._walker.title)}</span>')
        self._said = HTML()
        self._said.add_class("course-where")
        self._first = _button("|◀", "to the beginning", lambda: self.go(0))
        self._back = _button("◀ back", "one step back", self.back)
        self._forward = _button("forward ▶", "one step on", self.forward)
        self._slider = IntSlider(
            0,
            min=0,
            max=1,
            description="step",
            tooltip="arrow keys go back and on",
            style={"description_width": "auto"},
        )
        self._slider.observe(lambda change: self._slid(change["new"]), names="value")
        moves = Box([self._first, self._back, self._forward, self._slider], layout={"flex_flow": "row wrap"})
        moves.add_class("course-row")
        self._label = HTML('<span class="course-muted">or choose who runs next:</span>')
        self._label.add_class("course-label")
        self._who = Box([self._label], layout={"flex_flow": "row wrap"})
        self._who.add_class("course-row")
        self._error = HTML()
        # Sizes are set once, and by what is first shown: what comes later scrolls, and nothing else moves.
        code = {"height": f"{22 * self._lines + 26}px", "flex": f"0 1 {widest(self._code, list(self._colours)) + 3}ch"}
        table = {
            "height": f"{26 * self._rows + 90}px",
            "flex": f"1 1 {wide(self.walk, self._columns, self._colours)}ch",
        }
        self._listing, self._table = HTML(layout=code), HTML(layout=table)
        self._listing.add_class("course-pane")
        self._table.add_class("course-pane")
        panes = Box([self._listing, self._table], layout={"flex_flow": "row wrap"})
        panes.add_class("course-panes")
        self.box = VBox([heading, self._said, moves, self._who, self._error, panes])
        self.box.add_class("course-stepper")

    def _show(self) -> None:
        """Set what has changed."""
        moment, last = self.moment, len(self.walk.moments) - 1
        self._said.value = f'<span class="course-muted" role="status" aria-live="polite">{escape(self._where())}</span>'
        self._error.value = ""
        for button, can in ((self._first, self.at > 0), (self._back, self.at > 0), (self._forward, self.at < last)):
            _mark(button, can)
        self._moving = True
        try:
            self._slider.max = max(last, 1)
            self._slider.value = self.at
        finally:
            self._moving = False
        self._show_choices(moment)
        self._listing.value = code_html(self._code, moment, self._colours, self._lines)
        self._table.value = steps_html(self.walk, self.at, self._columns, self._colours, self._rows)
        answer_beside_cells([self._first, self._back, self._forward, self._slider, *self._lanes.values()])

    def _where(self) -> str:
        last = len(self.walk.moments) - 1
        if self.at == 0:
            where = f"before the first of {last} steps" if last > 1 else "before the only step" if last else "no steps"
        else:
            where = f"after step {self.at} of {last}"
        return f"{where}, {self.walk.among}"

    def _show_choices(self, moment: Moment) -> None:
        """Have a button for each way of each lane, whether it can go on or not: none moves from under the pointer."""
        ways = _by_place(moment.choices)
        missing = [place for place in self._places() if place not in self._lanes]
        for lane, number in missing:
            self._lanes[lane, number] = self._lane_button(lane, number)
        if missing:
            # First a way of each, then others: what has come up late stands behind, and takes nobody's keyboard away.
            order = list(self._colours)
            self._lanes = dict(sorted(self._lanes.items(), key=lambda pair: (pair[0][1], order.index(pair[0][0]))))
            self._who.children = (self._label, *self._lanes.values())
        keys = self.walk.keys
        for (lane, number), button in self._lanes.items():
            found = ways.get((lane, number))
            text = found.what if found is not None else _NO_MORE if number else moment.idle.get(lane, _NOBODY)
            button.description = f"{lane}: {text}"
            button.layout.width = f"calc({0.85 * self._widest:.1f}ch + 24px)"  # most letters are narrower than 0
            same = found is not None and found.key == keys[self.at]
            button.tooltip = "as forward does" if same else "another way on" if found is not None else text
            _mark(button, found is not None)
            button.style.button_color = self._colours[lane] if found is not None else None
            button.style.text_color = "#ffffff" if found is not None else None

    def _places(self) -> list[tuple[str, int]]:
        """All lanes, and all ways that one of them has at some moment of the walk."""
        found = {(lane, 0): None for lane in self._colours}
        for moment in self.walk.moments:
            found.update(dict.fromkeys(_by_place(moment.choices)))
        return list(found)

    def _lane_button(self, lane: str, number: int) -> Button:
        def press() -> None:
            mine = [choice for choice in self.moment.choices if choice.lane == lane]
            if number < len(mine):
                self.choose(mine[number].key)

        return _button("", "", self._guarded(press))

    def _guarded(self, act: Callable[[], None]) -> Callable[[], None]:
        """Say what went wrong where it can be seen: nobody looks for what a callback prints."""

        def acting() -> None:
            try:
                act()
            except Exception as error:
                text = f"not run: {exception_text(error, 1000)}"
                self._error.value = f'<div class="course-error" role="alert">{escape(text)}</div>'

        return acting

    def _slid(self, at: int) -> None:
        if not self._moving:
            self.go(at)

    # Without a kernel.

    def __repr__(self) -> str:
        return still_text(self._walker.title, self.walk, self._columns)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {
            WIDGET: {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id},
            "text/html": still_html(self._walker.title, self.walk, self._columns),
            "text/plain": repr(self),
        }


def _course(walk: Walk, steps: int) -> list[tuple[Choice | None, tuple[Choice, ...]]]:
    """What was done up to a moment, and what else could have been."""
    return [(moment.made, moment.choices) for moment in walk.moments[: steps + 1]]


def _by_place(choices: Sequence[Choice]) -> dict[tuple[str, int], Choice]:
    """Number the ways of each lane."""
    found: dict[tuple[str, int], Choice] = {}
    for choice in choices:
        found[choice.lane, sum(lane == choice.lane for lane, _ in found)] = choice
    return found


def _said_of(walk: Walk, lanes: Mapping[str, str]) -> Iterator[str]:
    """What the buttons of lanes say in a walk, and what they would if these had to wait."""
    for moment in walk.moments:
        for lane in lanes.keys() & moment.idle.keys():
            yield f"{lane}: {moment.idle[lane]}"
        for choice in moment.choices:
            yield f"{choice.lane}: {choice.what}"
            if choice.what.startswith("acquire ") or "." in choice.what:
                yield f"{choice.lane}: waits for {choice.what.removeprefix('acquire ')}"


def _button(text: str, tooltip: str, act: Callable[[], None]) -> Button:
    button = Button(description=text, tooltip=tooltip, layout={"width": "auto"})
    button.on_click(lambda _: act())
    return button


def _mark(button: Button, can: bool) -> None:
    """Show whether a button does anything: one that is disabled would lose the keyboard."""
    (button.remove_class if can else button.add_class)("course-cannot")
