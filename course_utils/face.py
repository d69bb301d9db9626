"""
The look of a panel with sliders: what stands where, and in which words.

A `Face` knows nothing of threads or of when to run. Text takes JupyterLab's own colours, so that it can
be read on a light page and on a dark one; the chart brings its own card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ipywidgets import HTML, Box, Button, DOMWidget, Image, ToggleButton, VBox

from .abbreviations import Control, is_duration
from .deadlock import Deadlock
from .tally import Tally, order_words

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["Face", "answer_beside_cells", "tally_html"]

ROWS: Final = 6
"""How many orders, or results, a tally lists; the others are counted."""

_DEADLOCK: Final = 1000
"""Characters of a deadlock's description: a circle of many is read to its end, or not understood."""

_BAR: Final = 150
"""Pixels of the longest bar."""

# The widgets' own names and JupyterLab's variables, with what VS Code and plain pages lack after the comma.
_STYLE: Final = """<style>
.course-panel { color: var(--jp-ui-font-color1, inherit); font-size: 13px; padding: 2px 0 6px; overflow: visible; }
.course-panel .widget-html-content { line-height: 1.5; color: var(--jp-ui-font-color1, inherit); font-size: 13px; }
.course-panel .course-heading { font-weight: 600; font-size: 14px; font-family: var(--jp-code-font-family, monospace); }
.course-panel .course-controls { align-items: center; gap: 2px 18px; overflow: visible; }
.course-panel .course-controls > * { margin: 2px 0; flex: 0 0 auto; }
.course-panel .widget-label { color: var(--jp-ui-font-color1, inherit); }
.course-panel input[type=checkbox] { margin: 0 3px 0 0; vertical-align: middle; }
.course-panel .widget-readout { font-weight: 600; min-width: 3.2em; color: var(--jp-ui-font-color1, inherit); }
.course-panel .course-seconds .widget-readout { min-width: 4.4em; }
.course-panel .course-seconds .widget-readout::after { content: " s"; font-weight: 400; }
.course-panel .noUi-handle:focus-visible, .course-panel button:focus-visible {
  outline: 2px solid var(--jp-brand-color1, #2f6cb3); outline-offset: 2px; }
.course-panel .course-muted { color: var(--jp-ui-font-color2, inherit); }
.course-panel .course-chart { border: 1px solid var(--jp-border-color2, #d5d9dd); border-radius: 6px; margin: 4px 0; }
.course-panel .course-error { color: var(--jp-error-color1, #c02619); white-space: pre-wrap; }
.course-panel .course-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.course-panel .course-tallies { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 4px 40px;
  padding: 2px 0; }
.course-panel .course-tally { border-collapse: collapse; border: 0; margin: 0; }
.course-panel .course-tally caption { caption-side: top; text-align: left; white-space: nowrap; padding: 0 0 3px;
  color: var(--jp-ui-font-color2, inherit); }
.course-panel .course-tally th { text-align: left; font-weight: 400; padding: 1px 12px 1px 0; white-space: nowrap;
 }
.course-panel .course-tally .course-name { display: inline-block; vertical-align: bottom; max-width: 32em;
  overflow: hidden; text-overflow: ellipsis; }
.course-panel .course-tally td { padding: 1px 12px 1px 0; white-space: nowrap; }
.course-panel .course-tally .course-bar { height: 10px; border-radius: 2px; background: var(--jp-brand-color1, #2f6cb3);
  opacity: 0.5; }
.course-panel .course-tally .course-this .course-name { font-weight: 600; }
.course-panel .course-tally .course-this .course-bar { opacity: 1; }
.course-panel .course-fold { align-self: flex-start; width: auto; height: auto; padding: 0; background: none;
  box-shadow: none; line-height: 1.9; }
.course-panel .course-fold:hover { text-decoration: underline; box-shadow: none; }
.course-panel .course-words pre { white-space: pre-wrap; max-height: 30em; overflow: auto; margin: 0;
  padding: 0.4em 0.8em; border-left: 3px solid var(--jp-border-color1, #b4bcc5); background: none; color: inherit;
  font-size: 90%; line-height: 1.45; }
</style>"""


