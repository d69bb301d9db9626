"""What went wrong in a recording, in words: updates lost, locks never released, threads that failed or hang."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from .deadlock import Deadlock, Member, circle, sentence
from .events import DEADLOCK, RESUME
from .model import Lane, LostUpdate, State
from .shorten import clip
from .units import duration

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["deadlock_words", "listed", "message", "overwrote", "troubles"]

NAMED: Final = 3
"""How many names or facts of a kind are spelled out; the rest are counted."""


def troubles(recording: Recording) -> Iterator[str]:
    """
    Say what went wrong, what tells most first.

        >>> list(troubles(recording))
        ['lost update: T1 overwrote what T0 had written since T1 read']

    What the recording's own error says is left out.
    """
    lost = recording.lost_updates
    if lost:
        many = "lost update" if len(lost) == 1 else f"{len(lost)} lost updates, the first"
        yield f"{many}: {overwrote(lost[0])} since {lost[0].lane} read"
    known = f"{type(recording.error).__name__}: {message(recording.error)}" if recording.error is not None else None
    if not isinstance(recording.error, Deadlock) and (found := deadlock_words(recording)):
        yield f"deadlock: {found}"
    failed = [
        lane for lane in recording.lanes
        if lane.ending == "failed" and lane.exception != known and not _from_deadlock(lane.exception)
    ]  # fmt: skip
    if len(failed) == 1:
        yield f"{failed[0].name} failed: {clip(failed[0].exception or '', 60)}"
    elif failed:
        yield f"{listed(lane.name for lane in failed)} failed"
    tasks = [task for task in recording.tasks if task.exception is not None and not _from_deadlock(task.exception)]
    kept = [task for task in tasks if not task.asked]
    if len(kept) == 1:
        yield f"{kept[0].name} failed: {clip(kept[0].exception or '', 50).rstrip('.')}, kept in the future"
    elif kept:
        yield f"{listed(task.name for task in kept)} failed, their exceptions kept in the futures"
    seen = [task for task in tasks if task.asked and task.exception != known]
    if seen:
        yield f"{listed(task.name for task in seen)} failed"
    if not isinstance(recording.error, Deadlock):
        for lane, lock in _kept(recording):
            yield f"{lane.name} ended without releasing {lock}"
    yield from _gave_up(recording)
    torn = [lane.name for lane in recording.lanes if lane.ending == "cut off"]
    if torn:
        yield f"{listed(torn)} {'was' if len(torn) == 1 else 'were'} cut off"


def overwrote(lost: LostUpdate) -> str:
    """Say whose update was lost, and by whom."""
    return f"{lost.lane} overwrote what {lost.other} had written"


def deadlock_words(recording: Recording) -> str:
    """Say who waits for whom, if any wait for ever; who only waits for one of those is left out."""
    found = [event for event in recording.instants if event.kind == DEADLOCK]
    needs = {event.lane: event.value for event in found}
    around = circle(needs)
    wanted = {event.object for event in found}
    members = []
    for event in found:
        if event.lane in around or not event.value:
            held = [
                (hold.lock, None) for hold in recording.holds
                if hold.lane == event.lane and hold.lock in wanted and hold.start <= event.time <= hold.end
            ]  # fmt: skip
            because = [f"which {lane.name} never released" for lane, lock in _kept(recording) if lock == event.object]
            because += [
                f"which no worker of {task.pool} is free to run" for task in recording.tasks
                if task.started is None and event.object == f"result of {task.name}"
            ]  # fmt: skip
            members.append(
                Member(event.lane, event.object or "", held=tuple(dict.fromkeys(held)), because=", ".join(because))
            )
    more = [f"and {len(members) - NAMED} more wait for ever"] if len(members) > NAMED + 1 else []
    return "; ".join([sentence(members[: NAMED if more else None]), *more]) if members else ""


def _kept(recording: Recording) -> Iterator[tuple[Lane, str]]:
    """Lanes that ended with a lock for which somebody waited after that."""
    lanes = {lane.name: lane for lane in recording.lanes}
    last = max(lane.ended for lane in recording.lanes)
    for hold in recording.holds:
        holder = lanes[hold.lane]
        if hold.end >= last > holder.ended and hold.released_by is None:
            waited = any(
                interval.state is State.WAITING and interval.on == hold.lock and interval.end > holder.ended
                for lane in recording.lanes
                for interval in lane.intervals
            )
            if waited:
                yield holder, hold.lock


def _gave_up(recording: Recording) -> Iterator[str]:
    """Waits for a lock that ran out of time."""
    locks = {hold.lock for hold in recording.holds}
    ends = {(event.lane, event.time) for event in recording.events if event.kind == RESUME and not event.value}
    for_ever = {(event.lane, event.object) for event in recording.instants if event.kind == DEADLOCK}
    found = [
        (lane, interval)
        for lane in recording.lanes
        for interval in lane.intervals
        if interval.state is State.WAITING and interval.on in locks and (lane.name, interval.end) in ends
        and (lane.name, interval.on) not in for_ever and (lane.ending != "cut off" or interval.end < lane.ended)
    ]  # fmt: skip
    if found:
        lane, interval = found[0]
        more = f", the first of {len(found)} times" if len(found) > 1 else ""
        yield f"{lane.name} gave up waiting for {interval.on} after {duration(interval.duration)}{more}"


def _from_deadlock(exception: str | None) -> bool:
    return exception is not None and exception.startswith("Deadlock: ")


def message(error: BaseException) -> str:
    """An exception's message, even if asking for it raises."""
    try:
        return str(error)
    except Exception as failure:
        return f"<its message raised {type(failure).__name__}>"


def listed(names: Iterable[str]) -> str:
    """Spell out a few names: "T0", "T0 and T1", "T0, T1 and 4 more"."""
    listed = list(names)
    if len(listed) > NAMED + 1:
        listed = [*listed[:NAMED], f"{len(listed) - NAMED} more"]
    return listed[0] if len(listed) == 1 else ", ".join(listed[:-1]) + " and " + listed[-1]
