"""
Sliders that run a scenario again.

Three parties: JupyterLab, which calls back when a slider moves, in a thread of its own beside the cell that
runs; a worker thread, which runs the scenario, draws and shows it, and ends when nothing is asked for; and
cells that record, which the worker gives way to. A callback only counts up what is asked for and ends the run
under way: the newest values win, and the kernel answers at once.
"""

from __future__ import annotations

import inspect
import threading
from base64 import b64encode
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, Final

from ipywidgets import fixed

from .abbreviations import Control, control, in_words
from .face import Face
from .recorder import Watch, check_call, check_watch, run_in_background, watch_words
from .recording import Recording
from .shorten import shorten
from .tally import Tally
from .texts import exception_text
from .turns import Abandoned, Turn, take_turn

__all__ = ["Panel", "tweak"]

WIDGET: Final = "application/vnd.jupyter.widget-view+json"

DRAFT: Final = 1.0
"""Sharpness of the picture shown at once; a finer one follows if no slider moves meanwhile."""

RETREAT: Final = 0.25
"""Seconds that a run abandoned by a cell waits before it asks for its turn again: cells often record in loops."""


def tweak(scenario: Callable[..., Any], /, *, watch: Watch | None = None, **parameters: Any) -> Panel:
    """
    Show sliders for a scenario's parameters, and run it again whenever one moves.

        >>> tweak(many_threads, workers=(1, 8), pause=(0.0, 0.3, 0.05))

    The first run is complete when the call returns, and it is what a notebook without a kernel shows. The run
    before stays in pale outline behind the new one. A slider moved while a run is under way abandons that run;
    a cell that records does too, and then the run begins anew when the cell has ended.

    Finishing orders and results are counted below the chart. Runs are counted together as long as all
    parameters but fractions stay the same: with other workers or another lock there are other orders
    to see, so that a tally of their own begins, while a pause changes only how likely each is. Back at
    an earlier setting its tally goes on. What was abandoned isn't counted.

    What the scenario prints isn't printed: it is in the words under the chart. For what else isn't seen, see
    `record`.

    Args:
        scenario: a function that builds what it uses, runs its threads and returns a small value.
        watch: classes and the names of attributes whose reads and writes are to be shown; see `record`.
        **parameters: for each parameter (min, max) or (min, max, step) for a slider, True or False for a box
            to tick, a list or a dict for a choice, a widget with a value, or a value that stays. Sliders begin at
            the scenario's own defaults.

    Returns:
        the `Panel`, which is displayed already; its `recording` is the last run's.

    Raises:
        TypeError: the scenario isn't a function, or has not one of these parameters, or has one named `watch`, or
            a range isn't made of numbers.
        ValueError: a range is negative, reversed or empty, or an attribute can't be watched; if no instance got it
            in the first run, after that run.
        RuntimeError: a recording is open here.
    """
    panel = Panel(scenario, parameters, watch)
    panel.run()
    panel.display()
    return panel