class Face:
    """
    The widgets of a panel.

    Args:
        heading: what stands above.
        controls: by parameter; those that are `fixed` aren't shown.
        again: called when Run again is clicked.
        words: returns the chart in words; called when they are unfolded, and for every run while they are.

    Attributes:
        box: the widget to display.
        picture: the widget with the chart.
    """

    def __init__(
        self, heading: str, controls: dict[str, Control], again: Callable[[], None], words: Callable[[], str]
    ) -> None:
        self._words_of = words
        shown = [_dressed(name, each) for name, each in controls.items() if isinstance(each, DOMWidget)]
        self.button = Button(
            description="Run again", button_style="primary", tooltip="run once more with the same values"
        )
        self.button.layout.width = "auto"
        self.button.on_click(lambda _: again())
        self._state = HTML()
        self._state.layout = {"width": "8.5em", "overflow": "visible"}
        row = Box([*shown, self.button, self._state], layout={"flex_flow": "row wrap"})
        row.add_class("course-controls")
        self.picture = Image(format="png", layout={"max_width": "100%", "height": "auto", "align_self": "flex-start"})
        self.picture.add_class("course-chart")
        self._said = HTML()
        self._counted = HTML()
        self._fold = ToggleButton(
            description="the chart in words", icon="caret-right",
            tooltip="what happened, and what was printed and logged",
        )  # fmt: skip
        self._fold.add_class("course-fold")
        self._fold.observe(self._unfold, names="value")
        self._words = HTML(layout={"display": "none"})
        self._words.add_class("course-words")
        self.box = VBox(
            [
                HTML(f'{_STYLE}<div class="course-heading">{escape(heading)}</div>'),
                row, self.picture, self._said, self._counted, self._fold, self._words,
            ]
        )  # fmt: skip
        self.box.add_class("course-panel")
        self._hands = [*shown, self.button, self._fold]
        self.answer_beside_cells()

    def answer_beside_cells(self) -> None:
        """Have what the user does handled at once; to be called again when a cell may have set a widget's value."""
        answer_beside_cells(self._hands)

    def state(self, text: str) -> None:
        """Say which run this is, and what it waits for."""
        self._state.value = f'<span class="course-muted">{escape(text)}</span>'

    def show(
        self, recording: Recording, picture: bytes, tally: Tally, setting: str, remarks: Iterable[str] = ()
    ) -> None:
        """
        Show a run.

        Args:
            recording: of the run.
            picture: its chart, a PNG.
            tally: the runs it is counted among, itself included.
            setting: what these have in common, in words; may be empty.
            remarks: what else there is to say.
        """
        from .gantt import size
        from .words import summary

        wide, high = size(recording)
        with self.picture.hold_sync():  # one message, so that the old picture isn't stretched to the new one's size
            self.picture.width, self.picture.height = str(wide), str(high)
            self.picture.value = picture
        self._counted.value = tally_html(tally, setting)
        self._said.value = _said(f"{recording.title}: {summary(recording)}", recording.error, remarks)
        if self._fold.value:
            self._words.value = self._words_html()

    def sharpen(self, picture: bytes) -> None:
        """Put a finer picture of the same run in the place of the one there is."""
        self.picture.value = picture

    def fail(self, text: str) -> None:
        """Say why there is no new picture."""
        self._said.value = f'<div class="course-error" role="alert">{escape(text)}</div>'

    def _unfold(self, change: Any) -> None:
        if change["new"]:
            self._words.value = self._words_html()
        self._fold.icon = "caret-down" if change["new"] else "caret-right"
        self._words.layout.display = "block" if change["new"] else "none"

    def _words_html(self) -> str:
        return f"<pre>{escape(self._words_of())}</pre>"


def answer_beside_cells(hands: Iterable[Any]) -> None:
    """
    Have what the user does with widgets handled at once, even while a cell runs.

    JupyterLab sends it to a subshell, but ipykernel (7.4) brings it to the shell that wrote to the widget
    last, which is the cell's, to wait there for the cell's end. Without a note of who wrote last it goes
    where it was sent.

    Args:
        hands: the widgets that a user can touch.
    """
    for each in hands:
        if each.comm is not None:  # it was closed
            vars(each.comm).pop("_reply_subshell_id", None)


def _dressed(name: str, control: Any) -> Any:
    """Give a control its label, and a unit where its name says that it is in seconds."""
    if not control.description:
        control.description = name
    if getattr(control, "tooltip", "") is None:  # ipywidgets would show "null" over the label
        limits = f": {control.min:g} to {control.max:g}" if hasattr(control, "readout_format") else ""
        control.tooltip = f"{control.description}{limits}"
    style = getattr(control, "style", None)
    if style is not None and style.has_trait("description_width"):
        style.description_width = "initial"
    if getattr(control.layout, "width", "") is None:
        control.layout.width = "auto"
    if hasattr(control, "readout_format"):
        control.layout.width = "240px"
        if is_duration(name):
            control.add_class("course-seconds")
    return control


