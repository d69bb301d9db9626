"""
From what a driver took down to events: in order of time, in seconds, with final names.

A name can be final only when all objects are known: of two locks called "_lock" the one made first keeps
the name, and the other is "_lock #2".
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable
from functools import partial
from operator import itemgetter
from typing import Any

from . import events as ev
from .driver import ENTER, Raw
from .events import Event
from .states import is_tag, tag_parts

__all__ = ["final_events", "final_names"]

_event: Callable[[tuple[Any, ...]], Event] = partial(tuple.__new__, Event)
"""As `Event`, but without a call in Python."""


def final_events(log: Iterable[Raw], began: int) -> list[Event]:
    """
    Turn raw events into events.

    What a thread still did after it was cut off is left out.

    Args:
        log: a driver's, whose threads have ended or been given up.
        began: the moment (ns) that counts as 0.
    """
    # None of these tuples can be part of a cycle; with a million of them, most of the time would go to the
    # garbage collector's looking at them again and again.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _named(sorted(log, key=itemgetter(0)), began)
    finally:
        if collecting:
            gc.enable()


def final_names(log: Collection[Raw]) -> dict[Any, str | None]:
    """
    Name every lock, queue and the like that raw events are about.

    Returns:
        dict of tag to name; of those with one name, the one made first keeps it, the second is "name #2". An
        object's attribute is "name #2.attribute".
    """
    tags = {entry[3] for entry in log} | {entry[4] for entry in log if entry[2] == ev.SUBMIT}
    names: dict[Any, str | None] = {}
    counts: dict[str, int] = {}
    numbered: dict[int, str] = {}
    for tag in sorted(filter(is_tag, tags), key=tag_parts):
        number, name = tag_parts(tag)
        name, _, attribute = name.partition("\0")
        if number not in numbered:
            count = counts[name] = counts.get(name, 0) + 1
            numbered[number] = name if count == 1 else f"{name} #{count}"
        names[tag] = f"{numbered[number]}.{attribute}" if attribute else numbered[number]
    return names


def _named(ordered: list[Raw], began: int) -> list[Event]:
    """Give raw events in order of time their seconds and names."""
    names = final_names(ordered)
    ended: set[str] = set()
    events: list[Event] = []
    for at, lane, kind, about, value in ordered:
        if lane in ended:
            continue
        named = names.get(about, about)
        if kind == ENTER:
            kind = ev.ACQUIRE
        elif kind == ev.WAIT:
            value = value.format(named)
        elif kind == ev.SUBMIT:
            value = names[value]
        elif kind == ev.DEADLOCK:
            words, value = value
            named = words.format(named)
        elif kind == ev.END:
            ended.add(lane)
        events.append(_event(((at - began) / 1e9, lane, kind, named, value)))
    return events