class Panel:
    """
    What `tweak` shows.

    Attributes:
        controls: dict of parameter to the widget, or `fixed`, that has its value.
        recording: the `Recording` on display, or None before there is one.
        runs: how many have been shown.
    """

    def __init__(self, scenario: Callable[..., Any], parameters: dict[str, Any], watch: Watch | None = None) -> None:
        defaults = _check(scenario, parameters)
        self._watch = check_watch(scenario, watch, "tweak")
        self._scenario = scenario
        self.controls: dict[str, Control] = {
            name: control(name, given, defaults.get(name, inspect.Parameter.empty))
            for name, given in parameters.items()
        }
        self.recording: Recording | None = None
        self.runs = 0
        written = [call_name(scenario), *(f"{name}={in_words(given)}" for name, given in parameters.items())]
        if self._watch:
            written.append(watch_words(self._watch))
        self._plain = f"tweak({', '.join(written)})"
        self._face = Face(self._plain, self.controls, self._ask, self._words)
        self._tallies: dict[str, Tally] = {}
        self._changed = threading.Condition()
        # Guarded by _changed:
        self._asked = 0
        self._served = 0
        self._turn: Turn | None = None
        self._worker: threading.Thread | None = None
        self._failure: BaseException | None = None
        self._shown_in: object = None
        each: Any
        for each in self.controls.values():
            if not isinstance(each, fixed):
                each.observe(self._moved, names="value")

    @property
    def values(self) -> dict[str, Any]:
        """The parameters as they are set now."""
        return {name: each.value for name, each in self.controls.items()}

    def run(self) -> None:
        """
        Run the scenario as it is set now, and wait until it is shown.

        Raises:
            RuntimeError: a recording is open here.
            KeyboardInterrupt: somebody stopped the cell; the run is abandoned.
        """
        # Of another panel it ends the run; inside a recording, where we would wait for ever, it is refused.
        take_turn(self._plain).give_back()
        self._failure = None
        self._ask()
        try:
            self.wait()
        except BaseException:
            self.abandon()
            raise
        self._raise()

    def _raise(self) -> None:
        if self._failure is not None and self.recording is None:
            raise self._failure

    def wait(self, timeout: float | None = None) -> bool:
        """
        Wait until nothing is asked for any more.

        Args:
            timeout: seconds, or None.

        Returns:
            False if the timeout came first.
        """
        with self._changed:
            if timeout is not None:
                return self._changed.wait_for(lambda: self._worker is None, timeout)
            while self._worker is not None:
                self._changed.wait(0.1)  # on Windows a wait without end can't be interrupted
            return True

    def abandon(self) -> None:
        """Give up the run under way, and what else was asked for; returns when the worker has ended, or after 2 s."""
        with self._changed:
            self._asked += 1
            self._served = self._asked
            turn = self._turn
            self._changed.notify_all()
        if turn is not None:
            turn.abandon()
        self.wait(2.0)

    def _moved(self, change: Any) -> None:
        self._ask()
        self._face.answer_beside_cells()

    def _ask(self) -> None:
        """Want a run with the newest values. Returns at once; any thread may call it."""
        with self._changed:
            self._asked += 1
            turn = self._turn
            if self._worker is None:
                # Not a daemon: the scenario's threads would inherit it, and not be waited for.
                self._worker = threading.Thread(target=self._work, name="course_utils.tweak", daemon=False)
                self._worker.start()
            self._changed.notify_all()
        if turn is not None:
            turn.abandon()

    def _wanted(self, asked: int) -> bool:
        return self._asked == asked

    def _work(self) -> None:
        """Serve what is asked for, newest first, until there is nothing left; the worker's whole life."""
        while True:
            with self._changed:
                if self._served == self._asked:
                    self._worker = None
                    self._changed.notify_all()
                    return
                asked = self._asked
            try:
                self._serve(asked)
            except Abandoned:
                if self._wanted(asked):
                    self._face.state(f"run {self.runs + 1} · waits for a cell")
                    with self._changed:
                        self._changed.wait_for(lambda: not self._wanted(asked), RETREAT)  # noqa: B023 - called here only
            except BaseException as error:
                # Nobody is above us, and a traceback would be printed where nobody looks.
                self._failure = error
                self._answer(asked)
                self._face.fail(f"run {self.runs + 1} could not be shown: {exception_text(error)}")
                self._face.state(f"run {self.runs + 1} · not shown")

    def _serve(self, asked: int) -> None:
        from .gantt import SHARPNESS, png

        def began(turn: Turn) -> None:
            with self._changed:
                self._turn = turn
            if not self._wanted(asked):
                turn.abandon()

        self._face.state(f"run {self.runs + 1} · running")
        values = self.values
        remarks: list[str] = []
        setting = self._setting()
        try:
            recording = run_in_background(
                self._scenario,
                values,
                watch=self._watch,
                watched=self.recording is not None,
                began=began,
                wanted=lambda: self._wanted(asked),
                warn=remarks.append,
            )
        finally:
            with self._changed:
                self._turn = None
        if not self._wanted(asked):
            return
        first = self.recording is None
        before = self.recording
        picture = png(recording, behind=before, sharpness=SHARPNESS if first else DRAFT)
        tally = self._tallies.setdefault(setting, Tally())
        tally.add(recording)
        self.recording = recording
        self.runs += 1
        self._face.show(recording, picture, tally, setting, remarks)
        self._face.state(f"run {self.runs}")
        if not first and self._wanted(asked):
            picture = png(recording, behind=before, sharpness=SHARPNESS)
            if self._wanted(asked):
                self._face.sharpen(picture)
        self._answer(asked)

    def _answer(self, asked: int) -> None:
        with self._changed:
            self._served = max(self._served, asked)  # `abandon` may have given up what came after

    def _setting(self) -> str:
        """What runs must have in common to be counted together."""
        parts = []
        for name, each in self.controls.items():
            if not isinstance(each, fixed) and not isinstance(each.value, float):
                parts.append(f"{name}={getattr(each, 'label', None) or shorten(each.value)}")
        return ", ".join(parts)

    def _words(self) -> str:
        return "" if self.recording is None else self.recording.describe()

    def display(self) -> None:
        """Show the panel under the cell that runs: the sliders where there is a kernel, else the picture."""
        from IPython import get_ipython
        from IPython.display import display

        from .gantt import size

        shell = get_ipython()
        if shell is None:
            return  # no notebook: display would print the picture's bytes
        assert self.recording is not None
        self._shown_in = (shell, shell.execution_count)
        wide, high = size(self.recording)
        data = {
            WIDGET: {"version_major": 2, "version_minor": 0, "model_id": self._face.box.model_id},
            "image/png": b64encode(self._face.picture.value).decode("ascii"),
            "text/plain": self._plain,
        }
        show: Any = display  # it has no types
        show(data, metadata={"image/png": {"width": wide, "height": high}}, raw=True)

    def _ipython_display_(self) -> None:
        # As the last line of the cell that tweak() was called in, the panel is there already.
        from IPython import get_ipython

        shell = get_ipython()
        if shell is None or self._shown_in != (shell, shell.execution_count):
            self.display()

    def __repr__(self) -> str:
        return f"<Panel {self._plain}>"


