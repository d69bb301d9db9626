"""What exploring a scenario has found, as numbers, sentences and a table."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from html import escape
from typing import TYPE_CHECKING, Any, Final, Protocol

from .deadlock import Deadlock
from .histories import Book
from .outcomes import do, does, in_words, outcome_of, public
from .recording import Recording
from .schedule import Schedule
from .scheduler import Policy, Scheduler
from .shorten import shorten
from .world import DEADLOCK, Move, World

if TYPE_CHECKING:
    from .stepper import StepThrough

__all__ = ["Expected", "Interleavings", "Rerun", "table_html", "table_text"]

_ANY: Final = object()

IN_SENTENCE: Final = 60
"""Characters of an order in a sentence."""

IN_TABLE: Final = 100
"""Characters of an order in a table."""

SHORT: Final = 30
"""Characters of an outcome that stands in one line of a table."""

_HEAD: Final = ("outcome", "interleavings", "share", "for example")
_WHOLE: Final = "… example(outcome).schedule has all of an order."


class Rerun(Protocol):
    """
    Who can run the scenario by a schedule.

    Attributes:
        title: the scenario as called.
        scheduler: runs it.
    """

    title: str
    scheduler: Scheduler

    def replayed(self, schedule: Schedule) -> Recording:
        """Run it once."""

    def opened(self) -> AbstractContextManager[None]:
        """Put in place what running it takes, for `perform`."""

    def by_name(self, plan: Schedule) -> Callable[[World, list[Move]], Move]:
        """Make a policy of a schedule."""

    def perform(self, book: Book, policy: Policy) -> World:
        """Run it once, not recorded."""


class Expected:
    """What every interleaving should come to."""

    def __init__(self, value: Any) -> None:
        if callable(value) and value is not Deadlock and not isinstance(value, type):
            raise TypeError(
                f"expect must be a value to compare outcomes with, not {shorten(value)}: have the scenario return what "
                "tells right from wrong, as True or False"
            )
        if isinstance(value, type) and issubclass(value, Deadlock):
            self.key: Hashable = DEADLOCK
        elif isinstance(value, BaseException):
            self.key = outcome_of(None, value)
        else:
            try:
                if (value == value) is not True:
                    raise ValueError("it isn't equal to itself")
                self.key = outcome_of(value, None)
            except Exception as problem:
                raise ValueError(f"expect can't be compared with outcomes: {shorten(value)}: {problem}") from None
        self.value = value

    def met(self, outcome: Hashable) -> bool:
        """Whether an outcome is the one expected."""
        if outcome == self.key:
            return True
        if isinstance(outcome, tuple) and isinstance(self.key, tuple) and outcome[0] == self.key[0] == "returned":
            return bool(outcome[2] == self.value)
        return False


class Interleavings:
    """
    Every interleaving of a scenario's threads, by outcome; as a cell's last line it shows them as a table.

    Attributes:
        outcomes: dict of outcome to the exact number of its interleavings; the most frequent first.
        total: how many interleavings there are.
        complete: whether all were accounted for; if not, the numbers are of those that were.
        runs: how many times the scenario was run.
        note: why it isn't complete, or None.
    """

    def __init__(
        self,
        rerun: Rerun,
        counts: Mapping[Hashable, int],
        schedules: Mapping[Hashable, Schedule],
        runs: int,
        note: str | None,
        expected: Expected | None,
    ) -> None:
        self._rerun = rerun
        self._counts = dict(sorted(counts.items(), key=lambda pair: (-pair[1], in_words(pair[0]))))
        self._schedules = schedules
        self._expected = expected
        self.runs = runs
        self.note = note
        self.complete = note is None
        self.total = sum(counts.values())
        self.outcomes: dict[Any, int] = {}
        for outcome, count in self._counts.items():
            value = public(outcome)
            self.outcomes[value] = self.outcomes.get(value, 0) + count

    def example(self, outcome: Any) -> Recording:
        """
        Replay an interleaving with an outcome.

            >>> every.example(1).schedule
            <Schedule value | T0, T1, T0, T1>

        Args:
            outcome: one of `outcomes`.

        Returns:
            the `Recording`, with `schedule`.

        Raises:
            KeyError: no interleaving has it, or none was kept of those found before exploring stopped.
        """
        return self._rerun.replayed(self._schedules[self._known(outcome, self._schedules)])

    def _known(self, outcome: Any, among: Mapping[Hashable, Any]) -> Hashable:
        """Find an outcome among those there are."""
        for key in among:
            known = public(key)
            if known is outcome or known == outcome:
                return key
        by_itself = outcome_of(outcome, None)  # a list goes by its repr
        if by_itself in among:
            return by_itself
        if among is not self._counts and any(known is outcome or known == outcome for known in self.outcomes):
            raise KeyError(f"of the outcome {shorten(outcome)} no example was kept: {self.note}")
        raise KeyError(
            f"no interleaving has the outcome {shorten(outcome)}; there are {', '.join(map(shorten, self.outcomes))}"
        )

    def step(self, outcome: Any = _ANY) -> StepThrough:
        """
        Show a stepper: an interleaving step by step, forward, back, and by choosing who runs next.

            >>> every.step(outcome=1)

        Args:
            outcome: one of `outcomes`, to begin with; if none is given, one that isn't what was expected, or the most
                frequent.

        Returns:
            `StepThrough`; as a cell's last line it shows itself.

        Raises:
            KeyError: as for `example`.
            RuntimeError: a recording is open.
        """
        from .stepper import StepThrough
        from .walking import ScheduledWalker, step_title

        if outcome is _ANY:
            wrong = [key for key in self._counts if self._expected is not None and not self._expected.met(key)]
            start = next(iter([*wrong, *self._counts]), None)
        else:
            start = self._known(outcome, self._schedules)
        title = step_title(self._rerun.title, None if outcome is _ANY else in_words(start))
        walker = ScheduledWalker(self._rerun, title, self._counts if self.complete else {})
        longest = max(map(len, self._schedules.values()), default=0)
        return StepThrough(walker, self._schedules.get(start, ()), longest)

    @property
    def proven(self) -> bool | None:
        """Whether every interleaving has the expected outcome; None if nothing was expected, or not all were seen."""
        if self._expected is None:
            return None
        if any(not self._expected.met(outcome) for outcome in self._counts):
            return False
        return True if self.complete else None

    @property
    def verdict(self) -> str:
        """One sentence: what is proven, or what speaks against it; a long order is cut short there."""
        if not self.total:
            return f"no interleaving has come to its end: {self.note}"
        every = f"{self.total:,} interleaving{'' if self.total == 1 else 's'}"
        if not self.complete:
            every = f"{every} so far ({self.note})"
        if self._expected is None:
            kinds = f"{len(self._counts)} outcome{'' if len(self._counts) == 1 else 's'}"
            return f"{every}, {kinds}"
        wanted = in_words(self._expected.key)
        wrong = {outcome: count for outcome, count in self._counts.items() if not self._expected.met(outcome)}
        if wrong:
            one = next(iter(wrong))
            number = sum(wrong.values())
            order = f": {self._schedules[one].brief(IN_SENTENCE)}" if self._schedules.get(one) else ""
            if self.total == 1 and self.complete:
                said = f"the only interleaving doesn't {do(self._expected.key)} {wanted}"
                return f"{said}: it {does(one)} {in_words(one)}"
            verb = "doesn't" if number == 1 else "don't"
            return (
                f"{number:,} of {every} {verb} {do(self._expected.key)} {wanted}; for example, one {does(one)} "
                f"{in_words(one)}{order}"
            )
        if not self.complete:
            return f"nothing is proven: all of {every} {do(self._expected.key)} {wanted}"
        return (
            f"all {every} {do(self._expected.key)} {wanted}"
            if self.total > 1
            else f"the only interleaving {does(self._expected.key)} {wanted}"
        )

    def _rows(self) -> list[tuple[str, str, str, str]]:
        rows = []
        for outcome, count in self._counts.items():
            share = f"{100 * count / self.total:.1f} %"
            schedule = self._schedules.get(outcome)
            rows.append((in_words(outcome), f"{count:,}", share, schedule.brief(IN_TABLE) if schedule else ""))
        return rows

    def __repr__(self) -> str:
        return f"{self._rerun.title}: {self.verdict}\n{table_text(self)}"

    def _repr_html_(self) -> str:
        verdict = escape(self.verdict).replace(" ×", "&nbsp;×")
        sign = {True: "✓ ", False: "✗ ", None: ""}[self.proven]
        return f"<p><code>{escape(self._rerun.title)}</code>: {sign}{verdict}</p>{table_html(self)}"


def table_text(every: Interleavings) -> str:
    """Write the table of outcomes alone, for who has said the sentence."""
    found = every._rows()
    rows = [_head(found), *found]
    widths = [max(len(row[at]) for row in rows) for at in range(3)]
    lines = [
        f"  {outcome:<{widths[0]}}  {count:>{widths[1]}}  {share:>{widths[2]}}  {order}".rstrip()
        for outcome, count, share, order in rows
    ]
    if _cut(found):
        lines.append(f"  {_WHOLE}")
    return "\n".join(lines)


def table_html(every: Interleavings) -> str:
    """Draw the table of outcomes alone."""
    found = every._rows()
    below = f"<p><small>{escape(_WHOLE)}</small></p>" if _cut(found) else ""
    return (
        f"<table><thead>{_line('th', _head(found))}</thead><tbody>"
        f"{''.join(_line('td', row) for row in found)}</tbody></table>{below}"
    )


def _head(rows: list[tuple[str, str, str, str]]) -> tuple[str, str, str, str]:
    """The headings; of an exploration that was stopped there are no examples."""
    return _HEAD if any(row[-1] for row in rows) else (*_HEAD[:-1], "")


def _cut(rows: list[tuple[str, str, str, str]]) -> bool:
    """Whether an order is cut short."""
    return any(row[-1].endswith("…") for row in rows)


def _line(tag: str, cells: tuple[str, ...]) -> str:
    """
    A line of the table; only what is long goes over several, and no number is torn apart.

    JupyterLab lets code go over several lines wherever it is, so that a cell alone can't hold it together.
    """
    row: list[str] = []
    for at, (cell, side) in enumerate(zip(cells, ("left", "right", "right", "left"), strict=True)):
        together = "white-space:nowrap" if at in (1, 2) or tag == "th" or len(cell) <= SHORT else "white-space:normal"
        text = escape(cell).replace(" ×", "&nbsp;×")
        if tag == "td" and at == 0:
            text = f'<code style="{together}">{text}</code>'
        row.append(f'<{tag} style="text-align:{side};{together}">{text}</{tag}>')
    return f"<tr>{''.join(row)}</tr>"
