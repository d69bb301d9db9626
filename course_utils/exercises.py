"""
Exercises that check themselves.

A check is a function of plain asserts. `check` calls it at once, shows a verdict and never raises, so that
Run All goes through a notebook whose exercises are still unsolved.
"""

from __future__ import annotations

import html
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .texts import exception_text

__all__ = ["Verdict", "check"]


@dataclass(frozen=True)
class Verdict:
    """
    What a check came to.

    Attributes:
        passed: whether every assert held.
        text: the verdict in words.
    """

    passed: bool
    text: str

    def __repr__(self) -> str:
        return f"{'✓' if self.passed else '✗'} {self.text}"

    def _repr_html_(self) -> str:
        # Legible on a light and on a dark page: the border has the colour, the text has the page's.
        colour = "#009E73" if self.passed else "#D55E00"
        return (
            f'<div style="border-left: 4px solid {colour}; padding: 0.3em 0.8em">'
            f"{'✓' if self.passed else '✗'} {html.escape(self.text)}</div>"
        )


def check(function: Callable[[], Any]) -> Verdict:
    """
    Call a function of asserts at once, and show whether they hold.

        >>> @check
        ... def the_threads_overlap():
        ...     "Both threads sleep at the same time."
        ...     assert run(two_sleepers).duration < 0.15, "one sleeps after the other"
        ✓ Both threads sleep at the same time.

    An assert that fails says its message; any other exception is named with its line in the learner's code.
    KeyboardInterrupt goes through.

    Args:
        function: its docstring says what holds if it returns.

    Returns:
        the `Verdict`, which has been displayed.
    """
    goal = (function.__doc__ or function.__name__.replace("_", " ")).strip().splitlines()[0]
    try:
        function()
    except AssertionError as failure:
        verdict = Verdict(False, f"Not yet: {str(failure).partition(chr(10))[0] or goal}")
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].lineno
        verdict = Verdict(False, f"Not yet: the code raised {exception_text(error)} (line {line})")
    else:
        verdict = Verdict(True, goal)
    _display(verdict)
    return verdict


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
