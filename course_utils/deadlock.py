"""
Who waits for whom: which threads can never go on, and how to say so.

Pure: it knows names and what they wait for, and nothing of threads. A thread goes on if one of those that it
needs goes on; one that needs nobody in particular goes on as long as anybody at all does. Those that are left
over wait for ever: in a *circle*, behind one, or because everything stands still.

The graph is the one of resource allocation (Holt, "Some Deadlock Properties of Computer Systems", 1972); who
is left over is what his reduction of it leaves.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import NamedTuple, TypeVar

__all__ = ["Deadlock", "Member", "circle", "sentence", "stuck", "waits_words"]

T = TypeVar("T", bound=Hashable)


class Deadlock(RuntimeError):
    """
    Raised while recording, in threads that would otherwise wait for ever.

    The message says who holds what since which line, and who waits for what where:

        >>> recording = run(transfer_both_ways)
        >>> recording.error
        Deadlock('T0 holds a_lock (line 5) and waits for b_lock in line 7; T1 holds …')

    Python itself raises nothing here: without a recording, these threads hang.
    """


def stuck(waits: Mapping[T, Collection[T] | None], others: bool = False) -> set[T]:
    """
    Find those that can never go on.

        >>> sorted(stuck({"T0": ["T1"], "T1": ["T0"], "main": ["T0"]}))
        ['T0', 'T1', 'main']
        >>> stuck({"T0": None, "main": ["T0"]}, others=True)
        set()

    Args:
        waits: for each that waits without a timeout, those of whom one must go on first (one that isn't a
            key can go on), or None if whoever goes on may end the wait.
        others: whether anybody else can go on.

    Returns:
        set of keys.
    """
    left = dict(waits)
    going = True
    while going:
        going = False
        for waiting, needed in list(left.items()):
            if others if needed is None else any(each not in left for each in needed):
                del left[waiting]
                others = going = True
    return set(left)


def circle(needs: Mapping[T, Collection[T] | None]) -> set[T]:
    """
    Find those that wait for themselves, directly or through others.

        >>> sorted(circle({"T0": ["T1"], "T1": ["T0"], "main": ["T0"]}))
        ['T0', 'T1']

    Args:
        needs: for each that waits for ever, those of whom one must go on first.

    Returns:
        set of keys.
    """

    def reached(start: T) -> set[T]:
        seen: set[T] = set()
        ahead = list(needs.get(start) or ())
        while ahead:
            each = ahead.pop()
            if each not in seen:
                seen.add(each)
                ahead += needs.get(each) or ()
        return seen

    return {each for each in needs if each in reached(each)}


class Member(NamedTuple):
    """
    One that waits for ever.

    Attributes:
        name: the lane's.
        waits: what for, in words: "b_lock", "join T0", "inbox.get".
        line: where, in its own code; None if that isn't known.
        held: what it holds that others wait for: pairs of a lock and the line that took it, or None.
        because: what more there is to say of what it waits for, or "".
    """

    name: str
    waits: str
    line: int | None = None
    held: tuple[tuple[str, int | None], ...] = ()
    because: str = ""


def waits_words(waits: str) -> str:
    """
    Put what a lane waits for into a sentence.

        >>> waits_words("b_lock"), waits_words("join T0"), waits_words("inbox.get")
        ('waits for b_lock', 'waits to join T0', 'waits in inbox.get')
    """
    if waits.startswith("join "):
        return f"waits to {waits}"
    if waits.startswith("result of "):
        return f"waits for the {waits}"
    if "." in waits and " " not in waits:
        return f"waits in {waits}"
    return f"waits for {waits}"


def sentence(members: Collection[Member]) -> str:
    """
    Say who waits for whom.

        >>> sentence([Member("T0", "b_lock", 7, held=(("a_lock", 5),)), Member("main", "join T0", 11)])
        'T0 holds a_lock (line 5) and waits for b_lock in line 7; main waits to join T0 in line 11'
    """
    return "; ".join(map(_clause, members))


def _clause(member: Member) -> str:
    held = [lock if line is None else f"{lock} (line {line})" for lock, line in member.held]
    holds = f" holds {' and '.join(held)} and" if held else ""
    where = "" if member.line is None else f" in line {member.line}"
    because = f", {member.because}" if member.because else ""
    return f"{member.name}{holds} {waits_words(member.waits)}{where}{because}"