def call_name(scenario: Any) -> str:
    """Name a scenario as it was defined, or by its repr."""
    return getattr(scenario, "__name__", None) or shorten(scenario)


def _check(scenario: Any, parameters: dict[str, Any]) -> dict[str, Any]:
    """
    Make sure that a scenario has these parameters, and needs no others.

    Returns:
        dict of its parameters' defaults.

    Raises:
        TypeError: it can't be called, or not so.
    """
    if not callable(scenario):
        raise TypeError(
            f"a scenario must be a function, not {shorten(scenario)}: write its name without parentheses, "
            "as in tweak(lost_update, workers=(1, 8))"
        )
    try:
        known = inspect.signature(scenario).parameters
    except (TypeError, ValueError):
        return {}  # a builtin, which doesn't say what it takes
    name = call_name(scenario)
    named = [each.name for each in known.values() if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)]
    if not any(each.kind is each.VAR_KEYWORD for each in known.values()):
        for given in parameters:
            if given not in named:
                meant = get_close_matches(given, named, 1)
                has = f"it has {', '.join(named)}" if named else "it has none"
                raise TypeError(
                    f"{name} has no parameter {given!r} to tweak: {f'did you mean {meant[0]!r}?' if meant else has}"
                )
    for each in known.values():
        if each.name in named and each.default is each.empty and each.name not in parameters:
            if each.name == "watch":
                raise TypeError(f"{name} needs 'watch', which tweak() keeps for itself: give it another name")
            raise TypeError(
                f"{name} needs {each.name!r}: give it a range, as in tweak({name}, {each.name}=(1, 8)), "
                "or a default in the function"
            )
    check_call(scenario, parameters)
    return {each.name: each.default for each in known.values() if each.default is not each.empty}
