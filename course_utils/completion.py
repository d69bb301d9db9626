"""
How futures behave, and those who wait for several of them; as `models` has it for locks and queues.

A future's state is None until its task begins, if that counts (`BEGUN`), and in the end says who settled it. A
cancelled one is `CANCELLED` first: who asks for its result knows that at once, but who waits for several futures is
told only by the worker that comes to it (`TOLD`), and never if nobody does.

A waiter is what `concurrent.futures.wait` and `as_completed` leave with the futures that they wait for. Its state is
(until when it waits; the futures that it is still to be told of; those that it was told of, in order; how many of these
it has for sure). Whoever has waited long enough takes his waiter back from one future after the other, in an order of
chance: of those that end meanwhile, any may be missed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import combinations, permutations
from typing import Any, Final

from .histories import Op
from .models import TIMED, WAIT, Ident, States, Way

__all__ = ["FUTURES", "LONGEST", "ONE_BY_ONE", "gave_up", "stopped"]

BEGUN: Final = "begun"
CANCELLED: Final = "cancelled"
TOLD: Final = "cancelled and told"

ONE_BY_ONE: Final = "as_completed"
"""How long who calls `as_completed` waits; else it is what `wait` is to return when."""

LONGEST: Final = 5
"""Of so many futures every order is gone through."""

Label = Hashable


def _done(state: Any) -> bool:
    """Whether a future has come to its end, for who asks for its result."""
    return state not in (None, BEGUN)


def _over(state: Any) -> bool:
    """Whether a future has come to its end, for who waits for several."""
    return state not in (None, BEGUN, CANCELLED)


def _failed(state: Any) -> bool:
    return isinstance(state, tuple) and bool(state[1])


def settle(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """End a task: `how` is whether it failed. What the thread learns is who is to be called back."""
    changes = {op.on: (ident(None), op.how), **_tell(states, op.on, op.how)}
    return [_calling(states, op.on, changes, states.get(("calls", op.on)))]


def _calling(states: States, label: Label, changes: States, result: Hashable) -> Way:
    """The way of a future's end: whoever ends it calls those back that wanted to be, and nobody does so again."""
    if states.get(("calls", label)) is not None:
        changes["calls", label] = None
    return Way(changes, result)


def add_callback(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """Be called back by whoever ends a task, or at once: what the thread learns is whether the task was over."""
    if _done(states[op.on]):
        return [Way({}, True)]
    return [Way({("calls", op.on): (*(states.get(("calls", op.on)) or ()), ident(False))}, False)]


def future_wait(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """Wait for a task: what the thread learns is who settled it, and so what came of it."""
    if _done(states[op.on]):
        return [Way({}, states[op.on])]
    return [] if op.how == WAIT else [Way({}, False)]


def future_look(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """Ask whether a task was cancelled, runs, or is done: `how` is which."""
    state = states[op.on]
    asked = {"cancelled": state in (CANCELLED, TOLD), "running": state == BEGUN}
    return [Way({}, asked.get(op.how, _done(state)))]


def begin(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """Begin a task, or tell those that wait for several futures that it was cancelled."""
    if states[op.on] == CANCELLED:
        return [Way({op.on: TOLD, **_tell(states, op.on, False)}, False)]
    return [Way({op.on: BEGUN}, True)]


def cancel(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """Cancel a task that hasn't begun: what the thread learns is whether it is, and whom it is to call back."""
    state = states[op.on]
    if state is not None:
        return [Way({}, (state in (CANCELLED, TOLD), None))]
    return [_calling(states, op.on, {op.on: CANCELLED}, (True, states.get(("calls", op.on))))]


# Who waits for several.


def _tell(states: States, label: Label, failed: bool) -> States:
    """What becomes of those that wait for a future among others."""
    changes: States = {}
    for waiter in states.get(("waiters", label), ()):
        state = states[waiter]
        if state is not None:
            until, rest, told, sure = state
            rest, told = rest - {label}, (*told, label)
            if sure is None and (until == "FIRST_COMPLETED" or (until == "FIRST_EXCEPTION" and failed) or not rest):
                sure = len(told)
            changes[waiter] = (until, rest, told, sure)
    return changes


def look_at_futures(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """
    See which of several futures are over, and be told of the others from now on.

    `how` is the futures, until when to wait, and whether time may be up at any time. What the thread learns is which
    are over, and whether it is to wait. They are in a set: who is to have them one by one has them in an order of
    chance.
    """
    labels, until, loose = op.how
    over = tuple(label for label in labels if _over(states[label]))
    rest = frozenset(labels) - {*over}
    changes: States = {}
    if rest and not (
        (until == "FIRST_COMPLETED" and over)
        or (until == "FIRST_EXCEPTION" and any(_failed(states[label]) for label in over))
    ):
        changes[op.on] = (until, rest, (), 0 if loose else None)
        for label in rest:
            changes["waiters", label] = (*states.get(("waiters", label), ()), op.on)
    some = [*permutations(over)] if until == ONE_BY_ONE and len(over) <= LONGEST else [over]
    return [Way(changes, (order, bool(changes))) for order in some]


def wait_for_futures(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """
    Have waited long enough for some of several futures: what the thread learns is which ended meanwhile.

    It has all that ended before, and of the others any. Those of which it misses the last are left out: it could have
    gone on before that one.
    """
    _, _, told, sure = states[op.on]
    if sure is None:
        return []
    certain, others, last = told[:sure], told[sure:-1], told[-1:]
    if len(told) == sure:
        return [Way({op.on: None}, told)]
    return [
        Way({op.on: None}, (*certain, *some, *last))
        for number in range(len(others), -1, -1)
        for some in combinations(others, number)
    ]


def all_futures(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """Wait for all of several futures (`how`), however long it takes."""
    return [Way({})] if all(_over(states[label]) for label in op.how) else []


def next_futures(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """Take those out of several futures that ended since, in their order; or come too late for them."""
    until, rest, told, _ = states[op.on]
    ways = [Way({op.on: (until, rest, (), None) if rest else None}, told)] if told else []
    return [*ways, Way({op.on: None}, False)] if op.how == TIMED else ways


def order_of_futures(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """Go through a set of futures (`how`), which are in an order of chance there."""
    return [Way({}, order) for order in permutations(op.how)]


def stopped(states: States, op: Op) -> bool:
    """Whether nobody looks at a waiter any more, so that its time is of no interest."""
    return states.get(op.on, op) is None


def gave_up(states: States, op: Op) -> None:
    """See to it that whoever waits for several futures gives up now: its time is up."""
    until, rest, told, sure = states[op.on]
    states[op.on] = (until, rest, told, len(told) if sure is None else sure)


FUTURES: Final[dict[str, Callable[[States, Op, int, Ident], list[Way]]]] = {
    "settle": settle,
    "result": future_wait,
    "future look": future_look,
    "add callback": add_callback,
    "begin": begin,
    "cancel": cancel,
    "look at futures": look_at_futures,
    "wait for futures": wait_for_futures,
    "all futures": all_futures,
    "next futures": next_futures,
    "order of futures": order_of_futures,
}
"""By the kind of operation."""
