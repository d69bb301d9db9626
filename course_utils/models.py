"""
How locks, queues and the like behave: which operations can go ahead in which state, and what comes of them.

Each function here takes the states of all objects by label, an operation and the thread that stands before it, and
returns the ways in which it can go on now: none if it has to wait. A way is a `Way`: the states that it
changes, and what the thread learns by it. A thread that may
give up waiting, or doesn't wait, learns whether it got what it wanted.

Nothing here runs anything: what the models say is compared with what the real objects do at every step of every
run (see `controls`). Futures are in `completion`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import combinations
from typing import Any, Final, NamedTuple

from .histories import Op

__all__ = ["MODELS", "START", "TIMED", "TRY", "WAIT", "Ident", "States", "Way"]

States = dict[Hashable, Any]


class Way(NamedTuple):
    """One way in which an operation can go on: `result` is what the thread learns, `wakes` whom it lets go on."""

    changes: States
    result: Hashable = None
    wakes: tuple[int, ...] = ()


Ident = Callable[[Hashable], int]

WAIT: Final = "wait"
TRY: Final = "try"
TIMED: Final = "timed"
_SHUT: Final = "shut down"
"""What who comes to a queue learns after `shutdown` (from 3.13 on)."""

START: Final[dict[str, Callable[..., Any]]] = {
    "Lock": lambda: None,
    "RLock": lambda: None,
    "Condition": lambda lock: (lock, frozenset(), frozenset()),
    "Semaphore": lambda value, bound: (value, bound),
    "Event": lambda: False,
    "Barrier": lambda parties: (parties, False, frozenset(), frozenset()),
    "Queue": lambda kind, size: (kind, size, (), 0),
    "Future": lambda: None,
    "Waiter": lambda: None,
}
"""The state of a new object, by its kind and what it was made with."""


def _refused(op: Op) -> list[Way]:
    """Who doesn't wait at all, or may give up, can go on without what it wanted."""
    return [] if op.how == WAIT else [Way({}, False)]


