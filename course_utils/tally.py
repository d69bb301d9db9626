"""
Counting what has been seen: in which orders threads finished, and what runs returned.

The names are counted, not the times: two runs in which T1 overtook T0 are one order, seen twice.
"""

from __future__ import annotations

from collections import Counter
from math import factorial
from typing import TYPE_CHECKING

from .deadlock import Deadlock
from .events import ACQUIRE, RELEASE
from .shorten import shorten
from .texts import call_parts, exception_text

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["Tally", "order_words", "outcome", "unordered"]


class Tally:
    """
    Count runs that can be compared: those of one scenario at one setting.

        >>> tally = Tally()
        >>> tally.add(recording)
        >>> tally.orders
        Counter({('T0', 'T1'): 1})

    Attributes:
        runs: how many were counted.
        orders: Counter of finishing orders, each a tuple of names.
        outcomes: Counter of what runs returned or raised, in words.
        order: that of the last run, or None.
        outcome: that of the last run, or None.
        telling: whether any run returned something, or raised.
    """

    def __init__(self) -> None:
        self.runs = 0
        self.orders: Counter[tuple[str, ...]] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.order: tuple[str, ...] | None = None
        self.outcome: str | None = None
        self.telling = False
        self._together = False
        self._bound = False

    def add(self, recording: Recording) -> None:
        """Count a finished recording."""
        self.runs += 1
        self.order = recording.finish_order
        self.orders[self.order] += 1
        self.outcome = outcome(recording)
        self.outcomes[self.outcome] += 1
        self.telling = self.telling or recording.error is not None or recording.result is not None
        together, bound = unordered(recording)
        self._together = self._together or together
        self._bound = self._bound or bound

    @property
    def possible(self) -> int | None:
        """
        In how many orders these threads could finish: n! for n of them, or None where that isn't known.

        It is known if the same threads finished in every run in which any did, if all of them were once alive at
        the same moment, and if none was ever seen to wait for another, but for a lock. Threads that wait for each
        other unseen, as by reading a variable again and again, aren't noticed.
        """
        names = {frozenset(order) for order in self.orders if order}
        if len(names) != 1 or self._bound or not self._together:
            return None
        (finished,) = names
        return factorial(len(finished))


def order_words(order: tuple[str, ...]) -> str:
    """
    Put a finishing order into words; a function that all the names share is named once.

    Nobody's is one too: of a run in which all that was started waited for ever.

        >>> order_words(("ask_server(1, …)", "ask_server(0, …)", "ask_server(2, …)"))
        'ask_server: 1 0 2'
        >>> order_words(("T1", "T0"))
        'T1 T0'
        >>> order_words(())
        'none finished'
    """
    if not order:
        return "none finished"
    parts = [call_parts(name) for name in order]
    told = [part for _, part in parts]
    if len(order) < 2 or len({function for function, _ in parts}) > 1 or not any(told):
        return " ".join(order)
    plain = "#1" if any(part.startswith("#") for part in told) else "()"
    return f"{parts[0][0]}: {' '.join(part or plain for part in told)}"


def outcome(recording: Recording) -> str:
    """
    Put into words what a run returned or raised, to be counted by.

        >>> outcome(recording)
        'returned 2'

    Deadlocks are counted together, whoever waits for whom in which line.
    """
    if isinstance(recording.error, Deadlock):
        return "Deadlock"
    if recording.error is not None:
        return f"raised {exception_text(recording.error, 60)}"
    return f"returned {shorten(recording.result, 40)}"


def unordered(recording: Recording) -> tuple[bool, bool]:
    """
    Look for what makes finishing orders free, or binds them.

    Args:
        recording: a finished `Recording`.

    Returns:
        whether all that finished were alive at one moment; and whether one was seen to wait for what
        another did, or a lock was given back by another thread than took it, which makes it a signal.
    """
    if not recording.lanes or recording.tasks:
        return False, True
    opener = recording.lanes[0].name
    for flow in recording.flows:
        if flow.kind not in ("start", "lock") and (flow.kind, flow.target) != ("join", opener):
            return False, True
    holders: dict[str | None, str] = {}
    for event in recording.events:
        if event.kind == ACQUIRE:
            holders[event.object] = event.lane
        elif event.kind == RELEASE and holders.get(event.object, event.lane) != event.lane:
            return False, True
    finished = [lane for lane in recording.lanes[1:] if lane.name in set(recording.finish_order)]
    together = bool(finished) and max(lane.started for lane in finished) < min(lane.ended for lane in finished)
    return together, False