def _said(text: str, error: BaseException | None, remarks: Iterable[str]) -> str:
    """The run in a sentence, for those who don't see it in the chart; an exception and remarks, for everybody."""
    said = [f'<div class="course-hidden" role="status" aria-live="polite">{escape(text)}</div>']
    if error is not None:
        said.append(f'<div class="course-error">{escape(_where(error))}</div>')
    said.extend(f'<div class="course-muted">{escape(remark)}</div>' for remark in remarks)
    return "".join(said)


def _where(error: BaseException) -> str:
    """Name an exception and the line of own code that raised it, or called what did."""
    from linecache import getline
    from traceback import walk_tb

    from .places import OWN, place
    from .texts import exception_text

    if isinstance(error, Deadlock):
        return exception_text(error, _DEADLOCK)  # it names its lines itself
    text = exception_text(error)
    lines = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__)]
    own = [(code, line) for code, line in lines if place(code.co_filename) is OWN]
    if not own:
        return text
    code, line = own[-1]
    source = getline(code.co_filename, line).strip()
    return f"{text}\nin {code.co_name}, line {line}{f':  {source}' if source else ''}"


def tally_html(tally: Tally, setting: str) -> str:
    """
    Lay out what has been counted: finishing orders on the left, results on the right.

    Where there is no order to see, since no two threads ever finished, or no result, that side is left out.

    Args:
        tally: with at least one run.
        setting: what its runs have in common, as "workers=4"; may be empty.

    Returns:
        str of HTML.
    """
    among = f" with {setting}" if setting else ""
    tables = []
    if any(len(order) > 1 for order in tally.orders):
        seen, possible = sum(1 for order in tally.orders if order), tally.possible
        of = f" of {_count(possible)} possible" if possible is not None and possible > 1 else ""
        rows = [
            _Row(order_words(order), " ".join(order), count, order == tally.order)
            for order, count in tally.orders.most_common()
        ]
        tables.append(_table(f"finishing orders seen so far{among}: {seen:,}{of}", rows))
    if tally.telling:
        found = [_Row(text, text, count, text == tally.outcome) for text, count in tally.outcomes.most_common()]
        tables.append(_table(f"results seen so far{'' if tables else among}: {len(found):,}", found))
    return f'<div class="course-tallies">{"".join(tables)}</div>'


def _count(number: int) -> str:
    """Write a number out, or in powers of ten where it has more digits than anybody reads."""
    if number < 10**9:
        return f"{number:,}"
    power = len(str(number)) - 1
    return f"about {number / 10**power:.0f} × 10<sup>{power}</sup>"


class _Row(NamedTuple):
    """A row of a tally: what was counted, the same in full, how often, and whether this run is among them."""

    name: str
    full: str
    runs: int
    this: bool


def _table(caption: str, rows: list[_Row]) -> str:
    """A table of names, bars and counts; of many rows the first, and this run's."""
    most = max(row.runs for row in rows)
    kept = rows if len(rows) <= ROWS else rows[: ROWS - 1]
    if not any(row.this for row in kept):
        kept = [*kept[: ROWS - 2], *(row for row in rows if row.this)]
    body = []
    for name, full, count, this in kept:
        body.append(
            f'<tr{" class=course-this" if this else ""}><th scope="row"><span class="course-name" '
            f'title="{escape(full)}">{escape(name)}</span>{" ← this run" if this else ""}</th>'
            f'<td><div class="course-bar" style="width:{max(2, round(_BAR * count / most))}px"></div></td>'
            f"<td>{_runs(count)}</td></tr>"
        )
    if len(kept) < len(rows):
        left = sum(row.runs for row in rows) - sum(row.runs for row in kept)
        others = f"and {len(rows) - len(kept):,} more"
        body.append(f'<tr class="course-muted"><th scope="row">{others}</th><td></td><td>{_runs(left)}</td></tr>')
    return f'<table class="course-tally"><caption>{caption}</caption><tbody>{"".join(body)}</tbody></table>'


def _runs(count: int) -> str:
    return f"{count:,} run{'s' * (count != 1)}"
