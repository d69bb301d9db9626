"""
Schedules: who made the steps, one after the other, in a form that can be kept, sent and typed.

    >>> str(recording.schedule)
    'value | T0 > T1 > T0 > T1'

Before the bar is what counts as shared, without which nobody knows what a step is; where a thread could make a
step in several ways, which it was is in brackets: "T1 (gives up)", "T0 (wakes T2)".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from .sharing import CONTENTS
from .steps import CELL, GLOBAL, SLOT

__all__ = ["Schedule"]

_SIGNS: Final = {SLOT: "", GLOBAL: "global ", CELL: "cell ", CONTENTS: "contents "}


class Schedule(tuple[str, ...]):
    """
    The steps of a run, as the names of the lanes that made them; its text can be given to `replay`.

    Attributes:
        shared: what counted as shared, and of what names all are one place.
    """

    shared: tuple[tuple[tuple[str, Any], bool], ...]

    def __new__(cls, steps: Iterable[str], shared: Iterable[tuple[tuple[str, Any], bool]] = ()) -> Schedule:
        """Keep the steps, and what counted."""
        made = super().__new__(cls, steps)
        made.shared = tuple(sorted(shared, key=repr))
        return made

    def __str__(self) -> str:
        names = [
            f"{_SIGNS.get(kind, f'{kind} ')}{'' if name is None else name}{'*' if vague else ''}".strip()
            for (kind, name), vague in self.shared
        ]
        return f"{', '.join(names)} | {' > '.join(self)}" if names else " > ".join(self)

    def __repr__(self) -> str:
        return f"<Schedule {self}>"

    @staticmethod
    def read(given: Any) -> Schedule:
        """
        Make a schedule of a text or of names.

        Raises:
            TypeError: it is neither.
        """
        if isinstance(given, Schedule):
            return given
        if isinstance(given, str):
            shared, bar, steps = given.rpartition("|")
            names = [_place(name.strip()) for name in shared.split(",")] if bar and shared.strip() else []
            return Schedule([step.strip() for step in steps.split(">") if step.strip()], names)
        if isinstance(given, Iterable):
            steps_given = list(given)
            if all(isinstance(step, str) for step in steps_given):
                return Schedule(steps_given)
        raise TypeError(
            f"a schedule is a text as 'value | T0 > T1', or names of threads as ['T0', 'T1'], not {given!r}: "
            "recording.schedule has it"
        )


def _place(text: str) -> tuple[tuple[str, Any], bool]:
    vague = text.endswith("*")
    text = text.removesuffix("*")
    kind, _, name = text.rpartition(" ")
    if text == CONTENTS:
        return (CONTENTS, None), vague
    if kind == CONTENTS:
        return (CONTENTS, int(name)), vague
    return (kind or SLOT, name), vague
