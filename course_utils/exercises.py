"""
Exercises that check themselves.

A check is a function of plain asserts. `check` calls it at once, shows a verdict and never raises, so that
Run All goes through a notebook whose exercises are still unsolved. `prove` makes of it more than some runs
that went well.
"""

from __future__ import annotations

import html
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .patience import Patience
from .places import OWN, place
from .texts import exception_text

if TYPE_CHECKING:
    from .interleaved import Interleavings

__all__ = ["Verdict", "check", "prove"]

_RUNS: Final = 250
"""After so many runs `prove` leaves it at what it has seen: a learner waits for the verdict."""

PATIENCE: Final = 20.0
"""Seconds that a check may take: what goes on for longer is taken to have no end."""


@dataclass(frozen=True)
class Verdict:
    """
    What a check came to.

    Attributes:
        passed: whether every assert held.
        text: the verdict in words.
        every: the interleavings that refute the code, of which a table stands below the text, or None.
    """

    passed: bool
    text: str
    every: Interleavings | None = None

    def __repr__(self) -> str:
        said = f"{'✓' if self.passed else '✗'} {self.text}"
        if self.every is None:
            return said
        from .interleaved import table_text

        return f"{said}\n{table_text(self.every)}"

    def _repr_html_(self) -> str:
        # Legible on a light and on a dark page: the border has the colour, the text has the page's.
        colour = "#009E73" if self.passed else "#D55E00"
        said = f"{'✓' if self.passed else '✗'} {html.escape(self.text)}".replace(" ×", "&nbsp;×")
        below = ""
        if self.every is not None:
            from .interleaved import table_html

            below = table_html(self.every)
        return f'<div style="border-left: 4px solid {colour}; padding: 0.3em 0.8em">{said}{below}</div>'


class _Refuted(AssertionError):
    """An order that doesn't come to what was expected, with all the others."""

    def __init__(self, text: str, every: Interleavings) -> None:
        super().__init__(text)
        self.every = every


def prove(
    scenario: Callable[..., Any], *, expect: Any, otherwise: str = "it went well by luck", **parameters: Any
) -> str:
    """
    Hold every interleaving of a scenario to what a check expects; its last line, so that the verdict says how far.

        >>> @check
        ... def nothing_is_lost():
        ...     "No update is lost."
        ...     assert run(my_updates).result == 2, "an update is lost: look for the red write"
        ...     return prove(my_updates, expect=2)
        ✓ No update is lost. Proof: my_updates(): all 2 interleavings return 2.

    Code of which `interleavings` can say nothing, or that has more of them than a learner waits for, is none the
    worse for it: the words say that the runs alone speak for it.

    Args:
        scenario: as for `interleavings`; small parameters make for a proof that takes no time.
        expect: the outcome that every interleaving should have.
        otherwise: what to say if one hasn't, before it is told which.
        **parameters: the scenario's own.

    Returns:
        what was proven, in a sentence.

    Raises:
        AssertionError: an interleaving comes to something else; `check` tells which, and shows all.
        TypeError, ValueError: as for `interleavings`.
        KeyboardInterrupt: it was interrupted.
    """
    from .exploring import interleavings

    try:
        every = interleavings(scenario, expect=expect, limit=_RUNS, **parameters)
    except RuntimeError:
        return f"(By its runs alone: of every interleaving of {scenario.__name__} nothing can be said.)"
    if every.note == "interrupted":
        raise KeyboardInterrupt  # by whoever pressed the stop button, or for taking too long: not for a verdict's sake
    found = repr(every).partition("\n")[0]
    if every.proven is False:
        raise _Refuted(f"{otherwise}. {found}", every)
    return f"Proof: {found}." if every.proven else f"(By its runs, and no proof: {every.note}.)"


def check(function: Callable[[], Any]) -> Verdict:
    """
    Call a function of asserts at once, and show whether they hold.

        >>> @check
        ... def the_threads_overlap():
        ...     "Both threads sleep at the same time."
        ...     assert run(two_sleepers).duration < 0.15, "one sleeps after the other"
        ✓ Both threads sleep at the same time.

    An assert that fails says its message; any other exception is named with its line in the learner's code. What has
    not come to an end after 20 s is stopped, and the verdict says where; a C call can't be stopped before it returns.
    KeyboardInterrupt goes through.

    Args:
        function: its docstring says what holds if it returns; words that it returns, as `prove` makes them, are
            added to that.

    Returns:
        the `Verdict`, which has been displayed.
    """
    goal = (function.__doc__ or function.__name__.replace("_", " ")).strip().splitlines()[0]
    patience = Patience(PATIENCE)
    try:
        with patience:
            more = function()
    except KeyboardInterrupt as stopped:
        if not patience.lost:
            raise
        verdict = Verdict(False, f"Not yet: {_endless(stopped)}")
    except AssertionError as failure:
        every = failure.every if isinstance(failure, _Refuted) else None
        verdict = Verdict(False, f"Not yet: {str(failure).partition(chr(10))[0] or goal}", every)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].lineno
        verdict = Verdict(False, f"Not yet: the code raised {exception_text(error)} (line {line})")
    else:
        verdict = Verdict(True, f"{goal} {more}" if isinstance(more, str) else goal)
    _display(verdict)
    return verdict


def _endless(stopped: BaseException) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(stopped.__traceback__) if place(frame.filename) is OWN]
    where = f" in line {lines[-1]}" if len(lines) > 1 else ""  # the first is the check's
    return (
        f"it had not come to an end after {PATIENCE:g} s, and was stopped{where}. "
        "What ends the loop, or the wait, that it was in?"
    )


def _display(verdict: Verdict) -> None:
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        shell = None
    else:
        shell = get_ipython()
    if shell is None:
        print(verdict)
    else:
        display(verdict)  # type: ignore[no-untyped-call]  # IPython doesn't type it