def acquire(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    if states[op.on] is None:
        return [Way({op.on: (root, 1)}, None if op.how == WAIT else True)]
    return _refused(op)


def release(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    if states[op.on] is None:
        return [Way({}, "wasn't held")]
    return [Way({op.on: None})]


def acquire_again(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    owner, count = states[op.on] or (root, 0)
    if owner == root:
        return [Way({op.on: (root, count + 1)}, None if op.how == WAIT else True)]
    return _refused(op)


def release_again(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    owner, count = states[op.on] or (None, 0)
    if owner != root:
        return [Way({}, "wasn't held")]
    return [Way({op.on: (root, count - 1) if count > 1 else None})]


def locked(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    return [Way({}, states[op.on] is not None)]


def wait(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """Let go of a condition's lock and begin to wait; `wake` follows."""
    lock, waiters, woken = states[op.on]
    held = states[lock]
    if held is None or (op.how == "RLock" and held[0] != root):
        return [Way({}, "wasn't held")]
    return [Way({lock: None, op.on: (lock, waiters | {root}, woken)}, held[1])]


def wake(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """
    Be notified, or give up, and take the lock again: `how` is (may it give up?, how many times it was held).

    Who has given up waits for the lock as well, and may be notified then: in vain, it won't know.
    """
    lock, waiters, woken = states[op.on]
    if states[lock] is not None:
        return []
    timed, count = op.how
    after = {lock: (root, count), op.on: (lock, waiters - {root}, woken - {root})}
    ways = [Way(after, True)] if root in woken else []
    return [*ways, Way(after, False)] if timed == TIMED else ways


def notify(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """Wake `how[0]` waiters (None for all): whichever. `how[1]` is the kind of its lock."""
    lock, waiters, woken = states[op.on]
    held = states[lock]
    if held is None or (op.how[1] == "RLock" and held[0] != root):
        return [Way({}, "wasn't held")]
    ordered = sorted(waiters)
    count = len(ordered) if op.how[0] is None else min(op.how[0], len(ordered))
    chosen = list(combinations(ordered, count))
    return [
        Way({op.on: (lock, waiters - set(some), woken | set(some))}, None, some if len(chosen) > 1 else ())
        for some in chosen
    ]


def take(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    value, bound = states[op.on]
    if value > 0:
        return [Way({op.on: (value - 1, bound)}, None if op.how == WAIT else True)]
    return _refused(op)


def give(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    value, bound = states[op.on]
    if bound is not None and value + op.how > bound:
        return [Way({}, "too many")]
    return [Way({op.on: (value + op.how, bound)})]


def event_wait(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    if states[op.on]:
        return [Way({}, None if op.how == WAIT else True)]
    return _refused(op)


def event_set(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    return [Way({op.on: op.how})]


def event_look(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    return [Way({}, states[op.on])]


def arrive(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """Come to a barrier: the last one lets all go, or does so with `open` if there is an action to do first (`how`)."""
    parties, broken, here, going = states[op.on]
    if broken:
        return [Way({}, "broken")]
    if going or len(here) == parties:
        return []  # those of the last round are still leaving
    if len(here) + 1 == parties and not op.how:
        return [Way({op.on: (parties, broken, frozenset(), here)}, len(here))]
    return [Way({op.on: (parties, broken, here | {root}, going)}, len(here))]


def open_(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    parties, broken, here, _ = states[op.on]
    return [Way({op.on: (parties, broken, frozenset(), here - {root})})]


def leave(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    parties, broken, here, going = states[op.on]
    if broken:
        return [Way({op.on: (parties, broken, here - {root}, going - {root})}, "broken")]
    if root not in here:
        return [Way({op.on: (parties, broken, here, going - {root})})]
    if op.how == TIMED:
        return [Way({op.on: (parties, True, here - {root}, going)}, "broken")]
    return []


def abort(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    parties, _, here, going = states[op.on]
    return [Way({op.on: (parties, True, here, going)})]


def put(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    kind, size, inside, open_ = states[op.on]
    if ("shut", op.on) in states:
        return [Way({}, _SHUT)]
    if 0 < size <= len(inside):
        return _refused(op)
    result = None if op.how == WAIT else True
    return [Way({op.on: (kind, size, (*inside, ident(result)), open_ + 1)}, result)]


def get(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """Take an item out: what the thread learns is who put it in, and so what it is."""
    kind, size, inside, open_ = states[op.on]
    if not inside:
        return [Way({}, _SHUT)] if ("shut", op.on) in states else _refused(op)
    if kind == "PriorityQueue":  # by value: all that is inside, in its order, says which it is
        return [Way({op.on: (kind, size, _less(inside, ident(inside)), open_)}, inside)]
    at = -1 if kind == "LifoQueue" else 0
    return [Way({op.on: (kind, size, inside[:-1] if at else inside[1:], open_)}, inside[at])]


def _less(inside: tuple[Any, ...], taken: int) -> tuple[Any, ...]:
    """What is inside after one was taken, nobody knows which: as many less one, told apart by how it came to be."""
    return ((inside, taken), *[None] * (len(inside) - 2)) if len(inside) > 1 else ()


def shut(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    """Take no more in; with `how`, throw away what is inside, as if it were done with."""
    kind, size, inside, open_ = states[op.on]
    if op.how:
        inside, open_ = (), max(open_ - len(inside), 0)
    return [Way({op.on: (kind, size, inside, open_), ("shut", op.on): True})]


def task_done(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    kind, size, inside, open_ = states[op.on]
    if open_ <= 0:
        return [Way({}, "too many")]
    return [Way({op.on: (kind, size, inside, open_ - 1)})]


def queue_join(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    return [Way({})] if states[op.on][3] == 0 else []


def queue_look(states: States, op: Op, root: int, ident: Ident) -> list[Way]:
    return [Way({}, len(states[op.on][2]))]


MODELS: Final[dict[str, Callable[[States, Op, int, Ident], list[Way]]]] = {
    "acquire": acquire,
    "release": release,
    "acquire again": acquire_again,
    "release again": release_again,
    "locked": locked,
    "wait": wait,
    "wake": wake,
    "notify": notify,
    "take": take,
    "give": give,
    "event wait": event_wait,
    "event set": event_set,
    "event look": event_look,
    "arrive": arrive,
    "open": open_,
    "leave": leave,
    "leave or not": leave,
    "abort": abort,
    "put": put,
    "get": get,
    "shut": shut,
    "task done": task_done,
    "queue join": queue_join,
    "queue look": queue_look,
}
"""By the kind of operation."""
