"""
Schedules: who made the steps, one after the other, in a form that can be kept, sent and typed.

    >>> str(recording.schedule)
    'value | T0, T1, T0 ×2, T1'

Before the bar is what counts as shared, without which nobody knows what a step is. After it, "×2" stands for two
steps, one after the other; where a thread could make a step in several ways, which it was is in brackets:
"T1 (gives up)", "T0 (wakes T2)". A name that would be taken for more than one is in quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from .sharing import CONTENTS
from .shorten import clip, shorten
from .steps import CELL, GLOBAL, SLOT

__all__ = ["Schedule"]

_SIGNS: Final = {SLOT: "", GLOBAL: "global ", CELL: "cell ", CONTENTS: "contents "}

_CUT: Final = "…"
_PLAIN: Final = re.compile(r"[^\s,>|×…\"](?:[^\n\r,>|×…\"]*[^\s,>|×…\"])?")
"""A name that can stand without quotes."""
_QUOTED: Final = r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"'
_TOKEN: Final = re.compile(rf"\s*({_QUOTED}|[^,>×\"]+)\s*(?:×\s*(\d{{1,4}}))?\s*(?:[,>]|$)")
_BAR: Final = re.compile(rf'((?:[^"|]|{_QUOTED})*)\|(.*)', re.DOTALL)


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
        steps = ", ".join(self._groups())
        return f"{', '.join(names)} | {steps}" if names else steps

    def brief(self, limit: int) -> str:
        """
        Name the steps alone, of a long order the first ones.

            >>> recording.schedule.brief(12)
            'T0, T1, …'

        Args:
            limit: characters, unless the very first steps take more.
        """
        groups = list(self._groups())
        text = ", ".join(groups)
        while len(text) > limit and len(groups) > 1:
            groups.pop()
            text = ", ".join([*groups, _CUT])
        return text

    def _groups(self) -> Iterator[str]:
        """Steps of one thread that follow each other are counted."""
        for step, same in groupby(self):
            count = sum(1 for _ in same)
            name = step if _PLAIN.fullmatch(step) else json.dumps(step, ensure_ascii=False)
            yield name if count == 1 else f"{name} ×{count}"

    def __repr__(self) -> str:
        return f"<Schedule {self}>"

    @staticmethod
    def read(given: Any) -> Schedule:
        """
        Make a schedule of a text or of names.

        Raises:
            TypeError: it is neither.
            ValueError: the text can't be read, or part of it is left out.
        """
        if isinstance(given, Schedule):
            return given
        if isinstance(given, str):
            parts = _BAR.fullmatch(given)
            shared, steps = parts.groups() if parts else ("", given)
            names = [_place(name.strip()) for name in shared.split(",")] if shared.strip() else []
            return Schedule(_steps(steps), names)
        if isinstance(given, Iterable):
            steps_given = list(given)
            if all(isinstance(step, str) for step in steps_given):
                return Schedule(steps_given)
        raise TypeError(
            f"a schedule is a text as 'value | T0, T1 ×2', or names of threads as ['T0', 'T1', 'T1'], not "
            f"{shorten(given)}: recording.schedule has it"
        )


def _steps(text: str) -> Iterator[str]:
    """Read the steps of a text; as signs between them, ">" will do as well."""
    at, text = 0, text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        name = found[1].strip() if found else ""
        rest = repr(clip(text[at:].lstrip()))
        if _CUT in name and not name.startswith('"'):
            raise ValueError(f"the schedule is cut short, at {rest}: example(outcome).schedule has all of an order")
        if found is None or not name:
            raise ValueError(f"the schedule can't be read from {rest} on: it is to be names of threads as 'T0, T1 ×2'")
        yield from [json.loads(name) if name.startswith('"') else name] * int(found[2] or 1)
        at = found.end()


def _place(text: str) -> tuple[tuple[str, Any], bool]:
    vague = text.endswith("*")
    text = text.removesuffix("*").rstrip()
    kind, _, name = text.rpartition(" ")
    if text == CONTENTS:
        return (CONTENTS, None), vague
    if kind == CONTENTS:
        if not name.isdecimal():
            raise ValueError(f"the schedule can't be read: {clip(text)!r} before its bar isn't a number of contents")
        return (CONTENTS, int(name)), vague
    return (kind or SLOT, name), vague
